//! A text in the user's editor, on disk no longer than that.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::super::config::Config;
use super::super::super::fault::Fault;

/// Has the user edit a text; `name` is the file that it is for, whose ending editors go by.
///
/// # Errors
///
/// Where there is no editor, or it fails: the text is then as it was.
pub(super) fn edit(text: &[u8], name: &Path, config: &Config) -> Result<Vec<u8>, Fault> {
    let wrong = |error: io::Error| Fault::other(format!("cannot write for the editor: {error}"));
    let draft = Draft::new(text, name).map_err(wrong)?;
    let line = command(config);
    let mut words = line.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(&draft.file).status().map_err(|error| {
        let fault = Fault::other(format!("cannot start the editor `{program}`: {error}"));
        fault.help("name one in EDITOR")
    })?;
    if !status.success() {
        return Err(Fault::other(format!("the editor `{program}` ended with {status}")));
    }
    fs::read(&draft.file).map_err(|error| Fault::other(format!("cannot read the draft: {error}")))
}

/// The editor: of Ansible's settings, of the environment, or `vi`.
fn command(config: &Config) -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    let set = config.text("editor").map(str::to_owned);
    set.or_else(|| variable("EDITOR")).or_else(|| variable("VISUAL")).unwrap_or("vi".to_owned())
}

/// A file of nobody else's, in a folder of nobody else's; both are gone when it is dropped.
struct Draft {
    folder: PathBuf,
    file: PathBuf,
}

impl Draft {
    fn new(text: &[u8], name: &Path) -> io::Result<Self> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let random = u128::from_ne_bytes(random);
        let folder = std::env::temp_dir().join(format!("rplay-{random:032x}"));
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let file = folder.join(name.file_name().unwrap_or("draft".as_ref()));
        let draft = Self { folder, file };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600).open(&draft.file)?.write_all(text)?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // An editor leaves copies of its own beside a file.
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            // What cannot be overwritten is removed all the same.
            let _ = shred(&entry.path());
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Overwrites a file with zeros and removes it.
fn shred(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut left = file.metadata()?.len();
    let zeros = [0; 4096];
    while left > 0 {
        let count = left.min(4096);
        file.write_all(&zeros[..usize::try_from(count).unwrap_or(zeros.len())])?;
        left -= count;
    }
    file.sync_all()?;
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_draft_is_its_owners_alone_and_does_not_stay() {
        let draft = Draft::new(b"secret", Path::new("dir/vars.yml")).unwrap();
        let folder = draft.folder.clone();
        assert_eq!(draft.file.extension(), Some("yml".as_ref()));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&draft.file), mode(&folder)), (0o600, 0o700));
        fs::write(folder.join(".vars.yml.swp"), "secret").unwrap();
        drop(draft);
        assert!(!folder.exists());
    }
}
