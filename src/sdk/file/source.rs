//! What a file of the controller holds.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::{Algorithm, Content, FileChange, Payload, Permissions};
use crate::base::Side;
use crate::sdk::{Controller, Failure, Plan, Returned};

/// How many bytes of a file are read at once, at most.
const BLOCK: usize = 256 * 1024;

/// What a vault begins with.
const VAULT: &[u8] = b"$ANSIBLE_VAULT;";

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

    /// What Ansible returns of a file beside the rest where it is written: its `md5sum`, where the
    /// content is held in memory.
    pub fn returned(&self, plan: &Plan<FileChange>) -> Returned {
        match (plan, &self.payload) {
            (Plan::Change { change: FileChange::Write(_), .. }, Payload::Bytes(content)) => {
                Returned::new().with("md5sum", Algorithm::Md5.sum(&content.0))
            }
            _ => Returned::new(),
        }
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
        let sources =
            Self::read_all(controller, vec![path.to_owned()], decrypt, Side::SHOWN as u64);
        sources.await?.pop().ok_or_else(|| Failure::new("no file was read"))
    }

    /// The same for many files, of which only what was decrypted is held in memory.
    pub async fn local_all(
        controller: &dyn Controller,
        paths: Vec<PathBuf>,
        decrypt: bool,
    ) -> Result<Vec<Self>, Failure> {
        Self::read_all(controller, paths, decrypt, 0).await
    }

    /// Reads files of the controller; a content is held in memory up to `held` bytes.
    async fn read_all(
        controller: &dyn Controller,
        paths: Vec<PathBuf>,
        decrypt: bool,
        held: u64,
    ) -> Result<Vec<Self>, Failure> {
        let read = move || {
            let read = |path: PathBuf| match Self::read(&path, held) {
                Ok((source, is_vault)) => Ok((source, Some(path).filter(|_| is_vault))),
                Err(error) => Err(Failure::new(format!("cannot read {}: {error}", path.display()))),
            };
            paths.into_iter().map(read).collect::<Result<Vec<_>, Failure>>()
        };
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.unwrap_or_else(|error| Err(Failure::new(error.to_string())))?;
        let decrypted = |(source, vault): (Self, Option<PathBuf>)| match vault {
            Some(path) if decrypt => {
                let bytes = controller.read(&path)?;
                Ok(Self { mode: source.mode, ..Self::bytes(bytes.to_vec()) })
            }
            _ => Ok(source),
        };
        read.into_iter().map(decrypted).collect()
    }

    /// Reads a file; also tells whether it is a vault.
    fn read(path: &Path, held: u64) -> std::io::Result<(Self, bool)> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let mode = Some(Permissions::new(metadata.permissions().mode()));
        if metadata.len() <= held {
            let mut bytes = vec![];
            file.read_to_end(&mut bytes)?;
            let is_vault = bytes.starts_with(VAULT);
            return Ok((Self { mode, ..Self::bytes(bytes) }, is_vault));
        }
        let mut hash = Sha1::new();
        let length = usize::try_from(metadata.len()).unwrap_or(BLOCK);
        let mut buffer = vec![0; length.clamp(1, BLOCK)];
        let (mut size, mut is_vault) = (0, false);
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                length => {
                    let block = &buffer[..length];
                    is_vault |= size == 0 && block.starts_with(VAULT);
                    hash.update(block);
                    size += length as u64;
                }
            }
        }
        let payload = Payload::Local { path: PathBuf::from(path), size };
        Ok((Self { payload, checksum: hex(&hash.finalize()), mode }, is_vault))
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
