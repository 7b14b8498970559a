//! An archive that the host downloads.

use serde::Serialize;

use super::Args;
use super::archive::Archive;
use super::site::Site;
use super::unpack::{Unpack, remove};
use crate::sdk::file::{FileAttributes, Seen, base_name};
use crate::sdk::http::{Download, HttpOptions, HttpRequest};
use crate::sdk::{Exec, Failure, Operator, Plan, Returned};

/// An archive to be downloaded, compared, and unpacked if it has to be.
#[derive(Debug, Serialize)]
pub struct Downloaded {
    url: String,
    dest: String,
    #[serde(skip)]
    args: Args,
}

impl Downloaded {
    pub(super) fn new(args: &Args) -> Self {
        Self { url: args.src.clone(), dest: args.dest.clone(), args: args.clone() }
    }

    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let made = host.must("making a temporary directory", Exec::script("mktemp -d")).await?;
        let folder = made.stdout_text().trim_end_matches('\n').to_owned();
        let done = self.unpack(&folder, host).await;
        host.must("removing what was downloaded", remove(&folder)).await?;
        done
    }

    async fn unpack(&self, folder: &str, host: &Operator<'_>) -> Result<Returned, Failure> {
        const SECONDS: u32 = 600;
        let name = base_name(self.url.split(['?', '#']).next().unwrap_or_default());
        let path = format!("{folder}/{}", if name.is_empty() { "archive" } else { name });
        let options =
            HttpOptions { validate_certs: self.args.validate_certs, ..HttpOptions::default() };
        let request = HttpRequest::new("GET", &self.url, SECONDS, &options);
        let seen = Seen { path: path.clone(), ..Seen::default() };
        Download::new(request, &seen, &FileAttributes::default(), false).apply(host).await?;
        let observer = host.observer();
        let site = Site::look(&self.args, &path, &observer).await?;
        let archive = Archive::of_host(&site)?;
        let compared = archive.compare(&self.args, &site, &observer).await?;
        match Unpack::plan(&self.args, &site, &archive, &compared) {
            Plan::Keep(returned) => Ok(returned.with("changed", false)),
            Plan::Change { change, returned, .. } => Ok(returned.and(change.apply(host).await?)),
        }
    }
}
