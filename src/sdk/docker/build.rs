//! Images built from a folder of the host.

use serde::Serialize;

use super::writer::failed;
use super::{DockerOptions, ImageName, Texts};
use crate::remote::docker::{Body, Request, Transcript};
use crate::sdk::{Failure, Operator, Returned};
use crate::value::Value;

/// A build that was decided on: what the Engine's own builder takes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Build {
    /// The folder on the host; empty where the file is all there is.
    pub path: String,
    /// The file in it that says how, `Dockerfile` when not given.
    pub dockerfile: Option<String>,
    /// What says how, in place of a file of the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline: Option<String>,
    /// Further names of the new image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The name of the new image.
    pub image: String,
    /// Values for the file's `ARG`s.
    pub args: Texts,
    /// Labels of the image.
    pub labels: Texts,
    /// Whether steps are done anew although nothing changed.
    pub no_cache: bool,
    /// Whether newer images are pulled for its `FROM`s.
    pub pull: bool,
    /// Whether containers of steps are kept.
    pub keep_containers: bool,
    /// The stage to build.
    pub target: Option<String>,
    /// The network that its steps see.
    pub network: Option<String>,
    /// The platform to build for.
    pub platform: Option<String>,
    /// Images whose layers may be used again.
    pub cache_from: Vec<String>,
    /// Names and addresses that its steps know.
    pub etc_hosts: Texts,
    /// Size of `/dev/shm` in its steps, in bytes.
    pub shm_size: Option<i64>,
    /// Limits of its steps, by the names that the Engine's API has: `memory`, `cpushares`, …
    pub limits: Texts,
}

/// What the file is called in the context that is in none of the folder's.
const INLINE: &str = ".rplay.dockerfile";
/// How long a block of an archive is, in bytes.
const BLOCK: usize = 512;

impl Build {
    /// Builds the image and returns it, and what the steps printed.
    pub async fn run(
        &self,
        host: &Operator<'_>,
        options: &DockerOptions,
    ) -> Result<(Value, String), Failure> {
        let docker = host.docker(options)?;
        let dockerfile = self.dockerfile();
        let doing = || format!("building image {}", self.image);
        let file = self.inline.as_ref().map(|text| entry(&dockerfile, text.as_bytes()));
        let file =
            file.transpose().map_err(|error| Failure::new(format!("{}: {error}", doing())))?;
        let context = match file {
            Some(mut file) if self.path.is_empty() => {
                file.extend([0; 2 * BLOCK]);
                Body::Tar(file.into())
            }
            Some(file) => host.build_context(&self.path, &dockerfile).await?.after(file),
            None => host.build_context(&self.path, &dockerfile).await?,
        };
        let request = self.request(&dockerfile).body(context);
        let mut told = Transcript::default();
        if let Err(error) = docker.follow(request, &mut told).await {
            let needs_buildkit = error.to_string().contains("BuildKit");
            let failure =
                failed(error, &doing()).returning(Returned::new().with("stdout", told.text));
            return Err(if needs_buildkit {
                failure.help(
                    "leave out what needs BuildKit, or run `docker buildx build` with `command`",
                )
            } else {
                failure
            });
        }
        let image = docker.image(&ImageName::parse(&self.image)).await?;
        let image = image
            .ok_or_else(|| Failure::new(format!("{}: it is not there afterwards", doing())))?;
        Ok((image, told.text))
    }

    /// The file that says how, relative to the folder.
    fn dockerfile(&self) -> String {
        if self.inline.is_some() {
            return INLINE.to_owned();
        }
        let given = self.dockerfile.as_deref().unwrap_or("Dockerfile");
        let folder = self.path.trim_end_matches('/');
        let inside = given.strip_prefix(folder).filter(|rest| rest.starts_with('/'));
        inside.unwrap_or(given).trim_start_matches('/').trim_start_matches("./").to_owned()
    }

    fn request(&self, dockerfile: &str) -> Request {
        let flag = |set: bool| if set { "1" } else { "0" };
        let mut request = Request::post(&["build"])
            .query("t", &self.image)
            .query("dockerfile", dockerfile)
            .query("nocache", flag(self.no_cache))
            .query("rm", flag(!self.keep_containers))
            .query("forcerm", flag(!self.keep_containers));
        for tag in &self.tags {
            request = request.query("t", tag);
        }
        if self.pull {
            request = request.query("pull", "1");
        }
        let texts = [("buildargs", &self.args), ("labels", &self.labels)];
        for (name, texts) in texts.into_iter().filter(|(_, texts)| !texts.is_empty()) {
            request = request.query_json(name, texts);
        }
        let words = [
            ("target", &self.target),
            ("networkmode", &self.network),
            ("platform", &self.platform),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                request = request.query(name, word);
            }
        }
        if !self.cache_from.is_empty() {
            request = request.query_json("cachefrom", &self.cache_from);
        }
        if !self.etc_hosts.is_empty() {
            let hosts: Vec<String> =
                self.etc_hosts.iter().map(|(name, address)| format!("{name}:{address}")).collect();
            request = request.query("extrahosts", hosts.join(","));
        }
        if let Some(bytes) = self.shm_size {
            request = request.query("shmsize", bytes.to_string());
        }
        self.limits.iter().fold(request, |request, (name, value)| request.query(name, value))
    }
}

/// A file as the first entry of an archive.
fn entry(name: &str, content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    let mut archive = tar::Builder::new(vec![]);
    archive.append_data(&mut header, name, content)?;
    let mut entry = archive.into_inner()?;
    // Without the two empty blocks that end an archive.
    entry.truncate(entry.len() - 2 * BLOCK);
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_before_the_others() {
        let mut bytes = entry(".rplay.dockerfile", b"FROM a\n").unwrap();
        let mut rest = tar::Builder::new(vec![]);
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        rest.append_data(&mut header, "x", &b"y"[..]).unwrap();
        bytes.extend(rest.into_inner().unwrap());
        let mut archive = tar::Archive::new(&bytes[..]);
        let names: Vec<String> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(names, [".rplay.dockerfile", "x"]);
    }

    #[test]
    fn the_dockerfile_is_relative_to_the_folder() {
        let file = |path: &str, dockerfile: Option<&str>| {
            let dockerfile = dockerfile.map(str::to_owned);
            Build { path: path.to_owned(), dockerfile, ..Build::default() }.dockerfile()
        };
        assert_eq!(file("/srv/app", None), "Dockerfile");
        assert_eq!(file("/srv/app/", Some("./docker/prod")), "docker/prod");
        assert_eq!(file("/srv/app", Some("/srv/app/Dockerfile.prod")), "Dockerfile.prod");
        assert_eq!(file("/srv/app", Some("/srv/application/x")), "srv/application/x");
    }
}
