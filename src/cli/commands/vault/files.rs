//! Reading and replacing the files of a vault.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::super::super::fault::Fault;
use crate::base::replace_file_with;

/// Turns each file into another one in its place.
pub(super) fn each(
    files: &[PathBuf],
    output: Option<&Path>,
    turn: impl Fn(&[u8], &str) -> Result<Vec<u8>, Fault>,
) -> Result<(), Fault> {
    if output.is_some() && files.len() > 1 {
        return Err(Fault::usage("--output takes one file"));
    }
    // All is turned before anything is written: a wrong password leaves every file as it was.
    let turned: Vec<(&PathBuf, Vec<u8>)> = files
        .iter()
        .map(|file| Ok((file, turn(&read(file)?, &file.display().to_string())?)))
        .collect::<Result<_, Fault>>()?;
    turned.into_iter().try_for_each(|(file, bytes)| write(output.unwrap_or(file), &bytes))
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let read = if file == Path::new("-") {
        let mut bytes = vec![];
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    read.map_err(|error| Fault::other(format!("cannot read {}: {error}", file.display())))
}

/// Replaces a file, or writes to standard output for `-`.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<(), Fault> {
    if file == Path::new("-") {
        return Ok(io::stdout().lock().write_all(bytes)?);
    }
    replace(file, bytes)
        .map_err(|error| Fault::other(format!("cannot write {}: {error}", file.display())))
}

/// Replaces a file in one step, so that it is never half written; nobody else may read it
/// meanwhile. What a link points to is replaced, not the link.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = if path.is_symlink() { path.canonicalize()? } else { path.to_owned() };
    replace_file_with(&path, bytes, 0o600, |file| {
        file.sync_all()?;
        if let Ok(data) = fs::metadata(&path) {
            // Only root may give a file away; another's file becomes one's own.
            let _kept = fchown(file, Some(data.uid()), Some(data.gid()));
            file.set_permissions(fs::Permissions::from_mode(data.permissions().mode()))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_of_a_link_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        write(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_new_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write(&file, b"new").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
