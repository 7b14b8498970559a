//! `get_url`: see [`Args`], which is also what `rplay doc get_url` prints.

mod sum;

use serde::{Deserialize, Serialize};

use crate::sdk::file::{Algorithm, FileAttributes, FileChange, FileKind, Look, Seen, base_name};
use crate::sdk::http::{Download, HttpOptions, HttpRequest};
use crate::sdk::{Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Side};
use sum::Checksum;

/// Downloads a file to the host.
///
/// The host needs `curl`, or `wget` where nothing secret is sent. With `checksum` a file that has
/// it is not downloaded again; without, the server is asked whether it has a newer one. The file
/// is put in place at once, once it is whole.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Where the file is.
    url: String,
    /// Where it must be on the host; in a directory it keeps its name.
    dest: String,
    /// Whether it is downloaded though a file is there.
    #[arg(default, alias = "thirsty")]
    force: bool,
    /// Keeps the file that is replaced under another name; returned as `backup_file`.
    #[arg(default)]
    backup: bool,
    /// Checksum that it must have, `algorithm:digits`, or `algorithm:URL` of a file that lists it.
    #[arg(default)]
    checksum: String,
    /// The same as `checksum: sha256:…`; older playbooks give it.
    sha256sum: Option<String>,
    /// How long it may take, in seconds.
    #[arg(default = 10_u32)]
    timeout: u32,
    /// Not used: a download is kept beside its place until it is whole.
    #[expect(dead_code, reason = "a download is kept beside its place")]
    tmp_dest: Option<String>,
    /// Not used: files are asked for as they are.
    #[expect(dead_code, reason = "files are asked for as they are")]
    decompress: Option<bool>,
    /// How the request is made.
    #[arg(flatten)]
    options: HttpOptions,
    /// Owner, group and permissions.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// What stands at the destination, and what the server says.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    dest: Seen,
    /// The checksum that the file must have, where a list names it.
    listed: Option<String>,
    /// Whether the server has no newer one.
    unchanged: bool,
}

/// What has to be done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is downloaded.
    Download(Box<Download>),
    /// Only owner, group or permissions are set.
    Set(FileChange),
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let wanted = self.wanted()?;
        let algorithm = wanted.as_ref().map_or(Algorithm::Sha1, Checksum::algorithm);
        let name = self.name();
        let dest = Look::at(&self.dest)
            .inside(&name)
            .checksum(algorithm)
            .attributes(&self.attributes)
            .see(host)
            .await?;
        let listed = match &wanted {
            Some(Checksum::Listed { url, .. }) => {
                let list = self.request("GET", url).ask(host).await?;
                Some(sum::find(&list, algorithm, &name)?)
            }
            _ => None,
        };
        let is_there = dest.followed().filter(|stat| stat.kind == FileKind::File);
        let unchanged = match is_there {
            Some(stat) if wanted.is_none() && !self.force => {
                let mut request = self.request("HEAD", &self.url);
                let since = sum::http_date(stat.mtime);
                request.headers.insert("If-Modified-Since".to_owned(), since);
                request.ask(host).await?.status == 304
            }
            _ => false,
        };
        Ok(State { dest, listed, unchanged })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let seen = &now.dest;
        if let Some(obstacle) = &seen.obstacle {
            return Err(Failure::new(format!("cannot write {}: {obstacle}", seen.path)));
        }
        let stat = seen.followed();
        if let Some(kind) = stat.map(|stat| stat.kind).filter(|kind| *kind != FileKind::File) {
            let (path, kind) = (&seen.path, kind.word());
            return Err(Failure::new(format!(
                "cannot write {path}: expected a file, found a {kind}"
            )));
        }
        let wanted = match self.wanted()? {
            Some(Checksum::Known { algorithm, sum }) => Some((algorithm, sum)),
            Some(Checksum::Listed { algorithm, .. }) => {
                now.listed.clone().map(|sum| (algorithm, sum))
            }
            None => None,
        };
        let has_it = stat.is_some()
            && wanted.as_ref().is_some_and(|(_, sum)| seen.checksum.as_ref() == Some(sum));
        let returned = Returned::new().with("url", &self.url).with("dest", &seen.path);
        if let Some(stat) = stat.filter(|_| has_it && !self.force || now.unchanged) {
            let returned = returned.and(stat.returned());
            let returned = if now.unchanged {
                returned.with("status_code", 304).with("msg", "HTTP Error 304: Not Modified")
            } else {
                returned.with("msg", "file already exists")
            };
            let attributes = self.attributes.change(seen, Some(stat), FileKind::File, None);
            let path = seen.real_path().to_owned();
            return Ok(match attributes.diff(&path, Some(stat), seen) {
                None => Plan::Keep(returned),
                Some(diff) => {
                    let set = FileChange::Set { path, attributes, follow: true };
                    Plan::change(Change::Set(set), diff).returning(returned)
                }
            });
        }
        let request = self.request("GET", &self.url);
        let mut download = Download::new(request, seen, &self.attributes, self.backup);
        if wanted.as_ref().is_some_and(|(algorithm, _)| *algorithm != Algorithm::Sha1) {
            // What is there was summed up by the other algorithm.
            download.present = None;
        }
        download.checksum = wanted;
        let before = stat
            .map_or(Side::Absent, |stat| Side::Opaque { bytes: stat.size, sha256: String::new() });
        let after = Side::fields(&serde_json::json!({"downloaded from": self.url}));
        let diff = Diff { subject: seen.path.clone(), before, after };
        Ok(Plan::change(Change::Download(Box::new(download)), diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        match change {
            Change::Download(download) => download.apply(host).await,
            Change::Set(set) => set.apply(host).await,
        }
    }
}

impl Args {
    fn request(&self, method: &str, url: &str) -> HttpRequest {
        let mut request = HttpRequest::new(method, url, self.timeout, &self.options);
        if self.force {
            request.headers.insert("Cache-Control".to_owned(), "no-cache".to_owned());
        }
        request
    }

    /// The file's name in a directory: the last part of the URL's path.
    fn name(&self) -> String {
        let after = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = after.split(['?', '#']).next().unwrap_or_default();
        match path.split_once('/') {
            Some((_, path)) if !path.is_empty() && !path.ends_with('/') => {
                base_name(path).to_owned()
            }
            _ => "index.html".to_owned(),
        }
    }

    fn wanted(&self) -> Result<Option<Checksum>, Failure> {
        match (&self.sha256sum, self.checksum.trim()) {
            (Some(sum), _) if !sum.is_empty() => Checksum::read(&format!("sha256:{sum}")).map(Some),
            (_, "") => Ok(None),
            (_, text) => Checksum::read(text).map(Some),
        }
    }
}
