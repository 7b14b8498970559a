//! How the container is reached, and what it reaches.

use serde_json::json;

use super::body::Body;
use super::ports::{self, Ports, range};
use crate::sdk::docker::Texts;
use crate::sdk::{Arguments, Failure, Fields, Value};

/// How the container is reached, and what it reaches.
#[derive(Debug, Arguments)]
#[expect(clippy::struct_field_names, reason = "the names are those of playbooks")]
pub(super) struct Network {
    /// Networks it is connected to, the main one first. Others that it is connected to stay,
    /// unless `comparisons` makes `networks` `strict`.
    pub(super) networks: Option<Vec<Membership>>,
    /// Whether the first of `networks` takes the place of the default network, as with Docker's
    /// own command.
    #[arg(default = true)]
    pub(super) networks_cli_compatible: bool,
    /// What it is connected to: `bridge`, `host`, `none`, `container:NAME`, or a network's name.
    pub(super) network_mode: Option<String>,
    /// Ports of the host that lead to it: `HOST_PORT:CONTAINER_PORT`, with an address of the host
    /// in front, with ranges, with `/udp`. `all` publishes every port that the image exposes.
    #[arg(alias = "ports")]
    published_ports: Option<Vec<String>>,
    /// Whether every port that it exposes is published on some free port.
    publish_all_ports: Option<bool>,
    /// Address of the host for published ports that name none; an empty text means all, of IPv4
    /// and IPv6. When not given, that of a container that is there is left as it is, if it means
    /// all, and a new one has the empty text.
    default_host_ip: Option<String>,
    /// Ports that it says it listens on: `80`, `53/udp`, `9000-9010`.
    #[arg(alias = "exposed", alias = "expose")]
    exposed_ports: Option<Vec<String>>,
    /// Containers on the default network that it knows by name: `name:alias`.
    links: Option<Vec<String>>,
    /// Name servers it asks.
    dns_servers: Option<Vec<String>>,
    /// Options for asking them.
    dns_opts: Option<Vec<String>>,
    /// Domains in which bare names are looked for.
    dns_search_domains: Option<Vec<String>>,
    /// Names and addresses in its `/etc/hosts`.
    etc_hosts: Option<Texts>,
    /// Its hardware address on the main network.
    mac_address: Option<String>,
}

/// A network that the container is connected to.
#[derive(Debug, Clone, Arguments)]
pub(super) struct Membership {
    /// Name of the network.
    pub(super) name: String,
    /// Its fixed IPv4 address.
    pub(super) ipv4_address: Option<String>,
    /// Its fixed IPv6 address.
    pub(super) ipv6_address: Option<String>,
    /// Containers it knows by name there: `name:alias`.
    pub(super) links: Option<Vec<String>>,
    /// Further names it has there.
    pub(super) aliases: Option<Vec<String>>,
    /// Its hardware address there.
    pub(super) mac_address: Option<String>,
    /// Options of the network's driver.
    pub(super) driver_opts: Option<Texts>,
    /// Which of its networks leads out: the one with the highest number.
    pub(super) gw_priority: Option<i64>,
}

impl Network {
    /// Writes what was given into the configuration.
    pub(super) fn fill(&self, body: &mut Body) -> Result<(), Failure> {
        let mut exposed = Fields::new();
        for text in self.exposed_ports.iter().flatten() {
            let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
            let ports = range(ports).ok_or_else(|| {
                Failure::new(format!("`exposed_ports`: `{text}` is no port and no range of ports"))
            })?;
            exposed.extend(ports.iter().map(|port| (format!("{port}/{protocol}"), json!({}))));
        }
        let mut all = self.publish_all_ports;
        if let Some(texts) = &self.published_ports {
            let published: Vec<String> =
                texts.iter().filter(|text| *text != "all").cloned().collect();
            if published.len() < texts.len() {
                all = Some(true);
            }
            let published =
                Ports::read(&published, self.default_host_ip.as_deref().unwrap_or_default())?;
            exposed.extend(published.inside().map(|port| (port.clone(), json!({}))));
            body.host("PortBindings", Some(published.body()));
        }
        body.host("PublishAllPorts", all);
        let given = self.exposed_ports.is_some() || !exposed.is_empty();
        body.config("ExposedPorts", given.then_some(exposed));
        body.host("NetworkMode", self.mode());
        body.host("Links", self.links.as_ref());
        body.host("Dns", self.dns_servers.as_ref());
        body.host("DnsOptions", self.dns_opts.as_ref());
        body.host("DnsSearch", self.dns_search_domains.as_ref());
        let hosts = |hosts: &Texts| -> Vec<String> {
            hosts.iter().map(|(name, address)| format!("{name}:{address}")).collect()
        };
        body.host("ExtraHosts", self.etc_hosts.as_ref().map(hosts));
        body.config("MacAddress", self.mac_address.as_ref());
        Ok(())
    }

    /// Takes over how a container that is there says "all addresses", where the task does not say.
    pub(super) fn adopt_addresses(&self, body: &mut Body, has: &Body) {
        if self.default_host_ip.is_some() {
            return;
        }
        let (Some(asked), Some(has)) =
            (body.get_host("PortBindings"), has.get_host("PortBindings"))
        else {
            return;
        };
        body.host("PortBindings", Some(ports::adopt(asked, &has)));
    }

    /// The main network: the one that is named, else the first of the list.
    fn mode(&self) -> Option<&str> {
        let first = || self.memberships().first().map(|network| network.name.as_str());
        let first = || first().filter(|_| self.networks_cli_compatible);
        self.network_mode.as_deref().or_else(first)
    }

    /// The networks it is connected to, as far as they are given.
    pub(super) fn memberships(&self) -> &[Membership] {
        self.networks.as_deref().unwrap_or_default()
    }
}

impl Membership {
    /// The container's end of the connection, as the Engine takes it.
    pub(super) fn endpoint(&self) -> Value {
        let mut endpoint = json!({});
        let mut addresses = json!({});
        for (name, address) in
            [("IPv4Address", &self.ipv4_address), ("IPv6Address", &self.ipv6_address)]
        {
            if let Some(address) = address {
                addresses[name] = address.as_str().into();
            }
        }
        if addresses != json!({}) {
            endpoint["IPAMConfig"] = addresses;
        }
        if let Some(links) = &self.links {
            endpoint["Links"] = json!(links);
        }
        if let Some(aliases) = &self.aliases {
            endpoint["Aliases"] = json!(aliases);
        }
        if let Some(address) = &self.mac_address {
            endpoint["MacAddress"] = address.as_str().into();
        }
        if let Some(options) = &self.driver_opts {
            endpoint["DriverOpts"] = json!(options);
        }
        if let Some(priority) = self.gw_priority {
            endpoint["GwPriority"] = priority.into();
        }
        endpoint
    }

    /// Whether the hardware address asked for takes a new container: connecting one that is there
    /// does not set it. One that does not run does not show its own.
    pub(super) fn needs_other_address(&self, seen: Option<&Value>) -> bool {
        let Some(asked) = self.mac_address.as_deref() else { return false };
        let Some(seen) = seen else { return true };
        let has = seen["MacAddress"].as_str().unwrap_or_default();
        !has.is_empty() && hardware(asked) != hardware(has)
    }

    /// Whether an existing connection is what was asked for, but for its hardware address.
    pub(super) fn agrees(&self, seen: &Value) -> bool {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_ascii_lowercase();
        let same = |asked: &Option<String>, has: &Value| {
            asked.as_ref().is_none_or(|asked| asked.to_ascii_lowercase() == text(has))
        };
        let all = |asked: &Option<Vec<String>>, has: &Value| {
            let has: Vec<&str> =
                has.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            asked.iter().flatten().all(|asked| has.contains(&asked.as_str()))
        };
        let mut options = self.driver_opts.iter().flat_map(|options| options.iter());
        same(&self.ipv4_address, &seen["IPAMConfig"]["IPv4Address"])
            && same(&self.ipv6_address, &seen["IPAMConfig"]["IPv6Address"])
            && self
                .gw_priority
                .is_none_or(|asked| seen["GwPriority"].as_i64().unwrap_or(0) == asked)
            && options.all(|(name, value)| seen["DriverOpts"][name] == **value)
            && all(&self.aliases, &seen["Aliases"])
            && all(&self.links, &seen["Links"])
    }
}

/// A hardware address in one spelling.
pub(super) fn hardware(address: &str) -> String {
    address.to_ascii_lowercase().replace('-', ":")
}
