//! Images on their way to registries.

use serde::Serialize;

use super::{DockerReader, DockerWriter, Doing, ImageName};
use crate::remote::docker::{Credentials, EngineError, Request, Transcript};
use crate::sdk::{Failure, Observer};
use crate::value::Value;

/// A push that was decided on.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    image: String,
    #[serde(skip)]
    login: Option<Credentials>,
}

impl Observer<'_> {
    /// The push that brings an image to its registry; `None` where the registry has it already.
    pub async fn push(
        &self,
        docker: &DockerReader,
        name: &ImageName,
        local: Option<&Value>,
    ) -> Result<Option<Push>, Failure> {
        let login = self.registry_login(name.registry()).await?;
        if let Some(image) = local {
            match docker.newest_digest(name, login.as_ref()).await {
                Ok(digest) if has_digest(image, name, &digest) => return Ok(None),
                // What the registry does not show, it may still take.
                Ok(_) | Err(EngineError::Status { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(Push { image: name.to_string(), login }))
    }
}

/// Whether an image is known to have this digest in the registry of a name.
fn has_digest(image: &Value, name: &ImageName, digest: &str) -> bool {
    let known = image["RepoDigests"].as_array().into_iter().flatten().filter_map(Value::as_str);
    known.into_iter().any(|known| {
        let known = ImageName::parse(known);
        known.has_repository_of(name) && known.digest.as_deref() == Some(digest)
    })
}

impl Push {
    /// Pushes the image; tells whether the registry did not have it.
    pub async fn run(&self, docker: &DockerWriter) -> Result<bool, Failure> {
        let name = ImageName::parse(&self.image);
        let request = Request::post(&["images", &name.repository, "push"])
            .query("tag", name.tag.as_deref().unwrap_or(ImageName::LATEST))
            .header(Credentials::HEADER, docker.header(self.login.as_ref()));
        let pushed = docker.transcript(request).await;
        let told: Transcript = pushed.doing(|| format!("Error pushing image {}", self.image))?;
        Ok(told.moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_counts_for_its_own_repository_only() {
        let image = serde_json::json!({"RepoDigests": ["reg:5000/app@sha256:aa"]});
        let has = |name: &str, digest| has_digest(&image, &ImageName::parse(name), digest);
        assert!(has("reg:5000/app:1", "sha256:aa"));
        assert!(!has("reg:5000/app:1", "sha256:bb"));
        assert!(!has("other/app:1", "sha256:aa"));
        // The Engine shows what is on Docker Hub by its short name.
        let image = serde_json::json!({"RepoDigests": ["team/app@sha256:aa"]});
        let name = ImageName::parse("docker.io/team/app:1");
        assert!(has_digest(&image, &name, "sha256:aa"));
    }
}
