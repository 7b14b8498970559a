//! What the user sees when the program itself is at fault.

use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe};

use super::Exit;
use crate::base::Redactor;

/// Runs `work`; a panic in it is told in a few lines, its secrets masked, instead of a trace.
pub(super) fn guard(redactor: &Redactor, work: impl FnOnce() -> Exit) -> Exit {
    let redactor = redactor.clone();
    panic::set_hook(Box::new(move |panic| {
        let what = panic.payload_as_str().unwrap_or("something that is no text");
        let place = panic.location().map_or_else(String::new, |at| format!(" ({at})"));
        let note = format!(
            "error: this is a bug in rplay {}: {what}{place}\n  = help: please report it with \
             what you ran; tasks that were running may be half done\n",
            env!("CARGO_PKG_VERSION")
        );
        // There is nobody left to tell that nobody can be told.
        let _ = std::io::stderr().write_all(redactor.redact(&note).as_bytes());
    }));
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Bug)
}
