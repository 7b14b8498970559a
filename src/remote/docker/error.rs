//! Why an Engine did not do what it was asked.

use std::time::Duration;

use serde_json::Value;

use super::advice;
use crate::remote::ConnectionError;

/// Why an Engine did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The connection to the host is at fault, or broke while the Engine worked.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The host is there, its Engine is not, or may not be used. Nothing was asked of it.
    #[error("{reason}")]
    Unreachable {
        /// Why.
        reason: String,
        /// What the user can do.
        help: String,
    },
    /// The host is there, and has no Engine at all.
    #[error("{reason}")]
    Absent {
        /// Where one was looked for.
        reason: String,
        /// What the user can do.
        help: String,
    },
    /// The Engine was asked, and no answer came in time.
    #[error("no answer from the Docker Engine within {:.0} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The Engine refused.
    #[error("{message}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// Its own words.
        message: String,
    },
    /// The Engine began and then failed: a pull, a push, a build.
    #[error("{0}")]
    Failed(String),
    /// The Engine is too old or too new for what is asked.
    #[error("{reason}")]
    Unsupported {
        /// What is asked, and what the Engine has.
        reason: String,
        /// What the user can do.
        help: String,
    },
    /// The Engine's answer is not what the API says.
    #[error("the Docker Engine's answer is not understood: {0}")]
    Answer(String),
}

impl EngineError {
    /// The longest message that is passed on, in characters.
    const SHOWN: usize = 4000;

    /// What the user can do, where it is known.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Connection(error) => error.help(),
            Self::Unreachable { help, .. }
            | Self::Absent { help, .. }
            | Self::Unsupported { help, .. } => Some(help),
            Self::TimedOut(_) => Some("raise `timeout` if the Docker Engine is only slow"),
            Self::Status { message, .. } | Self::Failed(message) => advice::on(message),
            Self::Answer(_) => None,
        }
    }

    /// The HTTP status, where the Engine refused with one.
    pub fn status(&self) -> Option<u16> {
        if let Self::Status { status, .. } = self { Some(*status) } else { None }
    }

    /// A connection that broke while the Engine worked.
    pub(super) fn lost(after: Duration, reason: impl Into<String>) -> Self {
        Self::Connection(ConnectionError::Lost { after, reason: reason.into() })
    }

    /// A refusal: the Engine's own words out of its answer.
    pub(super) fn refused(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let said = serde_json::from_slice::<Value>(body)
            .ok()
            .and_then(|value| Some(value.get("message")?.as_str()?.to_owned()))
            .unwrap_or_else(|| text.into_owned());
        let message = match clean(&said) {
            said if said.is_empty() => format!("the Docker Engine answered with status {status}"),
            said => said,
        };
        Self::Status { status, message }
    }

    /// A failure in the middle of a pull, a push or a build.
    pub(super) fn failed(said: &str) -> Self {
        Self::Failed(clean(said))
    }
}

/// A message without blanks around it and within bounds.
fn clean(said: &str) -> String {
    let said = said.trim();
    match said.char_indices().nth(EngineError::SHOWN) {
        Some((cut, _)) => format!("{}…", &said[..cut]),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_engines_own_words() {
        let said = |body: &str| EngineError::refused(409, body.as_bytes()).to_string();
        assert_eq!(said(r#"{"message":"name is in use\n"}"#), "name is in use");
        assert_eq!(said("proxy says no\n"), "proxy says no");
        assert_eq!(said(""), "the Docker Engine answered with status 409");
        assert_eq!(said(&"x".repeat(9000)).chars().count(), EngineError::SHOWN + 1);
    }
}
