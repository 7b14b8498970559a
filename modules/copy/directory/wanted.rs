//! How a directory must be, once another was copied into it.

use serde_json::json;

use super::change::{Step, TreeChange};
use super::direction::Direction;
use super::entry::{Entry, EntryKind};
use super::manifest::Found;
use super::tree::Tree;
use crate::sdk::file::{
    FileAttributes, FileChange, FileKind, NewDirectories, Permissions, Seen, Source, WantedFile,
};
use crate::sdk::{Diff, Failure, Mode, Plan, Returned};

/// What a task asks for.
#[derive(Debug)]
pub(crate) struct WantedTree<'a> {
    pub(crate) way: Direction<'a>,
    /// Owner, group, and the permissions of files.
    pub(crate) attributes: &'a FileAttributes,
    pub(crate) directory_mode: Option<&'a Mode>,
    pub(crate) force: bool,
    pub(crate) backup: bool,
}

/// What has to be done to one entry, and what it will look like.
type Decision = Option<(Step, Vec<Diff>)>;

impl WantedTree<'_> {
    /// Decides what has to be done.
    pub(crate) fn plan(&self, now: &Tree) -> Result<Plan<TreeChange>, Failure> {
        let path = &now.root.path;
        let refuse =
            |why: String| Failure::new(format!("cannot copy a directory to {path}: {why}"));
        if let Some(obstacle) = &now.root.obstacle {
            return Err(refuse(obstacle.to_string()));
        }
        match now.root.followed() {
            Some(stat) if stat.kind != FileKind::Directory => {
                return Err(refuse(format!("expected a directory, found a {}", stat.kind.word())));
            }
            None if now.root.link.is_some() => {
                return Err(refuse("it is a symbolic link that leads nowhere".to_owned()));
            }
            _ => {}
        }
        let returned =
            Returned::new().with("dest", self.way.returned(path)).with("src", self.way.src);
        let directories = now.root.stat.is_none().then(|| {
            let attributes = self.of_directories(now.source.is_some());
            let mut directories = NewDirectories::to(path, &now.root, &attributes);
            directories.attributes =
                attributes.change(&now.root, None, FileKind::Directory, Some(now.mode));
            directories
        });
        let mut diffs: Vec<Diff> = directories.iter().flat_map(NewDirectories::diffs).collect();
        let mut steps = vec![];
        for entry in &now.entries {
            if let Some((step, more)) = self.entry(entry, now)? {
                steps.push(step);
                diffs.extend(more);
            }
        }
        if steps.is_empty() && directories.is_none() {
            return Ok(Plan::Keep(returned));
        }
        let change =
            TreeChange { root: path.clone(), source: now.source.clone(), directories, steps };
        Ok(Plan::Change { change, diffs, returned })
    }

    /// Owner, group and permissions of directories; those copied on the host keep their own.
    fn of_directories(&self, is_remote: bool) -> FileAttributes {
        let own = || is_remote.then(|| Mode("preserve".to_owned()));
        FileAttributes {
            mode: self.directory_mode.cloned().or_else(own),
            owner: self.attributes.owner.clone(),
            group: self.attributes.group.clone(),
            ..FileAttributes::default()
        }
    }

    fn entry(&self, entry: &Entry, now: &Tree) -> Result<Decision, Failure> {
        let path = format!("{}/{}", now.root.path.trim_end_matches('/'), entry.path);
        let found = now.found.get(&entry.path);
        let seen = Found::seen(found, path, now.root.umask);
        let is_remote = now.source.is_some();
        match &entry.kind {
            EntryKind::Directory { mode } => {
                self.directory(&entry.path, *mode, found, &seen, is_remote)
            }
            EntryKind::File(source) => self.file(&entry.path, source, &seen, is_remote),
            EntryKind::Link { target } => self.link(&entry.path, target, found, &seen),
        }
    }

    fn directory(
        &self,
        path: &str,
        mode: Permissions,
        found: Option<&Found>,
        seen: &Seen,
        is_remote: bool,
    ) -> Result<Decision, Failure> {
        if found.is_some_and(|found| found.leads_to_directory) {
            return Ok(None);
        }
        let now = seen.stat.as_ref();
        if let Some(stat) = now.filter(|stat| stat.kind != FileKind::Directory) {
            return Err(Failure::new(format!(
                "cannot copy a directory to {}: expected a directory, found a {}",
                seen.path,
                stat.kind.word()
            )));
        }
        let attributes = self.of_directories(is_remote && now.is_none());
        let attributes = attributes.change(seen, now, FileKind::Directory, Some(mode));
        let path = path.to_owned();
        if now.is_none() {
            let diff = Diff::state(&seen.path, "absent", "directory");
            return Ok(Some((Step::Directory { path, attributes }, vec![diff])));
        }
        let diff = attributes.diff(&seen.path, now, seen);
        Ok(diff.map(|diff| (Step::Set { path, attributes }, vec![diff])))
    }

    fn file(
        &self,
        path: &str,
        source: &Source,
        seen: &Seen,
        is_remote: bool,
    ) -> Result<Decision, Failure> {
        let same = seen.checksum.as_ref() == Some(&source.checksum);
        let mut attributes = self.attributes.clone();
        // What is copied on the host keeps its permissions, as far as it is copied at all.
        if is_remote && attributes.mode.is_none() && !same {
            attributes.mode = Some(Mode("preserve".to_owned()));
        }
        let wanted = WantedFile {
            source: source.clone(),
            attributes: &attributes,
            force: self.force,
            backup: self.backup,
            validate: None,
            follow: false,
            edited: false,
        };
        let path = path.to_owned();
        Ok(match wanted.plan(seen)? {
            Plan::Keep(_) => None,
            Plan::Change { change: FileChange::Set { attributes, .. }, diffs, .. } => {
                Some((Step::Set { path, attributes }, diffs))
            }
            Plan::Change { change: FileChange::Write(write), diffs, .. } => {
                let step = Step::File {
                    path,
                    payload: write.payload,
                    attributes: write.attributes,
                    before: write.before,
                    backup: write.backup,
                };
                Some((step, diffs))
            }
        })
    }

    fn link(
        &self,
        path: &str,
        target: &str,
        found: Option<&Found>,
        seen: &Seen,
    ) -> Result<Decision, Failure> {
        let full = &seen.path;
        let is_directory = |found: &Found| found.stat.kind == FileKind::Directory;
        if found.is_some_and(is_directory) {
            return Err(Failure::new(format!(
                "cannot make the symbolic link {full}: a directory is in its place"
            )));
        }
        if found.is_some_and(|now| !self.force || now.target.as_deref() == Some(target)) {
            return Ok(None);
        }
        let before = found.map(|now| json!({"state": now.stat.kind.word(), "src": now.target}));
        let diff = Diff::fields(full, &before, &json!({"state": "link", "src": target}));
        let attributes = self.attributes.change(seen, None, FileKind::Link, None);
        let step = Step::Link { path: path.to_owned(), target: target.to_owned(), attributes };
        Ok(Some((step, vec![diff])))
    }
}
