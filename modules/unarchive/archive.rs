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
    /// Knows it by its first bytes, in hexadecimal; what is not known may be an old tar.
    fn of_head(head: &str) -> Self {
        const SIGNS: &[(&str, Packing)] = &[
            ("1f8b", Packing::Gzip),
            ("425a68", Packing::Bzip2),
            ("fd377a585a00", Packing::Xz),
            ("28b52ffd", Packing::Zstd),
            ("504b0304", Packing::Zip),
            ("504b0506", Packing::Zip),
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
        match site.size {
            None => Err(Failure::new(format!(
                "Source '{path}' does not exist, or may not be read by the task's user"
            ))),
            Some(0) => Err(empty(path)),
            Some(size) => Ok(Self {
                packing: Packing::of_head(&site.head),
                payload: Payload::Remote { path: site.from_there(path), size },
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
        match &payload {
            Payload::Bytes(content) => head.extend(content.0.iter().take(262)),
            _ => {
                let read = std::fs::File::open(&path)
                    .and_then(|file| file.take(262).read_to_end(&mut head));
                read.map_err(|error| Failure::new(format!("cannot read {src}: {error}")))?;
            }
        }
        let head: String = head.iter().map(|byte| format!("{byte:02x}")).collect();
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
