//! `docker_swarm`: see [`Args`], which is also what `rplay doc docker_swarm` prints.

mod alone;
mod apply;
mod change;
mod settings;
mod state;
mod together;
mod waits;

use change::Change;
use settings::Settings;
use state::State;

use crate::sdk::docker::DockerOptions;
use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, Returned, Rule, Secret,
};

/// Makes hosts one swarm, or one host a part of one.
///
/// With `managers`, one task for all hosts is all it takes: the first manager that has a swarm,
/// else the first of the list, starts it; the others join it side by side as what they are to
/// be. Nobody handles a join token: rplay asks a manager for it at the moment of joining. Hosts
/// that are added to the inventory join at the next run, roles that are not as they must be are
/// changed, hosts that are in another swarm are noticed.
///
/// Without `managers` it is one host's affair, as in `community.docker`: `state: present` starts
/// a swarm on it or changes the settings of the one it manages, `join`, `absent` and `remove` do
/// what they say, with tokens and addresses from elsewhere.
///
/// Returns `swarm` (`id`, `node_id`, `role`), `stale_nodes`, `actions`, and, for `state: present`
/// without `managers`, `swarm_facts` with the join tokens.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// The hosts that are to be managers: names, groups or patterns of the inventory.
    managers: Option<Vec<String>>,
    /// The hosts that are to be workers, managers excepted. When left out, every other host that
    /// the task runs on; when given, a host that is in neither list is left alone.
    workers: Option<Vec<String>>,
    /// What the host must be.
    #[arg(default)]
    state: Wanted,
    /// Leaves another swarm in order to join this one; leaves a swarm although it is lost by
    /// that; with `state: present` and without `managers`, makes a manager start anew with what
    /// it has of a swarm that has lost its leader, at every run.
    #[arg(default)]
    force: bool,
    /// The address, or the interface, by which other nodes find this one, with or without a
    /// port. For who starts a swarm the interface of the default route, for who joins what the
    /// managers see.
    advertise_addr: Option<String>,
    /// Where the node listens for others.
    #[arg(default = "0.0.0.0:2377")]
    listen_addr: String,
    /// The address or interface for the traffic between containers.
    data_path_addr: Option<String>,
    /// The port for the traffic between containers. For a new swarm only.
    data_path_port: Option<u16>,
    /// Address ranges that networks are taken from. For a new swarm only.
    default_addr_pool: Option<Vec<String>>,
    /// How many bits of a network's address name the network. For a new swarm only.
    subnet_size: Option<u32>,
    /// Addresses of managers to join at; with `managers`, those that the managers know of each
    /// other unless given.
    remote_addrs: Option<Vec<String>>,
    /// The token for joining; not needed with `managers`.
    join_token: Option<Secret>,
    /// Which node to remove, by id or name.
    node_id: Option<String>,
    /// Whether to renew the token for workers; at every run.
    #[arg(default)]
    rotate_worker_token: bool,
    /// Whether to renew the token for managers; at every run.
    #[arg(default)]
    rotate_manager_token: bool,
    /// Whether to renew the key that unlocks managers; at every run. A manager that is away
    /// meanwhile needs the old one.
    #[arg(default)]
    rotate_unlock_key: bool,
    /// The key that unlocks a manager after a restart. Nothing is done with it where the host is
    /// not locked.
    unlock_key: Option<Secret>,
    /// Whether to remove nodes of the host's name that are down: what is left of a host that was
    /// made anew. They are returned as `stale_nodes` in any case.
    #[arg(default)]
    prune: bool,
    /// How many seconds there are for a swarm to be started by its first manager, and for a node
    /// to take up its work.
    #[arg(default = 120_u64)]
    wait_timeout: u64,
    /// Taken for compatibility: settings that are not given are always kept.
    #[arg(default)]
    #[expect(dead_code, reason = "there is nothing to decide")]
    keep_unspecified_options: bool,
    /// The settings of the swarm.
    #[arg(flatten)]
    settings: Settings,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What a host must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Wanted {
    /// In the swarm that `managers` describes; else a manager, of a new swarm if need be.
    #[default]
    Present,
    /// In the swarm that `remote_addrs` and `join_token` lead to.
    Join,
    /// In no swarm. A manager is made a worker first, unless too few would be left.
    Absent,
    /// A manager, whose swarm no longer lists the node `node_id`.
    Remove,
}

const RULES: &[Rule] = &[
    Rule::If("state", "join", &["remote_addrs", "join_token"]),
    Rule::If("state", "remove", &["node_id"]),
    Rule::By("workers", &["managers"]),
    Rule::Exclusive(&["managers", "join_token"]),
    Rule::Exclusive(&["managers", "node_id"]),
];

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.look(host).await
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        match (&now.group, self.state) {
            (_, Wanted::Absent) => self.plan_leaving(now),
            (Some(group), _) => self.plan_together(now, group),
            (None, _) => self.plan_alone(now),
        }
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
