//! `docker_swarm_info`: see [`Args`], which is also what `rplay doc docker_swarm_info` prints.

mod brief;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::sdk::docker::swarm::LocalState;
use crate::sdk::docker::{DockerOptions, DockerReader, EngineError, filters};
use crate::sdk::{Arguments, Failure, Fields, Module, Observer, Operator, Plan, Returned, Value};

/// Returns what a swarm is, and lists of what it has.
///
/// Runs on a manager; elsewhere it fails, with `can_talk_to_docker`, `docker_swarm_active` and
/// `docker_swarm_manager` returned all the same. Returns these, `swarm_facts` with the join
/// tokens (masked wherever they are shown), and `nodes`, `services`, `tasks` and
/// `swarm_unlock_key` where they are asked for.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Whether to list nodes.
    #[arg(default)]
    nodes: bool,
    /// Which nodes to list, as `docker node ls --filter` takes it.
    #[arg(default)]
    nodes_filters: IndexMap<String, Value>,
    /// Whether to list services.
    #[arg(default)]
    services: bool,
    /// Which services to list.
    #[arg(default)]
    services_filters: IndexMap<String, Value>,
    /// Whether to list tasks.
    #[arg(default)]
    tasks: bool,
    /// Which tasks to list.
    #[arg(default)]
    tasks_filters: IndexMap<String, Value>,
    /// Whether to return the key that unlocks managers.
    #[arg(default)]
    unlock_key: bool,
    /// Whether to return everything that the Engine tells of each object.
    #[arg(default)]
    verbose_output: bool,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What the Engine told, by the names of the return values.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Fields);

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let (hostname, member) = match docker.membership().await {
            Ok(found) => found,
            Err(error @ EngineError::Connection(_)) => return Err(error.into()),
            Err(error) => return Err(Failure::from(error).returning(flags(false, false, false))),
        };
        let active = member.local_node_state != LocalState::Inactive;
        let flags = flags(!hostname.is_empty(), active, member.is_manager());
        if let Err(failure) = docker.must_be_manager("docker_swarm_info").await {
            return Err(failure.returning(flags));
        }
        let mut told = flags.with("swarm_facts", host.swarm_facts(&docker).await?);
        if self.nodes {
            told.set("nodes", self.list(&docker, "nodes", &self.nodes_filters, brief::node).await?);
        }
        if self.services {
            let filters = &self.services_filters;
            told.set("services", self.list(&docker, "services", filters, brief::service).await?);
        }
        if self.tasks {
            let nodes: Vec<Value> = docker.list(&["nodes"], &[]).await?;
            let task = |task: &Value| brief::task(task, &nodes);
            told.set("tasks", self.list(&docker, "tasks", &self.tasks_filters, task).await?);
        }
        if self.unlock_key {
            let key = host.unlock_key(&docker).await?;
            told.set("swarm_unlock_key", key.map(|key| key.reveal().clone()));
        }
        Ok(State(told.into_fields()))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        Ok(Plan::Keep(Returned::from(now.0.clone())))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

impl Args {
    /// The objects of one kind, in full or in brief.
    async fn list(
        &self,
        docker: &DockerReader,
        kind: &str,
        which: &IndexMap<String, Value>,
        brief: impl Fn(&Value) -> Value,
    ) -> Result<Vec<Value>, EngineError> {
        let which = filters(which);
        let all: Vec<Value> = docker.list(&[kind], &[("filters", &which)]).await?;
        Ok(if self.verbose_output { all } else { all.iter().map(brief).collect() })
    }
}

/// What is returned in any case.
fn flags(can_talk_to_docker: bool, active: bool, manager: bool) -> Returned {
    Returned::new()
        .with("can_talk_to_docker", can_talk_to_docker)
        .with("docker_swarm_active", active)
        .with("docker_swarm_manager", manager)
}
