//! A run as lines of JSON: a header, then one event a line.

use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};

use super::{Event, Shown};

/// The first line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format; raised when a reader of the old one would misread the new one.
    pub format: u32,
    /// The version of the program that wrote it.
    pub rplay: String,
}

impl Header {
    /// The version of the format that this program writes and reads.
    pub const FORMAT: u32 = 1;
}

impl Default for Header {
    fn default() -> Self {
        Self { format: Self::FORMAT, rplay: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The first line is not a header.
    #[error("line 1 is not the header of a recording: expected {{\"format\":1,…}}")]
    NoHeader,
    /// A format of another version.
    #[error("the recording has format {0}; this version of rplay reads format {format}", format = Header::FORMAT)]
    Format(u32),
    /// A line that is not an event.
    #[error("line {line}: {error}")]
    Event {
        /// The line, from 1.
        line: usize,
        /// Why it is not.
        error: serde_json::Error,
    },
}

/// The events of a recording, in order.
///
/// A last line without its end is what a run that was killed leaves behind: it is passed over.
#[derive(Debug)]
pub struct Recording<R> {
    input: R,
    line: usize,
    text: String,
}

impl<R: BufRead> Recording<R> {
    /// Reads the header.
    pub fn open(mut input: R) -> Result<Self, RecordingError> {
        let mut text = String::new();
        input.read_line(&mut text)?;
        let header: Header = serde_json::from_str(&text).map_err(|_| RecordingError::NoHeader)?;
        if header.format != Header::FORMAT {
            return Err(RecordingError::Format(header.format));
        }
        Ok(Self { input, line: 1, text })
    }

    fn read(&mut self) -> Result<Option<Shown<Event>>, RecordingError> {
        self.text.clear();
        self.line += 1;
        if self.input.read_line(&mut self.text)? == 0 {
            return Ok(None);
        }
        match serde_json::from_str(&self.text) {
            Ok(event) => Ok(Some(event)),
            Err(_) if !self.text.ends_with('\n') => Ok(None),
            Err(error) => Err(RecordingError::Event { line: self.line, error }),
        }
    }
}

impl<R: BufRead> Iterator for Recording<R> {
    type Item = Result<Shown<Event>, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<usize, String> {
        let recording = Recording::open(text.as_bytes()).map_err(|error| error.to_string())?;
        let events: Result<Vec<_>, _> = recording.collect();
        events.map(|events| events.len()).map_err(|error| error.to_string())
    }

    const HEADER: &str = "{\"format\":1,\"rplay\":\"0.1.0\"}\n";
    const EVENT: &str =
        "{\"number\":1,\"elapsed\":0.5,\"event\":\"notice\",\"text\":\"look out\"}\n";

    #[test]
    fn a_last_line_that_was_cut_off_is_passed_over() {
        let cut = &EVENT[..20];
        assert_eq!(read(&format!("{HEADER}{EVENT}{cut}")), Ok(1));
    }

    #[test]
    fn what_is_no_recording_is_named() {
        assert!(read("hello\n").is_err_and(|error| error.starts_with("line 1 is not")));
        assert!(read("").is_err_and(|error| error.starts_with("line 1 is not")));
        assert_eq!(
            read("{\"format\":9,\"rplay\":\"9.0.0\"}\n"),
            Err("the recording has format 9; this version of rplay reads format 1".to_owned())
        );
        let strange = EVENT.replace("notice", "party");
        let error = read(&format!("{HEADER}{EVENT}{strange}"));
        assert!(error.is_err_and(|error| error.starts_with("line 3: unknown variant `party`")));
    }
}
