//! What has to be done so that a directory holds what another does.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::archive::{Archive, Member};
use crate::sdk::file::{AttributeChange, Content, NewDirectories, Payload, explain, script};
use crate::sdk::{Exec, Failure, Operator, Returned};

/// What was decided for a whole directory, in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TreeChange {
    /// The directory.
    pub(super) root: String,
    /// The directory of the host that files are taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    /// The directories to be made on the way, and itself, where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) directories: Option<NewDirectories>,
    /// What has to be done in it, to directories before what is in them.
    pub(super) steps: Vec<Step>,
}

/// What has to be done at one path below the directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// A directory is made.
    Directory { path: String, attributes: AttributeChange },
    /// A file is written; `before` is the `uid:gid` of the one it replaces, and `backup` whether
    /// that is kept.
    File {
        path: String,
        payload: Payload,
        attributes: AttributeChange,
        before: String,
        backup: bool,
    },
    /// A symbolic link is made.
    Link { path: String, target: String, attributes: AttributeChange },
    /// Owner, group or permissions of what is there are set.
    Set { path: String, attributes: AttributeChange },
}

impl TreeChange {
    /// Does it.
    pub(crate) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let output = host.run(self.exec()?).await?;
        if output.success() {
            Ok(Returned::new())
        } else {
            Err(explain("copy a directory to", &self.root, &output))
        }
    }

    fn exec(&self) -> Result<Exec, Failure> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|error| Failure::new(format!("no random numbers: {error}")))?;
        let new = format!(".rplay-{:016x}", u64::from_ne_bytes(random));
        let mut work = Work::new(&new, &self.steps);
        for step in self.steps.iter().rev() {
            work.add(step);
        }
        let made = self.directories.as_ref();
        let outermost = made.and_then(|made| made.paths.first());
        let attributes = made.map(|made| made.attributes.clone()).unwrap_or_default();
        for path in made.iter().flat_map(|made| made.paths.iter().rev()) {
            work.list(Verb::Open, attributes.chmod(), path);
        }
        let exec = script(include_str!("place.sh"))
            .args([&self.root, &new, self.source.as_deref().unwrap_or_default()])
            .arg(outermost.map_or("", String::as_str))
            .arg(attributes.ownership());
        Ok(work.finish(exec))
    }
}

/// Kinds of work, in the order in which they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    /// Files of the host are copied into a new directory.
    Fetch,
    /// New files get the owner of those they replace, where the task's user may do that.
    TryOwn,
    /// New files get the SELinux context of those they replace.
    Label,
    /// New files and directories get an owner.
    Own,
    /// New files get their permissions.
    Permit,
    /// Files that are replaced are kept under another name.
    Keep,
    /// What is new is put into the directory it belongs in.
    Move,
    /// New directories get their permissions, which may be such that they can be moved no more.
    PermitDirectories,
    /// What is there gets an owner. This takes set-user-id away, so that it comes before permissions.
    SetOwner,
    /// What is there gets permissions.
    SetMode,
    /// The directories made on the way get their permissions.
    Open,
}

impl Verb {
    /// What `place.sh` calls it.
    fn word(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::TryOwn => "try_own",
            Self::Label => "label",
            Self::Own | Self::SetOwner => "own",
            Self::Permit | Self::PermitDirectories | Self::SetMode => "permit",
            Self::Keep => "keep",
            Self::Move => "move",
            Self::Open => "open",
        }
    }
}

/// All that is done by one script: each kind of work with its value, and the paths it is done to.
struct Work<'a> {
    /// The directory that everything new is made in.
    new: &'a str,
    new_directories: HashSet<&'a str>,
    /// The directories in the archive.
    directories: BTreeSet<String>,
    members: Vec<Member>,
    lists: BTreeMap<(Verb, String), Vec<u8>>,
}

impl<'a> Work<'a> {
    fn new(new: &'a str, steps: &'a [Step]) -> Self {
        let directory = |step: &'a Step| match step {
            Step::Directory { path, .. } => Some(path.as_str()),
            _ => None,
        };
        Self {
            new,
            new_directories: steps.iter().filter_map(directory).collect(),
            directories: BTreeSet::new(),
            members: vec![],
            lists: BTreeMap::new(),
        }
    }

    /// Adds a step; those within a directory before the directory's own, so that a permission
    /// taken from it keeps nobody out of what is still to be done in it.
    fn add(&mut self, step: &Step) {
        match step {
            Step::Directory { path, attributes } => {
                self.directories.insert(path.clone());
                self.staged(path, attributes);
                self.list(Verb::PermitDirectories, attributes.chmod(), &format!("./{path}"));
            }
            Step::File { path, payload, attributes, before, backup } => {
                let here = format!("./{path}");
                if let Payload::Remote { .. } = payload {
                    let into = format!("{}/tree/{}", self.new, in_directory(path));
                    self.list(Verb::Fetch, into, &here);
                } else {
                    let path = format!("tree/{path}");
                    self.members.push(Member::File { path, payload: payload.clone() });
                }
                if !before.is_empty() {
                    self.list(Verb::TryOwn, before.clone(), &self.beside(path));
                    self.list(Verb::Label, format!("{}/tree", self.new), &here);
                }
                if *backup {
                    self.list(Verb::Keep, "~".to_owned(), &here);
                }
                self.list(Verb::Permit, attributes.chmod(), &self.beside(path));
                self.staged(path, attributes);
            }
            Step::Link { path, target, attributes } => {
                let target = target.clone();
                self.members.push(Member::Link { path: format!("tree/{path}"), target });
                self.staged(path, attributes);
            }
            Step::Set { path, attributes } => {
                let path = format!("./{path}");
                self.list(Verb::SetOwner, attributes.ownership(), &path);
                self.list(Verb::SetMode, attributes.chmod(), &path);
            }
        }
    }

    /// Something new, which goes to its place by itself unless the directory it is in is new too.
    fn staged(&mut self, path: &str, attributes: &AttributeChange) {
        let beside = self.beside(path);
        self.list(Verb::Own, attributes.ownership(), &beside);
        let parent = in_directory(path).trim_end_matches('/');
        if !self.new_directories.contains(parent) {
            self.list(Verb::Move, format!("./{}", in_directory(path)), &beside);
        }
        let above = parent.match_indices('/').map(|(end, _)| &parent[..end]).chain([parent]);
        self.directories.extend(above.filter(|path| !path.is_empty()).map(str::to_owned));
    }

    /// Adds a path to those that a kind of work is done to; nothing to do where no value is set.
    fn list(&mut self, verb: Verb, value: String, path: &str) {
        if value.is_empty() {
            return;
        }
        let list = self.lists.entry((verb, value)).or_default();
        list.extend(Content::from_text(path).0);
        list.push(0);
    }

    /// Where something new is made.
    fn beside(&self, path: &str) -> String {
        format!("./{}/tree/{path}", self.new)
    }

    /// Gives a script the work that is to be done.
    fn finish(self, mut exec: Exec) -> Exec {
        let mut members = vec![];
        let directories = ["lists", "tree"].map(str::to_owned).into_iter();
        let in_tree = self.directories.iter().map(|path| format!("tree/{path}"));
        members.extend(directories.chain(in_tree).map(|path| Member::Directory { path }));
        for (number, ((verb, value), list)) in self.lists.into_iter().enumerate() {
            let number = number.to_string();
            exec = exec.arg(verb.word()).arg(Content::from_text(&value).0).arg(&number);
            let payload = Payload::Bytes(Content(list));
            members.push(Member::File { path: format!("lists/{number}"), payload });
        }
        members.extend(self.members.into_iter().rev());
        exec.stdin_made(Archive(members))
    }
}

/// The directory that a path lies in, with a slash at its end; empty for the topmost.
fn in_directory(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}
