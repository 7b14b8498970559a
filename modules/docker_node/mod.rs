//! `docker_node`: see [`Args`], which is also what `rplay doc docker_node` prints.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::swarm::{Availability, Node, NodeRole, may_go};
use crate::sdk::docker::{Differences, DockerOptions, DockerReader, Doing, Texts};
use crate::sdk::{
    Arguments, Choice, Failure, Fields, Module, Observer, Operator, Plan, Returned, Value,
};

/// Sets role, availability and labels of a node of a swarm.
///
/// Runs on a manager. What is not given stays as it is. A manager is not made a worker where too
/// few managers would be left for the swarm to decide anything. Returns `node`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The node's host name or id. Of several nodes with the same name, the one that is not down.
    hostname: String,
    /// What it is to do.
    role: Option<NodeRole>,
    /// Whether it is to be given tasks.
    availability: Option<Availability>,
    /// Labels it must have.
    labels: Option<Texts>,
    /// What becomes of the labels that it has besides.
    #[arg(default)]
    labels_state: LabelsState,
    /// Names of labels that it must not have, where `labels_state` is `merge`.
    #[arg(default)]
    labels_to_remove: Vec<String>,
    /// Whether to wait, after `availability: drain`, until no task runs on the node.
    #[arg(default)]
    wait: bool,
    /// How many seconds to wait.
    #[arg(default = 300_u64)]
    wait_timeout: u64,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What becomes of labels that are not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum LabelsState {
    /// They stay.
    #[default]
    Merge,
    /// They go, all of them where `labels` is not given.
    Replace,
}

/// The node, and the managers where it is to be one no more.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    node: Option<Node>,
    managers: Vec<Node>,
}

/// What is to be written over the node's settings.
#[derive(Debug, Serialize)]
pub struct Change {
    node: String,
    /// Role, availability, labels: those that differ, as the Engine takes them.
    spec: Fields,
    /// How many seconds to wait for the node to be drained.
    #[serde(skip_serializing_if = "Option::is_none")]
    wait: Option<u64>,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let Some(nodes) = docker.manager_list(&["nodes"], &[], "docker_node").await? else {
            return Ok(State { node: Some(Node::default()), managers: vec![] });
        };
        let node = Node::find(&nodes, &self.hostname)?.cloned();
        let managers =
            nodes.into_iter().filter(|node| node.spec.role == NodeRole::Manager).collect();
        // A host of the inventory may be about to join, by an earlier task.
        let may_join = || host.controller().hosts_of(&self.hostname).is_some();
        let node = node.or_else(|| may_join().then(Node::default));
        Ok(State { node, managers })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let Some(node) = &now.node else {
            return Err(Failure::new(format!("the swarm has no node `{}`", self.hostname))
                .help("`docker_node_info` lists its nodes"));
        };
        let labels = self.labels_wanted(&node.spec.labels);
        let mut differences = Differences::default();
        let mut spec = Fields::new();
        let mut set = |name: &str, key: &str, now: Value, wanted: Value| {
            if now != wanted {
                differences.add(name, now, &wanted);
                spec.insert(key.to_owned(), wanted);
            }
        };
        if let Some(role) = self.role {
            set("role", "Role", json!(node.spec.role), json!(role));
        }
        if let Some(availability) = self.availability {
            set("availability", "Availability", json!(node.spec.availability), json!(availability));
        }
        set("labels", "Labels", json!(node.spec.labels), json!(labels));
        let returned = Returned::new().with("node", node).and(self.warnings());
        if spec.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        if differences.has("role") && self.role == Some(NodeRole::Worker) {
            let last = now.managers.len() < 2;
            // The words are the Engine's own.
            let refused = "attempting to demote the last manager of the swarm would fail";
            may_go(&now.managers, node)
                .map_err(|failure| if last { failure.then(refused) } else { failure })?;
        }
        let drains = spec.get("Availability") == Some(&json!(Availability::Drain));
        let change = Change {
            node: if node.id.is_empty() { self.hostname.clone() } else { node.id.clone() },
            spec,
            wait: (self.wait && drains).then_some(self.wait_timeout),
            docker: self.docker.clone(),
        };
        let diff = differences.diff(format!("node {}", self.hostname));
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        docker.must_be_manager("docker_node").await?;
        let edit = |spec: &mut Value| {
            for (key, value) in &change.spec {
                spec[key] = value.clone();
            }
        };
        let path = ["nodes", change.node.as_str()];
        docker.revise(&path, &[], edit).await.doing(|| format!("changing node {}", change.node))?;
        if let Some(seconds) = change.wait {
            until_drained(&docker, &change.node, Duration::from_secs(seconds)).await?;
        }
        let node: Option<Node> = docker.get(&path).await?;
        Ok(Returned::new().with("node", node))
    }
}

impl Args {
    /// The labels as they must be.
    fn labels_wanted(&self, now: &Texts) -> Texts {
        let asked = self.labels.clone().unwrap_or_default();
        match self.labels_state {
            LabelsState::Replace => asked,
            LabelsState::Merge => {
                let mut labels = now.clone();
                labels.retain(|name, _| !self.labels_to_remove.contains(name));
                labels.with(&asked)
            }
        }
    }

    fn warnings(&self) -> Returned {
        let asked = self.labels.as_ref();
        let both = |name: &&String| asked.is_some_and(|labels| labels.contains_key(*name));
        let warnings: Vec<String> = self
            .labels_to_remove
            .iter()
            .filter(both)
            .map(|name| {
                format!("label `{name}` is in `labels` and in `labels_to_remove`, and is kept")
            })
            .collect();
        if warnings.is_empty() {
            Returned::new()
        } else {
            Returned::new().with("warnings", warnings)
        }
    }
}

/// A task of a service, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Task {
    #[serde(rename = "ID")]
    id: String,
    status: TaskStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskStatus {
    state: String,
}

/// Waits until no task runs on a node.
async fn until_drained(
    docker: &DockerReader,
    node: &str,
    patience: Duration,
) -> Result<(), Failure> {
    let filters = json!({"node": [node]}).to_string();
    let end = Instant::now() + patience;
    loop {
        let tasks: Vec<Task> = docker.list(&["tasks"], &[("filters", &filters)]).await?;
        let running: Vec<&str> = tasks
            .iter()
            .filter(|task| task.status.state == "running")
            .map(|task| task.id.as_str())
            .collect();
        if running.is_empty() {
            return Ok(());
        }
        if Instant::now() >= end {
            let seconds = patience.as_secs();
            return Err(Failure::new(format!(
                "the node is not drained after {seconds} s: these tasks still run: {}",
                running.join(", ")
            )));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
