//! How a task ended on a host.

use std::time::Duration;

use serde::Serialize;

use crate::base::{Diff, Redactor, Side, Span};
use crate::value::Fields;

/// The ways a task can end on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The host was as it should be.
    Ok,
    /// The host was changed, or would be.
    Changed,
    /// The task was not for this host.
    Skipped,
    /// The task failed.
    Failed,
    /// The host could not be reached; nothing was started on it.
    Unreachable,
    /// The connection broke while the task ran; whether it was done is not known.
    Unknown,
}

impl Status {
    /// Whether the host takes no further part unless the failure is ignored or rescued.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Unreachable | Self::Unknown)
    }
}

/// How a task ended on a host.
#[derive(Debug, Clone, Serialize)]
pub struct HostResult {
    /// In one word.
    pub status: Status,
    /// Why, where it did not simply end well: the failure, the reason for skipping.
    pub message: String,
    /// What the user can do about it.
    pub help: Option<String>,
    /// What the task returned: what `register` keeps.
    pub returned: Fields,
    /// What is different, or would be.
    pub diffs: Vec<Diff>,
    /// Whether a failure is passed over because the task says so.
    pub ignored: bool,
    /// The host the work was done on, where it is another one.
    pub delegated_to: Option<String>,
    /// Whether results are withheld (`no_log`).
    pub hidden: bool,
    /// Whether the user asked to see what was returned (`debug`).
    pub verbose: bool,
    /// Where the failure stands, where that is known more exactly than the task.
    pub at: Option<Span>,
    /// How long it took.
    pub duration: Duration,
}

impl HostResult {
    /// A result with nothing to say but its status.
    pub fn new(status: Status) -> Self {
        Self {
            status,
            message: String::new(),
            help: None,
            returned: Fields::new(),
            diffs: vec![],
            ignored: false,
            delegated_to: None,
            hidden: false,
            verbose: false,
            at: None,
            duration: Duration::ZERO,
        }
    }

    /// Masks every secret in it.
    pub(super) fn redact(&mut self, redactor: &Redactor) {
        self.message = redactor.redact(&self.message).into_owned();
        self.help = self.help.as_ref().map(|help| redactor.redact(help).into_owned());
        self.returned.values_mut().for_each(|value| redactor.redact_value(value));
        for diff in &mut self.diffs {
            diff.subject = redactor.redact(&diff.subject).into_owned();
            for side in [&mut diff.before, &mut diff.after] {
                match side {
                    Side::Text(text) => *text = redactor.redact(text).into_owned(),
                    Side::Fields(value) => redactor.redact_value(value),
                    Side::Command(argv) => {
                        for word in argv {
                            *word = redactor.redact(word).into_owned();
                        }
                    }
                    Side::Absent | Side::Opaque { .. } => {}
                }
            }
        }
    }
}
