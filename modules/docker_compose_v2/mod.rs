//! `docker_compose_v2`: see [`Args`], which is also what `rplay doc docker_compose_v2` prints.

use crate::sdk::docker::compose::{ComposeOptions, ProjectChange, ProjectState, UpOptions};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned};

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
/// A network of the project whose settings have changed is made anew, too: its containers leave it
/// for that moment and come back with their names and the addresses that the files give them. Where
/// somebody else's containers are on it, nothing is touched.
///
/// What services say under `post_start` and `pre_stop` is run in their containers; a command that
/// does not end well is a failure. In files that are laid over others, the tags `!reset` and
/// `!override` drop a value and put one in the place of another. What programs beside the Engine
/// have a part in (`provider`, `models`, builds that need buildx) is refused before anything starts.
///
/// Returns `containers`, `images` and `actions`, as far as they are known in check mode.
#[derive(Debug, Arguments)]
pub struct Args {
    /// What becomes of it.
    #[arg(flatten)]
    up: UpOptions,
    /// The project.
    #[arg(flatten)]
    project: ComposeOptions,
}

impl Module for Args {
    type State = ProjectState;
    type Change = ProjectChange;

    async fn observe(&self, host: &Observer<'_>) -> Result<ProjectState, Failure> {
        self.up.look(&self.project, host).await
    }

    fn plan(&self, now: &ProjectState) -> Result<Plan<ProjectChange>, Failure> {
        self.up.plan(&self.project, now)
    }

    async fn apply(change: ProjectChange, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
