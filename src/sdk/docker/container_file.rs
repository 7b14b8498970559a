//! Files in containers, which the Engine gives and takes in archives.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DockerReader, DockerWriter};
use crate::base::Side;
use crate::remote::docker::{Body, EngineError, Method, Request};
use crate::sdk::Failure;
use crate::sdk::file::Content;

/// The header that tells of a file.
const STAT: &str = "x-docker-container-path-stat";

/// A file in a container, or for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerFile {
    /// What it is.
    #[serde(flatten)]
    pub kind: ContainerFileKind,
    /// Its permission bits.
    pub mode: u32,
    /// Its owner's number.
    pub uid: u64,
    /// Its group's number.
    pub gid: u64,
}

/// What a file in a container is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainerFileKind {
    /// A file with this content.
    Content(Content),
    /// A file of so many bytes, too long to be compared.
    Long(u64),
    /// A symbolic link, and what it holds.
    Link(String),
    /// A directory.
    Directory,
    /// Something else.
    Other,
}

/// What the Engine tells of a file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stat {
    #[serde(default)]
    size: u64,
    /// As Go has it.
    mode: u32,
    #[serde(default)]
    link_target: String,
}

impl Stat {
    const DIRECTORY: u32 = 1 << 31;
    const LINK: u32 = 1 << 27;
    /// Whatever makes it no regular file.
    const TYPE: u32 =
        Self::DIRECTORY | Self::LINK | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;

    fn is(&self, bit: u32) -> bool {
        self.mode & bit != 0
    }
}

impl ContainerFile {
    /// The most bytes that are read of one.
    pub const LONGEST: usize = 16 * 1024 * 1024;

    /// As a diff shows it.
    pub fn side(&self) -> Side {
        match &self.kind {
            ContainerFileKind::Content(content) => content.side(),
            ContainerFileKind::Long(bytes) => Side::Opaque { bytes: *bytes, sha256: String::new() },
            ContainerFileKind::Link(target) => Side::Text(target.clone()),
            ContainerFileKind::Directory => Side::Text("(a directory)\n".to_owned()),
            ContainerFileKind::Other => Side::Text("(neither file nor directory)\n".to_owned()),
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == ContainerFileKind::Directory
    }

    /// Its content as text, or where the link at `path` leads; `None` for what is no text.
    pub fn shown(&self, path: &str) -> Option<String> {
        match (&self.kind, self.side()) {
            (ContainerFileKind::Link(target), _) => Some(target_of(path, target)),
            (ContainerFileKind::Directory, _) => Some("(directory)".to_owned()),
            (_, Side::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Reads the first entry of an archive.
    fn unpack(archive: &[u8], stat: &Stat) -> std::io::Result<Self> {
        let mut archive = tar::Archive::new(archive);
        let mut entry =
            archive.entries()?.next().ok_or_else(|| std::io::Error::other("empty"))??;
        let kind = if stat.is(Stat::LINK) {
            ContainerFileKind::Link(stat.link_target.clone())
        } else {
            let mut content = vec![];
            entry.read_to_end(&mut content)?;
            ContainerFileKind::Content(Content(content))
        };
        let header = entry.header();
        Ok(Self { kind, mode: header.mode()? & 0o7777, uid: header.uid()?, gid: header.gid()? })
    }

    /// An archive with it alone, under a name.
    fn pack(&self, name: &str) -> std::io::Result<Vec<u8>> {
        let mut header = tar::Header::new_gnu();
        header.set_mode(self.mode);
        header.set_uid(self.uid);
        header.set_gid(self.gid);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        header.set_mtime(now.map(|now| now.as_secs()).unwrap_or_default());
        let mut archive = tar::Builder::new(vec![]);
        match &self.kind {
            ContainerFileKind::Link(target) => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                archive.append_link(&mut header, name, target)?;
            }
            ContainerFileKind::Content(Content(bytes)) => {
                header.set_size(bytes.len() as u64);
                archive.append_data(&mut header, name, bytes.as_slice())?;
            }
            _ => return Err(std::io::Error::other("it is neither a file nor a link")),
        }
        archive.into_inner()
    }
}

impl DockerReader {
    /// A file of a container, and its path, which is another one where a link is followed. A
    /// very long file is not read.
    pub async fn file_in(
        &self,
        container: &str,
        path: &str,
        follow: bool,
    ) -> Result<(String, Option<ContainerFile>), Failure> {
        const MOST_LINKS: usize = 40;
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let Some(stat) = self.stat_in(container, &path).await? else { return Ok((path, None)) };
            if follow && stat.is(Stat::LINK) {
                path = target_of(&path, &stat.link_target);
                continue;
            }
            let plain = |kind| ContainerFile { kind, mode: stat.mode & 0o777, uid: 0, gid: 0 };
            let file = if stat.is(Stat::DIRECTORY) {
                plain(ContainerFileKind::Directory)
            } else if stat.is(Stat::TYPE) && !stat.is(Stat::LINK) {
                plain(ContainerFileKind::Other)
            } else if stat.size > ContainerFile::LONGEST as u64 {
                plain(ContainerFileKind::Long(stat.size))
            } else {
                self.read_in(container, &path, &stat).await?
            };
            return Ok((path, Some(file)));
        }
        Err(Failure::new(format!("links lead in a circle at {path} in container {container}")))
    }

    async fn read_in(
        &self,
        container: &str,
        path: &str,
        stat: &Stat,
    ) -> Result<ContainerFile, Failure> {
        let request = Request::get(&["containers", container, "archive"]).query("path", path);
        let answer = self.look(request).await?;
        ContainerFile::unpack(&answer.body, stat).map_err(|error| {
            Failure::new(format!("the archive of {path} in container {container}: {error}"))
        })
    }

    async fn stat_in(&self, container: &str, path: &str) -> Result<Option<Stat>, Failure> {
        let segments = ["containers", container, "archive"];
        let request = Request::new(Method::HEAD, &segments).query("path", path);
        let answer = match self.look(request).await {
            Err(error) if error.status() == Some(404) => return Ok(None),
            answer => answer?,
        };
        let told = answer.headers.get(STAT).and_then(|header| STANDARD.decode(header).ok());
        let stat = told.and_then(|json| serde_json::from_slice(&json).ok());
        let odd = || EngineError::Answer(format!("it does not tell of {path}"));
        Ok(Some(stat.ok_or_else(odd)?))
    }

    /// The user and group numbers that a container's commands run as: those of its settings, by
    /// way of its own lists of users and groups.
    pub async fn user_of(&self, container: &Value) -> Result<(u64, u64), Failure> {
        let id = container["Id"].as_str().unwrap_or_default();
        let setting = container["Config"]["User"].as_str().unwrap_or_default();
        let (user, group) = match setting.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (setting, None),
        };
        if user.is_empty() {
            return Ok((0, 0));
        }
        let users = self.text_in(id, "/etc/passwd").await?;
        let found = line_of(&users, user);
        let number = |line: &[&str], at: usize| line.get(at)?.parse::<u64>().ok();
        let uid = found.as_ref().and_then(|line| number(line, 2)).or_else(|| user.parse().ok());
        let gid = match group {
            None => found.as_ref().and_then(|line| number(line, 3)).or(Some(0)),
            Some(group) => {
                let groups = self.text_in(id, "/etc/group").await?;
                let found = line_of(&groups, group).and_then(|line| number(&line, 2));
                found.or_else(|| group.parse().ok())
            }
        };
        uid.zip(gid).ok_or_else(|| {
            Failure::new(format!("the container runs as `{setting}`, whom it does not know"))
                .help("give `owner_id` and `group_id`")
        })
    }

    async fn text_in(&self, container: &str, path: &str) -> Result<String, Failure> {
        let (_, file) = self.file_in(container, path, true).await?;
        Ok(match file.map(|file| file.kind) {
            Some(ContainerFileKind::Content(content)) => {
                String::from_utf8_lossy(&content.0).into_owned()
            }
            _ => String::new(),
        })
    }
}

impl DockerWriter {
    /// Puts a file into a container. A directory in its place is replaced only where `replace`
    /// says so.
    pub async fn put_in(
        &self,
        container: &str,
        path: &str,
        file: &ContainerFile,
        replace: bool,
    ) -> Result<(), Failure> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = if folder.is_empty() { "/" } else { folder };
        let archive = file
            .pack(name)
            .map_err(|error| Failure::new(format!("{path} cannot be packed: {error}")))?;
        let request = Request::new(Method::PUT, &["containers", container, "archive"])
            .query("path", folder)
            .query("noOverwriteDirNonDir", if replace { "0" } else { "1" })
            .body(Body::Tar(archive.into()));
        match self.send(request).await {
            Err(EngineError::Status { status: 404, message }) => Err(Failure::new(format!(
                "Could not find container \"{container}\" or resource in it ({message})"
            ))
            .help("the directory in which the file lies must be there, too")),
            other => Ok(other.map(drop)?),
        }
    }
}

/// The line of a list such as `/etc/passwd` with this name, or this number.
fn line_of<'t>(list: &'t str, name: &str) -> Option<Vec<&'t str>> {
    let lines = || list.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let named = lines().find(|line| line.first() == Some(&name));
    named.or_else(|| lines().find(|line| line.get(2) == Some(&name)))
}

/// Where a link leads to.
fn target_of(link: &str, target: &str) -> String {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole =
        if target.starts_with('/') { target.to_owned() } else { format!("{folder}/{target}") };
    normal(&whole)
}

/// A path from the root without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A path in a container, from the root.
pub fn container_path(path: &str) -> String {
    normal(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_through_archives() {
        let file = ContainerFile {
            kind: ContainerFileKind::Content(Content(b"hi\0".to_vec())),
            mode: 0o4755,
            uid: 70_000,
            gid: 7,
        };
        let stat = |mode| Stat { size: 3, mode, link_target: "a/b".to_owned() };
        let archive = file.pack(&"n".repeat(150)).unwrap();
        assert_eq!(ContainerFile::unpack(&archive, &stat(0)).unwrap(), file);
        let link = ContainerFile { kind: ContainerFileKind::Link("a/b".to_owned()), ..file };
        let archive = link.pack("x").unwrap();
        assert_eq!(ContainerFile::unpack(&archive, &stat(Stat::LINK)).unwrap(), link);
    }

    #[test]
    fn paths_have_one_spelling() {
        assert_eq!(container_path("a//b/./../c"), "/a/c");
        assert_eq!(container_path("/../x"), "/x");
        assert_eq!(target_of("/etc/mtab", "../proc/mounts"), "/proc/mounts");
        assert_eq!(target_of("/etc/x", "/y"), "/y");
    }

    #[test]
    fn users_have_names_and_numbers() {
        let list = "root:x:0:0::/:/bin/sh\nweb:x:33:34::/:/bin/sh\n";
        assert_eq!(line_of(list, "web").unwrap()[3], "34");
        assert_eq!(line_of(list, "33").unwrap()[0], "web");
        assert_eq!(line_of(list, "x"), None);
    }
}
