//! `docker_network_info`: see [`Args`], which is also what `rplay doc docker_network_info` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::DockerOptions;
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Returns what a Docker network is.
///
/// Returns `exists`, and `network` as `docker network inspect` shows it, null where there is none.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the network or its id.
    name: String,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The network, as the Engine shows it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Option<Value>);

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        Ok(State(host.docker(&self.docker)?.network(&self.name).await?))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        let State(network) = now;
        let returned = Returned::new().with("exists", network.is_some());
        Ok(Plan::Keep(returned.with("network", network)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
