//! `docker_compose_v2`: see [`Args`], which is also what `rplay doc docker_compose_v2` prints.

mod compare;
mod down;
mod images;
mod objects;
mod output;
mod planner;
mod state;
mod steps;
mod up;

use indexmap::IndexMap;

use self::state::State;
use self::steps::Change;
use crate::sdk::docker::compose::ComposeOptions;
use crate::sdk::{Arguments, Choice, Failure, Module, Observer, Operator, Plan, Returned};

/// Ensures that a compose project runs as its files say, or is stopped, or is gone.
///
/// The files are read by rplay and held against the Engine through its API: neither `docker` nor
/// its compose plugin is needed on the host, and `docker compose ps` and `docker compose ls` show
/// the project as their own. Check mode tells which containers would be made anew, and why.
///
/// A container is replaced where its service's settings or image have changed; the new one is
/// made before the old one goes. Volumes without a name go over to the new one.
///
/// A service that others wait for with `service_completed_successfully` is a job: it is run once
/// for each container that is made of it, other than with Docker's own tool, which runs it at each
/// `up`.
///
/// Returns `containers`, `images` and `actions`, as far as they are known in check mode.
#[derive(Debug, Arguments)]
pub struct Args {
    /// What must become of the project: `restarted` does so at each run.
    #[arg(default)]
    state: Wanted,
    /// When images are pulled; `policy` leaves it to the services' `pull_policy`. `always` asks
    /// the registry, and pulls where it has another image than the host.
    #[arg(default)]
    pull: Pulling,
    /// When images are built; `policy` builds those that are missing.
    #[arg(default)]
    build: Building,
    /// Whether the services that the named ones need are included.
    #[arg(default = true)]
    dependencies: bool,
    /// Whether an image that was built anew, and is used by no new container, is no change.
    #[arg(default = true)]
    ignore_build_events: bool,
    /// When containers that are there are made anew: where they differ, always, or never.
    #[arg(default)]
    recreate: Recreate,
    /// Whether new containers get new volumes in place of those without a name of the old ones.
    #[arg(default)]
    renew_anon_volumes: bool,
    /// With `state: absent`, which images are removed: all that services use, or only those
    /// whose services name none.
    remove_images: Option<RemoveImages>,
    /// With `state: absent`, whether the project's volumes are removed: **all data in them**.
    #[arg(default)]
    remove_volumes: bool,
    /// Whether containers of services that the files no longer name are removed.
    #[arg(default)]
    remove_orphans: bool,
    /// How many seconds containers have for stopping.
    timeout: Option<i64>,
    /// The services that this is about; all when not given.
    #[arg(default)]
    services: Vec<String>,
    /// How many containers services have, by their names.
    #[arg(default)]
    scale: IndexMap<String, u64>,
    /// Whether to wait until all containers run, and those with a health check are healthy.
    #[arg(default)]
    wait: bool,
    /// How many seconds that may take.
    #[arg(default = 300_u64)]
    wait_timeout: u64,
    /// Whether volumes whose settings have changed are made anew: **all data in them is lost**.
    #[arg(default)]
    assume_yes: bool,
    /// The project.
    #[arg(flatten)]
    project: ComposeOptions,
}

/// What must become of a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Wanted {
    /// It is gone.
    Absent,
    /// Its containers are there and do not run.
    Stopped,
    /// Its containers are started anew.
    Restarted,
    /// Its containers run.
    #[default]
    Present,
}

/// When images are pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Pulling {
    /// Where the registry has another one.
    Always,
    /// Where the host has none.
    Missing,
    /// Never.
    Never,
    /// As the service says.
    #[default]
    Policy,
}

/// When images are built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Building {
    /// Each time.
    Always,
    /// Never.
    Never,
    /// As the service says; else where the host has none.
    #[default]
    Policy,
}

/// When containers are made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Recreate {
    /// Each time.
    Always,
    /// Never.
    Never,
    /// Where they differ.
    #[default]
    Auto,
}

/// Which images are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
enum RemoveImages {
    /// All that services use.
    All,
    /// Those whose services name none.
    Local,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.look(host).await
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        match self.state {
            Wanted::Absent => self.plan_down(now),
            _ => self.plan_up(now),
        }
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
