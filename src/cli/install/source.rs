//! Where a role or collection comes from.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::base::Span;

/// What is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Kind {
    /// A role
    #[value(name = "roles")]
    Role,
    /// A collection
    #[value(name = "collections")]
    Collection,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Role { "role" } else { "collection" })
    }
}

/// Where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A git repository, and the folder in it.
    Git { url: String, folder: Option<String> },
    /// A tar archive: a URL, or the path of a file.
    Archive(String),
    /// A folder of this machine.
    Folder(PathBuf),
    /// A name that the Galaxy server knows.
    Galaxy { owner: String, name: String, server: String },
}

/// One entry of the requirements.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) kind: Kind,
    pub(super) source: Source,
    /// The tag, branch, commit or release; the usual one unless given.
    pub(super) version: Option<String>,
    /// What it is installed as; a collection may only say so itself.
    pub(super) name: Option<String>,
    /// Where it stands.
    pub(super) at: Span,
}

impl Source {
    /// A location as written: a URL, or a path that is meant from a folder.
    pub(super) fn of_location(written: &str, is_git: bool, base: &Path) -> Self {
        let prefixed = written.strip_prefix("git+");
        let text = prefixed.unwrap_or(written);
        let (text, folder) = match text.split_once('#') {
            Some((text, folder)) => (text, Some(folder.trim_matches('/').to_owned())),
            None => (text, None),
        };
        let folder = folder.filter(|folder| !folder.is_empty());
        if is_url(text) {
            let is_archive = prefixed.is_none() && !is_git && is_archive(text);
            let url = text.to_owned();
            return if is_archive { Self::Archive(url) } else { Self::Git { url, folder } };
        }
        let path = base.join(text.strip_prefix("file://").unwrap_or(text));
        let is_repository = path.join(".git").exists() || path.join("HEAD").is_file();
        if is_git || prefixed.is_some() || is_repository {
            let path = std::path::absolute(&path).unwrap_or(path);
            return Self::Git { url: path.display().to_string(), folder };
        }
        if path.is_dir() { Self::Folder(path) } else { Self::Archive(path.display().to_string()) }
    }

    /// It without the password that may stand in a URL.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Git { url, folder: None } => without_password(url),
            Self::Git { url, folder: Some(folder) } => {
                format!("{}#/{folder}", without_password(url))
            }
            Self::Archive(location) => without_password(location),
            Self::Folder(path) => path.display().to_string(),
            Self::Galaxy { owner, name, server } => format!("{server}: {owner}.{name}"),
        }
    }

    /// What may not be shown of it.
    pub(super) fn password(&self) -> Option<&str> {
        match self {
            Self::Git { url, .. } | Self::Archive(url) => login(url)?.1,
            _ => None,
        }
    }
}

/// Whether it is a URL, or git's short form of one for SSH.
pub(super) fn is_url(text: &str) -> bool {
    let with_scheme = ["https://", "http://", "ssh://", "git://"];
    with_scheme.iter().any(|scheme| text.starts_with(scheme))
        || text.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/'))
}

/// Whether a name ends as a tar archive does.
pub(super) fn is_archive(name: &str) -> bool {
    [".tar.gz", ".tgz", ".tar"].iter().any(|ending| name.ends_with(ending))
}

/// The user and password of a URL.
fn login(url: &str) -> Option<(&str, Option<&str>)> {
    let (_, rest) = url.split_once("://")?;
    let (login, _) = rest.split('/').next()?.rsplit_once('@')?;
    match login.split_once(':') {
        Some((user, password)) => Some((user, Some(password))),
        // A token may stand alone, but for SSH it is the user.
        None if url.starts_with("http") => Some(("", Some(login))),
        None => Some((login, None)),
    }
}

fn without_password(url: &str) -> String {
    match login(url) {
        Some((_, Some(_))) => {
            let (scheme, rest) = url.split_once("://").unwrap_or_default();
            let host = rest.split_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{host}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_tells_how_it_is_fetched() {
        let of = |written: &str| Source::of_location(written, false, Path::new("/base"));
        let git = |url: &str| Source::Git { url: url.to_owned(), folder: None };
        assert_eq!(of("git@host:a/b.git"), git("git@host:a/b.git"));
        assert_eq!(of("https://host/a/b"), git("https://host/a/b"));
        assert_eq!(of("git+file:///srv/b.git"), git("/srv/b.git"));
        assert_eq!(
            of("git+https://host/b.git#/sub/dir/"),
            Source::Git { url: "https://host/b.git".into(), folder: Some("sub/dir".into()) }
        );
        assert_eq!(of("https://host/a.tar.gz"), Source::Archive("https://host/a.tar.gz".into()));
        assert_eq!(of("a.tgz"), Source::Archive("/base/a.tgz".into()));
    }

    #[test]
    fn passwords_are_not_shown() {
        let git = |url: &str| Source::Git { url: url.to_owned(), folder: None };
        let with = git("https://me:secret@host/a.git");
        assert_eq!(
            (with.shown().as_str(), with.password()),
            ("https://host/a.git", Some("secret"))
        );
        let token = git("https://token@host/a.git");
        assert_eq!(
            (token.shown().as_str(), token.password()),
            ("https://host/a.git", Some("token"))
        );
        let ssh = git("ssh://git@host/a.git");
        assert_eq!((ssh.shown().as_str(), ssh.password()), ("ssh://git@host/a.git", None));
    }
}
