//! An archive: what it is, and where.

use std::io::Read;

use serde::{Deserialize, Serialize};

use super::members::Members;
use super::site::Site;
use super::{Args, tarball, zip};
use crate::sdk::file::{Payload, Source};
use crate::sdk::{Controller, Failure, Observer, Search};

/// An archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Archive {
    /// How it is packed.
    pub(super) packing: Packing,
    /// Where it is.
    pub(super) payload: Payload,
}

/// How many bytes tell how an archive is packed.
const HEAD: usize = 6;

/// How an archive is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Packing {
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Zip,
}

impl Packing {
    /// Knows it by its first bytes; what is not known may be an old tar.
    fn of_head(head: &[u8]) -> Self {
        const SIGNS: &[(&[u8], Packing)] = &[
            (b"\x1f\x8b", Packing::Gzip),
            (b"BZh", Packing::Bzip2),
            (b"\xfd7zXZ\0", Packing::Xz),
            (b"\x28\xb5\x2f\xfd", Packing::Zstd),
            (b"PK\x03\x04", Packing::Zip),
            (b"PK\x05\x06", Packing::Zip),
        ];
        let known = SIGNS.iter().find(|(sign, _)| head.starts_with(sign));
        known.map_or(Self::Tar, |(_, packing)| *packing)
    }

    /// What Ansible calls the part of it that unpacks this.
    pub(super) fn handler(self) -> &'static str {
        match self {
            Self::Tar => "TarArchive",
            Self::Gzip => "TgzArchive",
            Self::Bzip2 => "TarBzipArchive",
            Self::Xz => "TarXzArchive",
            Self::Zstd => "TarZstdArchive",
            Self::Zip => "ZipArchive",
        }
    }
}

/// How an archive compares with what is in the directory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Comparison {
    /// Its members, those left out that are not wanted.
    pub(super) names: Vec<String>,
    /// What differs, in words; nothing where it need not be unpacked.
    pub(super) differences: Vec<String>,
    /// Members that are newer in the directory, and are kept.
    pub(super) newer: Vec<String>,
    /// What stands where the members go to.
    pub(super) members: Members,
}

impl Archive {
    /// An archive that is on the host.
    pub(super) fn of_host(site: &Site) -> Result<Self, Failure> {
        let path = &site.src;
        match site.archive_size {
            None => Err(Failure::new(format!(
                "Source '{path}' does not exist, or may not be read by the task's user"
            ))),
            Some(0) => Err(empty(path)),
            Some(length) => Ok(Self {
                packing: Packing::of_head(&site.head.0),
                payload: Payload::Remote { path: site.absolute(path), size: length },
            }),
        }
    }

    /// An archive of the machine that runs rplay.
    pub(super) async fn of_controller(
        args: &Args,
        controller: &dyn Controller,
    ) -> Result<Self, Failure> {
        let src = &args.src;
        if src.contains("://") {
            return Err(Failure::new("a URL is only supported when remote_src is True"));
        }
        let path = controller.find(Search::Files, src)?;
        if path.is_dir() {
            return Err(Failure::new(format!("{src} is a directory, and no archive")));
        }
        let payload = Source::local(controller, &path, args.decrypt).await?.payload;
        if payload.size() == 0 {
            return Err(empty(src));
        }
        let mut head = vec![];
        if let Payload::Bytes(content) = &payload {
            head.extend(content.0.iter().take(HEAD));
        } else {
            std::fs::File::open(&path)
                .and_then(|file| file.take(HEAD as u64).read_to_end(&mut head))
                .map_err(|error| Failure::new(format!("cannot read {src}: {error}")))?;
        }
        Ok(Self { packing: Packing::of_head(&head), payload })
    }

    /// Holds it against what is in the directory.
    pub(super) async fn compare(
        &self,
        args: &Args,
        site: &Site,
        host: &Observer<'_>,
    ) -> Result<Comparison, Failure> {
        match self.packing {
            Packing::Zip => zip::compare(self, args, site, host).await,
            _ => tarball::compare(self, args, site, host).await,
        }
    }
}

fn empty(path: &str) -> Failure {
    Failure::new(format!("Invalid archive '{path}', the file is 0 bytes"))
}
