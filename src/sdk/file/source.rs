//! What a file of the controller holds.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::{Content, Payload, Permissions};
use crate::base::Side;
use crate::sdk::{Controller, Failure};

/// How many bytes of a file are read at once, at most.
const BLOCK: usize = 256 * 1024;

/// The content that a file is to have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Where it comes from.
    pub payload: Payload,
    /// Its SHA-1 in hexadecimal.
    pub checksum: String,
    /// The permissions of the file it comes from, where it comes from one.
    #[serde(default)]
    pub mode: Option<Permissions>,
}

impl Source {
    /// These bytes.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        let checksum = hex(&Sha1::digest(&bytes));
        Self { payload: Payload::Bytes(Content(bytes)), checksum, mode: None }
    }

    /// A file of the controller, decrypted where it is a vault and that is wanted.
    ///
    /// A file of more than [`Side::SHOWN`] bytes is read once now, for its checksum, and once
    /// more when it is sent: it is never held in memory.
    pub async fn local(
        controller: &dyn Controller,
        path: &Path,
        decrypt: bool,
    ) -> Result<Self, Failure> {
        Self::of_file(controller, path, decrypt, Side::SHOWN as u64).await
    }

    /// The same for one file of many: only what was decrypted is held in memory.
    pub async fn streamed(
        controller: &dyn Controller,
        path: &Path,
        decrypt: bool,
    ) -> Result<Self, Failure> {
        Self::of_file(controller, path, decrypt, 0).await
    }

    /// A file of the controller; its content is held in memory up to `held` bytes.
    async fn of_file(
        controller: &dyn Controller,
        path: &Path,
        decrypt: bool,
        held: u64,
    ) -> Result<Self, Failure> {
        let owned = path.to_owned();
        let read = tokio::task::spawn_blocking(move || Self::read(&owned, held));
        let source = read
            .await
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
        if !decrypt || !source.is_vault(path)? {
            return Ok(source);
        }
        let bytes = controller.read(path)?;
        Ok(Self { mode: source.mode, ..Self::bytes(bytes.to_vec()) })
    }

    fn read(path: &Path, held: u64) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let mode = Some(Permissions::new(metadata.permissions().mode()));
        if metadata.len() <= held {
            let mut bytes = vec![];
            file.read_to_end(&mut bytes)?;
            return Ok(Self { mode, ..Self::bytes(bytes) });
        }
        let mut hash = Sha1::new();
        let mut buffer =
            vec![0; usize::try_from(metadata.len()).map_or(BLOCK, |n| n.clamp(1, BLOCK))];
        let mut size = 0;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                length => {
                    hash.update(&buffer[..length]);
                    size += length as u64;
                }
            }
        }
        let payload = Payload::Local { path: PathBuf::from(path), size };
        Ok(Self { payload, checksum: hex(&hash.finalize()), mode })
    }

    fn is_vault(&self, path: &Path) -> Result<bool, Failure> {
        const HEADER: &[u8] = b"$ANSIBLE_VAULT;";
        let mut start = vec![];
        if let Payload::Bytes(content) = &self.payload {
            return Ok(content.0.starts_with(HEADER));
        }
        File::open(path)
            .and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut start))
            .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
        Ok(start == HEADER)
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
