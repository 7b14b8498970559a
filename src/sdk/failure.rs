//! Why a module could not do its work.

use super::Returned;
use crate::base::Diagnostic;
use crate::remote::ConnectionError;

/// Why a task failed on a host; the engine adds the host, the task and its place.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The host could not be reached, or was lost.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The arguments are at fault, now that their templates are rendered.
    #[error("{}", .0.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; "))]
    Arguments(Vec<Diagnostic>),
    /// A template could not be rendered.
    #[error("{}", .0.message)]
    Template(Box<Diagnostic>),
    /// The task cannot be done, or was not done.
    #[error("{message}")]
    Task {
        /// What is wrong: a lower-case fragment, with what was expected and what stands there.
        message: String,
        /// What the user can do.
        help: Option<String>,
        /// What the task returns all the same: `rc`, `stderr`, …
        returned: Box<Returned>,
    },
}

impl Failure {
    /// A task that cannot be done.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Task { message: message.into(), help: None, returned: Box::default() }
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        if let Self::Task { help, .. } = &mut self {
            *help = Some(text.into());
        }
        self
    }

    /// Adds to the message what was done about it.
    #[must_use]
    pub fn then(self, done: &str) -> Self {
        match self {
            Self::Task { message, help, returned } => {
                Self::Task { message: format!("{message}; {done}"), help, returned }
            }
            other => Self::new(format!("{other}; {done}")),
        }
    }

    /// Adds what the task returns all the same.
    #[must_use]
    pub fn returning(mut self, more: Returned) -> Self {
        if let Self::Task { returned, .. } = &mut self {
            **returned = more;
        }
        self
    }

    /// A program that failed: what it said on standard error, else on standard output.
    pub fn of_program(doing: &str, output: &crate::remote::Output) -> Self {
        let stderr = output.stderr_text();
        let said = if stderr.trim().is_empty() { output.stdout_text() } else { stderr };
        let said = said.trim().to_owned();
        let message = if said.is_empty() {
            format!("{doing} failed with status {}", output.status)
        } else {
            format!("{doing} failed: {said}")
        };
        let failure = Self::new(message).returning(Returned::of_output(output));
        if needs_root(&said) { failure.help(AS_ROOT) } else { failure }
    }
}

/// What helps where only root may.
pub(in crate::sdk) const AS_ROOT: &str = "`become: true` does it as root";

/// Whether a program says that it may not do this as the user it runs as.
pub(in crate::sdk) fn needs_root(said: &str) -> bool {
    ["ermission denied", "peration not permitted", "are you root", "must be root", "be superuser"]
        .iter()
        .any(|sign| said.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_lacks_rights_is_told_of_with_the_way_to_them() {
        let help = |stderr: &str| {
            let output =
                crate::remote::Output { status: 1, stderr: stderr.into(), ..Default::default() };
            match Failure::of_program("creating the user", &output) {
                Failure::Task { help, .. } => help,
                _ => None,
            }
        };
        let denied =
            "useradd: Permission denied.\nuseradd: cannot lock /etc/passwd; try again later.";
        assert_eq!(help(denied).as_deref(), Some(AS_ROOT));
        assert_eq!(help("useradd: UID 0 is not unique"), None);
    }
}
