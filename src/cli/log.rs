//! The file of `log_path`: what a run says, line by line, each with its time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use jiff::Zoned;

/// A file that lines are added to, in the form of Ansible's log.
#[derive(Debug)]
pub(super) struct LogFile {
    file: File,
    /// What of a line there is before its end is.
    line: Vec<u8>,
}

impl LogFile {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file, line: vec![] })
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Ok(());
        }
        let time = Zoned::now().strftime("%Y-%m-%d %H:%M:%S,%3f").to_string();
        let mut whole = format!("{time} p={} n=ansible INFO| ", std::process::id()).into_bytes();
        whole.extend(line);
        whole.push(b'\n');
        self.file.write_all(&whole)
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        self.line.extend_from_slice(lines.next().unwrap_or_default());
        for line in lines {
            self.end_line()?;
            self.line.extend_from_slice(line);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = LogFile::open(&path).unwrap();
        log.write_all(b"TASK [a]\n\nok: [w").unwrap();
        log.write_all(b"eb]\n").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let said: Vec<&str> =
            text.lines().filter_map(|line| Some(line.split_once("n=ansible INFO| ")?.1)).collect();
        assert_eq!(said, ["TASK [a]", "ok: [web]"]);
        assert!(text.lines().all(|line| line.as_bytes()[4] == b'-' && line.contains(" p=")));
    }
}
