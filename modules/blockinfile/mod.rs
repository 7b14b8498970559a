//! `blockinfile`: see [`Args`], which is also what `rplay doc blockinfile` prints.

mod block;

use crate::sdk::file::{EditedFile, Placement, Seen};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Presence, Returned, Rule};

const RULES: &[Rule] = &[Rule::Exclusive(&["insertbefore", "insertafter"])];

/// Ensures that a block of lines stands in a file, between two lines that mark it.
///
/// Everything between the marks is replaced. An empty block, or `state: absent`, removes it with
/// its marks.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Whether the block must be there.
    #[arg(default)]
    state: Presence,
    /// The lines of the block.
    #[arg(default, alias = "content")]
    block: String,
    /// The lines around the block; `{mark}` stands for `marker_begin` and `marker_end`.
    #[arg(default = "# {mark} ANSIBLE MANAGED BLOCK")]
    marker: String,
    /// What stands for `{mark}` before the block.
    #[arg(default = "BEGIN")]
    marker_begin: String,
    /// What stands for `{mark}` behind the block.
    #[arg(default = "END")]
    marker_end: String,
    /// Regular expression of the line behind which a new block goes: the last match; or `EOF`.
    insertafter: Option<String>,
    /// Regular expression of the line before which a new block goes: the last match; or `BOF`.
    insertbefore: Option<String>,
    /// Whether a blank line is added behind the block.
    #[arg(default)]
    append_newline: bool,
    /// Whether a blank line is added before the block.
    #[arg(default)]
    prepend_newline: bool,
    /// Whether a missing file is made, with its directories.
    #[arg(default)]
    create: bool,
    /// Encoding of the file. Only the marks and the block are text to this module: every encoding
    /// that contains ASCII does.
    #[expect(dead_code, reason = "bytes stay as they are")]
    encoding: Option<String>,
    /// The file.
    #[arg(flatten)]
    file: EditedFile,
}

impl Module for Args {
    type State = Seen;
    type Change = Placement;

    async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        self.file.observe(host).await
    }

    fn plan(&self, now: &Seen) -> Result<Plan<Placement>, Failure> {
        let text = self.file.text(now)?;
        if text.is_none() && !self.create {
            if self.state == Presence::Absent {
                return Ok(EditedFile::keep_missing("file not present"));
            }
            return Err(self.file.missing(now, "create: true makes it"));
        }
        self.file.plan(now, &self.edit(text.as_deref())?)
    }

    async fn apply(change: Placement, host: &Operator<'_>) -> Result<Returned, Failure> {
        EditedFile::apply(change, host).await
    }
}
