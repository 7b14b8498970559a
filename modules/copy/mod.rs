//! `copy`: see [`Args`], which is also what `rplay doc copy` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::file::{
    Algorithm, FileAttributes, FileKind, Look, Payload, Placement, Seen, Source, WantedFile,
    base_name,
};
use crate::sdk::{
    Arguments, Failure, Mode, Module, Observer, Operator, Plan, Returned, Rule, Search, Side, Value,
};

mod content;
mod directory;

use directory::{Direction, Tree, TreeChange, WantedTree};

const RULES: &[Rule] = &[Rule::Exclusive(&["src", "content"]), Rule::OneOf(&["src", "content"])];

/// Copies files to a host, or gives a file a content written in the playbook.
///
/// A file is sent only where its checksum differs. It is written beside its destination and then
/// put in place at once: readers see the old file or the new one. Where `dest` is a directory the
/// file keeps its name in it. A directory is copied with all that is in it; what is in `dest`
/// besides stays.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// File or directory on the machine that runs rplay, looked for in `files/` when relative; on
    /// the host with `remote_src`. A directory is copied with all that is in it; with a slash at
    /// its end, only what is in it.
    src: Option<String>,
    /// Content instead of a file: text, or a mapping or list, which becomes JSON.
    content: Option<Value>,
    /// Where it must be on the host. With a slash at its end it is a directory, and is made where
    /// it is missing.
    #[arg(alias = "path")]
    dest: String,
    /// Keeps a file that is replaced under another name; returned as `backup_file`, unless `src` is
    /// a directory.
    #[arg(default)]
    backup: bool,
    /// Whether a file that is there and differs is replaced.
    #[arg(default = true, alias = "thirsty")]
    force: bool,
    /// Whether `src` is on the host.
    #[arg(default)]
    remote_src: bool,
    /// Whether a symbolic link at `dest` is followed; else it is replaced by a file.
    #[arg(default)]
    follow: bool,
    /// Whether symbolic links in a directory are copied as what they lead to; else as links.
    #[arg(default = true)]
    local_follow: bool,
    /// Permissions of directories that are made, and of all in a directory that is copied.
    directory_mode: Option<Mode>,
    /// Whether `src` is decrypted where it is a vault.
    #[arg(default = true)]
    decrypt: bool,
    /// SHA-1 that the source must have; for a file only.
    checksum: Option<String>,
    /// Command that must accept the file before it is put in place; `%s` stands for its path. For
    /// a file only.
    validate: Option<String>,
    /// Owner, group and permissions.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// The source, and what stands at the destination.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum State {
    /// Of one file.
    File {
        /// The content it is to have.
        source: Source,
        /// What stands there.
        dest: Box<Seen>,
    },
    /// Of a directory.
    Directory(Box<Tree>),
}

/// What was decided.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Change {
    /// For one file.
    File(Box<Placement>),
    /// For a directory.
    Directory(Box<TreeChange>),
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        if self.remote_src {
            return self.observe_remote(host).await;
        }
        let source = match (&self.content, &self.src) {
            (Some(content), _) => Source::bytes(content::bytes(content)),
            (None, Some(src)) => {
                let path = host.controller().find(Search::Files, src)?;
                if path.is_dir() {
                    self.check_directory()?;
                    let (way, force) = (self.way(src), self.force);
                    let tree = Tree::of_controller(way, &path, self.decrypt, force, host).await?;
                    return Ok(State::Directory(Box::new(tree)));
                }
                Source::local(host.controller(), &path, self.decrypt).await?
            }
            (None, None) => return Err(Failure::new("`src` or `content` is needed")),
        };
        let dest = self.look().content(Side::SHOWN).unless(&source.checksum);
        Ok(State::File { dest: Box::new(dest.see(host).await?), source })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        match now {
            State::File { source, dest } => {
                Ok(self.plan_file(source, dest)?.map(|file| Change::File(Box::new(file))))
            }
            State::Directory(tree) => {
                let wanted = WantedTree {
                    way: self.way(self.src.as_deref().unwrap_or_default()),
                    attributes: &self.attributes,
                    directory_mode: self.directory_mode.as_ref(),
                    force: self.force,
                    backup: self.backup,
                };
                Ok(wanted.plan(tree)?.map(|change| Change::Directory(Box::new(change))))
            }
        }
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        match change {
            Change::File(file) => file.apply(host).await,
            Change::Directory(tree) => tree.apply(host).await,
        }
    }
}

impl Args {
    fn plan_file(&self, source: &Source, dest: &Seen) -> Result<Plan<Placement>, Failure> {
        if let Some(checksum) = self.checksum.as_ref().filter(|c| **c != source.checksum) {
            let found = &source.checksum;
            return Err(Failure::new(format!(
                "the source must have the checksum {checksum}, it has {found}"
            )));
        }
        let wanted = WantedFile {
            source: source.clone(),
            attributes: &self.attributes,
            force: self.force,
            backup: self.backup,
            validate: self.validate.as_deref(),
            follow: self.follow,
            edited: false,
        };
        let plan = wanted.plan(dest)?;
        let returned = source.returned(&plan);
        let plan = plan.returning(match &self.src {
            Some(src) => returned.with("src", src),
            None => returned,
        });
        if !self.dest.ends_with('/') {
            return Ok(Placement::alone(plan));
        }
        let attributes = FileAttributes {
            mode: self.directory_mode.clone(),
            owner: self.attributes.owner.clone(),
            group: self.attributes.group.clone(),
            ..FileAttributes::default()
        };
        Ok(Placement::in_new_directories(plan, dest, &attributes))
    }

    /// The look at a file's destination.
    fn look(&self) -> Look<'_> {
        Look::at(&self.dest)
            .checksum(Algorithm::Sha1)
            .attributes(&self.attributes)
            .inside(self.src.as_deref().map_or("", base_name))
    }

    fn way<'a>(&'a self, src: &'a str) -> Direction<'a> {
        Direction { src, dest: &self.dest, follow: self.local_follow }
    }

    /// Refuses what has a meaning for one file only.
    fn check_directory(&self) -> Result<(), Failure> {
        let given = [
            ("validate", self.validate.is_some()),
            ("checksum", self.checksum.is_some()),
            ("attributes", self.attributes.attributes.is_some()),
            ("unsafe_writes", self.attributes.unsafe_writes),
            ("seuser, serole, setype and selevel", self.attributes.has_context()),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => Err(Failure::new(format!("{name} cannot be given for a directory"))
                .help("copy such files one by one, with a loop")),
            None => Ok(()),
        }
    }

    async fn observe_remote(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let way = self.way(self.src.as_deref().unwrap_or_default());
        let (from, dest, tree) = Tree::see_on_host(way, self.look(), host).await?;
        if let Some(tree) = tree {
            self.check_directory()?;
            return Ok(State::Directory(Box::new(tree)));
        }
        let stat = from.followed().ok_or_else(|| {
            Failure::new(format!("the source {} does not exist on the host", from.path))
                .help("without `remote_src` it is a file of the machine that runs rplay")
        })?;
        if stat.kind != FileKind::File {
            let (path, kind) = (&from.path, stat.kind.word());
            return Err(Failure::new(format!(
                "cannot copy {path}: expected a file or directory, found a {kind}"
            )));
        }
        let checksum = from.checksum.clone().ok_or_else(|| {
            Failure::new(format!("{} may not be read by the task's user", from.path))
                .help("`become: true` reads it as root")
        })?;
        let payload = Payload::Remote { path: from.path.clone(), size: stat.size };
        let source = Source { payload, checksum, mode: Some(stat.mode) };
        Ok(State::File { source, dest: Box::new(dest) })
    }
}
