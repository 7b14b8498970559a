//! What stands at a path of a host.

use serde::{Deserialize, Serialize};

use super::{Algorithm, Content, FileKind, FileStat, Payload, Permissions};
use crate::sdk::{Exec, Failure, Observer, Output, Probe};

/// Functions for scripts about files: `expand`, `describe`, `sum_up`.
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

    /// The same for a probe that reads a file of the controller, or bytes.
    pub async fn probe_sending<A: AsRef<[u8]>>(
        &self,
        probe: Probe,
        args: impl IntoIterator<Item = A>,
        payload: &Payload,
    ) -> Result<Output, Failure> {
        self.ask(payload.sent_to(script(probe.0).args(args))).await
    }
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
    kind: bool,
    unfollowed: bool,
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

    /// Asks for its `lsattr` flags.
    #[must_use]
    pub fn flags(mut self, wanted: bool) -> Self {
        self.flags = wanted;
        self
    }

    /// Asks what kind of content it has.
    #[must_use]
    pub fn kind(mut self, wanted: bool) -> Self {
        self.kind = wanted;
        self
    }

    /// Whether it is asked what a symbolic link leads to in the end; it is unless this says no.
    #[must_use]
    pub fn follow(mut self, wanted: bool) -> Self {
        self.unfollowed = !wanted;
        self
    }

    /// Asks the host.
    pub async fn see(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        let seen = Self::see_all(std::slice::from_ref(self), host).await?;
        seen.into_iter().next().ok_or_else(|| Failure::new("no path was looked at"))
    }

    /// Asks about several paths at once.
    pub async fn see_all(all: &[Self], host: &Observer<'_>) -> Result<Vec<Seen>, Failure> {
        Ok(Self::see_all_and(all, Probe(":"), &[], vec![], host).await?.0)
    }

    /// Asks about several paths, and runs a probe of the module's own in the same round trip.
    /// The probe may use the functions of `paths.sh`, finds the last of the paths in `$path`, and
    /// reads the input; what it prints is returned as it stands.
    pub async fn see_all_and(
        all: &[Self],
        probe: Probe,
        args: &[&str],
        input: Vec<u8>,
        host: &Observer<'_>,
    ) -> Result<(Vec<Seen>, Vec<u8>), Failure> {
        const LOOK: Probe = Probe(include_str!("look.sh"));
        let looks: Vec<String> = all.iter().flat_map(Self::args).collect();
        let exec = script(&format!("{}\n{}", LOOK.0, probe.0))
            .arg(all.len().to_string())
            .args(looks)
            .args(args)
            .stdin(input);
        let output = host.ask(exec).await?;
        let paths = || all.iter().map(|look| look.path).collect::<Vec<_>>().join(", ");
        if !output.success() {
            return Err(Failure::of_program(&format!("looking at {}", paths()), &output));
        }
        if output.left_out > 0 {
            return Err(Failure::new(format!("there is too much of {} to be read", paths())));
        }
        let mut rest = output.stdout.as_slice();
        let seen: Option<Vec<Seen>> = all.iter().map(|look| look.parse(&mut rest)).collect();
        let seen = seen.ok_or_else(|| {
            Failure::new(format!("cannot look at {}: {}", paths(), output.stderr_text().trim()))
                .help("rplay needs `stat` with the option -c: GNU coreutils or BusyBox")
        })?;
        Ok((seen, rest.to_vec()))
    }

    /// Takes what the probe prints about this path off the front of its output.
    fn parse(&self, output: &mut &[u8]) -> Option<Seen> {
        let mut seen = Seen::parse(output)?;
        if let (Some(algorithm), Some(content), None) =
            (self.algorithm, &seen.content, &seen.checksum)
        {
            seen.checksum = Some(algorithm.sum(&content.0));
        }
        let is_known = !self.known.is_empty() && seen.checksum.as_deref() == Some(self.known);
        seen.content = seen.content.filter(|content| !is_known && content.0.len() <= self.content);
        Some(seen)
    }

    fn args(&self) -> [String; 9] {
        let flag = |wanted: bool| if wanted { "1" } else { "" };
        [
            self.path,
            self.inside,
            self.algorithm.map_or("", crate::spec::Choice::word),
            self.known,
            &self.content.to_string(),
            flag(self.context),
            flag(self.flags),
            flag(self.kind),
            flag(!self.unfollowed),
        ]
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
    /// The number of its version, where its flags were asked for.
    pub version: Option<String>,
    /// What the user may do with it, of `rwx`.
    pub rights: String,
    /// What kind of content it has, as `file` tells: `text/plain; charset=utf-8`.
    pub kind: Option<String>,
    /// The umask of those who look.
    pub umask: Permissions,
    /// Why nothing can be put there.
    pub obstacle: Option<Obstacle>,
}

/// What stands in the way to a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// A directory that may not be entered.
    Closed(String),
    /// Something that is not a directory.
    NoDirectory(String),
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed(path) => write!(f, "{path} may not be entered"),
            Self::NoDirectory(path) => write!(f, "{path} is not a directory"),
        }
    }
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
        let (rights, kind) = (next()?, next()?);
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
            Some(("closed", path)) => (None, Some(Obstacle::Closed(path.to_owned()))),
            Some((_, path)) => (None, Some(Obstacle::NoDirectory(path.to_owned()))),
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
            version: flags.split_whitespace().next().map(str::to_owned),
            flags: flags.split_whitespace().nth(1).map(str::to_owned),
            rights,
            kind: given(kind),
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
        let output = format!(
            "0022\n\0/etc/x\0{line}\0\0\0\0\0abc\0\x007 ----i--- /etc/x\0r\0\x003\0a\0brest"
        );
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
    fn tells_a_missing_path_from_one_that_cannot_be_reached() {
        let seen = |ancestor: &str| {
            let output = format!("022\0/a/b\0\0\0\0\0{ancestor}\0\0\0\0\0\0\0");
            Seen::parse(&mut output.as_bytes()).unwrap()
        };
        assert_eq!(seen("directory:/a").ancestor.as_deref(), Some("/a"));
        let obstacle = |ancestor| seen(ancestor).obstacle.unwrap().to_string();
        assert_eq!(obstacle("closed:/a"), "/a may not be entered");
        assert_eq!(obstacle("other:/a"), "/a is not a directory");
    }

    #[test]
    fn paths_come_apart() {
        assert_eq!((parent("/a/b"), base_name("/a/b")), ("/a", "b"));
        assert_eq!((parent("/a/"), base_name("/a/")), ("/", "a"));
        assert_eq!((parent("a"), base_name("a")), (".", "a"));
        assert_eq!(parent("/a//b/"), "/a");
    }
}
