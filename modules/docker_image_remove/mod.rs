//! `docker_image_remove`: see [`Args`], which is also what `rplay doc docker_image_remove` prints.

use serde::Serialize;
use serde_json::json;

use crate::sdk::docker::{DockerOptions, Doing, ImageName, SeenImage};
use crate::sdk::{Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Ensures that the host does not have an image under a name.
///
/// Returns `image` as it was, and `deleted` and `untagged`, the ids and names that are gone.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the image, or its id.
    name: String,
    /// Tag, where the name has none.
    #[arg(default = "latest")]
    tag: String,
    /// Whether to remove it although stopped containers use it, or it has other names.
    #[arg(default)]
    force: bool,
    /// Whether to remove images it is made of that have no name.
    #[arg(default = true)]
    prune: bool,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The image to remove.
#[derive(Debug, Serialize)]
pub struct Change {
    image: String,
    force: bool,
    prune: bool,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = SeenImage;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<SeenImage, Failure> {
        Ok(SeenImage::of(host.docker(&self.docker)?.image(&self.name()).await?))
    }

    fn plan(&self, now: &SeenImage) -> Result<Plan<Change>, Failure> {
        let nothing = Returned::new().with("deleted", [(); 0]).with("untagged", [(); 0]);
        let Some(image) = &now.local else {
            return Ok(Plan::Keep(nothing.with("image", json!({}))));
        };
        let name = self.name().to_string();
        let before = json!({"id": image["Id"]});
        let diff = Diff::fields(format!("image {name}"), &before, &None::<()>);
        let (force, prune, docker) = (self.force, self.prune, self.docker.clone());
        let change = Change { image: name, force, prune, docker };
        Ok(Plan::change(change, diff).returning(nothing.with("image", image)))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        let gone = docker.remove_image(&change.image, change.force, change.prune).await;
        let gone = gone.doing(|| format!("removing image {}", change.image))?;
        let all = |what: &str| -> Vec<Value> {
            gone.iter().filter_map(|entry| entry.get(what)).cloned().collect()
        };
        Ok(Returned::new().with("deleted", all("Deleted")).with("untagged", all("Untagged")))
    }
}

impl Args {
    fn name(&self) -> ImageName {
        ImageName::with_tag(&self.name, &self.tag)
    }
}
