//! The file on the machine that runs rplay.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;

use crate::sdk::file::Algorithm;
use crate::sdk::{Failure, Observer, Operator, Returned};

/// What stands where a file goes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stored {
    /// Nothing.
    #[default]
    Nothing,
    /// A directory.
    Directory,
    /// A file.
    File {
        /// Its SHA-1 in hexadecimal.
        checksum: String,
        /// Its MD5 in hexadecimal.
        md5sum: String,
    },
}

impl Stored {
    pub(super) async fn look(path: &Path) -> Result<Self, Failure> {
        let (owned, shown) = (path.to_owned(), path.display());
        let looked = tokio::task::spawn_blocking(move || Self::read(&owned)).await;
        let looked = looked.unwrap_or_else(|error| Err(io::Error::other(error)));
        looked.map_err(|error| Failure::new(format!("cannot read {shown}: {error}")))
    }

    fn read(path: &Path) -> io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Ok(Self::Directory),
            Ok(_) => Ok(Self::File {
                checksum: Algorithm::Sha1.sum_file(path)?,
                md5sum: Algorithm::Md5.sum_file(path)?,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Nothing),
            Err(error) => Err(error),
        }
    }
}

/// The path that the names in `path` lead to below a folder; never out of it.
pub(super) fn inside(folder: &Path, path: &str) -> PathBuf {
    let mut names = vec![];
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    folder.join(names.into_iter().collect::<PathBuf>())
}

/// A file to be stored.
#[derive(Debug, Serialize)]
pub struct Store {
    /// Its path on the host.
    pub(super) src: String,
    /// Its size in bytes, as the host tells it.
    pub(super) size: u64,
    /// Where it goes.
    pub(super) dest: PathBuf,
    /// The SHA-1 that it must have.
    pub(super) checksum: Option<String>,
}

/// A file that is not complete yet; it is removed unless it is put in place.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // It is gone already where it was put in place.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Store {
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let dest = self.dest.display().to_string();
        let cannot = |error: io::Error| {
            Failure::new(format!("cannot store {dest} on the machine that runs rplay: {error}"))
        };
        // Through a symbolic link the file that it leads to is written.
        let target = std::fs::canonicalize(&self.dest).unwrap_or_else(|_| self.dest.clone());
        let (partial, mut file) = create_beside(&target).await.map_err(cannot)?;
        self.receive(host, &mut file, cannot).await?;
        file.sync_all().await.map_err(cannot)?;
        let Stored::File { checksum, md5sum } = Stored::look(&partial.0).await? else {
            return Err(Failure::new(format!("{dest} is gone while it is stored")));
        };
        let returned = Returned::new().with("checksum", &checksum).with("md5sum", md5sum);
        if let Some(wanted) = self.checksum.as_ref().filter(|wanted| **wanted != checksum) {
            let returned = returned.with("remote_checksum", wanted).with("file", &self.src);
            let message = format!("checksum mismatch: {} has {wanted}, {checksum} came", self.src);
            return Err(Failure::new(message)
                .help("it was changed meanwhile; the file that was stored is as it was")
                .returning(returned.with("dest", &dest)));
        }
        if let Ok(metadata) = tokio::fs::metadata(&target).await {
            tokio::fs::set_permissions(&partial.0, metadata.permissions()).await.map_err(cannot)?;
        }
        tokio::fs::rename(&partial.0, &target).await.map_err(cannot)?;
        Ok(returned)
    }

    /// Reads the file, as long as it was when it was looked at.
    async fn receive(
        &self,
        host: &Operator<'_>,
        file: &mut File,
        cannot: impl Fn(io::Error) -> Failure,
    ) -> Result<(), Failure> {
        let (mut read, mut index) = (0, 0);
        loop {
            let part = host.observer().file_part(&self.src, index).await?;
            // What the kernel makes up has the size 0, and ends with its first part.
            let left = usize::try_from(self.size - read).unwrap_or(usize::MAX);
            let kept = if self.size == 0 { part.len() } else { part.len().min(left) };
            file.write_all(&part[..kept]).await.map_err(&cannot)?;
            read += kept as u64;
            index += 1;
            if part.len() < Observer::PART || read >= self.size {
                return file.flush().await.map_err(cannot);
            }
        }
    }
}

async fn create_beside(path: &Path) -> io::Result<(Partial, File)> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    tokio::fs::create_dir_all(folder).await?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let beside = folder.join(format!(".rplay-{:016x}", u64::from_ne_bytes(random)));
    let file = OpenOptions::new().write(true).create_new(true).open(&beside).await?;
    Ok((Partial(beside), file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let inside = |path| inside(Path::new("/kept/web1"), path).display().to_string();
        assert_eq!(inside("/etc/motd"), "/kept/web1/etc/motd");
        assert_eq!(inside("../../etc/../x"), "/kept/web1/x");
        assert_eq!(inside("a/../../../b//./c"), "/kept/web1/b/c");
        assert_eq!(inside(".."), "/kept/web1/");
    }
}
