//! `docker_image_remove`: see [`Args`], which is also what `rplay doc docker_image_remove` prints.

use serde::Serialize;
use serde_json::json;

use crate::sdk::docker::{DockerOptions, Doing, ImageName, SeenImage};
use crate::sdk::{
    Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Side, Value,
};

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
            let same = json!({"exists": false});
            return Ok(Plan::Keep(nothing.with("image", json!({})).same(same)));
        };
        let Remains { tags, digests, gone } = self.remains(image);
        let name = self.name().to_string();
        let known =
            json!({"id": image["Id"], "tags": image["RepoTags"], "digests": image["RepoDigests"]});
        let remaining = json!({"id": image["Id"], "tags": tags, "digests": digests});
        let diff = Diff {
            subject: format!("image {name}"),
            before: Side::Fields(known),
            after: if gone { Side::Absent } else { Side::Fields(remaining) },
        };
        let lost = |all: &str, left: &[Value]| -> Vec<Value> {
            let all = image[all].as_array().into_iter().flatten();
            all.filter(|name| gone || !left.contains(name)).cloned().collect()
        };
        let untagged = [lost("RepoTags", &tags), lost("RepoDigests", &digests)].concat();
        let deleted: Vec<&Value> = gone.then_some(&image["Id"]).into_iter().collect();
        let nothing = Returned::new().with("deleted", deleted).with("untagged", untagged);
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

/// What an image still has after it lost a name.
struct Remains {
    tags: Vec<Value>,
    digests: Vec<Value>,
    /// Whether it goes with its last name.
    gone: bool,
}

impl Args {
    /// What remains: an id means all of it, and its last tag takes digests along.
    fn remains(&self, image: &Value) -> Remains {
        let name = self.name();
        let others = |list: &Value| -> Vec<Value> {
            let is_it = |other: &&Value| {
                other.as_str().is_some_and(|other| ImageName::parse(other).is_same(&name))
            };
            list.as_array().into_iter().flatten().filter(|other| !is_it(other)).cloned().collect()
        };
        let (tags, digests) = (others(&image["RepoTags"]), others(&image["RepoDigests"]));
        let gone = ImageName::is_id(&self.name)
            || (tags.is_empty() && (name.digest.is_none() || digests.is_empty()));
        Remains { tags, digests, gone }
    }

    fn name(&self) -> ImageName {
        ImageName::with_tag(&self.name, &self.tag)
    }
}
