//! Why a command could not do its work, when it is not about the user's files.

use std::io;

use super::Exit;
use crate::base::{Redactor, Secret};

/// What is wrong, and the exit code that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) exit: Exit,
    /// A lower-case fragment; empty where there is nothing to say.
    pub(super) message: String,
    /// What the user can do.
    pub(super) help: Option<String>,
}

impl Fault {
    /// A command line or configuration that cannot be followed.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), help: None }
    }

    /// A run that would be about nothing.
    pub(super) fn nothing_matched(message: impl Into<String>) -> Self {
        Self { exit: Exit::NothingMatched, message: message.into(), help: None }
    }

    /// Anything else.
    pub(super) fn other(message: impl Into<String>) -> Self {
        Self { exit: Exit::Error, message: message.into(), help: None }
    }

    /// Nothing more to say: what is wrong has been told.
    pub(super) fn silent(exit: Exit) -> Self {
        Self { exit, message: String::new(), help: None }
    }

    /// Adds what the user can do.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The message as it is printed.
    pub(super) fn render(&self, redactor: &Redactor) -> String {
        let help = self.help.iter().map(|help| format!("\n  = help: {help}"));
        let text = format!("error: {}{}", self.message, help.collect::<String>());
        redactor.redact(&text).into_owned()
    }
}

/// An output that cannot be written; when its reader has gone, nothing is wrong.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::silent(Exit::Ok),
            _ => Self::other(error.to_string()),
        }
    }
}

/// Reads the first line of a file that holds a password.
pub(super) fn password_file(path: &std::path::Path) -> Result<Secret, Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Fault::usage(format!("cannot read the password file {}: {error}", path.display()))
    })?;
    Ok(Secret::new(text.lines().next().unwrap_or_default().to_owned()))
}
