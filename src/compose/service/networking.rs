//! How a service's containers are reached.

use indexmap::IndexMap;

use crate::compose::form::{Pairs, Published, Strings, scalar};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node};

/// How a service's containers are reached.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Networking {
    /// The networks they are on; the project's `default` where none is named.
    pub networks: Option<Networks>,
    /// Whose network they share: `host`, `none`, `service:NAME`, `container:NAME`.
    #[arg(alias = "net")]
    pub network_mode: Option<String>,
    /// Ports that are published.
    #[arg(default)]
    pub ports: Published,
    /// Ports that only other containers reach.
    #[arg(default)]
    pub expose: Strings,
    /// Other services they reach by further names.
    #[arg(default)]
    pub links: Vec<String>,
    /// Containers beside the project's that they reach by name.
    #[arg(default)]
    pub external_links: Vec<String>,
    /// Servers that resolve names.
    #[arg(default)]
    pub dns: Strings,
    /// Domains in which names are looked for.
    #[arg(default)]
    pub dns_search: Strings,
    /// Options of the resolver.
    #[arg(default)]
    pub dns_opt: Strings,
    /// Further hosts and their addresses.
    #[arg(default)]
    pub extra_hosts: Hosts,
    /// Their host name.
    pub hostname: Option<String>,
    /// Their domain name.
    pub domainname: Option<String>,
    /// Their hardware address.
    pub mac_address: Option<String>,
}

/// How a service is on a network.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Membership {
    /// Further names there.
    #[arg(default)]
    pub aliases: Vec<String>,
    /// Its address there.
    pub ipv4_address: Option<String>,
    /// Its IPv6 address there.
    pub ipv6_address: Option<String>,
    /// Its addresses on the link.
    #[arg(default)]
    pub link_local_ips: Vec<String>,
    /// Its hardware address there.
    pub mac_address: Option<String>,
    /// The name of the interface.
    pub interface_name: Option<String>,
    /// Options of the driver.
    #[arg(default)]
    pub driver_opts: Pairs,
    /// Networks of a higher priority are joined first.
    #[arg(default)]
    pub priority: i64,
    /// The network with the highest priority has the default route.
    #[arg(default)]
    pub gw_priority: i64,
}

/// The networks of a service: a list of names, or a mapping.
#[derive(Debug, Clone, Default)]
pub struct Networks(pub IndexMap<String, Membership>);

impl Argument for Networks {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Data::Map(pairs) = &node.data else {
            let Strings(names) = Strings::from_node(name, node, reader)?;
            let all = names.into_iter().map(|name| (name, Membership::default()));
            return Some(Self(all.collect()));
        };
        let mut all = IndexMap::new();
        for (key, value) in pairs {
            let membership = match &value.data {
                Data::Null => Membership::default(),
                _ => reader.nested(&format!("{name}.{}", key.text), value)?,
            };
            all.insert(key.text.clone(), membership);
        }
        Some(Self(all))
    }
}

/// Hosts and their addresses: a mapping, or a list of `HOST:ADDRESS` or `HOST=ADDRESS`.
#[derive(Debug, Clone, Default)]
pub struct Hosts(pub Vec<(String, String)>);

impl Argument for Hosts {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let mut all = vec![];
        if let Data::Map(pairs) = &node.data {
            for (key, value) in pairs {
                let Strings(addresses) = reader.value(&format!("{name}.{}", key.text), value)?;
                all.extend(addresses.into_iter().map(|address| (key.text.clone(), address)));
            }
            return Some(Self(all));
        }
        for item in node.as_list().unwrap_or(std::slice::from_ref(node)) {
            let text = scalar(item);
            let split = text
                .as_deref()
                .and_then(|text| text.split_once('=').or_else(|| text.split_once(':')));
            let Some((host, address)) = split else {
                reader.wrong_type(name, item, "a host and its address, such as `db:10.0.0.9`");
                return None;
            };
            let address = address.trim().trim_matches(['[', ']']);
            all.push((host.trim().to_owned(), address.to_owned()));
        }
        Some(Self(all))
    }
}
