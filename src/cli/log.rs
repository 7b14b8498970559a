//! The file of `log_path`: what a run says, line by line, each with its time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use jiff::Zoned;

/// A file that lines are added to, in the form of Ansible's log.
#[derive(Debug)]
pub(super) struct LogFile {
    file: File,
    /// The process, the user and the program.
    who: String,
    /// What of a line there is before its end is.
    line: Vec<u8>,
}

impl LogFile {
    /// Opens the file, or makes it; lines begin with the name of the program.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub(super) fn open(path: &Path, program: &str) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let user = ["LOGNAME", "USER"].iter().find_map(|name| std::env::var(name).ok());
        let user = user.unwrap_or_else(|| rustix::process::getuid().as_raw().to_string());
        let who = format!("p={} u={user} n={program}", std::process::id());
        Ok(Self { file, who, line: vec![] })
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Ok(());
        }
        let time = Zoned::now().strftime("%Y-%m-%d %H:%M:%S,%3f");
        let mut whole = format!("{time} {} {}| ", self.who, level(&line)).into_bytes();
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

/// How grave a line is.
fn level(line: &[u8]) -> &'static str {
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word.as_bytes()));
    if begins(&["[ERROR]", "fatal: [", "failed: ["]) {
        "ERROR"
    } else if begins(&["[WARNING]"]) {
        "WARNING"
    } else {
        "INFO"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = LogFile::open(&path, "ansible").unwrap();
        log.write_all(b"TASK [a]\n\nok: [w").unwrap();
        log.write_all(b"eb]\nfatal: [web]: no\n[WARNING]: hm\n").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let said: Vec<&str> =
            text.lines().filter_map(|line| Some(line.split_once(" n=ansible ")?.1)).collect();
        assert_eq!(
            said,
            [
                "INFO| TASK [a]",
                "INFO| ok: [web]",
                "ERROR| fatal: [web]: no",
                "WARNING| [WARNING]: hm"
            ]
        );
        assert!(text.lines().all(|line| line.as_bytes()[4] == b'-'
            && line.contains(" p=")
            && line.contains(" u=")));
    }
}
