//! An archive that is written while it is sent.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::sdk::Produce;
use crate::sdk::file::{Content, Payload};

/// A tar archive of these, in this order.
#[derive(Debug)]
pub(super) struct Archive(pub(super) Vec<Member>);

/// Something in an archive. Everybody but its owner is kept away from it.
#[derive(Debug)]
pub(super) enum Member {
    Directory { path: String },
    File { path: String, payload: Payload },
    Link { path: String, target: String },
}

impl Produce for Archive {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut archive = tar::Builder::new(out);
        for member in &self.0 {
            member.append_to(&mut archive)?;
        }
        archive.finish()
    }
}

impl Member {
    fn append_to(&self, archive: &mut tar::Builder<&mut dyn Write>) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        match self {
            Self::Directory { path } => {
                header.set_entry_type(tar::EntryType::Directory);
                header.set_mode(0o700);
                append(archive, &mut header, path, 0, io::empty())
            }
            Self::File { path, payload } => {
                header.set_entry_type(tar::EntryType::Regular);
                header.set_mode(0o600);
                let size = payload.size();
                match payload {
                    Payload::Bytes(content) => {
                        append(archive, &mut header, path, size, content.0.as_slice())
                    }
                    Payload::Local { path: source, .. } => {
                        append(archive, &mut header, path, size, Whole::open(source, size)?)
                    }
                    // It is on the host already.
                    Payload::Remote { .. } => Ok(()),
                }
            }
            Self::Link { path, target } => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_mode(0o777);
                let target = Content::from_text(target).0;
                if header.set_link_name_literal(&target).is_err() {
                    append_long_target(archive, &target)?;
                }
                append(archive, &mut header, path, 0, io::empty())
            }
        }
    }
}

/// Adds what the next symbolic link holds, where its header has no room for that. The crate's own
/// way would write `a//b` as `a/b`.
fn append_long_target(archive: &mut tar::Builder<&mut dyn Write>, target: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongLink);
    header.set_mode(0o600);
    append(archive, &mut header, "@LongLink", target.len() as u64 + 1, target.chain(&b"\0"[..]))
}

fn append(
    archive: &mut tar::Builder<&mut dyn Write>,
    header: &mut tar::Header,
    path: &str,
    size: u64,
    content: impl Read,
) -> io::Result<()> {
    header.set_size(size);
    archive.append_data(header, OsStr::from_bytes(&Content::from_text(path).0), content)
}

/// A file that must have the size it had when it was summed up.
struct Whole<'a> {
    path: &'a Path,
    file: io::Take<File>,
}

impl<'a> Whole<'a> {
    fn open(path: &'a Path, size: u64) -> io::Result<Self> {
        let fault = |error: io::Error| {
            io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display()))
        };
        let file = File::open(path).map_err(fault)?;
        let whole = Self { path, file: file.take(size) };
        let found = whole.file.get_ref().metadata().map_err(fault)?.len();
        if found == size { Ok(whole) } else { Err(whole.changed()) }
    }

    fn changed(&self) -> io::Error {
        let path = self.path.display();
        io::Error::other(format!("{path} was changed while it was copied: run the play again"))
    }
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.file.read(buffer)? {
            0 if self.file.limit() > 0 && !buffer.is_empty() => Err(self.changed()),
            length => Ok(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_became_another_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, "12345").unwrap();
        let sent = |size| {
            let payload = Payload::Local { path: path.clone(), size };
            Archive(vec![Member::File { path: "f".to_owned(), payload }]).write_to(&mut vec![])
        };
        assert!(sent(5).is_ok());
        assert!(sent(4).unwrap_err().to_string().ends_with("run the play again"));
        assert!(sent(6).is_err());
        std::fs::remove_file(&path).unwrap();
        assert!(sent(5).unwrap_err().to_string().starts_with("cannot read /"));
    }
}
