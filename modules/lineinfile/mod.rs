//! `lineinfile`: see [`Args`], which is also what `rplay doc lineinfile` prints.

mod lines;

use crate::sdk::file::{EditedFile, Placement, Seen};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Presence, Returned, Rule};
use lines::Request;

const RULES: &[Rule] = &[
    Rule::Exclusive(&["insertbefore", "insertafter"]),
    Rule::Exclusive(&["regexp", "search_string"]),
    Rule::Exclusive(&["backrefs", "search_string"]),
    Rule::If("state", "present", &["line"]),
    Rule::OneOf(&["line", "state"]),
    Rule::OneOf(&["line", "regexp", "search_string"]),
];

/// Ensures that a line is in a file, replaces one, or removes lines.
///
/// The last line that `regexp` or `search_string` matches is replaced by `line`. Where none
/// matches, `line` is added unless it is there.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Whether the line must be there, or every line that matches must be gone.
    #[arg(default)]
    state: Presence,
    /// The line; with `backrefs` the groups of the match stand in it as `\1` or `\g<name>`.
    #[arg(alias = "value")]
    line: Option<String>,
    /// Regular expression, in Python's dialect, of the line to replace or remove.
    #[arg(alias = "regex")]
    regexp: Option<String>,
    /// Text that is in the line to replace or remove.
    search_string: Option<String>,
    /// Whether groups of the match stand in `line`; nothing is added then where none matches.
    #[arg(default)]
    backrefs: bool,
    /// Regular expression of the line behind which a new one goes: the last match; or `EOF`.
    insertafter: Option<String>,
    /// Regular expression of the line before which a new one goes: the last match; or `BOF`.
    insertbefore: Option<String>,
    /// Whether the first match counts instead of the last.
    #[arg(default)]
    firstmatch: bool,
    /// Whether a missing file is made, with its directories.
    #[arg(default)]
    create: bool,
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
        let request = Request::new(self)?;
        let text = self.file.text(now)?;
        match (self.state, text) {
            (Presence::Absent, None) => Ok(EditedFile::keep_missing("file not present")),
            (Presence::Absent, Some(text)) => {
                let (edit, found) = request.remove(&text)?;
                Ok(self.file.plan(now, &edit)?.returning(Returned::new().with("found", found)))
            }
            (Presence::Present, None) if !self.create => {
                Err(self.file.missing(now, "create: true makes it"))
            }
            (Presence::Present, text) => {
                self.file.plan(now, &request.insert(&text.unwrap_or_default())?)
            }
        }
    }

    async fn apply(change: Placement, host: &Operator<'_>) -> Result<Returned, Failure> {
        EditedFile::apply(change, host).await
    }
}
