//! What has to be done, one step after the other.

use serde::Serialize;

use super::times::Timestamp;
use crate::sdk::file::{
    AttributeChange, FileStat, FileWrite, NewDirectories, Permissions, explain, script,
};
use crate::sdk::{Exec, Failure, Operator, Output, Returned};

/// One step: one round trip.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Removes a path and all that is in it.
    Remove(String),
    /// Makes directories.
    Make(NewDirectories),
    /// Makes an empty file.
    Write(Box<FileWrite>),
    /// Makes a link.
    Link {
        /// Its path.
        path: String,
        /// What it leads to.
        src: String,
        /// Whether it is another name of the same file; else it is symbolic.
        hard: bool,
        /// Whether it takes the place of an empty directory.
        replaces_directory: bool,
    },
    /// Sets owner, group and permissions.
    Set {
        /// Of which path.
        path: String,
        /// What is set.
        attributes: AttributeChange,
        /// Whether a symbolic link is followed.
        follow: bool,
    },
    /// Gives many files the same owner.
    Own {
        /// `owner:group` as `chown` takes it.
        ownership: String,
        /// Their paths.
        paths: Vec<String>,
    },
    /// Gives many files the same permissions.
    Permit {
        /// The permissions.
        mode: Permissions,
        /// Their paths.
        paths: Vec<String>,
    },
    /// Sets times.
    Times {
        /// Of which path.
        path: String,
        /// When it was changed last.
        modified: Timestamp,
        /// When it was read last.
        accessed: Timestamp,
        /// Whether a symbolic link is followed.
        follow: bool,
    },
}

impl Step {
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let (doing, path, exec) = match &self {
            Self::Make(directories) => return directories.clone().apply(host).await,
            Self::Write(write) => return write.clone().apply(host).await,
            Self::Set { path, attributes, follow } => {
                return attributes.apply(path, *follow, host).await;
            }
            Self::Remove(path) => {
                ("remove", path.as_str(), Exec::script("rm -rf -- \"$1\"").arg(path))
            }
            Self::Link { path, src, hard, replaces_directory } => {
                let kind = if *hard { "" } else { "-s" };
                let replaces = if *replaces_directory { "1" } else { "" };
                let exec = script(include_str!("link.sh")).args([path, src, kind, replaces]);
                ("make the link", path.as_str(), exec)
            }
            Self::Own { ownership, paths } => {
                ("change the owner of", first(paths), many("owner", ownership, paths))
            }
            Self::Permit { mode, paths } => {
                ("change the mode of", first(paths), many("mode", &mode.for_chmod(), paths))
            }
            Self::Times { path, modified, accessed, follow } => {
                let follow = if *follow { "" } else { "-h" };
                let exec = script(include_str!("times.sh"));
                let args = [path, follow, modified.shown(), accessed.shown()];
                ("set the times of", path.as_str(), exec.args(args))
            }
        };
        let output = host.run(exec).await?;
        if output.success() { Ok(returned(&output)) } else { Err(explain(doing, path, &output)) }
    }
}

/// The path that a failure is about, as far as it is known.
fn first(paths: &[String]) -> &str {
    paths.first().map_or("", String::as_str)
}

fn many(what: &str, value: &str, paths: &[String]) -> Exec {
    let list: Vec<u8> =
        paths.iter().flat_map(|path| path.bytes().chain(std::iter::once(0))).collect();
    Exec::script(include_str!("tree.sh")).args([what, value]).stdin(list)
}

fn returned(output: &Output) -> Returned {
    let stat = FileStat::parse(&output.stdout_text());
    stat.map(|stat| stat.returned()).unwrap_or_default()
}
