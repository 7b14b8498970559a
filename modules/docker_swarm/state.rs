//! What is seen of a host, and of the swarm it is to be in.

use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{Args, Wanted};
use crate::sdk::docker::swarm::{LocalState, Membership, Node, NodeRole};
use crate::sdk::docker::{ApiVersion, DockerReader};
use crate::sdk::{Failure, Fields, Observer, Probe, Value};

/// The routes of a host.
const ROUTES: Probe = Probe("cat /proc/net/route 2>/dev/null || :");

/// How long a node that has left is up in the eyes of its managers, at most.
const GOING_DOWN: Duration = Duration::from_secs(20);
/// How long nodes that were started or unlocked are given to find a leader. They wait for up to
/// eight seconds between two tries.
const WAKING: Duration = Duration::from_secs(20);

/// What is seen of a host, and of the swarm it is to be in.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The host's name in the inventory.
    pub(super) host: String,
    /// How it stands to swarms.
    pub(super) swarm: Membership,
    /// Its network interface towards the world; looked for where it may start a swarm.
    pub(super) interface: Option<String>,
    /// How a manager sees it.
    pub(super) view: Option<View>,
    /// The swarm that the task describes, where it does.
    pub(super) group: Option<Group>,
    /// What the Engine tells of its swarm, with the join tokens.
    pub(super) facts: Option<Fields>,
}

/// How a manager sees a host.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct View {
    /// The manager's name in the inventory.
    pub(super) manager: String,
    /// How the manager stands to swarms.
    pub(super) swarm: Membership,
    /// The host, or the node to be removed.
    pub(super) node: Option<Node>,
    /// Nodes of the host's name that are down: what it was before it left or was made anew.
    pub(super) stale: Vec<Node>,
    /// All managers, where one is to go.
    pub(super) managers: Vec<Node>,
}

/// The swarm that a task describes by `managers` and `workers`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    /// The managers' names in the inventory.
    pub(super) managers: Vec<String>,
    /// What the host is to be; nothing where it is not among them.
    pub(super) role: Option<NodeRole>,
    /// What was found at managers that manage no swarm.
    pub(super) others: IndexMap<String, Other>,
    /// Why the first manager cannot start the swarm, where that is known.
    pub(super) missing: Option<String>,
}

impl Group {
    /// A manager other than `host` that waits for the key to its data.
    pub(super) fn locked(&self, host: &str) -> Option<&str> {
        self.others.iter().find_map(|(name, other)| match other {
            Other::Swarm(swarm) if swarm.local_node_state == LocalState::Locked => {
                (name != host).then_some(name.as_str())
            }
            Other::Swarm(_) | Other::Silent(_) => None,
        })
    }

    /// A manager other than `host` that was unlocked or has restarted, and does not lead yet.
    pub(super) fn waking(&self, host: &str) -> Option<&str> {
        self.others.iter().find_map(|(name, other)| match other {
            Other::Swarm(swarm) if swarm.was_let_in() => (name != host).then_some(name.as_str()),
            Other::Swarm(_) | Other::Silent(_) => None,
        })
    }
}

/// A manager-to-be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Other {
    /// It does not answer: why.
    Silent(String),
    /// How it stands to swarms.
    Swarm(Membership),
}

impl Args {
    pub(super) async fn look(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let (hostname, swarm) = docker.membership().await?;
        let name = host.controller().hostname();
        let mut state = State { host: name.to_owned(), swarm, ..State::default() };
        if !hostname.is_empty() {
            self.require(&docker).await?;
        }
        if self.managers.is_some() {
            let (found, mut group) = self.find_swarm(host, &state).await?;
            if let Some((manager, swarm)) = found {
                if swarm.swarm().is_some() {
                    state.swarm = settled(&docker, state.swarm).await?;
                }
                let reader = self.reader(host, &manager).await?;
                let mut view = View { manager, swarm, ..View::default() };
                self.look_from(&reader, &hostname, &state.swarm, group.role, &mut view).await?;
                state.view = Some(view);
            } else if group.managers.first().is_some_and(|first| first == name) {
                state.interface = interface(host).await?;
            } else {
                group.missing = missing(host, &group);
            }
            state.group = Some(group);
        } else if state.swarm.swarm().is_some() {
            let swarm = state.swarm.clone();
            let mut view = View { manager: name.to_owned(), swarm, ..View::default() };
            let since = Instant::now();
            loop {
                self.look_from(&docker, &hostname, &state.swarm, None, &mut view).await?;
                if !self.waits_for_the_end_of(&view) || since.elapsed() > GOING_DOWN {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            state.view = Some(view);
            if self.state == Wanted::Present {
                state.facts = Some(host.swarm_facts_with_key(&docker).await?);
            }
        } else if self.state == Wanted::Present {
            state.interface = interface(host).await?;
        }
        Ok(state)
    }

    /// Whether a node to be removed is still up: it may have left a moment ago.
    fn waits_for_the_end_of(&self, view: &View) -> bool {
        let up = view.node.as_ref().is_some_and(|node| !node.is_down());
        up && self.state == Wanted::Remove && !self.force
    }

    /// Refuses what the host's Engine is too old for.
    async fn require(&self, docker: &DockerReader) -> Result<(), Failure> {
        let needs = [
            (self.data_path_addr.is_some(), 31, "`data_path_addr`"),
            (self.default_addr_pool.is_some(), 39, "`default_addr_pool`"),
            (self.subnet_size.is_some(), 39, "`subnet_size`"),
            (self.data_path_port.is_some(), 40, "`data_path_port`"),
        ];
        for (_, minor, what) in needs.into_iter().filter(|(given, ..)| *given) {
            docker.require(ApiVersion::new(1, minor), what).await?;
        }
        Ok(())
    }

    /// Who is to be what.
    fn group(&self, host: &Observer<'_>) -> Result<Group, Failure> {
        let managers = hosts(host, "managers", self.managers.as_deref().unwrap_or_default())?;
        if managers.is_empty() {
            return Err(Failure::new("`managers` names no host of the inventory"));
        }
        let name = host.controller().hostname();
        let role = match &self.workers {
            _ if managers.iter().any(|manager| manager == name) => Some(NodeRole::Manager),
            None => Some(NodeRole::Worker),
            Some(workers) => hosts(host, "workers", workers)?
                .iter()
                .any(|worker| worker == name)
                .then_some(NodeRole::Worker),
        };
        Ok(Group { managers, role, ..Group::default() })
    }

    /// Looks for the swarm that the task describes. Where its managers are unlocked at this
    /// moment, they are given the time to find a leader.
    async fn find_swarm(
        &self,
        host: &Observer<'_>,
        state: &State,
    ) -> Result<(Option<(String, Membership)>, Group), Failure> {
        let since = Instant::now();
        loop {
            let mut group = self.group(host)?;
            let found = self.find_manager(host, state, &mut group).await?;
            let leads = found.as_ref().is_some_and(|(_, swarm)| swarm.swarm().is_some());
            let may_come = self.unlock_key.is_some() && group.waking(&state.host).is_some();
            if leads || !may_come || since.elapsed() > WAKING {
                return Ok((found, group));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// The first manager that has a swarm with a leader, else the first that has a swarm.
    async fn find_manager(
        &self,
        host: &Observer<'_>,
        state: &State,
        group: &mut Group,
    ) -> Result<Option<(String, Membership)>, Failure> {
        let mut leaderless = None;
        let mut names = group.managers.clone();
        if self.state == Wanted::Absent {
            // Who leaves is seen to by the others, if there are any.
            names.retain(|name| *name != state.host);
            if state.swarm.is_manager() {
                names.push(state.host.clone());
            }
        }
        for name in names {
            let found = if name == state.host {
                Ok(state.swarm.clone())
            } else if host.controller().is_unreachable(&name) {
                Err("it could not be reached earlier in this play".to_owned())
            } else {
                // One whose task has failed still tells how it stands to swarms: whether it fails
                // before or after it is asked makes no difference.
                self.membership_of(host, &name).await.map_err(|failure| failure.to_string())
            };
            match found {
                Ok(swarm) if swarm.swarm().is_some() => return Ok(Some((name, swarm))),
                Ok(swarm) => {
                    if swarm.is_manager() && leaderless.is_none() {
                        leaderless = Some((name.clone(), swarm.clone()));
                    }
                    group.others.insert(name, Other::Swarm(swarm));
                }
                Err(reason) => {
                    group.others.insert(name, Other::Silent(reason));
                }
            }
        }
        Ok(leaderless)
    }

    async fn membership_of(&self, host: &Observer<'_>, name: &str) -> Result<Membership, Failure> {
        Ok(self.reader(host, name).await?.membership().await?.1)
    }

    /// The Engine of a host of the inventory.
    async fn reader(&self, host: &Observer<'_>, name: &str) -> Result<DockerReader, Failure> {
        if name == host.controller().hostname() {
            return host.docker(&self.docker);
        }
        let peer = host.controller().peer(name).await?;
        host.at(&peer).docker(&self.docker)
    }

    /// Looks at the host from one of its managers.
    async fn look_from(
        &self,
        docker: &DockerReader,
        hostname: &str,
        own: &Membership,
        role: Option<NodeRole>,
        view: &mut View,
    ) -> Result<(), Failure> {
        if view.swarm.swarm().is_none() {
            return Ok(());
        }
        let wanted = match &self.node_id {
            Some(id) if self.state == Wanted::Remove => id,
            _ => &own.node_id,
        };
        let named: Vec<Node> = docker.nodes("name", hostname).await?;
        if !wanted.is_empty() {
            view.node = match named.iter().find(|node| node.id == *wanted) {
                Some(node) => Some(node.clone()),
                None => docker.get(&["nodes", wanted]).await?,
            };
        }
        let is_stale = |node: &Node| {
            node.description.hostname == hostname && node.id != own.node_id && node.is_down()
        };
        view.stale = named.into_iter().filter(is_stale).collect();
        let is_manager = view.node.as_ref().is_some_and(|n| n.spec.role == NodeRole::Manager);
        let goes = self.state != Wanted::Present || role == Some(NodeRole::Worker);
        if is_manager && goes {
            view.managers = docker.nodes("role", "manager").await?;
        }
        Ok(())
    }
}

/// How an Engine stands to swarms, once it is back in its own: after a restart or a lost connection
/// that takes a while, though the swarm has a leader.
async fn settled(docker: &DockerReader, mut now: Membership) -> Result<Membership, Failure> {
    let since = Instant::now();
    while now.was_let_in() && !now.is_member() && since.elapsed() < WAKING {
        tokio::time::sleep(Duration::from_millis(500)).await;
        now = docker.membership().await?.1;
    }
    Ok(now)
}

/// The hosts that an argument names: hosts, groups or patterns.
fn hosts(host: &Observer<'_>, argument: &str, names: &[String]) -> Result<Vec<String>, Failure> {
    let mut all: Vec<String> = vec![];
    for name in names {
        let found = host.controller().hosts_of(name).ok_or_else(|| {
            Failure::new(format!("`{argument}`: `{name}` is no host or group of the inventory"))
        })?;
        all.extend(found.into_iter().filter(|host| !all.contains(host)).collect::<Vec<_>>());
    }
    Ok(all)
}

/// Why the first manager will not start the swarm in this play, where that can be told.
fn missing(host: &Observer<'_>, group: &Group) -> Option<String> {
    let controller = host.controller();
    let first = group.managers.first()?;
    if controller.has_failed(first) {
        return Some("it failed earlier in this play".to_owned());
    }
    let batch = controller.variable("ansible_play_batch").ok().flatten()?;
    let takes_part = batch.as_array()?.iter().any(|name| name.as_str() == Some(first));
    (!takes_part).then(|| "it does not take part in this play, or not yet".to_owned())
}

/// The network interface that leads to the world.
async fn interface(host: &Observer<'_>) -> Result<Option<String>, Failure> {
    let routes = host.probe(ROUTES, [] as [&str; 0]).await?;
    Ok(default_interface(&routes.stdout_text()))
}

/// The interface of the default route, by the least metric, out of `/proc/net/route`.
fn default_interface(routes: &str) -> Option<String> {
    routes
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [interface, "00000000", _, _, _, _, metric, "00000000", ..] = fields[..] else {
                return None;
            };
            Some((metric.parse::<u64>().ok()?, interface.to_owned()))
        })
        .min_by_key(|(metric, _)| *metric)
        .map(|(_, interface)| interface)
}

impl State {
    /// The swarm as a value for users: what it is called, what the host is in it.
    pub(super) fn described(&self) -> Value {
        let id = self.view.as_ref().and_then(|view| view.swarm.swarm()).map(|swarm| &swarm.id);
        let role = self.view.as_ref().and_then(|view| view.node.as_ref()).map(|n| n.spec.role);
        let node =
            (self.swarm.local_node_state == LocalState::Active).then_some(&self.swarm.node_id);
        serde_json::json!({"id": id, "node_id": node, "role": role})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_route_with_the_least_metric_counts() {
        let routes = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n\
                      wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
                      eth1\t00000000\t014ED50A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
                      eth0\t004ED50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        assert_eq!(default_interface(routes).as_deref(), Some("eth1"));
        assert_eq!(default_interface(""), None);
        assert_eq!(default_interface("Iface\tDestination\neth0\t00000000\n"), None);
    }
}
