//! How a task ended on a host.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seconds;
use crate::base::{Diff, Place, Redactor, Side};
use crate::value::Fields;

/// The ways a task can end on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HostResult {
    /// In one word.
    pub status: Status,
    /// Why, where it did not simply end well: the failure, the reason for skipping.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What the user can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What the task returned: what `register` keeps.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub returned: Fields,
    /// What is different, or would be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diffs: Vec<Diff>,
    /// Whether what is different is to be shown, where the task says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<bool>,
    /// Whether a failure is passed over because the task says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
    /// The host the work was done on, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated_to: Option<String>,
    /// Whether results are withheld (`no_log`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Whether the user asked to see what was returned (`debug`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verbose: bool,
    /// Where the failure stands, where that is known more exactly than the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// The lines of the file up to that place, for failures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excerpt: Vec<String>,
    /// How long it took; in seconds when written.
    #[serde(default, with = "seconds")]
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
            diff: None,
            ignored: false,
            delegated_to: None,
            hidden: false,
            verbose: false,
            at: None,
            excerpt: vec![],
            duration: Duration::ZERO,
        }
    }

    /// Takes out all that the task returned, for `no_log`.
    pub fn withhold(&mut self) {
        const WITHHELD: &str = "the output has been hidden: the task says `no_log`";
        if self.status.is_failure() {
            WITHHELD.clone_into(&mut self.message);
            self.help = None;
        }
        self.returned.retain(|name, _| matches!(name.as_str(), "changed" | "failed" | "skipped"));
        self.returned.insert("censored".to_owned(), WITHHELD.into());
        self.excerpt.clear();
        self.diffs.clear();
        self.excerpt.clear();
    }

    /// Masks every secret in it.
    pub(super) fn redact(&mut self, redactor: &Redactor) {
        self.message = redactor.redact(&self.message).into_owned();
        self.help = self.help.as_ref().map(|help| redactor.redact(help).into_owned());
        for line in &mut self.excerpt {
            *line = redactor.redact(line).into_owned();
        }
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
