//! What the kernel says of a file.

use serde::{Deserialize, Serialize};

use super::Permissions;
use crate::sdk::Returned;
use crate::value::{Fields, Value};

/// The kinds of file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A regular file.
    #[default]
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A socket.
    Socket,
    /// A named pipe.
    Fifo,
    /// A character device.
    Character,
    /// A block device.
    Block,
}

impl FileKind {
    /// The kind as messages and Ansible's `state` name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Link => "link",
            Self::Socket => "socket",
            Self::Fifo => "fifo",
            Self::Character => "char",
            Self::Block => "block",
        }
    }

    fn of_mode(mode: u32) -> Option<Self> {
        Some(match mode & 0o170_000 {
            0o100_000 => Self::File,
            0o040_000 => Self::Directory,
            0o120_000 => Self::Link,
            0o140_000 => Self::Socket,
            0o010_000 => Self::Fifo,
            0o020_000 => Self::Character,
            0o060_000 => Self::Block,
            _ => return None,
        })
    }
}

/// What the kernel says of a file. Times are in seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileStat {
    /// What it is.
    pub kind: FileKind,
    /// Who may do what.
    pub mode: Permissions,
    /// Its owner's number.
    pub uid: u32,
    /// Its group's number.
    pub gid: u32,
    /// Its owner's name; `UNKNOWN` where the number has none.
    pub owner: String,
    /// Its group's name; `UNKNOWN` where the number has none.
    pub group: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was read last.
    pub atime: i64,
    /// When its content was changed last.
    pub mtime: i64,
    /// When its inode was changed last.
    pub ctime: i64,
    /// Its inode's number.
    pub inode: u64,
    /// The device it lies on.
    pub device: u64,
    /// How many names it has.
    pub links: u64,
    /// How many blocks of 512 bytes it takes.
    pub blocks: u64,
    /// The size of a block for reading and writing, in bytes.
    pub block_size: u64,
    /// The device it stands for.
    pub device_type: u64,
}

impl FileStat {
    /// Reads the line that `describe` in `paths.sh` learns.
    pub fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.trim_end().splitn(15, ':').collect();
        let [
            mode,
            uid,
            gid,
            size,
            atime,
            mtime,
            ctime,
            inode,
            device,
            links,
            blocks,
            block_size,
            major,
            minor,
            names,
        ] = fields[..]
        else {
            return None;
        };
        let mode = u32::from_str_radix(mode, 16).ok()?;
        let (owner, group) = names.split_once(':')?;
        let hex = |text| u64::from_str_radix(text, 16).ok();
        let (major, minor) = (hex(major)?, hex(minor)?);
        Some(Self {
            kind: FileKind::of_mode(mode)?,
            mode: Permissions::new(mode),
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            owner: owner.to_owned(),
            group: group.to_owned(),
            size: size.parse().ok()?,
            atime: atime.parse().ok()?,
            mtime: mtime.parse().ok()?,
            ctime: ctime.parse().ok()?,
            inode: inode.parse().ok()?,
            device: device.parse().ok()?,
            links: links.parse().ok()?,
            blocks: blocks.parse().ok()?,
            block_size: block_size.parse().ok()?,
            device_type: rdev(major, minor),
        })
    }

    /// The owner's name, or the number where it has none.
    pub fn owner_shown(&self) -> String {
        named(&self.owner, self.uid)
    }

    /// The group's name, or the number where it has none.
    pub fn group_shown(&self) -> String {
        named(&self.group, self.gid)
    }

    /// What modules that leave a file behind return of it.
    pub fn returned(&self) -> Returned {
        let state = match self.kind {
            FileKind::File if self.links > 1 => "hard",
            kind => kind.word(),
        };
        Returned::new()
            .with("uid", self.uid)
            .with("gid", self.gid)
            .with("owner", self.owner_shown())
            .with("group", self.group_shown())
            .with("mode", self.mode)
            .with("state", state)
            .with("size", self.size)
    }

    /// All of it, under the names that Ansible gives it.
    pub fn fields(&self) -> Fields {
        let is = |kind| Value::from(self.kind == kind);
        let bit = |bit: u32| Value::from(self.mode.bits() & bit != 0);
        #[expect(clippy::cast_precision_loss, reason = "Ansible returns times as floats")]
        let time = |seconds: i64| Value::from(seconds as f64);
        [
            ("mode", String::from(self.mode).into()),
            ("isdir", is(FileKind::Directory)),
            ("ischr", is(FileKind::Character)),
            ("isblk", is(FileKind::Block)),
            ("isreg", is(FileKind::File)),
            ("isfifo", is(FileKind::Fifo)),
            ("islnk", is(FileKind::Link)),
            ("issock", is(FileKind::Socket)),
            ("uid", self.uid.into()),
            ("gid", self.gid.into()),
            ("size", self.size.into()),
            ("inode", self.inode.into()),
            ("dev", self.device.into()),
            ("nlink", self.links.into()),
            ("atime", time(self.atime)),
            ("mtime", time(self.mtime)),
            ("ctime", time(self.ctime)),
            ("wusr", bit(0o200)),
            ("rusr", bit(0o400)),
            ("xusr", bit(0o100)),
            ("wgrp", bit(0o020)),
            ("rgrp", bit(0o040)),
            ("xgrp", bit(0o010)),
            ("woth", bit(0o002)),
            ("roth", bit(0o004)),
            ("xoth", bit(0o001)),
            ("isuid", bit(0o4000)),
            ("isgid", bit(0o2000)),
            ("blocks", self.blocks.into()),
            ("block_size", self.block_size.into()),
            ("device_type", self.device_type.into()),
            ("pw_name", self.owner.clone().into()),
            ("gr_name", self.group.clone().into()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

fn named(name: &str, number: u32) -> String {
    if name.is_empty() || name == "UNKNOWN" { number.to_string() } else { name.to_owned() }
}

/// Linux's device number.
fn rdev(major: u64, minor: u64) -> u64 {
    (major & 0xfff) << 8 | (major & !0xfff) << 32 | minor & 0xff | (minor & !0xff) << 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_stat_prints() {
        let line = "81a4:0:1000:12:1:2:3:7340:2049:1:8:4096:0:0:root:domain users\n";
        let stat = FileStat::parse(line).unwrap();
        assert_eq!((stat.kind, stat.mode.bits(), stat.size), (FileKind::File, 0o644, 12));
        assert_eq!((stat.owner.as_str(), stat.group.as_str()), ("root", "domain users"));
        let null = FileStat::parse("21b6:0:0:0:1:2:3:7:6:1:0:4096:1:3:root:root").unwrap();
        assert_eq!((null.kind, null.device_type), (FileKind::Character, 259));
        assert_eq!(FileStat::parse("81a4:0"), None);
    }
}
