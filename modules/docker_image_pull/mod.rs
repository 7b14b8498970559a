//! `docker_image_pull`: see [`Args`], which is also what `rplay doc docker_image_pull` prints.

use serde::Serialize;
use serde_json::json;

use crate::sdk::docker::{DockerOptions, ImageName, Pull, PullPolicy, SeenImage};
use crate::sdk::{Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Returned};

/// Ensures that the host has an image from a registry.
///
/// With `pull: always` the registry is asked for what it has under the name, and the image is
/// pulled only if the host has another one: check mode knows, too. The registry login is that
/// of the task's user on the host, as `docker login` leaves it.
///
/// Returns `image`, as `docker image inspect` shows it, and `actions`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the image, with or without a tag or digest.
    name: String,
    /// Tag, where the name has none.
    #[arg(default = "latest")]
    tag: String,
    /// Platform of the image: `os[/arch[/variant]]`.
    platform: Option<String>,
    /// When to pull.
    #[arg(default)]
    pull: When,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// When an image is pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum When {
    /// When the registry has another one.
    #[default]
    Always,
    /// When the host has none.
    NotPresent,
}

/// The pull to do.
#[derive(Debug, Serialize)]
pub struct Change {
    pull: Pull,
    /// The id of the image that the host has.
    before: Option<String>,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = SeenImage;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<SeenImage, Failure> {
        let docker = host.docker(&self.docker)?;
        host.image(&docker, &self.name()?, self.pull == When::Always).await
    }

    fn plan(&self, now: &SeenImage) -> Result<Plan<Change>, Failure> {
        let policy = match self.pull {
            When::Always => PullPolicy::Always,
            When::NotPresent => PullPolicy::Missing,
        };
        let name = self.name()?;
        let returned = Returned::new().with("image", &now.local);
        let Some(pull) = now.pull(&name, policy, self.platform.as_deref()) else {
            let same = json!({"id": now.id()});
            return Ok(Plan::Keep(returned.with("actions", [(); 0]).same(same)));
        };
        let returned = returned.with("actions", [format!("Pulled image {name}")]);
        let before = now.id().map(str::to_owned);
        let newest = now.newest.as_deref().unwrap_or("unknown");
        let diff = Diff::fields(
            format!("image {name}"),
            &before.as_ref().map(|id| json!({"id": id})),
            &json!({"id": newest}),
        );
        let change = Change { pull, before, docker: self.docker.clone() };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let image = change.pull.run(&host.docker(&change.docker)?).await?;
        let same = image["Id"].as_str() == change.before.as_deref();
        let returned = Returned::new().with("image", image);
        let unchanged = json!({"id": change.before});
        Ok(if same { returned.with("changed", false).same(unchanged) } else { returned })
    }
}

impl Args {
    fn name(&self) -> Result<ImageName, Failure> {
        if ImageName::is_id(&self.name) {
            return Err(Failure::new("Cannot pull an image by ID").help("give its name"));
        }
        ImageName::with_valid_tag(&self.name, &self.tag)
    }
}
