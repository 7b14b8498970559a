//! What is said beside the output: on standard error, in colour on a terminal.

use std::io::{self, IsTerminal, Write};

use super::Exit;
use super::fault::Fault;
use crate::base::{Diagnostics, Redactor, Severity, Sources};

/// Tells a warning.
pub(super) fn warning(sentence: &str) {
    line(&format!("warning: {sentence}"));
}

/// Tells what is wrong with a command; gives its exit code.
pub(super) fn fault(fault: &Fault, redactor: &Redactor) -> Exit {
    if !fault.message.is_empty() {
        line(&fault.render(redactor));
    }
    fault.exit
}

/// Tells what is wrong with the user's files: all of it, or without what is `later` told again.
pub(super) fn diagnostics(
    found: &Diagnostics,
    sources: &Sources,
    redactor: &Redactor,
    later: bool,
) {
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for diagnostic in found.iter().filter(|fault| later || fault.severity != Severity::Later) {
        line(&diagnostic.render(sources, redactor, colour));
    }
}

/// Writes a line; where nobody can read it any more, nobody can be told.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
