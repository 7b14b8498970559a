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

const RULES: &[Rule] = &[Rule::Exclusive(&["src", "content"]), Rule::OneOf(&["src", "content"])];

/// Copies files to a host, or gives a file a content written in the playbook.
///
/// A file is sent only where its checksum differs. It is written beside its destination and then
/// put in place at once: readers see the old file or the new one. Where `dest` is a directory the
/// file keeps its name in it.
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
    /// Keeps the file that is replaced under another name; returned as `backup_file`.
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
    /// Symbolic links in a directory that is copied are followed: it can only be true.
    #[arg(default = true)]
    local_follow: bool,
    /// Permissions of directories that are made.
    directory_mode: Option<Mode>,
    /// Whether `src` is decrypted where it is a vault.
    #[arg(default = true)]
    decrypt: bool,
    /// SHA-1 that the source must have.
    checksum: Option<String>,
    /// Command that must accept the file before it is put in place; `%s` stands for its path.
    validate: Option<String>,
    /// Owner, group and permissions.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// The source, and what stands at the destination.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    source: Source,
    dest: Seen,
}

impl Module for Args {
    type State = State;
    type Change = Placement;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        if !self.local_follow {
            return Err(Failure::new("links in a directory are copied as what they lead to")
                .help("leave `local_follow` out"));
        }
        let dest = Look::at(&self.dest).checksum(Algorithm::Sha1).attributes(&self.attributes);
        if self.remote_src {
            return self.observe_remote(dest, host).await;
        }
        let source = match (&self.content, &self.src) {
            (Some(content), _) => Source::bytes(content::bytes(content)),
            (None, Some(src)) => {
                let path = host.controller().find(Search::Files, src)?;
                Source::local(host.controller(), &path, self.decrypt).await?
            }
            (None, None) => return Err(Failure::new("`src` or `content` is needed")),
        };
        let name = self.src.as_deref().map_or("", base_name);
        let dest = dest.inside(name).content(Side::SHOWN).unless(&source.checksum);
        Ok(State { dest: dest.see(host).await?, source })
    }

    fn plan(&self, now: &State) -> Result<Plan<Placement>, Failure> {
        if let Some(checksum) = self.checksum.as_ref().filter(|c| **c != now.source.checksum) {
            let found = &now.source.checksum;
            return Err(Failure::new(format!(
                "the source must have the checksum {checksum}, it has {found}"
            )));
        }
        let wanted = WantedFile {
            source: now.source.clone(),
            attributes: &self.attributes,
            force: self.force,
            backup: self.backup,
            validate: self.validate.as_deref(),
            follow: self.follow,
            edited: false,
        };
        let plan = wanted.plan(&now.dest)?.returning(match &self.src {
            Some(src) => Returned::new().with("src", src),
            None => Returned::new(),
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
        Ok(Placement::in_new_directories(plan, &now.dest, &attributes))
    }

    async fn apply(change: Placement, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    async fn observe_remote(&self, dest: Look<'_>, host: &Observer<'_>) -> Result<State, Failure> {
        let src = self.src.as_deref().unwrap_or_default();
        let looks = [Look::at(src).checksum(Algorithm::Sha1), dest.inside(base_name(src))];
        let mut seen = Look::see_all(&looks, host).await?.into_iter();
        let (Some(from), Some(dest)) = (seen.next(), seen.next()) else {
            return Err(Failure::new("the host did not answer for both paths"));
        };
        let stat = from.followed().ok_or_else(|| {
            Failure::new(format!("the source {} does not exist on the host", from.path))
        })?;
        if stat.kind != FileKind::File {
            let (path, kind) = (&from.path, stat.kind.word());
            return Err(Failure::new(format!(
                "cannot copy {path}: expected a file, found a {kind}"
            )));
        }
        let checksum = from
            .checksum
            .clone()
            .ok_or_else(|| Failure::new(format!("{} cannot be read", from.path)))?;
        let payload = Payload::Remote { path: from.path.clone(), size: stat.size };
        Ok(State { source: Source { payload, checksum, mode: Some(stat.mode) }, dest })
    }
}
