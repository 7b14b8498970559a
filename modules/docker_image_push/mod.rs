//! `docker_image_push`: see [`Args`], which is also what `rplay doc docker_image_push` prints.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::{DockerOptions, ImageName, Push};
use crate::sdk::{Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Ensures that a registry has an image of the host.
///
/// The registry is asked first, and the image is pushed only if it has another one under the name:
/// check mode knows, too. The registry login is that of the task's user on the host, as
/// `docker login` leaves it.
///
/// Returns `image`, as `docker image inspect` shows it.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the image, which names the registry: `registry:5000/app`.
    name: String,
    /// Tag, where the name has none.
    #[arg(default = "latest")]
    tag: String,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The image and whether it has to be pushed.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    image: Option<Value>,
    /// Whether the registry has it.
    is_there: bool,
    #[serde(skip)]
    push: Option<Push>,
}

/// The push to do.
#[derive(Debug, Serialize)]
pub struct Change {
    push: Option<Push>,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let name = self.name()?;
        let image = docker.image(&name).await?;
        let push = match &image {
            Some(image) => host.push(&docker, &name, Some(image)).await?,
            None => None,
        };
        Ok(State { is_there: image.is_some() && push.is_none(), image, push })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let name = self.name()?;
        let Some(image) = &now.image else {
            return Err(Failure::new(format!("Cannot find image {name}"))
                .help("build, load or tag it first"));
        };
        let returned = Returned::new().with("image", image);
        if now.is_there {
            return Ok(Plan::Keep(returned));
        }
        let diff = Diff::fields(
            format!("image {name} in the registry {}", name.registry()),
            &None::<()>,
            &json!({"id": image["Id"]}),
        );
        let change = Change { push: now.push.clone(), docker: self.docker.clone() };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        if let Some(push) = change.push {
            push.run(&host.docker(&change.docker)?).await?;
        }
        Ok(Returned::new())
    }
}

impl Args {
    fn name(&self) -> Result<ImageName, Failure> {
        let by = if ImageName::is_id(&self.name) { "ID" } else { "digest" };
        if by == "ID" || self.name.contains('@') {
            return Err(
                Failure::new(format!("Cannot push an image by {by}")).help("give its name and tag")
            );
        }
        ImageName::with_valid_tag(&self.name, &self.tag)
    }
}
