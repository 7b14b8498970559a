//! Archives of zip: the directory at their end, as PKWARE's note describes it.

use std::io::{Read, Seek, SeekFrom};

use super::Args;
use super::archive::{Archive, Comparison};
use super::members::{Member, Members};
use super::site::Site;
use crate::sdk::file::{FileKind, Payload, Permissions};
use crate::sdk::{Failure, Observer, Probe, Wildcard};

/// A member, as the archive describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Packed {
    name: String,
    kind: FileKind,
    /// Its permissions, where it comes from a Unix.
    mode: Option<Permissions>,
    size: u64,
    crc: u32,
    /// When it was changed, in the time of where it was packed: `2026-01-31 12:00:00`.
    changed: String,
    /// The same in seconds since 1970, where that is known.
    mtime: Option<i64>,
}

pub(super) async fn compare(
    archive: &Archive,
    args: &Args,
    site: &Site,
    host: &Observer<'_>,
) -> Result<Comparison, Failure> {
    let broken = || Failure::new(format!("{} is no zip archive that can be read", args.src));
    let length = archive.payload.size();
    let mut tail = end_of(&archive.payload, length.min(1 << 20), host).await?;
    let needed = directory(&tail, length).ok_or_else(broken)?.size_from_end;
    if needed > tail.len() as u64 {
        tail = end_of(&archive.payload, needed, host).await?;
    }
    let end = directory(&tail, length).ok_or_else(broken)?;
    let wildcards = |patterns: &[String]| -> Result<Vec<Wildcard>, Failure> {
        patterns.iter().map(|pattern| Wildcard::new(pattern).map_err(Failure::new)).collect()
    };
    let (include, exclude) = (wildcards(&args.include)?, wildcards(&args.exclude)?);
    let any = |all: &[Wildcard], name: &str| all.iter().any(|wildcard| wildcard.matches(name));
    let mut packed = read(&tail, end).ok_or_else(broken)?;
    packed.retain(|member| {
        (include.is_empty() || any(&include, &member.name)) && !any(&exclude, &member.name)
    });
    let names: Vec<String> = packed.iter().map(|member| member.name.clone()).collect();
    let members = Members::look_into(&site.directory(), &names, host).await?;
    let mut compared = Comparison { names, members, ..Comparison::default() };
    for member in &packed {
        let found = compared.members.get(&member.name);
        if found.is_some_and(|found| args.keep_newer && is_newer(member, found)) {
            compared.newer.push(member.name.clone());
        } else if let Some(difference) = member.difference(found, args, site) {
            compared.differences.push(format!("{}: {difference}", member.name));
        }
    }
    Ok(compared)
}

/// The last bytes of an archive.
async fn end_of(payload: &Payload, length: u64, host: &Observer<'_>) -> Result<Vec<u8>, Failure> {
    match payload {
        Payload::Bytes(content) => {
            let from =
                content.0.len().saturating_sub(usize::try_from(length).unwrap_or(usize::MAX));
            Ok(content.0[from..].to_vec())
        }
        Payload::Local { path, size } => {
            let read = || -> std::io::Result<Vec<u8>> {
                let (mut file, mut bytes) = (std::fs::File::open(path)?, vec![]);
                file.seek(SeekFrom::Start(size.saturating_sub(length)))?;
                file.take(length).read_to_end(&mut bytes)?;
                Ok(bytes)
            };
            let cannot = |error| Failure::new(format!("cannot read {}: {error}", path.display()));
            read().map_err(cannot)
        }
        Payload::Remote { path, .. } => {
            const END: Probe = Probe("tail -c \"$1\" <\"$2\"");
            let output = host.probe(END, [&length.to_string(), path]).await?;
            if output.success() && output.left_out == 0 {
                return Ok(output.stdout);
            }
            Err(Failure::of_program(&format!("reading {path}"), &output))
        }
    }
}

/// Where the directory is.
#[derive(Debug, Clone, Copy)]
struct Directory {
    /// How far from the archive's end it begins.
    size_from_end: u64,
    count: u16,
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    number(bytes, at).map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    number(bytes, at).map(u32::from_le_bytes)
}

/// Finds the end record in the last bytes of an archive.
fn directory(tail: &[u8], size: u64) -> Option<Directory> {
    let at = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (count, length) = (short(tail, at + 10)?, long(tail, at + 12)?);
    // Something may stand before the archive: only the distance from the end record counts.
    let behind = (tail.len() - at) as u64;
    let size_from_end = behind + u64::from(length);
    (size_from_end <= size).then_some(Directory { size_from_end, count })
}

/// Reads the members out of the directory.
fn read(tail: &[u8], end: Directory) -> Option<Vec<Packed>> {
    let mut at = tail.len().checked_sub(usize::try_from(end.size_from_end).ok()?)?;
    let mut members = vec![];
    while tail.get(at..at + 4) == Some(b"PK\x01\x02") {
        let [name, extra, comment] = [28, 30, 32].map(|offset| short(tail, at + offset));
        let (name, extra) = (usize::from(name?), usize::from(extra?));
        let rest = tail.get(at + 46..)?;
        let member =
            Packed::parse(tail.get(at..)?, rest.get(..name)?, rest.get(name..name + extra)?)?;
        members.push(member);
        at += 46 + name + extra + usize::from(comment?);
    }
    // With more than 65535 members the count starts anew.
    (members.len() & 0xffff == usize::from(end.count)).then_some(members)
}

impl Packed {
    fn parse(header: &[u8], name: &[u8], extra: &[u8]) -> Option<Self> {
        const UNIX: u16 = 3;
        let (time, date) = (short(header, 12)?, short(header, 14)?);
        let attributes = long(header, 38)? >> 16;
        let is_unix = short(header, 4)? >> 8 == UNIX && attributes != 0;
        let name = String::from_utf8_lossy(name).into_owned();
        let kind = match attributes & 0o170_000 {
            0o120_000 if is_unix => FileKind::Link,
            _ if name.ends_with('/') => FileKind::Directory,
            _ => FileKind::File,
        };
        let mut member = Self {
            name,
            kind,
            // unzip does not set the bits above.
            mode: is_unix.then(|| Permissions::new(attributes & 0o777)),
            size: long(header, 24)?.into(),
            crc: long(header, 16)?,
            changed: format!(
                "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
                (date >> 9) + 1980,
                date >> 5 & 15,
                date & 31,
                time >> 11,
                time >> 5 & 63,
                (time & 31) * 2
            ),
            mtime: None,
        };
        member.read_extra(extra);
        Some(member)
    }

    /// Reads the fields behind the name: times in seconds, and sizes beyond 4 GiB.
    fn read_extra(&mut self, mut extra: &[u8]) {
        const TIMES: u16 = 0x5455;
        const LARGE: u16 = 0x0001;
        while let (Some(kind), Some(length)) = (short(extra, 0), short(extra, 2)) {
            let end = (4 + usize::from(length)).min(extra.len());
            let field = &extra[4..end];
            match kind {
                TIMES if field.first().is_some_and(|flags| flags & 1 == 1) => {
                    self.mtime = number(field, 1).map(i32::from_le_bytes).map(i64::from);
                }
                LARGE if self.size == u64::from(u32::MAX) => {
                    self.size = number(field, 0).map_or(self.size, u64::from_le_bytes);
                }
                _ => {}
            }
            extra = &extra[end..];
        }
    }

    /// What differs in what is there.
    fn difference(&self, found: Option<&Member>, args: &Args, site: &Site) -> Option<&'static str> {
        let Some(found) = found else { return Some("it is missing") };
        let stat = &found.stat;
        if stat.kind != self.kind {
            return Some("another kind of file is there");
        }
        if self.kind == FileKind::File {
            if self.age(found).is_ne() {
                return Some("it was changed at another time");
            }
            if stat.size != self.size || found.crc.is_some_and(|crc| crc != self.crc) {
                return Some("it has another content");
            }
        }
        let is_directory = self.kind == FileKind::Directory;
        let fresh = if is_directory { Permissions::DIRECTORY } else { Permissions::FILE };
        let mode = self.mode.unwrap_or(fresh.masked(site.dest.umask));
        if self.kind != FileKind::Link && args.attributes.mode.is_none() && stat.mode != mode {
            return Some("it has other permissions");
        }
        if args.attributes.owner.is_none() && stat.uid != site.user.0 {
            return Some("it has another owner");
        }
        (args.attributes.group.is_none() && stat.gid != site.user.1)
            .then_some("it has another group")
    }

    /// Whether it is older or newer than what is there.
    fn age(&self, found: &Member) -> std::cmp::Ordering {
        match self.mtime {
            Some(mtime) => mtime.cmp(&found.stat.mtime),
            None => self.changed.cmp(&found.changed),
        }
    }
}

fn is_newer(member: &Packed, found: &Member) -> bool {
    member.kind == FileKind::File && found.stat.kind == FileKind::File && member.age(found).is_lt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive with one member and no content.
    fn archive(name: &[u8], extra: &[u8], attributes: u32) -> Vec<u8> {
        let mut bytes = b"before PK\x01\x02\x1e\x03".to_vec();
        bytes.extend([0; 6]);
        bytes.extend(0x7bc0_u16.to_le_bytes());
        bytes.extend(0x4aab_u16.to_le_bytes());
        bytes.extend(0x1234_5678_u32.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(9_u32.to_le_bytes());
        bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(attributes.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(name);
        bytes.extend(extra);
        let length = u32::try_from(46 + name.len() + extra.len()).unwrap();
        bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        bytes.extend(length.to_le_bytes());
        bytes.extend([0; 6]);
        bytes
    }

    fn members(bytes: &[u8]) -> Option<Vec<Packed>> {
        read(bytes, directory(bytes, bytes.len() as u64)?)
    }

    #[test]
    fn the_directory_is_read() {
        let extra = b"UT\x05\0\x01\x01\0\0\0";
        let all = members(&archive(b"a/b", extra, 0o100_755 << 16)).unwrap();
        let wanted = Packed {
            name: "a/b".to_owned(),
            kind: FileKind::File,
            mode: Some(Permissions::new(0o755)),
            size: 9,
            crc: 0x1234_5678,
            changed: "2017-05-11 15:30:00".to_owned(),
            mtime: Some(1),
        };
        assert_eq!(all, [wanted]);
        let link = &members(&archive(b"l", b"", 0o120_777 << 16)).unwrap()[0];
        assert_eq!((link.kind, link.mtime), (FileKind::Link, None));
        let folder = &members(&archive(b"d/", b"", 16)).unwrap()[0];
        assert_eq!((folder.kind, folder.mode), (FileKind::Directory, None));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert_eq!(members(b"PK\x03\x04 and nothing"), None);
        let mut bytes = archive(b"a", b"", 0);
        bytes[7] = b'X';
        assert_eq!(members(&bytes), None);
        let whole = archive(b"a", b"", 0);
        assert!(directory(&whole[60..], 10).is_none());
    }
}
