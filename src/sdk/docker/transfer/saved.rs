//! An archive of an image: which of its files is what.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::stream::Selection;
use crate::sdk::Failure;
use crate::sdk::docker::ImageName;
use crate::value::Value;

/// The largest `manifest.json` and configuration that is read.
const LARGEST: u64 = 8 * 1024 * 1024;

/// An image in an archive: where its configuration and its layers are.
#[derive(Debug, Clone)]
pub struct SavedImage {
    /// The names that it has there.
    pub names: Vec<String>,
    pub(super) config: Member,
    /// From the first on.
    pub(super) layers: Vec<Member>,
    pub(super) place: Place,
}

/// Where an archive is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// On a host, where `docker save` writes it.
    Host {
        /// The Engine's address.
        address: String,
        /// The image.
        image: String,
    },
    /// A file of the controller.
    File(PathBuf),
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its path.
    pub(super) path: String,
    /// Its size in bytes.
    pub(super) size: u64,
    /// Where it stands: its number, or how many bytes of the archive come before it.
    pub(super) at: u64,
}

/// One entry of an archive's table of contents.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// What is in an archive, by path: a file, or the path that a link leads to.
type Index = HashMap<String, Result<Member, String>>;

impl SavedImage {
    /// Reads what a host prints of an archive: its table of contents, and a listing by `tar -tv`.
    pub(super) fn of_host(
        manifest: &str,
        listing: &str,
        image: &str,
        address: String,
    ) -> Result<Self, Failure> {
        let index = listing.lines().enumerate().filter_map(|(at, line)| listed(at as u64, line));
        let place = Place::Host { address, image: image.to_owned() };
        Self::read(manifest.as_bytes(), &index.collect(), None, place)
    }

    /// Reads an archive of the controller; gives the image of this name, or the only one, and its
    /// configuration.
    pub fn of_file(path: &Path, name: Option<&str>) -> Result<(Self, Value), Failure> {
        let shown = path.display();
        let failed = |error: std::io::Error| {
            Failure::new(format!("cannot read the archive {shown}: {error}"))
                .help("it must be what `docker save` writes, not compressed")
        };
        let mut archive = tar::Archive::new(File::open(path).map_err(failed)?);
        let mut index = Index::new();
        let mut manifest = None;
        for entry in archive.entries_with_seek().map_err(failed)? {
            let mut entry = entry.map_err(failed)?;
            let name =
                entry.path().map_err(failed)?.to_string_lossy().trim_start_matches("./").to_owned();
            if name == "manifest.json" && entry.size() <= LARGEST {
                let mut text = vec![];
                std::io::Read::read_to_end(&mut entry, &mut text).map_err(failed)?;
                manifest = Some(text);
            }
            let link =
                entry.link_name().map_err(failed)?.map(|to| to.to_string_lossy().into_owned());
            let member =
                Member { path: name.clone(), size: entry.size(), at: entry.raw_file_position() };
            index.insert(name, link.map_or(Ok(member), Err));
        }
        let Some(manifest) = manifest else {
            return Err(Failure::new(format!(
                "{shown} is no archive of images: it has no manifest.json"
            ))
            .help("it must be what `docker save` writes, not compressed"));
        };
        let image = Self::read(&manifest, &index, name, Place::File(path.to_owned()))?;
        let config = image.config_of_file(path).map_err(failed)?;
        Ok((image, config))
    }

    fn config_of_file(&self, path: &Path) -> std::io::Result<Value> {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(self.config.at))?;
        let mut text = vec![];
        file.take(self.config.size.min(LARGEST)).read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn read(
        manifest: &[u8],
        index: &Index,
        name: Option<&str>,
        place: Place,
    ) -> Result<Self, Failure> {
        let entries: Vec<Entry> = serde_json::from_slice(manifest)
            .map_err(|error| Failure::new(format!("the archive's manifest.json: {error}")))?;
        let names: Vec<String> =
            entries.iter().flat_map(|entry| entry.repo_tags.iter().flatten()).cloned().collect();
        let has = |entry: &Entry, name: &str| {
            entry.repo_tags.iter().flatten().any(|tag| is_same(tag, name))
        };
        let only = entries.len() == 1;
        let entry = match name {
            Some(name) => entries.into_iter().find(|entry| has(entry, name)),
            None => entries.into_iter().next().filter(|_| only),
        };
        let entry = entry.ok_or_else(|| {
            let which =
                name.map_or("which image is meant".to_owned(), |name| format!("an image {name}"));
            Failure::new(format!(
                "the archive does not tell {which}; it holds: {}",
                names.join(", ")
            ))
            .help("name one of these as `name`")
        })?;
        let find = |path: &String| find(index, path);
        Ok(Self {
            config: find(&entry.config)?,
            layers: entry.layers.iter().map(find).collect::<Result<_, _>>()?,
            names: entry.repo_tags.unwrap_or_default(),
            place,
        })
    }

    /// The image's id, as an Engine that loads it calls it.
    pub fn id(&self) -> String {
        format!("sha256:{}", self.digest())
    }

    /// The digest of its configuration, which both kinds of archive have in a name.
    pub(super) fn digest(&self) -> &str {
        self.config.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".json")
    }

    /// The sizes of its layers, from the first on.
    pub fn sizes(&self) -> Vec<u64> {
        self.layers.iter().map(|layer| layer.size).collect()
    }

    /// What is sent of it where the first `skip` layers are there.
    pub(super) fn select(&self, name: &str, skip: usize) -> Selection {
        Selection::new(self, name, skip)
    }
}

/// Whether two names mean the same image.
fn is_same(one: &str, other: &str) -> bool {
    let full = |name: &str| {
        let name = ImageName::parse(name);
        (name.repository.clone(), name.version().to_owned())
    };
    full(one) == full(other)
}

/// The file that a path of an archive leads to.
fn find(index: &Index, path: &str) -> Result<Member, Failure> {
    let mut path = path.to_owned();
    // A layer that stands there twice is a link to the first.
    for _ in 0..8 {
        match index.get(&path) {
            Some(Ok(member)) => return Ok(member.clone()),
            Some(Err(link)) => path = join(&path, link),
            None => break,
        }
    }
    Err(Failure::new(format!("the archive has no {path}, which its manifest.json names")))
}

/// The path that a link means which stands at another one.
fn join(at: &str, link: &str) -> String {
    let mut parts: Vec<&str> = at.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reads a line of `tar -tv`: mode, owner, size, date, time, path, for a link an arrow and where
/// to.
fn listed(at: u64, line: &str) -> Option<(String, Result<Member, String>)> {
    let mut words = line.split_whitespace();
    let mode = words.next()?;
    let size = words.nth(1)?.parse().ok()?;
    let path = words.nth(2)?.trim_start_matches("./").to_owned();
    if mode.starts_with('l') {
        return Some((path, Err(words.nth(1)?.to_owned())));
    }
    Some((path.clone(), Ok(Member { path, size, at })))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "\
drwxr-xr-x root/root         0 2026-11-22 01:08 01bd/
-rw-r--r-- root/root      2048 2026-11-22 01:08 01bd/layer.tar
lrwxrwxrwx 0/0               0 2026-11-22 01:08:09 51f1/layer.tar -> ../01bd/layer.tar
-rw-r--r-- root/root      1670 2026-11-22 01:08 fef9.json
-rw-r--r-- root/root       425 1970-01-01 00:00 manifest.json
";

    #[test]
    fn reads_what_a_host_prints() {
        let manifest = r#"[{"Config":"fef9.json","RepoTags":["app:2"],"Layers":["01bd/layer.tar","51f1/layer.tar"]}]"#;
        let image =
            SavedImage::of_host(manifest, LISTING, "app:2", "unix:///x".to_owned()).unwrap();
        assert_eq!((image.id().as_str(), image.sizes()), ("sha256:fef9", vec![2048, 2048]));
        assert_eq!(image.layers[0], image.layers[1], "the second is a link to the first");
        let new = r#"[{"Config":"blobs/sha256/aa","RepoTags":null,"Layers":["blobs/sha256/bb"]}]"#;
        let failure = SavedImage::of_host(new, LISTING, "x", String::new()).unwrap_err();
        assert!(failure.to_string().contains("has no blobs/sha256/aa"), "{failure}");
        assert!(SavedImage::of_host("", "", "x", String::new()).is_err());
    }

    #[test]
    fn finds_the_image_that_is_meant() {
        let manifest = br#"[{"Config":"fef9.json","RepoTags":["a:1"],"Layers":[]},
            {"Config":"fef9.json","RepoTags":["reg:5000/b:latest"],"Layers":[]}]"#;
        let index: Index =
            LISTING.lines().enumerate().filter_map(|(at, line)| listed(at as u64, line)).collect();
        let read = |name| SavedImage::read(manifest, &index, name, Place::File(PathBuf::new()));
        assert_eq!(read(Some("reg:5000/b")).unwrap().names, ["reg:5000/b:latest"]);
        assert!(read(None).unwrap_err().to_string().contains("it holds: a:1, reg:5000/b:latest"));
        assert!(read(Some("a:2")).is_err());
    }

    #[test]
    fn a_link_never_leads_in_circles() {
        let index: Index =
            [("a".to_owned(), Err("b".to_owned())), ("b".to_owned(), Err("a".to_owned()))].into();
        assert!(find(&index, "a").is_err());
    }
}
