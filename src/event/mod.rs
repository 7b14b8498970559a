//! What happens in a run, as data: the seam between the engine and those who show it.

mod recording;
mod result;
mod seconds;
mod stats;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::{Place, Redactor};

pub use recording::{Header, Recording, RecordingError};
pub use result::{HostResult, Status};
pub use stats::{HostStats, Stats};

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// Counts from 1, without gaps.
    pub number: u64,
    /// Since the run began; in seconds when written.
    #[serde(with = "seconds")]
    pub elapsed: Duration,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// A task as events name it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRef {
    /// Counts the tasks started in this run, from 1; two rounds of one task have two.
    pub id: u32,
    /// Its name, rendered; the module where it has none.
    pub name: String,
    /// The module or action.
    pub action: String,
    /// The role it belongs to.
    pub role: Option<String>,
    /// Whether it is a handler.
    pub handler: bool,
    /// Whether it leaves hosts as they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check: bool,
    /// Where it stands.
    pub at: Option<Place>,
}

/// The kinds of thing that happen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// A run begins.
    RunStarted {
        /// The playbooks, or the ad-hoc module.
        what: Vec<String>,
        /// Whether hosts are left as they are.
        check: bool,
    },
    /// A playbook begins.
    PlaybookStarted {
        /// Its path.
        path: String,
        /// How many plays it has, those of imported ones among them.
        plays: usize,
    },
    /// A play begins, or its next batch of hosts.
    PlayStarted {
        /// Its name, or its host pattern.
        name: String,
        /// Its hosts, in inventory order.
        hosts: Vec<String>,
        /// Whether its hosts go on without waiting for each other.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        free: bool,
        /// Whether it leaves hosts as they are.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        check: bool,
        /// Where it stands.
        at: Option<Place>,
    },
    /// A play has no host.
    PlaySkipped {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A play cannot be begun: its own keywords are at fault.
    PlayFailed {
        /// Why.
        message: String,
        /// What the user can do.
        help: Option<String>,
        /// Where.
        at: Option<Place>,
    },
    /// A task begins on the first of its hosts.
    TaskStarted {
        /// The task.
        task: TaskRef,
    },
    /// A host begins a task.
    HostStarted {
        /// The task.
        task: u32,
        /// The host.
        host: String,
    },
    /// One item of a task's loop has ended on a host.
    ItemFinished {
        /// The task.
        task: TaskRef,
        /// The host.
        host: String,
        /// The item as it is shown.
        label: String,
        /// How it ended.
        result: Box<HostResult>,
    },
    /// A task has ended on a host.
    HostFinished {
        /// The task.
        task: TaskRef,
        /// The host.
        host: String,
        /// How it ended.
        result: Box<HostResult>,
    },
    /// Hosts go on with the tasks of a file or of a role.
    Included {
        /// The file, or the name of the role.
        what: String,
        /// The hosts.
        hosts: Vec<String>,
        /// The item of the loop it belongs to, as it is shown.
        label: Option<String>,
    },
    /// A task that acts on the run itself did so, or did not.
    Meta {
        /// The task.
        task: TaskRef,
        /// The host it was for; nothing: all of the play.
        host: Option<String>,
        /// What it did, or why it did not, for people.
        message: String,
        /// Whether its condition did not hold.
        skipped: bool,
        /// Whether it is written nowhere: the end of a section runs handlers.
        implicit: bool,
    },
    /// The last failure of a host was taken care of by a `rescue`.
    Rescued {
        /// The host.
        host: String,
    },
    /// A try of a task with `until` or `retries` failed, and it will be tried again.
    Retrying {
        /// The task.
        task: TaskRef,
        /// The host.
        host: String,
        /// How many tries are left.
        left: u32,
        /// Why this one did not do.
        reason: String,
    },
    /// Something the user should know of, such as a construct no longer in use.
    Notice {
        /// The text, rendered.
        text: String,
        /// Its one sentence, where the text is a whole message with places and help.
        brief: Option<String>,
    },
    /// The run is over.
    RunFinished {
        /// What became of each host.
        stats: Stats,
        /// Whether the user broke it off.
        interrupted: bool,
    },
}

/// A value that has passed the redactor: the only form in which reporters get one.
///
/// That an unmasked secret does not reach an output is so a matter of types. What is read from a
/// recording was masked when it was recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shown<T>(T);

impl<T> std::ops::Deref for Shown<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl Shown<Event> {
    /// Masks every secret in an event.
    pub fn event(mut event: Event, redactor: &Redactor) -> Self {
        let mask = |text: &mut String| {
            if let std::borrow::Cow::Owned(masked) = redactor.redact(text) {
                *text = masked;
            }
        };
        match &mut event.kind {
            EventKind::RunStarted { what, .. } => what.iter_mut().for_each(mask),
            EventKind::PlayStarted { name, .. } => mask(name),
            EventKind::PlaySkipped { name, reason } => {
                mask(name);
                mask(reason);
            }
            EventKind::PlayFailed { message, help, .. } => {
                mask(message);
                help.iter_mut().for_each(mask);
            }
            EventKind::TaskStarted { task } => mask(&mut task.name),
            EventKind::ItemFinished { task, label, result, .. } => {
                mask(&mut task.name);
                mask(label);
                result.redact(redactor);
            }
            EventKind::HostFinished { task, result, .. } => {
                mask(&mut task.name);
                result.redact(redactor);
            }
            EventKind::Retrying { task, reason, .. } => {
                mask(&mut task.name);
                mask(reason);
            }
            EventKind::Included { what, label, .. } => {
                mask(what);
                label.iter_mut().for_each(mask);
            }
            EventKind::Notice { text, brief } => {
                mask(text);
                brief.as_mut().map(mask);
            }
            EventKind::PlaybookStarted { path, .. } => mask(path),
            EventKind::Meta { message, .. } => mask(message),
            EventKind::RunFinished { stats, .. } => {
                let values = stats.custom.values_mut().flat_map(|fields| fields.values_mut());
                values.for_each(|value| redactor.redact_value(value));
            }
            EventKind::HostStarted { .. } | EventKind::Rescued { .. } => {}
        }
        Self(event)
    }
}
