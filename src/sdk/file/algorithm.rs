//! Checksums.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::source::hex;

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

impl Algorithm {
    /// The checksum of these bytes, in hexadecimal.
    pub fn sum(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(bytes)),
            Self::Sha1 => hex(&Sha1::digest(bytes)),
            Self::Sha224 => hex(&Sha224::digest(bytes)),
            Self::Sha256 => hex(&Sha256::digest(bytes)),
            Self::Sha384 => hex(&Sha384::digest(bytes)),
            Self::Sha512 => hex(&Sha512::digest(bytes)),
        }
    }

    /// The checksum of a file of the controller, in hexadecimal.
    pub fn sum_file(self, path: &Path) -> io::Result<String> {
        match self {
            Self::Md5 => digest::<Md5>(path),
            Self::Sha1 => digest::<Sha1>(path),
            Self::Sha224 => digest::<Sha224>(path),
            Self::Sha256 => digest::<Sha256>(path),
            Self::Sha384 => digest::<Sha384>(path),
            Self::Sha512 => digest::<Sha512>(path),
        }
    }

    /// How many digits its checksums have.
    pub fn digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha224 => 56,
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }
}

fn digest<D: Digest>(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut block) = (File::open(path)?, D::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex(&hash.finalize())),
            length => hash.update(&block[..length]),
        }
    }
}
