//! From the walk of the plays to those who show it.

use tokio::sync::mpsc::UnboundedSender;

use crate::event::{EventKind, HostResult, TaskRef};

/// Takes what happens; a clone leads to the same place.
#[derive(Debug, Clone)]
pub(super) struct Events(pub(super) UnboundedSender<EventKind>);

impl Events {
    /// Tells what happened. Where nobody listens any more the run is ending anyway.
    pub(super) fn tell(&self, kind: EventKind) {
        let _ = self.0.send(kind);
    }

    /// Tells that a host's failure was rescued.
    pub(super) fn rescued(&self, host: &str) {
        self.tell(EventKind::Rescued { host: host.to_owned() });
    }

    /// Tells how a task ended on a host.
    pub(super) fn finished(&self, task: &TaskRef, host: &str, result: HostResult) {
        let result = Box::new(result);
        self.tell(EventKind::HostFinished { task: task.clone(), host: host.to_owned(), result });
    }

    /// Tells something the user should know of.
    pub(super) fn notice(&self, text: impl Into<String>) {
        self.tell(EventKind::Notice { text: text.into(), brief: None });
    }
}
