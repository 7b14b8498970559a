//! A directory to be copied, and what stands where it goes.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::direction::Direction;
use super::entry::{Entry, EntryKind};
use super::local::LocalTree;
use super::manifest::{Found, Manifest};
use crate::sdk::file::{Algorithm, Content, FileKind, Look, Payload, Permissions, Seen, Source};
use crate::sdk::{Failure, Observer, Probe};

const LOCAL: Probe = Probe(concat!(include_str!("manifest.sh"), include_str!("local.sh")));
const REMOTE: Probe = Probe(concat!(include_str!("manifest.sh"), include_str!("remote.sh")));

/// What was seen of both sides.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tree {
    /// What stands where the directory goes to.
    pub(super) root: Seen,
    /// The directory, where it is one of the host.
    #[serde(default)]
    pub(super) source: Option<String>,
    /// The directory's own permissions.
    pub(super) mode: Permissions,
    /// What is in it, directories before what is in them.
    pub(super) entries: Vec<Entry>,
    /// What stands where those go to.
    #[serde(default)]
    pub(super) found: Manifest,
}

impl Tree {
    /// Looks at a directory of the controller and at what stands where it goes to: one round
    /// trip, and another for the contents of what is there and differs.
    pub(crate) async fn of_controller(
        way: Direction<'_>,
        path: &Path,
        decrypt: bool,
        force: bool,
        host: &Observer<'_>,
    ) -> Result<Self, Failure> {
        let local = LocalTree::read(host.controller(), path, way.follow, decrypt).await?;
        let input: Vec<u8> = local
            .entries
            .iter()
            .flat_map(|entry| [b"./".to_vec(), Content::from_text(&entry.path).0, vec![0]].concat())
            .collect();
        let dest = way.dest();
        let looks = [Look::at(&dest).inside(way.name())];
        let (seen, output) = Look::see_all_and(&looks, LOCAL, &[], input, host).await?;
        let root = seen.into_iter().next().ok_or_else(|| misunderstood(&dest))?;
        let text = Content(output).to_text();
        let found = Manifest::parse(text.split('\0')).ok_or_else(|| misunderstood(&dest))?;
        let LocalTree { mode, entries } = local;
        let mut tree = Self { root, source: None, mode, entries, found };
        tree.reveal(force, host).await?;
        Ok(tree)
    }

    /// Reads what `remote.sh` prints; none where the source is no directory.
    fn of_host(root: Seen, source: &Seen, output: Vec<u8>) -> Result<Option<Self>, Failure> {
        if source.followed().is_none_or(|stat| stat.kind != FileKind::Directory) {
            return Ok(None);
        }
        let path = &source.path;
        if root.path.starts_with(&format!("{}/", path.trim_end_matches('/'))) {
            return Err(Failure::new(format!("cannot copy {path} into itself: {}", root.path)));
        }
        let text = Content(output).to_text();
        let parts = || {
            let sections: Vec<&str> = text.split('\0').collect();
            let names = sections.iter().position(|section| section.is_empty())?;
            let here = sections.iter().position(|section| *section == "dest")?;
            let there = Manifest::parse(sections.get(names + 1..here)?.iter().copied())?;
            let found = Manifest::parse(sections[here + 1..].iter().copied())?;
            Some((sections[..names].to_vec(), there, found))
        };
        let (mut names, there, found) = parts().ok_or_else(|| misunderstood(path))?;
        names.sort_unstable();
        let mut entries = vec![];
        for name in names.iter().filter_map(|name| name.strip_prefix("./")) {
            // What is not there any more was removed while it was looked at.
            if let Some(found) = there.get(name) {
                let kind = kind(path, name, found)?;
                entries.push(Entry { path: name.to_owned(), kind });
            }
        }
        let mode = there.get(".").map(|found| found.stat.mode).unwrap_or_default();
        Ok(Some(Self { root, source: Some(path.clone()), mode, entries, found }))
    }

    /// The looks at the source and at where it goes to, and the probe that follows them.
    pub(crate) async fn see_on_host(
        way: Direction<'_>,
        file: Look<'_>,
        host: &Observer<'_>,
    ) -> Result<(Seen, Seen, Option<Self>), Failure> {
        let dest = way.dest();
        let source = Look::at(way.src).checksum(Algorithm::Sha1);
        let looks = [source, file, Look::at(&dest).inside(way.name())];
        let args = [way.src, if way.follow { "-L" } else { "" }];
        let (seen, output) = Look::see_all_and(&looks, REMOTE, &args, vec![], host).await?;
        let [source, file, root] =
            <[Seen; 3]>::try_from(seen).map_err(|_| misunderstood(way.src))?;
        let tree = Self::of_host(root, &source, output)?;
        Ok((source, file, tree))
    }
}

fn misunderstood(path: &str) -> Failure {
    Failure::new(format!("the host's answer about what is in {path} is not understood"))
        .help("rplay needs `find`, `xargs`, `stat` and `sha1sum`: GNU's or BusyBox's")
}

/// What cannot be copied.
pub(super) fn no_file(path: &str, kind: FileKind) -> Failure {
    Failure::new(format!(
        "cannot copy {path}: expected a file or directory, found a {}",
        kind.word()
    ))
}

fn kind(source: &str, name: &str, found: &Found) -> Result<EntryKind, Failure> {
    if let Some(target) = &found.target {
        return Ok(EntryKind::Link { target: target.clone() });
    }
    let path = format!("{source}/{name}");
    match found.stat.kind {
        FileKind::Directory => Ok(EntryKind::Directory { mode: found.stat.mode }),
        FileKind::File => {
            let checksum = found
                .checksum
                .clone()
                .ok_or_else(|| Failure::new(format!("{path} cannot be read")))?;
            let payload = Payload::Remote { path: name.to_owned(), size: found.stat.size };
            Ok(EntryKind::File(Source { payload, checksum, mode: Some(found.stat.mode) }))
        }
        kind => Err(no_file(&path, kind)),
    }
}
