//! Fetching one role or collection into a folder beside where it will stand.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::galaxy::Release;
use super::lock::Revision;
use super::source::{Kind, Source, Wanted, is_url};
use super::{archive, galaxy, git};
use crate::playbook::split_qualified;

/// What was fetched.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The folder that is the role or collection.
    pub(super) folder: PathBuf,
    /// What it is installed as.
    pub(super) name: String,
    /// The release, where it is one of the Galaxy server's.
    pub(super) release: Option<String>,
    pub(super) revision: Revision,
}

/// What a collection says of itself.
#[derive(Deserialize)]
struct Identity {
    namespace: String,
    name: String,
}

#[derive(Deserialize)]
struct Manifest {
    collection_info: Identity,
}

/// Fetches a requirement into an empty folder; `release` is the one that is locked.
pub(super) async fn fetch(
    wanted: &Wanted,
    release: Option<&str>,
    folder: &Path,
) -> Result<Fetched, String> {
    let tree = folder.join("tree");
    let version = wanted.version.as_deref();
    let (mut root, mut found) = (tree.clone(), None);
    let revision = match &wanted.source {
        Source::Git { url, folder } => {
            let commit = git::fetch(url, version, &tree).await?;
            if let Some(folder) = folder {
                root = below(&tree, folder)?;
            }
            Revision::Commit(commit)
        }
        Source::Archive(location) if is_url(location) => {
            let file = folder.join("archive");
            galaxy::download(location, &file).await?;
            unpack(file, tree.clone()).await?
        }
        Source::Archive(path) => unpack(PathBuf::from(path), tree.clone()).await?,
        Source::Folder(path) => {
            let (from, to) = (path.clone(), tree.clone());
            let copied = tokio::task::spawn_blocking(move || archive::copy(&from, &to)).await;
            copied
                .map_err(|error| error.to_string())?
                .map_err(|error| format!("cannot copy {}: {error}", path.display()))?;
            Revision::Folder(path.display().to_string())
        }
        Source::Galaxy { owner, name, server } => {
            let names = (owner.as_str(), name.as_str());
            let version = release.or(version);
            let release = match wanted.kind {
                Kind::Role => galaxy::role(server, names, version).await?,
                Kind::Collection => galaxy::collection(server, names, version).await?,
            };
            let revision = released(&release, folder, &tree).await?;
            found = Some(release.version);
            revision
        }
    };
    archive::hold_links(&tree)?;
    let root = match wanted.kind {
        Kind::Role => role_in(&root)?,
        Kind::Collection => collection_in(&root)?,
    };
    let name = match wanted.kind {
        Kind::Role => wanted.name.clone().unwrap_or_default(),
        Kind::Collection => collection_name(&root, wanted.name.as_deref())?,
    };
    Ok(Fetched { folder: root, name, release: found, revision })
}

/// A folder of a repository.
fn below(tree: &Path, folder: &str) -> Result<PathBuf, String> {
    let root = tree.join(folder);
    let inside = !folder.split('/').any(|part| part == "..") && root.is_dir();
    inside.then_some(root).ok_or_else(|| format!("the repository has no folder `{folder}`"))
}

async fn released(release: &Release, folder: &Path, tree: &Path) -> Result<Revision, String> {
    let file = folder.join("archive");
    galaxy::download(&release.url, &file).await?;
    let revision = unpack(file, tree.to_owned()).await?;
    match (&release.sha256, &revision) {
        (Some(told), Revision::Sha256(sum)) if told != sum => {
            Err(format!("the archive has the sha256 {sum}, the server says {told}"))
        }
        _ => Ok(revision),
    }
}

/// Unpacks an archive; comes back with its sum.
async fn unpack(file: PathBuf, tree: PathBuf) -> Result<Revision, String> {
    let work = move || {
        let fault = |error: std::io::Error| format!("cannot read {}: {error}", file.display());
        let sum = archive::sha256(&file).map_err(fault)?;
        std::fs::create_dir_all(&tree).map_err(fault)?;
        archive::unpack(&file, &tree)?;
        Ok(Revision::Sha256(sum))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
}

/// The folder itself, or the only one in it: archives have one around all.
fn candidates(root: &Path) -> Vec<PathBuf> {
    let mut all = vec![root.to_owned()];
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    if let (Some(only), None) = (folders.next(), folders.next()) {
        all.push(only);
    }
    all
}

fn role_in(root: &Path) -> Result<PathBuf, String> {
    const PARTS: [&str; 5] = ["tasks", "meta", "defaults", "handlers", "vars"];
    let is_role = |path: &PathBuf| PARTS.iter().any(|part| path.join(part).is_dir());
    let none = || format!("there is no role in it: no folder of {}", PARTS.join(", "));
    candidates(root).into_iter().find(is_role).ok_or_else(none)
}

fn collection_in(root: &Path) -> Result<PathBuf, String> {
    let is_one =
        |path: &PathBuf| ["MANIFEST.json", "galaxy.yml"].iter().any(|f| path.join(f).is_file());
    let none = || "there is no collection in it: neither MANIFEST.json nor galaxy.yml".to_owned();
    candidates(root).into_iter().find(is_one).ok_or_else(none)
}

fn collection_name(root: &Path, wanted: Option<&str>) -> Result<String, String> {
    let read = |file: &str| std::fs::read_to_string(root.join(file)).ok();
    let identity = match read("MANIFEST.json") {
        Some(text) => serde_json::from_str(&text)
            .map(|manifest: Manifest| manifest.collection_info)
            .map_err(|error| format!("its MANIFEST.json is not understood: {error}"))?,
        None => serde_yaml::from_str(&read("galaxy.yml").unwrap_or_default())
            .map_err(|error| format!("its galaxy.yml is not understood: {error}"))?,
    };
    let name = format!("{}.{}", identity.namespace, identity.name);
    if split_qualified(&format!("{name}.x")).is_none() {
        return Err(format!("it says that it is `{name}`, which is no name of a collection"));
    }
    match wanted {
        Some(wanted) if wanted != name => Err(format!("it is `{name}`, not `{wanted}`")),
        _ => Ok(name),
    }
}
