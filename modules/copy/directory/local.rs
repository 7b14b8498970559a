//! What a directory of the controller holds.

use std::collections::HashSet;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::entry::{Entry, EntryKind};
use crate::sdk::file::{Content, FileKind, Permissions, Source};
use crate::sdk::{Controller, Failure};

/// A directory of the controller, walked through.
pub(super) struct LocalTree {
    /// Its own permissions.
    pub(super) mode: Permissions,
    /// All that is in it, directories before what is in them.
    pub(super) entries: Vec<Entry>,
}

impl LocalTree {
    /// Walks through a directory and sums up its files; symbolic links are followed or not.
    pub(super) async fn read(
        controller: &dyn Controller,
        path: &Path,
        follow: bool,
        decrypt: bool,
    ) -> Result<Self, Failure> {
        let top = path.to_owned();
        let walk = tokio::task::spawn_blocking(move || Walk::through(&top, follow));
        let walk = walk.await.unwrap_or_else(|error| Err(Failure::new(error.to_string())))?;
        let file = |(_, found): &(String, Found)| match found {
            Found::File(path) => Some(path.clone()),
            Found::Directory(_) | Found::Link(_) => None,
        };
        let files = walk.found.iter().filter_map(file).collect();
        let mut sources = Source::local_all(controller, files, decrypt).await?.into_iter();
        let entry = |(path, found)| {
            let kind = match found {
                Found::Directory(mode) => EntryKind::Directory { mode },
                Found::Link(target) => EntryKind::Link { target },
                Found::File(_) => EntryKind::File(sources.next()?),
            };
            Some(Entry { path, kind })
        };
        let entries = walk.found.into_iter().filter_map(entry).collect();
        Ok(Self { mode: walk.mode, entries })
    }
}

enum Found {
    Directory(Permissions),
    Link(String),
    File(PathBuf),
}

/// A walk through a directory.
struct Walk {
    follow: bool,
    mode: Permissions,
    found: Vec<(String, Found)>,
}

impl Walk {
    fn through(top: &Path, follow: bool) -> Result<Self, Failure> {
        let metadata = std::fs::metadata(top).map_err(|error| unreadable(top, &error))?;
        let mut walk = Self { follow, mode: permissions(&metadata), found: vec![] };
        walk.directory(top, "", &mut HashSet::from([identity(&metadata)]))?;
        Ok(walk)
    }

    /// Walks through one directory; `above` are those it lies in, and itself.
    fn directory(
        &mut self,
        directory: &Path,
        below: &str,
        above: &mut HashSet<(u64, u64)>,
    ) -> Result<(), Failure> {
        let names: io::Result<Vec<_>> = std::fs::read_dir(directory)
            .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
        let mut names = names.map_err(|error| unreadable(directory, &error))?;
        names.sort();
        for name in names {
            let shown = Content(name.as_bytes().to_vec()).to_text();
            let relative = if below.is_empty() { shown } else { format!("{below}/{shown}") };
            self.entry(&directory.join(name), relative, above)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        path: &Path,
        relative: String,
        above: &mut HashSet<(u64, u64)>,
    ) -> Result<(), Failure> {
        let fault = |error| unreadable(path, &error);
        let mut metadata = std::fs::symlink_metadata(path).map_err(fault)?;
        if metadata.is_symlink() {
            // One that leads nowhere, or to a directory that it lies in, cannot be followed.
            let followed = std::fs::metadata(path).ok().filter(|_| self.follow);
            let Some(to) = followed.filter(|to| !(to.is_dir() && above.contains(&identity(to))))
            else {
                let target = std::fs::read_link(path).map_err(fault)?;
                let target = Content(target.as_os_str().as_bytes().to_vec()).to_text();
                self.found.push((relative, Found::Link(target)));
                return Ok(());
            };
            metadata = to;
        }
        if metadata.is_dir() {
            self.found.push((relative.clone(), Found::Directory(permissions(&metadata))));
            above.insert(identity(&metadata));
            self.directory(path, &relative, above)?;
            above.remove(&identity(&metadata));
            return Ok(());
        }
        if let Some(kind) = special(&metadata) {
            return Err(super::tree::no_file(&path.display().to_string(), kind));
        }
        self.found.push((relative, Found::File(path.to_owned())));
        Ok(())
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot read {}: {error}", path.display()))
}

fn permissions(metadata: &Metadata) -> Permissions {
    Permissions::new(metadata.mode())
}

/// What tells a directory from every other.
fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn special(metadata: &Metadata) -> Option<FileKind> {
    let kind = metadata.file_type();
    let kinds = [
        (kind.is_fifo(), FileKind::Fifo),
        (kind.is_socket(), FileKind::Socket),
        (kind.is_char_device(), FileKind::Character),
        (kind.is_block_device(), FileKind::Block),
    ];
    kinds.into_iter().find_map(|(is, kind)| is.then_some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn walked(top: &Path, follow: bool) -> String {
        let found = Walk::through(top, follow).unwrap().found;
        let line = |(path, found): (String, Found)| match found {
            Found::Directory(_) => format!("{path}/"),
            Found::Link(target) => format!("{path} -> {target}"),
            Found::File(_) => path,
        };
        found.into_iter().map(line).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn links_are_followed_where_that_comes_to_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        std::fs::create_dir_all(top.join("a/b")).unwrap();
        std::fs::create_dir(top.join("empty")).unwrap();
        std::fs::write(top.join("a/b/file"), "").unwrap();
        symlink("nowhere", top.join("dangling")).unwrap();
        symlink("..", top.join("a/up")).unwrap();
        symlink("a/b", top.join("z")).unwrap();
        symlink("a/b/file", top.join("y")).unwrap();
        assert_eq!(
            walked(top, true),
            "a/, a/b/, a/b/file, a/up -> .., dangling -> nowhere, empty/, y, z/, z/file"
        );
        assert_eq!(
            walked(top, false),
            "a/, a/b/, a/b/file, a/up -> .., dangling -> nowhere, empty/, y -> a/b/file, z -> a/b"
        );
    }
}
