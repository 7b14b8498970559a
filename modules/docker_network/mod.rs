//! `docker_network`: see [`Args`], which is also what `rplay doc docker_network` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::network::{
    Connect, Member, NetworkChange, NetworkSettings, Subnet, members, settled,
};
use crate::sdk::docker::{ApiVersion, Differences, DockerOptions, EngineError, Texts, is_called};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Presence, Returned, Value,
};

/// Ensures that a Docker network exists with the given settings, or that it does not.
///
/// The Engine cannot alter a network, so any difference replaces it: its containers are
/// disconnected for that time, usually below a second, and then connected again with the aliases,
/// links and fixed addresses that they had. Where the new network cannot be made, the old one is
/// put back.
///
/// Settings that are not given stay as they are. Returns `network`, as `docker network inspect`
/// shows it, and in diff mode `diff.differences`, the paths of the settings that differ.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the network.
    #[arg(alias = "network_name")]
    name: String,
    /// Whether the network must exist.
    #[arg(default)]
    state: Presence,
    /// Driver that carries its traffic: `bridge`, `overlay`, `macvlan`, `ipvlan`, …
    #[arg(default = "bridge")]
    driver: String,
    /// Options that the driver must have been given; others are left as they are.
    #[arg(default)]
    driver_options: Texts,
    /// Whether to replace the network although nothing differs.
    #[arg(default)]
    force: bool,
    /// Names or ids of the containers on this host that are connected to it: these and no others.
    /// Left as it is when not given.
    #[arg(alias = "containers")]
    connected: Option<Vec<String>>,
    /// Whether containers that are connected besides stay so.
    #[arg(default, alias = "incremental")]
    appends: bool,
    /// Whether its traffic stays on it: no way in or out.
    internal: Option<bool>,
    /// Whether containers outside of services may be connected to a network of the swarm.
    attachable: Option<bool>,
    /// Whether it is the swarm's routing mesh.
    ingress: Option<bool>,
    /// How far it reaches.
    scope: Option<Scope>,
    /// Labels it must have; others that it has are left.
    #[arg(default)]
    labels: Texts,
    /// Driver that gives out its addresses.
    ipam_driver: Option<String>,
    /// Options of the driver that gives out its addresses.
    ipam_driver_options: Option<Texts>,
    /// Its address ranges; the Engine chooses when none is given.
    ipam_config: Option<Vec<Subnet>>,
    /// Whether it has IPv4 addresses; Engines before 28 cannot tell.
    enable_ipv4: Option<bool>,
    /// Whether it has IPv6 addresses.
    enable_ipv6: Option<bool>,
    /// Whether it only holds settings for others to take, and carries no traffic.
    config_only: Option<bool>,
    /// Name of the network whose settings it takes.
    config_from: Option<String>,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// How far a network reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
enum Scope {
    /// This host.
    Local,
    /// All hosts that share a key-value store.
    Global,
    /// All hosts of a swarm.
    Swarm,
}

/// The networks that every Engine has, and that cannot be removed.
const PREDEFINED: &[&str] = &["bridge", "host", "none"];

/// The network, and what is connected to it where that matters.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    /// The network, as the Engine shows it.
    network: Option<Value>,
    /// The containers connected to it, running or not.
    #[serde(default)]
    members: Vec<Member>,
}

impl Module for Args {
    type State = State;
    type Change = NetworkChange;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.ipam_config.iter().flatten().try_for_each(Subnet::check)?;
        let docker = host.docker(&self.docker)?;
        if self.enable_ipv4.is_some() && self.state == Presence::Present {
            // Older Engines pass over it and do not show it.
            match docker.require(ApiVersion::new(1, 48), "`enable_ipv4`").await {
                Err(EngineError::Absent { .. }) => {}
                other => other?,
            }
        }
        let found = settled(&docker, &self.name).await?;
        // The Engine also finds networks by the beginning of their id: `db` is one.
        let is_it = |network: &Value| is_called(network, &self.name);
        let Some(network) = found.filter(is_it) else {
            return Ok(State { network: None, members: vec![] });
        };
        let replaced = self.state == Presence::Absent || self.is_replaced(&network);
        let members = if replaced || self.connected.is_some() {
            members(&docker, network["Name"].as_str().unwrap_or(&self.name), replaced).await?
        } else {
            vec![]
        };
        Ok(State { network: Some(network), members })
    }

    fn plan(&self, now: &State) -> Result<Plan<NetworkChange>, Failure> {
        Ok(match (&now.network, self.state) {
            (None, Presence::Absent) => Plan::keep(),
            (None, Presence::Present) => self.make(),
            (Some(network), Presence::Absent) => {
                let mut change = NetworkChange::new(&self.name, &self.docker);
                change.disconnect(&now.members);
                change.remove(network);
                Plan::change(change, Diff::state(self.subject(), "present", "absent"))
            }
            (Some(network), Presence::Present) => self.alter(network, &now.members)?,
        })
    }

    async fn apply(change: NetworkChange, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn subject(&self) -> String {
        format!("network {}", self.name)
    }

    /// Makes the network where there is none.
    fn make(&self) -> Plan<NetworkChange> {
        let wanted = self.over(&NetworkSettings::default());
        let mut change = NetworkChange::new(&self.name, &self.docker);
        change.create = Some(wanted.body(&self.name));
        change.connect = self.connected.iter().flatten().map(|c| Connect::new(c)).collect();
        let mut shown = wanted.brief();
        if let Some(connected) = &self.connected {
            shown["connected"] = connected.as_slice().into();
        }
        Plan::change(change, Diff::fields(self.subject(), &None::<()>, &shown))
    }

    /// Replaces the network if it differs; connects and disconnects.
    fn alter(&self, network: &Value, members: &[Member]) -> Result<Plan<NetworkChange>, Failure> {
        let mut change = NetworkChange::new(&self.name, &self.docker);
        let (mut differences, mut warnings) = (Differences::default(), vec![]);
        let (stay, leave): (Vec<Member>, Vec<Member>) =
            members.iter().cloned().partition(|member| self.keeps(member));
        let is_new = |asked: &&String| !members.iter().any(|member| member.is(asked));
        let join: Vec<&String> = self.connected.iter().flatten().filter(is_new).collect();
        if self.is_replaced(network) {
            if PREDEFINED.contains(&self.name.as_str()) {
                return Err(Failure::new(format!(
                    "the network {} belongs to the Engine and cannot be replaced",
                    self.name
                ))
                .help("make a network of your own, under another name"));
            }
            let settings = NetworkSettings::seen(network);
            let wanted = self.over(&settings);
            settings.compare(&wanted, &mut differences);
            change.disconnect(members);
            change.remove(network);
            change.restore = Some(settings.body(&self.name));
            change.create = Some(wanted.body(&self.name));
            change.reconnect(&stay, &wanted, &mut warnings);
        } else {
            change.disconnect(&leave);
        }
        change.connect.extend(join.iter().map(|name| Connect::new(name)));
        if !join.is_empty() || !leave.is_empty() {
            let names = |members: &[Member]| members.iter().map(|m| m.name.clone()).collect();
            let (before, mut after): (Vec<String>, Vec<String>) = (names(members), names(&stay));
            after.extend(join.into_iter().cloned());
            differences.add("connected", before, after);
        }
        let returned = Returned::new().with("network", network);
        let mut returned = returned.beside_diff("differences", differences.paths());
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        if change.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        let diff = if differences.is_empty() {
            Diff::state(self.subject(), "present", "replaced")
        } else {
            differences.diff(self.subject())
        };
        Ok(Plan::change(change, diff).returning(returned))
    }

    /// The settings as they must be: what is asked for, over what is there.
    fn over(&self, now: &NetworkSettings) -> NetworkSettings {
        let config_only = self.config_only.unwrap_or(now.config_only);
        let driver = if config_only { "null" } else { &self.driver };
        let mut wanted = if now.driver == driver {
            now.clone()
        } else {
            // What one driver was told says nothing to another.
            let labels = now.labels.clone();
            NetworkSettings { driver: driver.to_owned(), labels, ..NetworkSettings::default() }
        };
        wanted.driver_options = wanted.driver_options.with(&self.driver_options);
        wanted.labels = wanted.labels.with(&self.labels);
        wanted.enable_ipv4 = self.enable_ipv4.or(wanted.enable_ipv4);
        wanted.enable_ipv6 = self.enable_ipv6.unwrap_or(wanted.enable_ipv6);
        wanted.internal = self.internal.unwrap_or(wanted.internal);
        wanted.attachable = self.attachable.unwrap_or(wanted.attachable);
        wanted.ingress = self.ingress.unwrap_or(wanted.ingress);
        wanted.config_only = config_only;
        if let Some(scope) = self.scope {
            scope.word().clone_into(&mut wanted.scope);
        }
        if let Some(source) = &self.config_from {
            wanted.config_from.clone_from(source);
        }
        if let Some(driver) = &self.ipam_driver {
            wanted.ipam_driver.clone_from(driver);
        }
        if let Some(options) = &self.ipam_driver_options {
            wanted.ipam_driver_options = wanted.ipam_driver_options.with(options);
        }
        if let Some(subnets) = self.ipam_config.as_ref().filter(|subnets| !subnets.is_empty()) {
            wanted.ask_for_subnets(subnets);
        }
        wanted
    }

    /// Whether the network has to be made anew.
    fn is_replaced(&self, network: &Value) -> bool {
        let settings = NetworkSettings::seen(network);
        self.force || self.over(&settings) != settings
    }

    /// Whether a container that is connected stays so.
    fn keeps(&self, member: &Member) -> bool {
        self.appends
            || self.connected.as_ref().is_none_or(|asked| asked.iter().any(|name| member.is(name)))
    }
}
