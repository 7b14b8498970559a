//! `docker_image_tag`: see [`Args`], which is also what `rplay doc docker_image_tag` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::{Differences, DockerOptions, Doing, ImageName};
use crate::sdk::{Arguments, Choice, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Ensures that an image of the host has further names.
///
/// Returns `image`, as `docker image inspect` shows it, and `tagged_images`, the names that were
/// given.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the image, or its id.
    name: String,
    /// Tag, where the name has none.
    #[arg(default = "latest")]
    tag: String,
    /// Names it must have, with or without tags; those without get `tag`.
    repository: Vec<String>,
    /// What to do when a name belongs to another image.
    #[arg(default)]
    existing_images: Existing,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What to do about a name that belongs to another image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Existing {
    /// Leave it there.
    Keep,
    /// Take it.
    #[default]
    Overwrite,
}

/// The image, and whose the names are.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    image: Option<Value>,
    /// The id of the image that has each name, in the task's order.
    owners: Vec<Option<String>>,
}

/// The names to give.
#[derive(Debug, Serialize)]
pub struct Change {
    id: String,
    names: Vec<String>,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let image = docker.image(&ImageName::with_tag(&self.name, &self.tag)).await?;
        let mut owners = vec![];
        for name in self.names() {
            let owner = docker.image(&name).await?;
            owners.push(owner.and_then(|image| image["Id"].as_str().map(str::to_owned)));
        }
        Ok(State { image, owners })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let Some(image) = &now.image else {
            let name = ImageName::with_tag(&self.name, &self.tag);
            return Err(Failure::new(format!("Cannot find image {name}"))
                .help("pull, build or load it first"));
        };
        let id = image["Id"].as_str().unwrap_or_default();
        let (mut names, mut differences) = (vec![], Differences::default());
        for (name, owner) in self.names().zip(&now.owners) {
            let keep = owner.is_some() && self.existing_images == Existing::Keep;
            if owner.as_deref() != Some(id) && !keep {
                differences.add(&name.to_string(), owner, id);
                names.push(name.to_string());
            }
        }
        let returned = Returned::new().with("image", image).with("tagged_images", &names);
        if names.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        let change = Change { id: id.to_owned(), names, docker: self.docker.clone() };
        Ok(Plan::change(change, differences.diff("names of images")).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        for name in &change.names {
            let tagged = docker.tag(&change.id, &ImageName::parse(name)).await;
            tagged.doing(|| format!("giving the image the name {name}"))?;
        }
        Ok(Returned::new())
    }
}

impl Args {
    /// The names it must have.
    fn names(&self) -> impl Iterator<Item = ImageName> {
        self.repository.iter().map(|name| ImageName::with_tag(name, &self.tag))
    }
}
