//! What every reporter does.

use std::io;

use crate::event::{Event, Shown};

/// Shows a run, event by event.
pub trait Reporter: Send {
    /// Shows one event. An error ends this reporter, not the run.
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()>;

    /// Writes what is written at the end. Called once, also when the run was broken off.
    fn finish(self: Box<Self>) -> io::Result<()>;
}
