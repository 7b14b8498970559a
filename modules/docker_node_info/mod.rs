//! `docker_node_info`: see [`Args`], which is also what `rplay doc docker_node_info` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::DockerOptions;
use crate::sdk::docker::swarm::Node;
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned};

/// Returns what a swarm's managers know of its nodes, as `nodes`.
///
/// Runs on a manager. Nodes that are not there are left out.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The nodes, by host name or id; all of them when not given.
    name: Option<Vec<String>>,
    /// Whether to return the host's own node alone; `name` does not matter then.
    #[arg(default, name = "self")]
    own: bool,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The nodes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Vec<Node>);

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let own = docker.must_be_manager("docker_node_info").await?;
        let all: Vec<Node> = docker.list(&["nodes"], &[]).await?;
        let names = match &self.name {
            _ if self.own => &vec![own.node_id],
            None => return Ok(State(all)),
            Some(names) => names,
        };
        let mut nodes = vec![];
        for name in names {
            nodes.extend(Node::find(&all, name)?.cloned());
        }
        Ok(State(nodes))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        Ok(Plan::Keep(Returned::new().with("nodes", &now.0)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
