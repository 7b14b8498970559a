//! A cluster as data, put together from what each host tells.

use serde::{Deserialize, Deserializer};

/// A cluster: its hosts in the order of the inventory, and what is known across them.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    /// The hosts.
    pub hosts: Vec<Place>,
}

/// A host, and what it told or why it did not.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its name in the inventory.
    pub name: String,
    /// What it told.
    pub view: Result<Box<HostView>, String>,
}

/// What a host tells.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HostView {
    /// Its Engine.
    pub engine: Engine,
    /// How it stands to swarms.
    pub swarm: Membership,
    /// Its networks.
    pub networks: Vec<Network>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// The nodes of the swarm that it manages.
    pub nodes: Vec<Node>,
    /// The services of that swarm.
    pub services: Vec<Service>,
    /// Their tasks.
    pub tasks: Vec<Task>,
    /// Why it could not tell of its swarm.
    #[serde(deserialize_with = "or_nothing")]
    pub error: String,
}

/// An Engine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Engine {
    /// Its release.
    #[serde(deserialize_with = "or_nothing")]
    pub version: String,
    /// The key-value store that it meets others in, on releases before 23.
    #[serde(deserialize_with = "or_nothing")]
    pub cluster_store: String,
}

/// How a host stands to swarms.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Membership {
    /// `active` for a member.
    #[serde(deserialize_with = "or_nothing")]
    pub state: String,
    /// Its id as a node.
    #[serde(deserialize_with = "or_nothing")]
    pub node: String,
    /// The swarm's id, where it is a manager.
    #[serde(deserialize_with = "or_nothing")]
    pub id: String,
}

/// A network of a host.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Its name.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// Its id.
    #[serde(deserialize_with = "or_nothing")]
    pub id: String,
    /// What carries it.
    #[serde(deserialize_with = "or_nothing")]
    pub driver: String,
    /// `local`, `swarm` or `global`.
    #[serde(deserialize_with = "or_nothing")]
    pub scope: String,
    /// Its ranges of addresses.
    pub subnets: Vec<Option<String>>,
}

/// A container of a host.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Its name.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// Its image.
    #[serde(deserialize_with = "or_nothing")]
    pub image: String,
    /// What it does: `running`, `exited`.
    #[serde(deserialize_with = "or_nothing")]
    pub state: String,
    /// Its networks' names.
    pub networks: Vec<String>,
    /// Its published ports.
    pub ports: Vec<String>,
    /// The service that it belongs to.
    #[serde(deserialize_with = "or_nothing")]
    pub service: String,
}

/// A node of a swarm.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Its id.
    #[serde(deserialize_with = "or_nothing")]
    pub id: String,
    /// Its host's own name.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// `manager` or `worker`.
    #[serde(deserialize_with = "or_nothing")]
    pub role: String,
    /// `active`, `pause` or `drain`.
    #[serde(deserialize_with = "or_nothing")]
    pub availability: String,
    /// `ready` or `down`.
    #[serde(deserialize_with = "or_nothing")]
    pub state: String,
    /// Whether it leads.
    #[serde(deserialize_with = "or_nothing")]
    pub leader: bool,
    /// How the other managers reach it.
    #[serde(deserialize_with = "or_nothing")]
    pub reachability: String,
}

/// A service of a swarm.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its id.
    #[serde(deserialize_with = "or_nothing")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// Its image.
    #[serde(deserialize_with = "or_nothing")]
    pub image: String,
    /// `replicated`, `global`, or a kind of job.
    #[serde(deserialize_with = "or_nothing")]
    pub mode: String,
    /// How many tasks it is to have.
    pub replicas: Option<u64>,
    /// Its published ports.
    pub ports: Vec<String>,
}

/// A task of a service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Task {
    /// The service's id.
    #[serde(deserialize_with = "or_nothing")]
    pub service: String,
    /// The node's id.
    #[serde(deserialize_with = "or_nothing")]
    pub node: String,
    /// What it does.
    #[serde(deserialize_with = "or_nothing")]
    pub state: String,
    /// What it is to do.
    #[serde(deserialize_with = "or_nothing")]
    pub wanted: String,
    /// Why it failed.
    #[serde(deserialize_with = "or_nothing")]
    pub error: String,
}

/// A value, or its default where the Engine says null.
fn or_nothing<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Topology {
    /// Those of the hosts that told what they have.
    pub(super) fn told(&self) -> impl Iterator<Item = (&str, &HostView)> {
        self.hosts
            .iter()
            .filter_map(|place| Some((place.name.as_str(), &**place.view.as_ref().ok()?)))
    }

    /// What one manager of each swarm tells.
    pub(super) fn swarms(&self) -> Vec<&HostView> {
        let mut swarms: Vec<&HostView> = vec![];
        for (_, view) in self.told().filter(|(_, view)| !view.nodes.is_empty()) {
            if swarms.iter().all(|known| known.swarm.id != view.swarm.id) {
                swarms.push(view);
            }
        }
        swarms
    }

    /// The name of the host that is this node; its own name where it is not in the inventory.
    pub(super) fn host_of<'t>(&'t self, node: &'t Node) -> &'t str {
        self.host_of_id(&node.id).unwrap_or(&node.name)
    }

    fn host_of_id(&self, node: &str) -> Option<&str> {
        self.told()
            .find(|(_, view)| !node.is_empty() && view.swarm.node == node)
            .map(|(name, _)| name)
    }

    /// A host as a node of its swarm, as a manager sees it.
    pub(super) fn node_of(&self, view: &HostView) -> Option<&Node> {
        let all = self.told().flat_map(|(_, other)| &other.nodes);
        all.into_iter().find(|node| !node.id.is_empty() && node.id == view.swarm.node)
    }

    /// The networks that reach across hosts, by name, each with the hosts that have it.
    pub(super) fn across(&self) -> Vec<(&Network, Vec<&str>)> {
        let mut all: Vec<(&Network, Vec<&str>)> = vec![];
        for (name, view) in self.told() {
            for network in view.networks.iter().filter(|network| network.is_across()) {
                match all.iter_mut().find(|(known, _)| known.id == network.id) {
                    Some((_, hosts)) => hosts.push(name),
                    None => all.push((network, vec![name])),
                }
            }
        }
        all.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        all
    }

    /// The hosts of a service's running tasks, each with their number.
    pub(super) fn places<'t>(
        &'t self,
        swarm: &'t HostView,
        service: &Service,
    ) -> Vec<(&'t str, usize)> {
        let mut places: Vec<(&str, usize)> = vec![];
        for task in swarm.tasks.iter().filter(|task| task.service == service.id && task.runs()) {
            let node = swarm.nodes.iter().find(|node| node.id == task.node);
            let name = node.map_or("no node", |node| self.host_of(node));
            match places.iter_mut().find(|(known, _)| *known == name) {
                Some((_, number)) => *number += 1,
                None => places.push((name, 1)),
            }
        }
        places.sort_unstable();
        places
    }
}

impl HostView {
    /// Its containers, by name.
    pub(super) fn sorted(&self) -> Vec<&Container> {
        let mut all: Vec<&Container> = self.containers.iter().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
}

impl Network {
    /// Whether it reaches across hosts.
    pub(super) fn is_across(&self) -> bool {
        matches!(self.scope.as_str(), "swarm" | "global") && self.driver != "null"
    }

    /// Whether it is one of those that every Engine has and that have nothing to show.
    pub(super) fn is_empty_kind(&self) -> bool {
        matches!(self.driver.as_str(), "null" | "host")
    }

    /// Its ranges of addresses in a row.
    pub(super) fn ranges(&self) -> String {
        self.subnets.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl Container {
    /// Whether it serves images: its image is called a registry, or it has a registry's port.
    pub(super) fn is_registry(&self) -> bool {
        let name = self.image.rsplit('/').next().unwrap_or_default();
        let name = name.split([':', '@']).next().unwrap_or_default();
        let named =
            name == "registry" || name.ends_with("-registry") || name.starts_with("registry-");
        named || self.ports.iter().any(|port| port.contains("->5000/tcp"))
    }

    /// The name as people know it: of a task without the id at its end.
    pub(super) fn short_name(&self) -> &str {
        if self.service.is_empty() {
            return &self.name;
        }
        self.name.rsplit_once('.').map_or(&self.name, |(name, _)| name)
    }
}

impl Task {
    fn runs(&self) -> bool {
        self.state == "running" && self.wanted == "running"
    }
}

/// An image's name without a digest.
pub(super) fn plain(image: &str) -> &str {
    image.split_once('@').map_or(image, |(name, _)| name)
}
