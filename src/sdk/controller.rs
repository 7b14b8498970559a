//! What a module may ask of the machine that runs rplay.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

use super::{Failure, Host};
use crate::value::Value;

/// Where a relative path of a task is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// `files/` of the role and of the playbook's folder, then the folders themselves.
    Files,
    /// `templates/`, likewise.
    Templates,
}

impl Search {
    /// The folder's name.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Templates => "templates",
        }
    }
}

/// How a template file is rendered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderOptions {
    /// `{%` unless given.
    pub block_start: Option<String>,
    /// `%}` unless given.
    pub block_end: Option<String>,
    /// `{{` unless given.
    pub variable_start: Option<String>,
    /// `}}` unless given.
    pub variable_end: Option<String>,
    /// `{#` unless given.
    pub comment_start: Option<String>,
    /// `#}` unless given.
    pub comment_end: Option<String>,
    /// Whether the newline after a block is dropped; it is unless told otherwise.
    pub trim_blocks: Option<bool>,
    /// Whether the blanks before a block are dropped.
    pub lstrip_blocks: bool,
    /// What ends a line in the result: `\n` unless given.
    pub newline_sequence: Option<String>,
    /// Where the result goes to on the host; the template knows it as `template_destpath`.
    pub destination: Option<String>,
}

/// Another host, later.
pub type Peer<'a> = Pin<Box<dyn Future<Output = Result<Host, Failure>> + Send + 'a>>;

/// A wait.
pub type Pause<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The machine that runs rplay, as far as a task of one host may use it. It is changed only by
/// what `fetch` stores.
pub trait Controller: Send + Sync {
    /// The host's name in the inventory.
    fn hostname(&self) -> &str;

    /// A file of the project; the failure lists where it was looked for.
    fn find(&self, search: Search, name: &str) -> Result<PathBuf, Failure>;

    /// The path that is meant by a name: below the playbook's folder when relative, and with `~`
    /// for the home of who runs rplay. Nothing need stand there.
    fn locate(&self, name: &str) -> PathBuf;

    /// A file's content, decrypted when it is a vault.
    fn read(&self, path: &Path) -> Result<Bytes, Failure>;

    /// A template rendered with the task's variables.
    fn render(&self, path: &Path, options: &RenderOptions) -> Result<String, Failure>;

    /// A variable of the host, rendered; `None` where it is undefined.
    fn variable(&self, name: &str) -> Result<Option<Value>, Failure>;

    /// The same of another host.
    fn variable_of(&self, host: &str, name: &str) -> Result<Option<Value>, Failure>;

    /// The hosts of a group or pattern, in inventory order; `None` when there is no such group.
    fn hosts_of(&self, pattern: &str) -> Option<Vec<String>>;

    /// Whether a host has failed in this play, so that waiting for it is in vain.
    fn has_failed(&self, host: &str) -> bool;

    /// Whether a host could not be reached in this play, so that asking it is in vain.
    fn is_unreachable(&self, host: &str) -> bool;

    /// Waits a while for what another host does, and lets other hosts work meanwhile: however few
    /// may work at the same time, the one that is waited for gets its turn.
    fn pause(&self, time: Duration) -> Pause<'_>;

    /// Another host of the inventory, reached with its own variables and with this task's
    /// `become`.
    fn peer<'a>(&'a self, host: &'a str) -> Peer<'a>;
}
