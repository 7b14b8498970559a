//! Images on a host and in registries: the shared half of the modules that need one.

use serde::{Deserialize, Serialize};

use super::{DockerReader, DockerWriter, Doing, ImageName};
use crate::remote::docker::{Credentials, EngineError, Request, Transcript};
use crate::sdk::{Failure, Observer};
use crate::value::Value;

/// When an image is pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum PullPolicy {
    /// When the registry has another one than the host.
    #[choice("always", "yes", "true")]
    Always,
    /// When the host has none.
    #[default]
    #[choice("missing", "not_present", "no", "false")]
    Missing,
    /// Never.
    Never,
}

/// An image as the host and, where it was asked, the registry has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SeenImage {
    /// The image on the host, as the Engine shows it.
    #[serde(default)]
    pub local: Option<Value>,
    /// The digest that the registry has under the name, where it was asked.
    #[serde(default)]
    pub newest: Option<String>,
    /// The login at the registry, where there is one.
    #[serde(skip)]
    login: Option<Credentials>,
}

impl SeenImage {
    /// An image of the host; no registry was asked.
    pub fn of(local: Option<Value>) -> Self {
        Self { local, ..Self::default() }
    }

    /// The image's id on the host.
    pub fn id(&self) -> Option<&str> {
        self.local.as_ref()?["Id"].as_str()
    }

    /// Asks the registry what it has under the name.
    async fn ask(&mut self, docker: &DockerReader, name: &ImageName) -> Result<(), Failure> {
        let newest = docker.newest_digest(name, self.login.as_ref()).await;
        self.newest = Some(newest.doing(|| format!("asking the registry for {name}"))?);
        Ok(())
    }

    /// Whether it is for this platform (`os[/arch[/variant]]`), as far as the host has it.
    pub fn is_for(&self, platform: &str) -> bool {
        let Some(image) = &self.local else { return true };
        // An architecture may stand alone.
        let known = ["linux", "windows", "freebsd", "darwin"];
        let alone = !platform.contains('/') && !known.contains(&platform);
        let platform = if alone { &format!("linux/{platform}") } else { platform };
        let mut parts = platform.split('/');
        [("Os", parts.next()), ("Architecture", parts.next()), ("Variant", parts.next())]
            .iter()
            .all(|(field, wanted)| {
                wanted.is_none_or(|wanted| image[*field].as_str().is_none_or(|has| has == wanted))
            })
    }

    /// The platform it is for, as far as the host has the image.
    pub fn platform(&self) -> Option<String> {
        let image = self.local.as_ref()?;
        let parts = ["Os", "Architecture", "Variant"].map(|field| image[field].as_str());
        Some(
            parts
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("/"),
        )
    }

    /// Whether the registry has another image under the name than the host.
    fn is_stale(&self) -> bool {
        let (Some(image), Some(newest)) = (&self.local, &self.newest) else { return false };
        let known = image["RepoDigests"].as_array().into_iter().flatten();
        !known
            .filter_map(Value::as_str)
            .any(|known| known.rsplit_once('@').is_some_and(|(_, digest)| digest == newest))
    }

    /// The pull that the policy asks for.
    pub fn pull(
        &self,
        name: &ImageName,
        policy: PullPolicy,
        platform: Option<&str>,
    ) -> Option<Pull> {
        let wrong = self.local.is_none() || platform.is_some_and(|p| !self.is_for(p));
        let pull = match policy {
            PullPolicy::Never => false,
            PullPolicy::Missing => wrong,
            PullPolicy::Always => wrong || self.is_stale(),
        };
        pull.then(|| Pull {
            image: name.to_string(),
            platform: platform.map(str::to_owned),
            login: self.login.clone(),
        })
    }
}

/// A pull that was decided on.
#[derive(Debug, Clone, Serialize)]
pub struct Pull {
    image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(skip)]
    login: Option<Credentials>,
}

impl Pull {
    /// The image's name.
    pub fn image(&self) -> &str {
        &self.image
    }

    /// Pulls the image and returns what the host has now.
    pub async fn run(&self, docker: &DockerWriter) -> Result<Value, Failure> {
        let name = ImageName::parse(&self.image);
        let mut request = Request::post(&["images", "create"])
            .query("fromImage", &name.repository)
            .query("tag", name.version())
            .header(Credentials::HEADER, docker.header(self.login.as_ref()));
        if let Some(platform) = &self.platform {
            request = request.query("platform", platform);
        }
        let doing = || format!("pulling image {}", self.image);
        let _: Transcript = docker.transcript(request).await.doing(doing)?;
        let image = docker.image(&name).await?;
        image.ok_or_else(|| Failure::new(format!("{}: it is not there afterwards", doing())))
    }
}

impl Observer<'_> {
    /// An image on the host; with `ask_registry` also what the registry has under the name.
    pub async fn image(
        &self,
        docker: &DockerReader,
        name: &ImageName,
        ask_registry: bool,
    ) -> Result<SeenImage, Failure> {
        let mut seen = SeenImage::of(docker.image(name).await?);
        // What has a digest never changes.
        let ask_registry = ask_registry && name.digest.is_none();
        if seen.local.is_none() || ask_registry {
            seen.login = self.registry_login(name.registry()).await?;
        }
        if seen.local.is_some() && ask_registry {
            seen.ask(docker, name).await?;
        }
        Ok(seen)
    }

    /// An image on the host, and what the registry has where the policy pulls from it: what is
    /// in no registry is told before anything is touched.
    pub async fn image_to_pull(
        &self,
        docker: &DockerReader,
        name: &ImageName,
        policy: PullPolicy,
    ) -> Result<SeenImage, Failure> {
        let mut seen = self.image(docker, name, policy == PullPolicy::Always).await?;
        if seen.local.is_none() && policy != PullPolicy::Never {
            seen.ask(docker, name).await?;
        }
        Ok(seen)
    }
}

impl DockerReader {
    /// An image on the host by its name or whole id.
    pub async fn image(&self, name: &ImageName) -> Result<Option<Value>, EngineError> {
        let text = name.to_string();
        let image: Option<Value> = self.get(&["images", &text, "json"]).await?;
        // The Engine also finds images by the beginning of their id: `cafe` is one.
        let is_it = |image: &Value| {
            let id = image["Id"].as_str().unwrap_or_default().trim_start_matches("sha256:");
            let by_prefix = !id.is_empty() && id.len() != text.len() && id.starts_with(&text);
            !by_prefix || name.is_one_of(&image["RepoTags"])
        };
        Ok(image.filter(is_it))
    }

    /// The digest that a registry has under a name; the Engine asks it.
    pub(super) async fn newest_digest(
        &self,
        name: &ImageName,
        login: Option<&Credentials>,
    ) -> Result<String, EngineError> {
        let request = Request::get(&["distribution", &name.to_string(), "json"])
            .header(Credentials::HEADER, self.header(login));
        let answer: Value = self.look(request).await?.json()?;
        answer["Descriptor"]["digest"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| EngineError::Answer("there is no digest".to_owned()))
    }
}

impl DockerWriter {
    /// Gives an image another name.
    pub async fn tag(&self, image: &str, name: &ImageName) -> Result<(), EngineError> {
        let tag = name.tag.as_deref().unwrap_or(ImageName::LATEST);
        self.act(&["images", image, "tag"], &[("repo", &name.repository), ("tag", tag)]).await
    }

    /// Takes a name from an image and removes it with its last one; tells what is gone.
    pub async fn remove_image(
        &self,
        name: &str,
        force: bool,
        prune: bool,
    ) -> Result<Vec<Value>, EngineError> {
        let flag = |set: bool| if set { "1" } else { "0" };
        let request = Request::delete(&["images", name])
            .query("force", flag(force))
            .query("noprune", flag(!prune));
        match self.send(request).await {
            Ok(gone) => Ok(gone.json::<Option<_>>()?.unwrap_or_default()),
            Err(error) if error.status() == Some(404) => Ok(vec![]),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(newest: Option<&str>) -> SeenImage {
        SeenImage {
            local: Some(json!({
                "Id": "sha256:1", "RepoDigests": ["reg:5000/app@sha256:aa"],
                "Os": "linux", "Architecture": "arm64", "Variant": "v8",
            })),
            newest: newest.map(str::to_owned),
            login: None,
        }
    }

    #[test]
    fn pulls_as_the_policy_says() {
        let name = ImageName::parse("reg:5000/app");
        let pulls = |seen: &SeenImage, policy| seen.pull(&name, policy, None).is_some();
        let missing = SeenImage::default();
        let policies = [PullPolicy::Always, PullPolicy::Missing, PullPolicy::Never];
        assert_eq!(policies.map(|policy| pulls(&missing, policy)), [true, true, false]);
        let (fresh, stale) = (seen(Some("sha256:aa")), seen(Some("sha256:bb")));
        assert_eq!(policies.map(|policy| pulls(&fresh, policy)), [false, false, false]);
        assert_eq!(policies.map(|policy| pulls(&stale, policy)), [true, false, false]);
    }

    #[test]
    fn pulls_where_the_platform_is_another_one() {
        let name = ImageName::parse("app");
        for (platform, pulls) in [
            ("linux", false),
            ("linux/arm64", false),
            ("linux/arm64/v8", false),
            ("linux/amd64", true),
            ("arm64", false),
            ("amd64", true),
        ] {
            let pull = seen(None).pull(&name, PullPolicy::Missing, Some(platform));
            assert_eq!(pull.is_some(), pulls, "{platform}");
        }
    }
}
