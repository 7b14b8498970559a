//! `docker_image_pull`: see [`Args`], which is also what `rplay doc docker_image_pull` prints.

use serde::Serialize;
use serde_json::json;

use crate::sdk::docker::{DockerOptions, ImageName, Pull, PullPolicy, SeenImage};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Returned, Value,
};

/// The id of an image that is yet to be pulled.
const UNKNOWN: &str = "unknown";

/// Ensures that the host has an image from a registry.
///
/// With `pull: always` the registry is asked for what it has under the name, and the image is
/// pulled only if the host has another one: check mode knows, too. The registry login is that
/// of the task's user on the host, as `docker login` leaves it.
///
/// Returns `image`, as `docker image inspect` shows it, `actions`, and `diff`, the image's ids
/// before and after: until it was pulled, that of a new one is `unknown`. With `pull: always` the
/// action is told also where the registry has nothing new.
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
        let pull = now.pull(&name, policy, self.platform.as_deref());
        let mut actions = vec![];
        if pull.is_some() || policy == PullPolicy::Always {
            actions.push(format!("Pulled image {}:{}", name.repository, name.version()));
        }
        let returned = Returned::new().with("image", &now.local).with("actions", actions);
        let before = now.id().map(str::to_owned);
        let Some(pull) = pull else {
            return Ok(Plan::Keep(
                returned.with("diff", sides(before.as_deref(), before.as_deref())),
            ));
        };
        let mut after = json!({"id": UNKNOWN});
        if let Some(digest) = &now.newest {
            after["digest"] = digest.as_str().into();
        }
        let has = before.as_ref().map(|id| json!({"id": id}));
        let diff = Diff::fields(format!("image {name}"), &has, &after);
        let returned = returned.with("diff", sides(before.as_deref(), None));
        let change = Change { pull, before, docker: self.docker.clone() };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let image = change.pull.run(&host.docker(&change.docker)?).await?;
        let (before, after) = (change.before.as_deref(), image["Id"].as_str());
        let returned = Returned::new().with("diff", sides(before, after));
        let returned = if before == after { returned.with("changed", false) } else { returned };
        Ok(returned.with("image", image))
    }
}

/// Both sides of the registered `diff`.
fn sides(before: Option<&str>, after: Option<&str>) -> Value {
    let before = before.map_or_else(|| json!({"exists": false}), |id| json!({"id": id}));
    json!({"before": before, "after": {"id": after.unwrap_or(UNKNOWN)}})
}

impl Args {
    fn name(&self) -> Result<ImageName, Failure> {
        if ImageName::is_id(&self.name) {
            return Err(Failure::new("Cannot pull an image by ID").help("give its name"));
        }
        ImageName::with_valid_tag(&self.name, &self.tag)
    }
}
