//! `docker_image_tag`: see [`Args`], which is also what `rplay doc docker_image_tag` prints.

use serde::{Deserialize, Serialize};

use serde_json::json;

use crate::sdk::docker::{DockerOptions, Doing, ImageName};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Returned, Side, Value,
};

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
        for name in self.names()? {
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
        let shown = |id: Option<&str>| match id {
            Some(id) => json!({"id": id}),
            None => json!({"exists": false}),
        };
        let (mut names, mut before, mut after) = (vec![], vec![], vec![]);
        for (name, owner) in self.names()?.iter().zip(&now.owners) {
            let keep = owner.is_some() && self.existing_images == Existing::Keep;
            let takes = owner.as_deref() != Some(id) && !keep;
            if takes {
                names.push(name.to_string());
            }
            before.push(shown(owner.as_deref()));
            after.push(shown(if takes { Some(id) } else { owner.as_deref() }));
        }
        let returned = Returned::new().with("image", image).with("tagged_images", &names);
        if names.is_empty() {
            return Ok(Plan::Keep(returned.same(json!({"images": before}))));
        }
        let change = Change { id: id.to_owned(), names, docker: self.docker.clone() };
        let side = |images: Vec<Value>| Side::Fields(json!({"images": images}));
        let diff = Diff {
            subject: format!("images {}", self.repository.join(", ")),
            before: side(before),
            after: side(after),
        };
        Ok(Plan::change(change, diff).returning(returned))
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
    fn names(&self) -> Result<Vec<ImageName>, Failure> {
        let name = |(index, text): (usize, &String)| {
            let refuse = |what: &str| {
                let number = index + 1;
                Err(Failure::new(format!("repository[{number}] must not {what}; got: {text}"))
                    .help("write a name, with or without a tag"))
            };
            let name = ImageName::with_valid_tag(text, &self.tag)?;
            match &name.digest {
                _ if ImageName::is_id(text) => refuse("be an image ID"),
                Some(_) => refuse("have a digest"),
                None => Ok(name),
            }
        };
        self.repository.iter().enumerate().map(name).collect()
    }
}
