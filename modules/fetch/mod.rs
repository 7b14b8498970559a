//! `fetch`: see [`Args`], which is also what `rplay doc fetch` prints.

mod store;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::file::{Algorithm, FileKind, Look, Obstacle, Seen, base_name};
use crate::sdk::{
    Arguments, Controller, Diff, Failure, Module, Observer, Operator, Plan, Returned,
};
use store::{Store, Stored, inside};

/// Stores a file of the host on the machine that runs rplay.
///
/// It goes to a folder for each host: `/etc/motd` of the host `web1` to `dest/web1/etc/motd`. A
/// file that is there and differs is replaced at once, when all of the new one has arrived. Nothing
/// in the file's name leads out of that folder.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The file on the host; a symbolic link is followed.
    src: String,
    /// The folder on the machine that runs rplay, below the playbook's when relative. With `flat`
    /// the file itself, or with a slash at its end the folder of the file.
    dest: String,
    /// Whether the file goes to `dest` itself, without a folder for the host.
    #[arg(default)]
    flat: bool,
    /// Whether it is a failure when the file is not there or cannot be read.
    #[arg(default = true)]
    fail_on_missing: bool,
    /// Whether what arrives must have the checksum of the file.
    #[arg(default = true)]
    validate_checksum: bool,
}

/// The file, and what stands where it goes.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    seen: Seen,
    dest: PathBuf,
    #[serde(default)]
    stored: Stored,
}

impl Module for Args {
    type State = State;
    type Change = Store;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let seen = Look::at(&self.src).checksum(Algorithm::Sha1).see(host).await?;
        let dest = self.destination(host.controller(), &seen.path);
        let stored = Stored::look(&dest).await?;
        Ok(State { seen, dest, stored })
    }

    fn plan(&self, now: &State) -> Result<Plan<Store>, Failure> {
        let State { seen, dest, stored } = now;
        let size = match size(seen) {
            Ok(size) => size,
            Err(message) if self.fail_on_missing => return Err(Failure::new(message)),
            Err(message) => {
                let returned = Returned::new()
                    .with("file", &seen.path)
                    .with("msg", format!("{message}, not transferring, ignored"));
                return Ok(Plan::Keep(returned));
            }
        };
        if *stored == Stored::Directory {
            return Err(self.directory_in_the_way(dest));
        }
        let shown = dest.display().to_string();
        let returned = Returned::new()
            .with("dest", &shown)
            .with("checksum", &seen.checksum)
            .with("remote_checksum", &seen.checksum)
            .with("remote_md5sum", ());
        let before = match stored {
            Stored::File { checksum, md5sum } if Some(checksum) == seen.checksum.as_ref() => {
                let returned = returned.with("md5sum", md5sum).with("file", &seen.path);
                return Ok(Plan::Keep(returned));
            }
            Stored::File { checksum, .. } => Some(json!({"checksum": checksum})),
            Stored::Nothing | Stored::Directory => None,
        };
        let after = json!({"checksum": seen.checksum, "fetched from": seen.path});
        let diff = Diff::fields(&shown, &before, &after);
        let change = Store {
            src: seen.path.clone(),
            size,
            dest: dest.clone(),
            checksum: seen.checksum.clone().filter(|_| self.validate_checksum),
        };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Store, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    /// Where a file goes. Its path comes from the host: only names in it count.
    fn destination(&self, controller: &dyn Controller, path: &str) -> PathBuf {
        let dest = controller.locate(&self.dest);
        match (self.flat, self.dest.ends_with('/')) {
            (false, _) => inside(&inside(&dest, controller.hostname()), path),
            (true, true) => inside(&dest, base_name(path)),
            (true, false) => dest,
        }
    }

    fn directory_in_the_way(&self, dest: &Path) -> Failure {
        if self.flat && !self.dest.ends_with('/') {
            return Failure::new(
                "dest is an existing directory, use a trailing slash if you want to fetch src \
                 into that directory",
            );
        }
        Failure::new(format!(
            "calculated dest '{}' is an existing directory, use another path that does not point \
             to an existing directory",
            dest.display()
        ))
    }
}

/// The size of a file that can be fetched; else why it cannot.
fn size(seen: &Seen) -> Result<u64, String> {
    let path = &seen.path;
    match (seen.followed(), &seen.obstacle) {
        (_, Some(obstacle @ Obstacle::Closed(_))) => {
            Err(format!("File is not readable: {path}: Permission denied: {obstacle}"))
        }
        (None, _) => Err(format!("the remote file does not exist: {path}")),
        (Some(stat), _) if stat.kind == FileKind::Directory => {
            Err("remote file is a directory, fetch cannot work on directories".to_owned())
        }
        (Some(stat), _) if stat.kind != FileKind::File => {
            Err(format!("cannot fetch {path}: it is a {}", stat.kind.word()))
        }
        (Some(_), _) if seen.checksum.is_none() => {
            Err(format!("File is not readable: {path}: Permission denied"))
        }
        (Some(stat), _) => Ok(stat.size),
    }
}
