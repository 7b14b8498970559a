//! The networks of a project.

use super::ProjectState;
use super::planner::{Planner, texts};
use super::steps::Step;
use super::volumes::{other_settings, shown};
use crate::sdk::docker::Differences;
use crate::sdk::docker::compose::{Blueprint, Network, Project, labels, network_body};
use crate::sdk::docker::network::{Member, NetworkChange, NetworkSettings, Subnet};
use crate::sdk::{Diff, Failure, Value};

/// The networks that services are on, by their keys, in the order of the files.
fn used(project: &Project, services: &[String]) -> Vec<String> {
    let is_used = |key: &&String| {
        services.iter().any(|name| {
            let networks = project.services[name].networking.networks.as_ref();
            networks.is_some_and(|networks| networks.0.contains_key(*key))
        })
    };
    project.networks.keys().filter(is_used).cloned().collect()
}

/// What of a network is not as the files say; what they say nothing of may be anything.
fn differences(network: &Network, seen: &NetworkSettings) -> (Differences, NetworkSettings) {
    let driver = network.driver.as_deref().unwrap_or("bridge");
    let mut wanted = if seen.driver == driver {
        seen.clone()
    } else {
        // What one driver was told says nothing to another.
        let (labels, ipam_driver) = (seen.labels.clone(), seen.ipam_driver.clone());
        let driver = driver.to_owned();
        NetworkSettings { driver, labels, ipam_driver, ..NetworkSettings::default() }
    };
    wanted.driver_options = wanted.driver_options.with(&texts(&network.driver_opts));
    wanted.labels = wanted.labels.with(&texts(&network.labels));
    wanted.internal = network.internal;
    wanted.attachable = network.attachable.unwrap_or_default();
    wanted.enable_ipv4 = network.enable_ipv4.or(wanted.enable_ipv4);
    wanted.enable_ipv6 = network.enable_ipv6.unwrap_or(wanted.enable_ipv6);
    if let Some(ipam) = &network.ipam {
        if let Some(driver) = &ipam.driver {
            wanted.ipam_driver.clone_from(driver);
        }
        wanted.ipam_driver_options = wanted.ipam_driver_options.with(&texts(&ipam.options));
        let asked: Vec<Subnet> = ipam
            .config
            .iter()
            .map(|pool| Subnet {
                subnet: pool.subnet.clone(),
                iprange: pool.ip_range.clone(),
                gateway: pool.gateway.clone(),
                aux_addresses: texts(&pool.aux_addresses),
            })
            .collect();
        wanted.ask_for_subnets(&asked);
    }
    let mut differences = Differences::default();
    seen.compare(&wanted, &mut differences);
    (differences, wanted)
}

fn is_of(object: &Value, project: &Project) -> bool {
    object[labels::PROJECT] == project.name
}

impl ProjectState {
    /// The project's own networks that must be made anew, by their names.
    pub(super) fn outdated(&self, project: &Project, services: &[String]) -> Vec<String> {
        let is_outdated = |key: &String| {
            let (network, name) = (&project.networks[key], project.network_name(key));
            let has = self.networks.iter().find(|has| has["Name"] == name)?;
            let is_own = !network.external.is && is_of(&has["Labels"], project);
            let (differences, _) = differences(network, &NetworkSettings::seen(has));
            (is_own && !differences.is_empty()).then_some(name)
        };
        used(project, services).iter().filter_map(is_outdated).collect()
    }
}

impl Planner<'_> {
    /// Makes the networks that are missing, and those anew that differ.
    pub(super) fn networks(&mut self, order: &[String]) -> Result<(), Failure> {
        for key in used(&self.project, order) {
            let network = &self.project.networks[&key];
            let name = self.project.network_name(&key);
            let has = self.now.networks.iter().find(|has| has["Name"] == name);
            if network.external.is {
                if has.is_none() {
                    return Err(Failure::new(format!(
                        "network {name} declared as external, but could not be found"
                    ))
                    .help("make it with `docker_network` first"));
                }
                continue;
            }
            let body = network_body(&self.project, &key, network);
            let Some(has) = has else {
                let shown = shown(&body);
                self.diffs.push(Diff::fields(format!("network {name}"), &None::<()>, &shown));
                self.steps.push(Step::CreateNetwork { name, body });
                continue;
            };
            let (differences, wanted) = differences(network, &NetworkSettings::seen(has));
            if differences.is_empty() {
                continue;
            }
            if is_of(&has["Labels"], &self.project) {
                self.replace(&name, has, body, &wanted)?;
                self.diffs.push(differences.diff(format!("network {name}")));
            } else {
                self.warnings.push(other_settings(&format!("network {name}")));
            }
        }
        Ok(())
    }

    /// Puts another network in the place of one; the project's containers on it come back to it
    /// with their names and addresses.
    fn replace(
        &mut self,
        name: &str,
        has: &Value,
        body: Value,
        wanted: &NetworkSettings,
    ) -> Result<(), Failure> {
        let members = self.now.members.get(name).cloned().unwrap_or_default();
        let strangers: Vec<&str> = members
            .iter()
            .filter(|member| !is_of(&member.labels, &self.project))
            .map(|member| member.name.as_str())
            .collect();
        if !strangers.is_empty() {
            return Err(Failure::new(format!(
                "network {name} must be made anew, and containers that are not the project's are \
                 connected to it: {}",
                strangers.join(", ")
            ))
            .help("disconnect them before, with `docker network disconnect`"));
        }
        let back: Vec<Member> =
            members.iter().map(|member| self.as_the_files_say(name, member)).collect();
        let mut change = NetworkChange::new(name, &self.docker);
        change.disconnect(&members);
        change.remove(has);
        change.restore = Some(NetworkSettings::seen(has).body(name));
        change.create = Some(body);
        change.reconnect(&back, wanted, &mut self.warnings);
        self.steps.push(Step::ReplaceNetwork { name: name.to_owned(), change });
        Ok(())
    }

    /// A container on a network with the addresses that the files now give it.
    fn as_the_files_say(&self, network: &str, member: &Member) -> Member {
        let mut member = member.clone();
        let service = member.labels[labels::SERVICE].as_str().unwrap_or_default();
        if let Some(blueprint) = Blueprint::of(&self.project, service) {
            let endpoint = blueprint.networks.iter().find(|(name, _)| name == network);
            let asked = endpoint.map(|(_, endpoint)| endpoint["IPAMConfig"].clone());
            member.endpoint["IPAMConfig"] = asked.unwrap_or_default();
        }
        member
    }
}
