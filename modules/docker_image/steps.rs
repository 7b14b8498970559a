//! Makes, names, pushes and writes an image, or removes it.

use serde::Serialize;

use crate::sdk::docker::{Build, DockerOptions, Doing, ImageName, Pull, Push};
use crate::sdk::{Failure, Operator, Returned, Value};

/// What is done, in this order; anything of it may be empty.
#[derive(Debug, Serialize)]
pub struct Change {
    image: String,
    /// The id of the image that is there.
    #[serde(skip)]
    pub(super) before: Option<String>,
    pub(super) make: Option<Make>,
    /// The other name to give.
    pub(super) tag: Option<String>,
    pub(super) pushes: bool,
    #[serde(skip)]
    pub(super) push: Option<Push>,
    /// The archive to write.
    pub(super) archive: Option<String>,
    pub(super) remove: bool,
    pub(super) force: bool,
    #[serde(skip)]
    docker: DockerOptions,
}

/// What makes an image.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Make {
    /// A folder of the host.
    Build(Build),
    /// A registry.
    Pull(Pull),
    /// An archive of the host.
    Load { path: String },
}

impl Make {
    /// What comes of it, for the user to see before its id is known.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Build(build) => format!("built from {}", build.path),
            Self::Pull(_) => "pulled from the registry".to_owned(),
            Self::Load { path } => format!("loaded from {path}"),
        }
    }
}

impl Change {
    /// Nothing yet.
    pub(super) fn new(image: &ImageName, docker: &DockerOptions) -> Self {
        Self {
            image: image.to_string(),
            before: None,
            make: None,
            tag: None,
            pushes: false,
            push: None,
            archive: None,
            remove: false,
            force: false,
            docker: docker.clone(),
        }
    }

    /// Does it.
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        let name = ImageName::parse(&self.image);
        if self.remove {
            let gone = docker.remove_image(&self.image, self.force, true).await;
            gone.doing(|| format!("removing image {name}"))?;
            let actions = [format!("Removed image {name}")];
            return Ok(Returned::new().with("actions", actions));
        }
        let (mut returned, mut actions) = (Returned::new(), vec![]);
        let mut changed = false;
        if let Some(make) = &self.make {
            let (image, printed) = self.make(make, host, &name).await?;
            changed = image["Id"].as_str() != self.before.as_deref();
            actions.push(match make {
                Make::Build(build) => format!("Built image {name} from {}", build.path),
                Make::Pull(_) => format!("Pulled image {name}"),
                Make::Load { path } => format!("Loaded image {name} from {path}"),
            });
            if let Some(printed) = printed {
                returned.set("stdout", printed);
            }
        }
        if let Some(other) = &self.tag {
            let other = ImageName::parse(other);
            docker.tag(&self.image, &other).await.doing(|| format!("naming the image {other}"))?;
            actions.push(format!("Tagged image {name} to {other}"));
            changed |= self.make.is_none();
        }
        if let Some(push) = &self.push {
            changed |= push.run(&docker).await? || self.make.is_none();
            actions.push(format!("Pushed image {}", self.tag.as_deref().unwrap_or(&self.image)));
        }
        if let Some(path) = &self.archive {
            host.save_images(&self.docker, path, std::slice::from_ref(&self.image), None).await?;
            actions.push(format!("Archived image {name} to {path}"));
            changed |= self.make.is_none();
        }
        let image = docker.image(&name).await?;
        let returned = returned.with("image", image).with("actions", actions);
        Ok(if changed { returned } else { returned.with("changed", false) })
    }

    /// Makes the image; gives it, and what a build printed.
    async fn make(
        &self,
        make: &Make,
        host: &Operator<'_>,
        name: &ImageName,
    ) -> Result<(Value, Option<String>), Failure> {
        let docker = host.docker(&self.docker)?;
        match make {
            Make::Build(build) => {
                let (image, printed) = build.run(host, &self.docker).await?;
                Ok((image, Some(printed)))
            }
            Make::Pull(pull) => Ok((pull.run(&docker).await?, None)),
            Make::Load { path } => {
                let (names, _) = host.load_images(&self.docker, path).await?;
                let image = docker.image(name).await?;
                let image = image.ok_or_else(|| {
                    let found: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
                    let found = found.join(", ");
                    Failure::new(format!(
                        "The archive did not contain image '{name}'. Instead, found {found}."
                    ))
                    .help(format!("look into it with `tar -xOf {path} manifest.json`"))
                })?;
                Ok((image, None))
            }
        }
    }
}
