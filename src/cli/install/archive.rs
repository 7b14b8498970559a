//! Tar archives, unpacked so that nothing lands outside of the folder.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType};

/// The most that an archive may hold, unpacked.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;
const MOST_ENTRIES: usize = 100_000;

/// The SHA-256 of a file, in hex.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut HashWriter(&mut hasher))?;
    Ok(hex(&hasher.finalize()))
}

struct HashWriter<'h>(&'h mut Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Unpacks a tar archive, which may be compressed by gzip, into an empty folder.
pub(super) fn unpack(path: &Path, folder: &Path) -> Result<(), String> {
    let fault = |error: io::Error| format!("{} cannot be unpacked: {error}", path.display());
    let mut file = File::open(path).map_err(fault)?;
    let mut magic = [0; 2];
    let read = file.read(&mut magic).map_err(fault)?;
    file.rewind().map_err(fault)?;
    let file = BufReader::new(file);
    if magic[..read] == [0x1f, 0x8b] {
        entries(MultiGzDecoder::new(file), folder)
    } else {
        entries(file, folder)
    }
    .map_err(|error| format!("{} cannot be unpacked: {error}", path.display()))
}

fn entries(from: impl Read, folder: &Path) -> io::Result<()> {
    let mut archive = Archive::new(from.take(MOST_BYTES));
    let mut left = MOST_BYTES;
    for (index, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if index == MOST_ENTRIES {
            return Err(refused(format!("it has more than {MOST_ENTRIES} entries")));
        }
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            continue;
        }
        let name = entry.path()?.into_owned();
        let target = folder.join(inside(&name)?);
        behind_no_link(folder, &target)?;
        match kind {
            EntryType::Directory => fs::create_dir_all(&target)?,
            EntryType::Regular | EntryType::Continuous => {
                left = left
                    .checked_sub(entry.size())
                    .ok_or_else(|| refused(format!("it holds more than {MOST_BYTES} bytes")))?;
                let executable = entry.header().mode()? & 0o100 != 0;
                file(&target, executable, &mut entry)?;
            }
            EntryType::Symlink => {
                let to = entry.link_name()?.unwrap_or_default().into_owned();
                link(&name, &to, &target)?;
            }
            other => {
                let name = name.display();
                return Err(refused(format!("`{name}` is neither a file nor a folder: {other:?}")));
            }
        }
    }
    Ok(())
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A path below a folder, without `.`; one that leaves the folder is refused.
fn inside(name: &Path) -> io::Result<PathBuf> {
    let mut path = PathBuf::new();
    for part in name.components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return Err(refused(format!("`{}` leads out of it", name.display()))),
        }
    }
    Ok(path)
}

/// Makes the folders around a path; none of them may be a link, which would lead elsewhere.
fn behind_no_link(folder: &Path, target: &Path) -> io::Result<()> {
    let Some(parent) = target.parent().filter(|parent| parent.starts_with(folder)) else {
        return Ok(());
    };
    let mut path = folder.to_owned();
    for part in parent.strip_prefix(folder).unwrap_or(Path::new("")) {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(refused(format!("`{}` is behind a link", target.display()))),
            Err(_) => fs::create_dir(&path)?,
        }
    }
    Ok(())
}

fn file(target: &Path, executable: bool, from: &mut impl Read) -> io::Result<()> {
    if fs::symlink_metadata(target).is_ok_and(|found| !found.is_dir()) {
        fs::remove_file(target)?;
    }
    let mode = if executable { 0o755 } else { 0o644 };
    let mut file = File::options().write(true).create_new(true).mode(mode).open(target)?;
    io::copy(from, &mut file)?;
    Ok(())
}

fn link(name: &Path, to: &Path, target: &Path) -> io::Result<()> {
    let depth = name.components().filter(|part| matches!(part, Component::Normal(_))).count();
    if !stays_inside(to, depth.saturating_sub(1)) {
        let (name, to) = (name.display(), to.display());
        return Err(refused(format!("the link `{name}` leads out of it, to `{to}`")));
    }
    if fs::symlink_metadata(target).is_ok_and(|found| !found.is_dir()) {
        fs::remove_file(target)?;
    }
    symlink(to, target)
}

/// Whether a link from a folder this many below the root stays below the root. What goes up must
/// stand first: after a folder, which may be a link itself, nobody knows where it leads.
fn stays_inside(to: &Path, depth: usize) -> bool {
    let mut parts = to.components().filter(|part| *part != Component::CurDir).peekable();
    let mut up = 0;
    while parts.next_if_eq(&Component::ParentDir).is_some() {
        up += 1;
    }
    up <= depth && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Refuses a folder that has a link which leads out of it.
pub(super) fn hold_links(folder: &Path) -> Result<(), String> {
    fn walk(folder: &Path, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                walk(&path, depth + 1)?;
            } else if kind.is_symlink() && !stays_inside(&fs::read_link(&path)?, depth) {
                return Err(refused(format!("the link {} leads out of it", path.display())));
            }
        }
        Ok(())
    }
    walk(folder, 0).map_err(|error| error.to_string())
}

/// Copies a folder, without what git and rplay keep in it.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, path, target) = (entry.file_type()?, entry.path(), to.join(entry.file_name()));
        if kind.is_dir() {
            if entry.file_name() != ".git" {
                copy(&path, &target)?;
            }
        } else if kind.is_symlink() {
            symlink(fs::read_link(&path)?, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of entries: name, type, and content or target.
    fn archive(folder: &Path, entries: &[(&str, EntryType, &str)]) -> PathBuf {
        let mut builder = tar::Builder::new(vec![]);
        for (name, kind, content) in entries {
            let mut header = tar::Header::new_gnu();
            // The builder would refuse the names that are tried here.
            let bytes = &mut header.as_old_mut().name;
            bytes[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_mode(0o4777);
            let is_file = *kind == EntryType::Regular;
            header.set_size(if is_file { content.len() as u64 } else { 0 });
            if !is_file {
                header.set_link_name_literal(content).unwrap();
            }
            header.set_cksum();
            let body = if is_file { content.as_bytes() } else { &[] };
            builder.append(&header, body).unwrap();
        }
        let path = folder.join("a.tar");
        fs::write(&path, builder.into_inner().unwrap()).unwrap();
        path
    }

    fn unpacked(entries: &[(&str, EntryType, &str)]) -> Result<tempfile::TempDir, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = archive(folder.path(), entries);
        let target = folder.path().join("inner/out");
        fs::create_dir_all(&target).unwrap();
        unpack(&path, &target)?;
        Ok(folder)
    }

    const FILE: EntryType = EntryType::Regular;
    const LINK: EntryType = EntryType::Symlink;

    #[test]
    fn files_folders_and_links_are_unpacked() {
        use std::os::unix::fs::PermissionsExt;
        let folder =
            unpacked(&[("./a/b", FILE, "text"), ("a/c", LINK, "b"), ("d", LINK, "a/b")]).unwrap();
        let out = folder.path().join("inner/out");
        assert_eq!(fs::read_to_string(out.join("a/c")).unwrap(), "text");
        assert_eq!(fs::read_to_string(out.join("d")).unwrap(), "text");
        let mode = fs::metadata(out.join("a/b")).unwrap().permissions().mode();
        assert_eq!(mode & 0o6000, 0, "set-user-ID is not taken over");
        assert_eq!(hold_links(&out), Ok(()));
    }

    #[test]
    fn nothing_lands_outside() {
        for entries in [
            &[("../x", FILE, "x")][..],
            &[("/etc/rplay-test", FILE, "x")],
            &[("a/../../x", FILE, "x")],
            &[("a", LINK, "../x")],
            &[("a", LINK, "/etc")],
            &[("a/b", LINK, "../c/../../x")],
            &[("a", LINK, "b"), ("a/x", FILE, "x")],
            &[("a", EntryType::Link, "/etc/passwd")],
            &[("a", EntryType::Fifo, "")],
        ] {
            let refused = unpacked(entries).map(drop).unwrap_err();
            assert!(refused.contains("cannot be unpacked"), "{entries:?}: {refused}");
        }
    }

    #[test]
    fn a_link_of_a_repository_stays_inside() {
        let folder = tempfile::tempdir().unwrap();
        symlink("../../x", folder.path().join("a")).unwrap();
        assert!(hold_links(folder.path()).unwrap_err().contains("leads out of it"));
    }
}
