//! `unarchive`: see [`Args`], which is also what `rplay doc unarchive` prints.

mod archive;
mod download;
mod members;
mod site;
mod tarball;
mod unpack;
mod zip;

use serde::{Deserialize, Serialize};

use crate::sdk::file::FileAttributes;
use crate::sdk::{
    Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Rule, Side,
};
use archive::{Archive, Comparison};
use download::Downloaded;
use site::Site;
use unpack::Unpack;

const RULES: &[Rule] =
    &[Rule::Exclusive(&["include", "exclude"]), Rule::Exclusive(&["copy", "remote_src"])];

/// Unpacks an archive on the host: `.tar`, also packed by gzip, bzip2, xz or zstd, and `.zip`.
///
/// An archive whose members are there as they must be is not unpacked again. What stands in `dest`
/// besides is not touched. The host needs GNU's `tar` and what it packs with, or `unzip`.
#[derive(Debug, Clone, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// The archive on the machine that runs rplay, looked for in `files/` when relative; on the
    /// host with `remote_src`, where it may be a URL too. What is downloaded is compared when it
    /// has arrived: check mode takes it for a change.
    src: String,
    /// Directory of the host into which it is unpacked; it must be there.
    dest: String,
    /// Whether the archive is on the host.
    #[arg(default)]
    remote_src: bool,
    /// The opposite of `remote_src`; older playbooks give it.
    copy: Option<bool>,
    /// File of the host: where it exists nothing is done.
    creates: Option<String>,
    /// Whether the members of the archive are returned as `files`.
    #[arg(default)]
    list_files: bool,
    /// Whether files that are newer than those in the archive are kept.
    #[arg(default)]
    keep_newer: bool,
    /// Members that are unpacked; all of them when not given.
    #[arg(default)]
    include: Vec<String>,
    /// Members that are left out.
    #[arg(default)]
    exclude: Vec<String>,
    /// Further options of `tar` or `unzip`, each word one item.
    #[arg(default)]
    extra_opts: Vec<String>,
    /// Whether the certificate of a URL's server must be valid.
    #[arg(default = true)]
    validate_certs: bool,
    /// Not used: nothing is read through a buffer of the module's own.
    #[arg(default = 65_536_u32)]
    #[expect(dead_code, reason = "older playbooks give it")]
    io_buffer_size: u32,
    /// Whether an archive of the machine that runs rplay is decrypted where it is a vault.
    #[arg(default = true)]
    decrypt: bool,
    /// Owner, group and permissions of what is unpacked.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// The directory, and how the archive compares with what is in it.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    site: Site,
    /// The archive, unless it is not needed or not there yet.
    #[serde(default)]
    archive: Option<Archive>,
    #[serde(default)]
    compared: Option<Comparison>,
}

/// What has to be done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The archive is unpacked, or what it left is given its owner and permissions.
    Unpack(Box<Unpack>),
    /// It is downloaded, compared, and unpacked if it has to be.
    Download(Box<Downloaded>),
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let is_url = self.is_url();
        let src = if self.is_remote() && !is_url { self.src.as_str() } else { "" };
        let site = Site::look(self, src, host).await?;
        if site.created || is_url {
            return Ok(State { site, archive: None, compared: None });
        }
        site.check(self)?;
        let archive = if self.is_remote() {
            Archive::of_host(&site)?
        } else {
            Archive::of_controller(self, host.controller()).await?
        };
        let compared = Some(archive.compare(self, &site, host).await?);
        Ok(State { site, archive: Some(archive), compared })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        if let (true, Some(creates)) = (now.site.created, &self.creates) {
            return Ok(Plan::Keep(Returned::skipped(format!("skipped, since {creates} exists"))));
        }
        now.site.check(self)?;
        if let (Some(archive), Some(compared)) = (&now.archive, &now.compared) {
            let plan = Unpack::plan(self, &now.site, archive, compared);
            return Ok(plan.map(|unpack| Change::Unpack(Box::new(unpack))));
        }
        let diff = Diff {
            subject: now.site.dest.path.clone(),
            before: Side::Absent,
            after: Side::fields(&serde_json::json!({"unpacked from": self.src})),
        };
        let change = Change::Download(Box::new(Downloaded::new(self)));
        let returned = Returned::new().with("dest", &self.dest).with("src", &self.src);
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        match change {
            Change::Unpack(unpack) => unpack.apply(host).await,
            Change::Download(download) => download.apply(host).await,
        }
    }
}

impl Args {
    fn is_remote(&self) -> bool {
        self.copy.map_or(self.remote_src, |copy| !copy)
    }

    fn is_url(&self) -> bool {
        self.is_remote() && self.src.contains("://")
    }
}
