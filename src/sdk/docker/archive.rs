//! Images in archives on a host: what `docker save` writes and `docker load` reads.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DockerOptions, DockerReader, ImageName};
use crate::sdk::{Failure, Observer, Operator, Probe};
use crate::value::Value;

/// Prints the table of contents of an archive, if there is one.
const MANIFEST: Probe = Probe(include_str!("archive.sh"));

/// An image in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedImage {
    /// Its id.
    pub id: String,
    /// The names it has there.
    #[serde(default)]
    pub names: Vec<String>,
}

/// One entry of an archive's table of contents.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    repo_tags: Option<Vec<String>>,
}

impl Observer<'_> {
    /// The images in an archive; none where there is no archive, or it is not understood.
    pub async fn archived_images(&self, path: &str) -> Result<Vec<ArchivedImage>, Failure> {
        let told = self.probe(MANIFEST, [path]).await?;
        Ok(read(&told.stdout))
    }

    /// Whether the host has every image of an archive, under every name it has there.
    pub async fn has_all(
        &self,
        docker: &DockerReader,
        images: &[ArchivedImage],
    ) -> Result<bool, Failure> {
        for image in images {
            let names = image.names.iter().map(|name| ImageName::parse(name));
            let by_id = image.names.is_empty().then(|| ImageName::with_tag(&image.id, ""));
            for name in names.chain(by_id) {
                let found = docker.image(&name).await?;
                if found.is_none_or(|found| found["Id"] != *image.id) {
                    return Ok(false);
                }
            }
        }
        Ok(!images.is_empty())
    }
}

impl Operator<'_> {
    /// Loads an archive of the host; gives the names or ids of the images in it, and what was
    /// printed.
    pub async fn load_images(
        &self,
        options: &DockerOptions,
        path: &str,
    ) -> Result<(Vec<String>, String), Failure> {
        let doing = format!("loading images from {path}");
        let loading = self.docker_command(options, &doing, &["load", "--input", path]).await;
        let output = match loading {
            Err(failure) if failure.to_string().contains("processing tar file") => {
                return Err(nothing_in(path).help(failure.to_string()));
            }
            other => other?,
        };
        let text = output.stdout_text().into_owned();
        let names = loaded(&text);
        if names.is_empty() { Err(nothing_in(path)) } else { Ok((names, text)) }
    }

    /// Writes images into an archive of the host, which is old or new, never half.
    pub async fn save_images(
        &self,
        options: &DockerOptions,
        path: &str,
        names: &[String],
        platform: Option<&str>,
    ) -> Result<(), Failure> {
        let doing = format!("saving images to {path}");
        let mut words = vec!["save", "--output", path];
        words.extend(platform.into_iter().flat_map(|platform| ["--platform", platform]));
        words.extend(names.iter().map(String::as_str));
        self.docker_command(options, &doing, &words).await.map(drop)
    }
}

impl ArchivedImage {
    /// An image of the host as it stands in an archive under these names.
    pub fn of(image: &Value, names: Vec<String>) -> Self {
        Self { id: image["Id"].as_str().unwrap_or_default().to_owned(), names }
    }

    /// As the user sees it.
    pub fn shown(&self) -> Value {
        json!({"id": self.id, "names": self.names})
    }
}

/// That an archive turned out to hold no image.
fn nothing_in(path: &str) -> Failure {
    Failure::new("Detected no loaded images. Archive potentially corrupt?")
        .help(format!("`tar -tf {path}` shows what it holds"))
}

/// Reads a table of contents.
fn read(manifest: &[u8]) -> Vec<ArchivedImage> {
    let entries: Vec<Entry> = serde_json::from_slice(manifest).unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| {
            // `HASH.json`, or `blobs/sha256/HASH` since Engine 25.
            let file = entry.config.rsplit('/').next().unwrap_or_default();
            let id = format!("sha256:{}", file.trim_end_matches(".json"));
            ArchivedImage { id, names: entry.repo_tags.unwrap_or_default() }
        })
        .collect()
}

/// The names and ids out of what `docker load` prints.
fn loaded(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.trim();
        let name = line
            .strip_prefix("Loaded image ID: ")
            .or_else(|| line.strip_prefix("Loaded image: "))?;
        Some(name.to_owned())
    };
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_kinds_of_archive() {
        let old = br#"[{"Config":"aa.json","RepoTags":["app:1","app:2"],"Layers":[]}]"#;
        let image = &read(old)[0];
        assert_eq!((image.id.as_str(), image.names.len()), ("sha256:aa", 2));
        let new = br#"[{"Config":"blobs/sha256/bb","RepoTags":null}]"#;
        assert_eq!(read(new), [ArchivedImage { id: "sha256:bb".to_owned(), names: vec![] }]);
        assert!(read(b"tar: not found").is_empty());
    }

    #[test]
    fn finds_names_in_what_load_prints() {
        let text = "Loaded image: app:1\nLoaded image ID: sha256:aa\nother\n";
        assert_eq!(loaded(text), ["app:1", "sha256:aa"]);
    }
}
