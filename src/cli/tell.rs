//! What is said beside the output: on standard error, in colour on a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use super::Exit;
use super::config::Config;
use super::fault::Fault;
use crate::base::{Diagnostic, Diagnostics, Redactor, Severity, Sources};
use crate::report::origin;

/// Tells a warning.
pub(super) fn warning(sentence: &str) {
    line(&format!("warning: {sentence}"));
}

/// Tells a warning in ansible-core's form.
pub(super) fn warning_as_ansible(sentence: &str) {
    line(&format!("[WARNING]: {sentence}"));
}

/// Tells what is wrong with a command in ansible-core's form; gives its exit code.
pub(super) fn fault_as_ansible(fault: &Fault, redactor: &Redactor) -> Exit {
    if !fault.message.is_empty() {
        let help = fault.help.iter().map(|help| format!("\n{}", sentence(help)));
        let text = format!("[ERROR]: {}{}", fault.message, help.collect::<String>());
        line(&redactor.redact(&text));
    }
    fault.exit
}

/// Tells what is wrong with a command; gives its exit code.
pub(super) fn fault(fault: &Fault, redactor: &Redactor) -> Exit {
    if !fault.message.is_empty() {
        line(&fault.render(redactor));
    }
    fault.exit
}

/// Tells what is wrong with the user's files, all of it.
pub(super) fn diagnostics(found: &Diagnostics, sources: &Sources, redactor: &Redactor) {
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for diagnostic in found.iter() {
        line(&diagnostic.render(sources, redactor, colour));
    }
}

/// Tells it in ansible-core's form, without what is told again when a task is reached.
pub(super) fn diagnostics_as_ansible(found: &Diagnostics, sources: &Sources, redactor: &Redactor) {
    for diagnostic in found.iter() {
        let word = match diagnostic.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Later => continue,
        };
        line(&redactor.redact(&as_ansible(word, diagnostic, sources)));
    }
}

fn as_ansible(word: &str, diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut text = format!("[{word}]: {}.", diagnostic.message);
    if let Some((span, label)) = diagnostic.labels.first()
        && let Some(place) = sources.locate(*span)
    {
        text.push('\n');
        text += &origin(&place, &sources.excerpt(*span, 2), label);
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\n\n{}", sentence(help));
    }
    if text.contains('\n') {
        text.push('\n');
    }
    text
}

/// A fragment with a capital letter at its start.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Tells those who want to know more where the settings are from, and which are not followed.
pub(super) fn settings(config: &Config, verbosity: u8) -> Result<(), Fault> {
    let verbosity = verbosity.max(config.number("verbosity")?.unwrap_or(0));
    if verbosity > 0 && config.persona.is_ansible() {
        let from = match &config.file {
            Some(file) => format!("Using {} as config file", file.display()),
            None => "No config file found; using defaults".to_owned(),
        };
        let _ = writeln!(io::stdout().lock(), "{from}");
    }
    if verbosity > 0 && !config.passed_over.is_empty() {
        line(&format!("note: these settings are not followed: {}", config.passed_over.join(", ")));
    }
    Ok(())
}

/// Writes a line; where nobody can read it any more, nobody can be told.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
