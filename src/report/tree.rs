//! What each host said last, in a file of its own.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::Reporter;
use super::adhoc::fields_of;
use super::ansible::dump;
use crate::base::replace_file;
use crate::event::{Event, EventKind, HostResult, Shown, Status};

/// Writes the result of each host as JSON to a file with the host's name, as ansible-core's
/// `--tree` does; a host that was passed over has none.
#[derive(Debug)]
pub struct Tree {
    folder: PathBuf,
    /// What went wrong first.
    fault: Option<io::Error>,
}

impl Tree {
    /// A reporter that writes to a folder, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made.
    pub fn new(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, fault: None })
    }

    fn write(&self, host: &str, result: &HostResult) -> io::Result<()> {
        if matches!(host, "" | "." | "..") || host.contains('/') {
            let message = format!("`{host}` is no name of a file");
            return Err(io::Error::new(io::ErrorKind::InvalidFilename, message));
        }
        let text = dump::json(&fields_of(result), false);
        replace_file(&self.folder.join(host), text.as_bytes(), 0o666)
    }
}

impl Reporter for Tree {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        if let EventKind::HostFinished { host, result, .. } = &event.kind
            && result.status != Status::Skipped
            && let Err(error) = self.write(host, result)
        {
            // The other hosts have files all the same.
            self.fault.get_or_insert(error);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.fault.map_or(Ok(()), Err)
    }
}
