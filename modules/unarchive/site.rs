//! The place into which an archive is unpacked.

use serde::{Deserialize, Serialize};

use super::Args;
use crate::sdk::file::{Content, FileKind, Look, Seen};
use crate::sdk::{Failure, Observer, Probe};

/// What was seen before the archive is looked into.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Site {
    /// The directory.
    pub(super) dest: Seen,
    /// Whether the file of `creates` is there.
    pub(super) created: bool,
    /// Who works there: the numbers of user and group.
    pub(super) user: (u32, u32),
    /// The directory that relative paths start from.
    pub(super) start: String,
    /// The path of GNU's tar; empty where the host has none.
    pub(super) tar: String,
    /// The archive on the host, expanded.
    pub(super) src: String,
    /// Its size in bytes; none where it cannot be read.
    pub(super) archive_size: Option<u64>,
    /// Its first bytes.
    pub(super) head: Content,
}

impl Site {
    pub(super) async fn look(args: &Args, src: &str, host: &Observer<'_>) -> Result<Self, Failure> {
        const LOOK: Probe = Probe(include_str!("site.sh"));
        let words = [src, args.creates.as_deref().unwrap_or_default()];
        let looks = [Look::at(&args.dest)];
        let (seen, output) = Look::see_all_and(&looks, LOOK, &words, vec![], host).await?;
        let dest = seen.into_iter().next().unwrap_or_default();
        let text = Content(output).to_text();
        // The first bytes may hold NUL.
        let fields: Vec<&str> = text.splitn(7, '\0').collect();
        let [created, user, start, tar, src, size, head] = fields[..] else {
            return Err(Failure::new("the host's answer about the archive is not understood"));
        };
        let number = |text: &str| text.parse().unwrap_or_default();
        let (uid, gid) = user.split_once(':').unwrap_or_default();
        Ok(Self {
            dest,
            created: !created.is_empty(),
            user: (number(uid), number(gid)),
            start: start.to_owned(),
            tar: tar.to_owned(),
            src: src.to_owned(),
            archive_size: size.trim().parse().ok(),
            head: Content::from_text(head),
        })
    }

    /// Whether anything can be unpacked here.
    pub(super) fn check(&self, args: &Args) -> Result<(), Failure> {
        let is_directory =
            self.dest.followed().is_some_and(|stat| stat.kind == FileKind::Directory);
        if is_directory {
            return Ok(());
        }
        Err(Failure::new(format!("dest '{}' must be an existing dir", args.dest))
            .help("create it first: a task `file` with `state: directory`"))
    }

    /// The directory as an absolute path.
    pub(super) fn directory(&self) -> String {
        self.absolute(&self.dest.path)
    }

    /// A path of the host as an absolute one.
    pub(super) fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        format!("{}/{path}", self.start.trim_end_matches('/'))
    }
}
