//! `docker_container_info`: see [`Args`], which is also what `rplay doc docker_container_info` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::DockerOptions;
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Returns what a Docker container is.
///
/// Returns `exists`, and `container` as `docker container inspect` shows it, null where there is none.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the container or its id.
    name: String,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The container, as the Engine shows it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Option<Value>);

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        Ok(State(host.docker(&self.docker)?.container(&self.name).await?))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        let State(container) = now;
        let returned = Returned::new().with("exists", container.is_some());
        Ok(Plan::Keep(returned.with("container", container)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
