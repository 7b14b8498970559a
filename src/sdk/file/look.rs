//! What stands at a path of a host.

use serde::{Deserialize, Serialize};

use super::{Content, FileKind, FileStat, Permissions};
use crate::sdk::{Exec, Failure, Observer, Output, Probe};

/// Functions for scripts about files: `expand`, `described`, `summed`.
const PATHS: &str = include_str!("paths.sh");

/// A script that may use the functions of `paths.sh`.
pub fn script(text: &str) -> Exec {
    Exec::script(format!("{PATHS}\n{text}"))
}

impl Observer<'_> {
    /// Runs a probe that may use the functions of `paths.sh`: one round trip.
    pub async fn probe_paths<A: AsRef<[u8]>>(
        &self,
        probe: Probe,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Output, Failure> {
        self.ask(script(probe.0).args(args)).await
    }

    /// The same for a probe that reads its questions from standard input.
    pub async fn probe_paths_reading<A: AsRef<[u8]>>(
        &self,
        probe: Probe,
        args: impl IntoIterator<Item = A>,
        input: Vec<u8>,
    ) -> Result<Output, Failure> {
        self.ask(script(probe.0).args(args).stdin(input)).await
    }
}

/// The algorithms that sum up a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
#[derive(rplay_derive::Choice)]
pub enum Algorithm {
    #[default]
    Sha1,
    #[choice("md5")]
    Md5,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// A question about one path: one round trip.
#[derive(Debug, Clone, Default)]
pub struct Look<'a> {
    path: &'a str,
    inside: &'a str,
    algorithm: Option<Algorithm>,
    known: &'a str,
    content: usize,
    context: bool,
    flags: bool,
}

impl<'a> Look<'a> {
    /// Asks about a path; `~` and `$VARIABLES` in it are expanded on the host.
    pub fn at(path: &'a str) -> Self {
        Self { path, ..Self::default() }
    }

    /// Where the path is a directory, asks about the entry of this name in it.
    #[must_use]
    pub fn inside(mut self, name: &'a str) -> Self {
        self.inside = name;
        self
    }

    /// Asks for the checksum of its content.
    #[must_use]
    pub fn checksum(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Asks for its content where that has at most so many bytes.
    #[must_use]
    pub fn content(mut self, most: usize) -> Self {
        self.content = most;
        self
    }

    /// Leaves the content out where it has this checksum.
    #[must_use]
    pub fn unless(mut self, checksum: &'a str) -> Self {
        self.known = checksum;
        self
    }

    /// Asks for what these attributes need to be compared.
    #[must_use]
    pub fn attributes(mut self, attributes: &super::FileAttributes) -> Self {
        self.context = attributes.has_context();
        self.flags = attributes.attributes.is_some();
        self
    }

    /// Asks the host.
    pub async fn see(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        let seen = Self::see_all(std::slice::from_ref(self), host).await?;
        seen.into_iter().next().ok_or_else(|| Failure::new("no path was looked at"))
    }

    /// Asks about several paths at once.
    pub async fn see_all(all: &[Self], host: &Observer<'_>) -> Result<Vec<Seen>, Failure> {
        const LOOK: Probe = Probe(include_str!("look.sh"));
        let args: Vec<String> = all.iter().flat_map(Self::args).collect();
        let output = host.probe_paths(LOOK, args).await?;
        let paths = || all.iter().map(|look| look.path).collect::<Vec<_>>().join(", ");
        if !output.success() {
            return Err(Failure::of_program(&format!("looking at {}", paths()), &output));
        }
        if output.left_out > 0 {
            return Err(Failure::new(format!("{} has too much content to be read", paths())));
        }
        let mut rest = output.stdout.as_slice();
        let seen: Option<Vec<Seen>> = all.iter().map(|_| Seen::parse(&mut rest)).collect();
        seen.ok_or_else(|| {
            Failure::new(format!("cannot look at {}: {}", paths(), output.stderr_text().trim()))
                .help("rplay needs `stat` with the option -c: GNU coreutils or BusyBox")
        })
    }

    fn args(&self) -> [String; 7] {
        let flag = |wanted: bool| if wanted { "1" } else { "" };
        let most = self.content.to_string();
        let algorithm = self.algorithm.map_or("", crate::spec::Choice::word);
        let context = flag(self.context);
        [self.path, self.inside, algorithm, self.known, &most, context, flag(self.flags)]
            .map(str::to_owned)
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The path, expanded.
    pub path: String,
    /// What stands there; a symbolic link is not followed.
    pub stat: Option<FileStat>,
    /// Where it leads to, if it is a symbolic link.
    pub link: Option<Link>,
    /// Where nothing stands there: the nearest directory that does exist.
    pub ancestor: Option<String>,
    /// The checksum of its content, where that was asked for and could be read.
    pub checksum: Option<String>,
    /// Its content, where that was asked for and is not too long.
    pub content: Option<Content>,
    /// Its SELinux context, where that was asked for and the host has such a thing.
    pub context: Option<String>,
    /// Its `lsattr` flags, where they were asked for.
    pub flags: Option<String>,
    /// The umask of those who look.
    pub umask: Permissions,
    /// Why nothing can be put there.
    pub obstacle: Option<String>,
}

/// A symbolic link.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// The path it holds, as it stands in it.
    pub target: String,
    /// The path it leads to in the end.
    pub real: String,
    /// What stands there.
    pub stat: Option<FileStat>,
}

impl Seen {
    /// Takes what the probe prints about one path off the front of its output.
    fn parse(output: &mut &[u8]) -> Option<Self> {
        let mut next = || {
            let end = output.iter().position(|byte| *byte == 0)?;
            let (field, rest) = output.split_at(end);
            *output = &rest[1..];
            Some(String::from_utf8_lossy(field).into_owned())
        };
        let umask = Permissions::new(u32::from_str_radix(next()?.trim(), 8).ok()?);
        let path = next()?;
        let (here, target, real, there) = (next()?, next()?, next()?, next()?);
        let (ancestor, checksum, label, flags) = (next()?, next()?, next()?, next()?);
        let content = match next()?.as_str() {
            "" => None,
            size => {
                let (content, rest) = output.split_at_checked(size.parse().ok()?)?;
                *output = rest;
                Some(Content(content.to_vec()))
            }
        };
        let stat = match here.as_str() {
            "" => None,
            line => Some(FileStat::parse(line)?),
        };
        let is_link = stat.as_ref().is_some_and(|stat| stat.kind == FileKind::Link);
        let link = is_link.then(|| Link { target, real, stat: FileStat::parse(&there) });
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let (ancestor, obstacle) = match ancestor.split_once(':') {
            Some(("directory", path)) => (Some(path.to_owned()), None),
            Some(("closed", path)) => (None, Some(format!("{path} may not be entered"))),
            Some((_, path)) => (None, Some(format!("{path} is not a directory"))),
            None => (None, None),
        };
        Some(Self {
            path,
            stat,
            link,
            ancestor,
            checksum: given(checksum),
            content,
            context: given(label).filter(|label| label != "?"),
            flags: given(flags).and_then(|line| Some(line.split_once(' ')?.0.to_owned())),
            umask,
            obstacle,
        })
    }

    /// What stands there in the end: a symbolic link is followed.
    pub fn followed(&self) -> Option<&FileStat> {
        match &self.link {
            Some(link) => link.stat.as_ref(),
            None => self.stat.as_ref(),
        }
    }

    /// What stands there, following a symbolic link or not.
    pub fn stat(&self, follow: bool) -> Option<&FileStat> {
        if follow { self.followed() } else { self.stat.as_ref() }
    }

    /// The path at which something stands in the end.
    pub fn real_path(&self) -> &str {
        match &self.link {
            Some(link) if !link.real.is_empty() => &link.real,
            _ => &self.path,
        }
    }

    /// What is missing for a file to be put there: its directory, or the right to enter it.
    pub fn check_parent(&self) -> Result<(), Failure> {
        if let Some(obstacle) = &self.obstacle {
            return Err(Failure::new(format!("cannot use {}: {obstacle}", self.path)));
        }
        let parent = parent(&self.path);
        match &self.ancestor {
            Some(ancestor) if ancestor != parent => {
                Err(Failure::new(format!("the directory {parent} does not exist"))
                    .help(format!("create it first: a task `file: path={parent} state=directory`")))
            }
            _ => Ok(()),
        }
    }
}

/// The directory a path lies in.
pub fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/",
        Some((parent, _)) => parent.trim_end_matches('/'),
        None => ".",
    }
}

/// The last part of a path.
pub fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_probe_prints() {
        let line = "81a4:0:0:3:1:2:3:7:4:1:8:4096:0:0:root:root";
        let output =
            format!("0022\n\0/etc/x\0{line}\0\0\0\0\0abc\0\0----i--- /etc/x\x003\0a\0brest");
        let mut output = output.as_bytes();
        let seen = Seen::parse(&mut output).unwrap();
        assert_eq!(output, b"rest");
        assert_eq!(seen.path, "/etc/x");
        assert_eq!(seen.umask.bits(), 0o022);
        assert_eq!(seen.followed().unwrap().size, 3);
        assert_eq!(seen.checksum.as_deref(), Some("abc"));
        assert_eq!(seen.flags.as_deref(), Some("----i---"));
        assert_eq!(seen.content, Some(Content(b"a\0b".to_vec())));
        assert_eq!(Seen::parse(&mut b"stat: unknown option".as_slice()), None);
    }

    #[test]
    fn says_what_is_missing() {
        let seen =
            Seen::parse(&mut b"022\0/a/b/c\0\0\0\0\0directory:/a\0\0\0\0\0".as_slice()).unwrap();
        assert_eq!(
            seen.check_parent().unwrap_err().to_string(),
            "the directory /a/b does not exist"
        );
        let seen = Seen::parse(&mut b"022\0/a/b\0\0\0\0\0closed:/a\0\0\0\0\0".as_slice()).unwrap();
        assert_eq!(
            seen.check_parent().unwrap_err().to_string(),
            "cannot use /a/b: /a may not be entered"
        );
        let seen = Seen::parse(&mut b"022\0/a\0\0\0\0\0directory:/\0\0\0\0\0".as_slice()).unwrap();
        assert!(seen.check_parent().is_ok());
    }

    #[test]
    fn paths_come_apart() {
        assert_eq!((parent("/a/b"), base_name("/a/b")), ("/a", "b"));
        assert_eq!((parent("/a/"), base_name("/a/")), ("/", "a"));
        assert_eq!((parent("a"), base_name("a")), (".", "a"));
        assert_eq!(parent("/a//b/"), "/a");
    }
}
