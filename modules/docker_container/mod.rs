//! `docker_container`: see [`Args`], which is also what `rplay doc docker_container` prints.

mod apply;
mod body;
mod compare;
mod draft;
mod ending;
mod image;
mod network;
mod output;
mod plan;
mod ports;
mod process;
mod resources;
mod settings;
mod size;
mod steps;
mod storage;

use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::network::{Membership, Network};
use self::process::Process;
use self::resources::Resources;
use self::steps::Change;
use self::storage::Storage;
use crate::sdk::docker::{DockerOptions, DockerReader, ImageName, PullPolicy, SeenImage};
use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, Probe, Returned, Value,
};

/// Ensures that a container exists with the given settings and runs, or is stopped, or is gone.
///
/// Only what is given is compared. Limits and the restart policy are changed on the running
/// container; any other difference replaces it: the new container is made first, so that the old
/// one is still there when that fails. The new one has the settings given **now**, nothing of
/// the old one's.
///
/// With `pull: always` the registry is asked what it has, and the image is pulled and the
/// container replaced only if that is another one: check mode knows, too.
///
/// Returns `container`, as `docker container inspect` shows it, and `status` where the end of the
/// container is waited for, the middle of a very long output left out.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the container, or its id.
    name: String,
    /// What must become of it: `present` leaves it running or stopped, `healthy` waits for its
    /// health check, where it has one.
    #[arg(default)]
    state: Wanted,
    /// Image it runs, by name or id.
    image: Option<String>,
    /// Which image's own settings count as asked for.
    #[arg(default)]
    image_comparison: ImageComparison,
    /// What to do when the container has the right image by another name.
    #[arg(default)]
    image_name_mismatch: NameMismatch,
    /// What to do when `labels` is compared strictly and the image has labels that are not given.
    #[arg(default)]
    image_label_mismatch: LabelMismatch,
    /// When the image is pulled.
    #[arg(default)]
    pull: PullPolicy,
    /// Taken for compatibility: the registry is asked, so check mode knows whether a pull would
    /// change anything.
    #[arg(name = "pull_check_mode_behavior")]
    _pull_check_mode_behavior: Option<String>,
    /// Platform of the image: `os[/arch[/variant]]`. Where `comparisons` ignore the image, that of
    /// the container's own image is compared.
    platform: Option<String>,
    /// Whether to replace the container although nothing differs.
    #[arg(default)]
    recreate: bool,
    /// Whether to restart the container if nothing else is done.
    #[arg(default)]
    restart: bool,
    /// Whether to kill the container where it would be stopped.
    #[arg(default, alias = "forcekill")]
    force_kill: bool,
    /// Signal to kill it with.
    kill_signal: Option<String>,
    /// Whether volumes without a name stay when the container is removed.
    #[arg(default = true)]
    keep_volumes: bool,
    /// How many seconds to wait until the Engine has removed the container.
    #[arg(default = 60.0)]
    removal_wait_timeout: f64,
    /// Whether its processes are paused.
    paused: Option<bool>,
    /// Whether to go on while it runs; else its end is waited for, and it must end with status 0.
    #[arg(default = true)]
    detach: bool,
    /// Whether to remove the container after its end was waited for.
    #[arg(default)]
    cleanup: bool,
    /// Taken for compatibility: the output is returned whenever the end is waited for.
    #[arg(name = "output_logs")]
    _output_logs: Option<bool>,
    /// How many seconds to wait with `state: healthy`; 0 waits for ever.
    #[arg(default = 300.0)]
    healthy_wait_timeout: f64,
    /// How settings are compared: `strict`, `ignore` or `allow_more_present`, by their names; `*`
    /// for all that are not named.
    #[arg(default)]
    comparisons: IndexMap<String, Value>,
    /// Whether what is not given is left to the Engine (`no_defaults`) or has the values that
    /// old releases of Ansible gave it (`compatibility`).
    #[arg(default)]
    container_default_behavior: DefaultBehavior,
    /// Old way to write `comparisons: {networks: strict}`.
    #[arg(default)]
    purge_networks: bool,
    /// What runs in it.
    #[arg(flatten)]
    process: Process,
    /// What it may use and do.
    #[arg(flatten)]
    resources: Resources,
    /// What it keeps its data in.
    #[arg(flatten)]
    storage: Storage,
    /// How it is reached.
    #[arg(flatten)]
    network: Network,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What must become of a container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Wanted {
    /// It is gone.
    Absent,
    /// It is there; it runs or not, as it did.
    Present,
    /// It runs, and its health check, where it has one, says that it is well.
    Healthy,
    /// It is there and does not run.
    Stopped,
    /// It runs.
    #[default]
    Started,
}

/// Which image's own settings count as asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum ImageComparison {
    /// That of the image asked for.
    #[default]
    #[choice("desired-image")]
    Desired,
    /// That of the image the container has.
    #[choice("current-image")]
    Current,
}

/// What to do about an image by another name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum NameMismatch {
    /// Nothing.
    Ignore,
    /// Replace the container.
    #[default]
    Recreate,
}

/// What to do about an image's labels that are not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum LabelMismatch {
    /// Take them as asked for.
    #[default]
    Ignore,
    /// Fail.
    Fail,
}

/// What settings that are not given mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum DefaultBehavior {
    /// The Engine's own.
    #[default]
    NoDefaults,
    /// Fixed values.
    Compatibility,
}

/// The container and its image.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The container, as the Engine shows it.
    container: Option<Value>,
    /// The image asked for.
    #[serde(default)]
    image: SeenImage,
    /// The image that the container has, where that matters.
    #[serde(default)]
    current_image: Option<Value>,
    /// The content of `env_file`.
    #[serde(default)]
    env_file: Option<String>,
    /// The home of the task's user, where a path begins with it.
    #[serde(default)]
    home: String,
    /// The ids of containers that `network_mode` and the like name.
    #[serde(default)]
    peers: IndexMap<String, String>,
}

/// Prints a file; `~` in its path is the home of the task's user.
const READ: Probe = Probe("expand \"$1\"; cat \"$path\"");
/// Prints the home of the task's user.
const HOME: Probe = Probe("printf %s \"$HOME\"");

impl Module for Args {
    type State = Seen;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        let docker = host.docker(&self.docker)?;
        let mut seen = Seen { container: docker.container(&self.name).await?, ..Seen::default() };
        if self.state == Wanted::Absent {
            return Ok(seen);
        }
        if let Some(name) = &self.image {
            // No registry knows ids.
            let always = self.pull == PullPolicy::Always && !ImageName::is_id(name);
            let name = ImageName::parse(name);
            seen.image = host.image(&docker, &name, always).await?;
        }
        let current = self.image_comparison == ImageComparison::Current
            || self.platform.is_some()
            || self.image.is_none();
        if let Some(container) = seen.container.as_ref().filter(|_| current) {
            let id = container["Image"].as_str().unwrap_or_default();
            seen.current_image = docker.get(&["images", id, "json"]).await?;
        }
        if let Some(path) = &self.process.env_file {
            let file = host.probe_paths(READ, [path]).await?;
            if !file.success() {
                return Err(Failure::of_program("reading `env_file`", &file));
            }
            seen.env_file = Some(file.stdout_text().into_owned());
        }
        if self.storage.needs_home() {
            seen.home = host.probe(HOME, [] as [&str; 0]).await?.stdout_text().into_owned();
        }
        // What is wrong with the settings themselves is told by the plan.
        if let Ok(body) = self.body(&seen) {
            let ends: Vec<Value> =
                self.network.networks.iter().flatten().map(Membership::endpoint).collect();
            docker.must_know(&body.into_value()).await?;
            docker.must_know(&json!({"Endpoint": ends})).await?;
        }
        for name in self.peers() {
            if let Some(peer) = docker.container(name).await? {
                let id = peer["Id"].as_str().unwrap_or_default().to_owned();
                seen.peers.insert(name.to_owned(), id);
            }
        }
        if self.state == Wanted::Healthy && !self.plan(&seen).is_ok_and(|plan| plan.is_change()) {
            self.wait_for_health(&docker, &mut seen).await?;
        }
        Ok(seen)
    }

    fn plan(&self, now: &Seen) -> Result<Plan<Change>, Failure> {
        plan::plan(self, now)
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    /// The image that a container is made of: the one asked for, else the one it has.
    fn image_of<'s>(&self, seen: &'s Seen) -> Option<&'s Value> {
        match &self.image {
            Some(_) => seen.image.local.as_ref(),
            None => seen.current_image.as_ref(),
        }
    }

    /// The containers that `network_mode` and the like name.
    fn peers(&self) -> impl Iterator<Item = &str> {
        let modes =
            [self.network.network_mode.as_deref()].into_iter().chain(self.resources.modes());
        modes.flatten().filter_map(|mode| mode.strip_prefix("container:"))
    }

    /// Waits while the health check of a running container does not say that it is well.
    async fn wait_for_health(&self, docker: &DockerReader, seen: &mut Seen) -> Result<(), Failure> {
        let started = Instant::now();
        let mut pause = Duration::from_secs(1);
        while let Some(container) = &seen.container
            && plan::is_running(container)
            && !output::is_well(container)
            && (self.healthy_wait_timeout <= 0.0
                || started.elapsed().as_secs_f64() < self.healthy_wait_timeout)
        {
            tokio::time::sleep(pause).await;
            pause = pause.mul_f64(1.1).min(Duration::from_secs(10));
            seen.container = docker.container(&self.name).await?;
        }
        Ok(())
    }
}
