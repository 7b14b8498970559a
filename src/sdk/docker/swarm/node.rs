//! The nodes of a swarm.

use serde::{Deserialize, Serialize};

use crate::remote::docker::EngineError;
use crate::sdk::Failure;
use crate::sdk::docker::{DockerReader, Texts};
use crate::value::Fields;

/// What a node does in its swarm.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, rplay_derive::Choice,
)]
#[serde(rename_all = "lowercase")]
pub enum NodeRole {
    /// It runs tasks.
    #[default]
    Worker,
    /// It keeps the swarm's state, too.
    Manager,
}

/// Whether a node is given tasks.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, rplay_derive::Choice,
)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// It is given tasks.
    #[default]
    Active,
    /// It is given no more tasks and keeps those it has.
    Pause,
    /// It is given no tasks; those it has go to other nodes.
    Drain,
}

/// A node of a swarm, as its managers tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Node {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// What it is to be.
    pub spec: NodeSpec,
    /// What it is.
    pub description: NodeDescription,
    /// How it is.
    pub status: NodeStatus,
    /// How it is as a manager, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager_status: Option<ManagerStatus>,
    /// Whatever else there is.
    #[serde(flatten)]
    pub more: Fields,
}

/// What a node is to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NodeSpec {
    /// What it does.
    pub role: NodeRole,
    /// Whether it is given tasks.
    pub availability: Availability,
    /// Its labels.
    pub labels: Texts,
    /// Whatever else there is.
    #[serde(flatten)]
    pub more: Fields,
}

/// What a node is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NodeDescription {
    /// The host's name as its Engine gives it.
    pub hostname: String,
    /// Whatever else there is.
    #[serde(flatten)]
    pub more: Fields,
}

/// How a node is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NodeStatus {
    /// `ready`, `down`, `unknown` or `disconnected`.
    pub state: String,
    /// Whatever else there is: its address, a message.
    #[serde(flatten)]
    pub more: Fields,
}

/// How a manager is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ManagerStatus {
    /// `reachable`, `unreachable` or `unknown`.
    pub reachability: String,
    /// Whatever else there is: whether it leads, its address.
    #[serde(flatten)]
    pub more: Fields,
}

impl Node {
    /// The node of this id or host name; of several, the one that is not down.
    pub fn find<'n>(nodes: &'n [Self], name: &str) -> Result<Option<&'n Self>, Failure> {
        let is_named = |node: &&Self| node.description.hostname == name;
        let mut found: Vec<&Self> = nodes.iter().filter(is_named).collect();
        if found.is_empty() {
            return Ok(nodes.iter().find(|node| node.id == name));
        }
        if found.len() > 1 && found.iter().any(|node| !node.is_down()) {
            found.retain(|node| !node.is_down());
        }
        if let [_, _, ..] = &found[..] {
            let ids: Vec<&str> = found.iter().map(|node| node.id.as_str()).collect();
            return Err(Failure::new(format!(
                "there are {} nodes named `{name}`: {}",
                ids.len(),
                ids.join(", ")
            ))
            .help("name the one that is meant by its id"));
        }
        Ok(found.pop())
    }

    /// Whether it takes part.
    pub fn is_ready(&self) -> bool {
        self.status.state == "ready"
    }

    /// Whether its managers have not heard of it for a while.
    pub fn is_down(&self) -> bool {
        self.status.state == "down"
    }

    /// Whether it is a manager that the others reach.
    pub fn is_reachable_manager(&self) -> bool {
        self.manager_status.as_ref().is_some_and(|status| status.reachability == "reachable")
    }
}

/// How many managers a swarm has, and how many of them take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum {
    /// All managers.
    pub managers: usize,
    /// Those that the others reach.
    pub reachable: usize,
}

impl Quorum {
    /// Counts the managers among nodes.
    pub fn of(nodes: &[Node]) -> Self {
        let managers = nodes.iter().filter(|node| node.spec.role == NodeRole::Manager);
        let reachable = managers.clone().filter(|node| node.is_reachable_manager()).count();
        Self { managers: managers.count(), reachable }
    }

    /// Whether the swarm can still decide: more than half of its managers take part.
    pub fn holds(self) -> bool {
        self.reachable > self.managers / 2
    }

    /// What is left without one of the managers.
    #[must_use]
    pub fn without(self, node: &Node) -> Self {
        Self {
            managers: self.managers.saturating_sub(1),
            reachable: self.reachable.saturating_sub(usize::from(node.is_reachable_manager())),
        }
    }
}

/// Refuses to take a manager out of a swarm that cannot do without it.
pub fn may_go(managers: &[Node], node: &Node) -> Result<(), Failure> {
    let quorum = Quorum::of(managers);
    let left = quorum.without(node);
    if left.holds() {
        return Ok(());
    }
    let name = &node.description.hostname;
    Err(match left.managers {
        0 => Failure::new(format!("{name} is the last manager of its swarm"))
            .help("make another node a manager first"),
        _ => Failure::new(format!(
            "{name} is one of {} managers, of which {} answer: without it the swarm could decide \
             nothing more",
            quorum.managers, quorum.reachable
        ))
        .help("bring the other managers back, or make more nodes managers first"),
    })
}

impl DockerReader {
    /// The nodes of the swarm that the Engine manages, by one filter such as `role`.
    pub async fn nodes(&self, filter: &str, value: &str) -> Result<Vec<Node>, EngineError> {
        let filters = serde_json::json!({ filter: [value] }).to_string();
        self.list(&["nodes"], &[("filters", &filters)]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager(reachability: &str) -> Node {
        let status = ManagerStatus { reachability: reachability.to_owned(), ..Default::default() };
        let spec = NodeSpec { role: NodeRole::Manager, ..NodeSpec::default() };
        Node { spec, manager_status: Some(status), ..Node::default() }
    }

    #[test]
    fn a_swarm_needs_more_than_half_of_its_managers() {
        let up = manager("reachable");
        let nodes = [up.clone(), up.clone(), manager("unreachable"), Node::default()];
        let quorum = Quorum::of(&nodes);
        assert_eq!(quorum, Quorum { managers: 3, reachable: 2 });
        assert!(quorum.holds());
        assert!(!quorum.without(&up).holds(), "one of two is not more than half");
        assert!(quorum.without(&nodes[2]).holds());
        assert!(!Quorum::of(&[up.clone()]).without(&up).holds(), "the last manager");
    }

    #[test]
    fn what_is_not_known_here_is_kept() {
        let told = serde_json::json!({
            "ID": "n1", "Version": {"Index": 3},
            "Spec": {"Role": "worker", "Availability": "active", "Labels": {}, "Name": "x"},
            "Description": {"Hostname": "a", "Platform": {"OS": "linux"}},
            "Status": {"State": "ready", "Addr": "10.0.0.1"},
        });
        let node: Node = serde_json::from_value(told.clone()).unwrap();
        assert_eq!(serde_json::to_value(&node).unwrap(), told);
    }
}
