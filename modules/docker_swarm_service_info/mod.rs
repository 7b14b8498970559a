//! `docker_swarm_service_info`: see [`Args`], which is also what
//! `rplay doc docker_swarm_service_info` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::{DockerOptions, is_called};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Returns what a service of a swarm is.
///
/// Runs on a manager. Returns `exists`, and `service` as `docker service inspect` shows it, null
/// where there is none.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the service or its id.
    name: String,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The service, as the Engine shows it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Option<Value>);

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        docker.must_be_manager("docker_swarm_service_info").await?;
        let found: Option<Value> = docker.get(&["services", &self.name]).await?;
        Ok(State(found.filter(|service| is_called(service, &self.name))))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        let State(service) = now;
        let returned = Returned::new().with("exists", service.is_some());
        Ok(Plan::Keep(returned.with("service", service)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
