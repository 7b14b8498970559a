//! Putting a folder where it will stand: as a whole, or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder beside the others, gone with its content when it is dropped.
pub(super) struct Staging(PathBuf);

impl Staging {
    /// Makes one in a folder, which is made where it is not there.
    pub(super) fn new(beside: &Path, number: usize) -> io::Result<Self> {
        fs::create_dir_all(beside)?;
        let path = beside.join(format!(".rplay-install.{}.{number}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Puts a folder where it will stand; what stands there makes room.
    pub(super) fn place(&self, folder: &Path, target: &Path) -> io::Result<()> {
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let old = self.0.join("old");
        let replaced = fs::symlink_metadata(target).is_ok();
        if replaced {
            fs::rename(target, &old)?;
        }
        fs::rename(folder, target).inspect_err(|_| {
            if replaced {
                // What was there is better than nothing.
                let _ = fs::rename(&old, target);
            }
        })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What is left over does no harm, and nobody could be told.
        let _ = fs::remove_dir_all(&self.0);
    }
}
