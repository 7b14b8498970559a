//! What a project asks of a swarm, in the Engine's form.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::json;

use super::deploy;
use super::task::Task;
use crate::sdk::docker::compose::{Network, Project};
use crate::sdk::{Failure, Value};

/// The label of everything that belongs to a stack: the stack's name.
pub(super) const NAMESPACE: &str = "com.docker.stack.namespace";
/// The label of a service with its image as the file names it.
pub(super) const IMAGE: &str = "com.docker.stack.image";

/// The networks that every host has.
pub(super) const PREDEFINED: [&str; 3] = ["host", "bridge", "none"];

/// What a project asks of a swarm, by the names in the swarm.
#[derive(Debug, Default)]
pub(super) struct Desired {
    /// The bodies of networks to be there.
    pub(super) networks: IndexMap<String, Value>,
    /// Networks that somebody else is to have made.
    pub(super) external_networks: Vec<String>,
    /// The `Spec`s of services. Networks, secrets and configs are referred to by name.
    pub(super) services: IndexMap<String, Value>,
    /// What the swarm has no use for.
    pub(super) ignored: Vec<String>,
}

impl Desired {
    pub(super) fn of(project: &Project) -> Result<Self, Failure> {
        let mut desired = Self::default();
        for key in used_networks(project) {
            let network = &project.networks[&key];
            let name = project.network_name(&key);
            if network.external.is {
                desired.external_networks.push(name);
            } else {
                desired.networks.insert(name.clone(), network_body(project, &name, network));
            }
        }
        for (name, service) in &project.services {
            let task = Task { project, name, service };
            let spec = deploy::spec(&task)?;
            desired.services.insert(format!("{}_{name}", project.name), spec);
            desired.ignored.extend(ignored(&task));
        }
        desired.ignored.sort();
        desired.ignored.dedup();
        Ok(desired)
    }
}

/// The networks that services are on.
fn used_networks(project: &Project) -> Vec<String> {
    let is_used = |key: &&String| {
        let mut all = project.services.values().filter_map(|s| s.networking.networks.as_ref());
        all.any(|networks| networks.0.contains_key(*key))
    };
    project.networks.keys().filter(is_used).cloned().collect()
}

/// Labels with that of the stack.
pub(super) fn namespaced<'l>(
    project: &Project,
    labels: impl Iterator<Item = (&'l str, &'l str)>,
) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        labels.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    all.insert(NAMESPACE.to_owned(), project.name.clone());
    all
}

fn network_body(project: &Project, name: &str, network: &Network) -> Value {
    let options: BTreeMap<_, _> = network.driver_opts.texts().collect();
    let mut body = json!({
        "Name": name,
        "CheckDuplicate": true,
        "Driver": network.driver.as_deref().unwrap_or("overlay"),
        "Options": options,
        "Internal": network.internal,
        "Attachable": network.attachable.unwrap_or_default(),
        "EnableIPv6": network.enable_ipv6.unwrap_or_default(),
        "Labels": namespaced(project, network.labels.texts()),
    });
    if let Some(ipam) = &network.ipam {
        let pools: Vec<Value> = ipam
            .config
            .iter()
            .map(|pool| {
                json!({
                    "Subnet": pool.subnet, "IPRange": pool.ip_range, "Gateway": pool.gateway,
                })
            })
            .collect();
        let options: BTreeMap<_, _> = ipam.options.texts().collect();
        body["IPAM"] = json!({
            "Driver": ipam.driver.as_deref().unwrap_or("default"),
            "Options": options,
            "Config": pools,
        });
    }
    body
}

/// What a service says that the swarm has no use for.
fn ignored(task: &Task<'_>) -> Vec<String> {
    let service = task.service;
    let limits = &service.limits;
    let networking = &service.networking;
    let said = [
        ("build", service.build().is_some()),
        ("container_name", service.container_name.is_some()),
        ("depends_on", !service.depends_on.0.is_empty()),
        ("links", !networking.links.is_empty()),
        ("external_links", !networking.external_links.is_empty()),
        ("network_mode", networking.network_mode.is_some()),
        ("ports (the address)", networking.ports.0.iter().any(|port| port.host_ip.is_some())),
        ("expose", !networking.expose.0.is_empty()),
        ("privileged", limits.privileged.is_some()),
        ("devices", !limits.devices.is_empty()),
        ("security_opt", !limits.security_opt.0.is_empty()),
        ("cgroup_parent", limits.cgroup_parent.is_some()),
        ("ipc", limits.ipc.is_some()),
        ("pid", limits.pid.is_some()),
        ("userns_mode", limits.userns_mode.is_some()),
        ("shm_size", limits.shm_size.is_some()),
        ("mac_address", networking.mac_address.is_some()),
        ("volumes_from", !service.volumes_from.is_empty()),
        ("runtime", limits.runtime.is_some()),
    ];
    let given = said.iter().filter(|(_, given)| *given);
    given.map(|(key, _)| format!("services.{}.{key}", task.name)).collect()
}
