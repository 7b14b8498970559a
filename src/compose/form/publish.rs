//! Ports that a service makes known.

use std::ops::RangeInclusive;

use indexmap::IndexMap;

use super::scalar;
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node};

/// One published port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publish {
    /// The port inside.
    pub target: u16,
    /// The port outside, or the first and the last of several to choose from; any where there is
    /// none.
    pub published: Option<(u16, u16)>,
    /// The address of the host it is bound to.
    pub host_ip: Option<String>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// `ingress` or `host`.
    pub mode: Option<String>,
}

/// The published ports of a service: `[[ADDRESS:]PORT:]PORT[/PROTOCOL]`, ranges of them, or
/// mappings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published(pub Vec<Publish>);

impl Argument for Published {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Data::List(items) = &node.data else {
            reader.wrong_type(name, node, "a list of ports");
            return None;
        };
        let mut all = vec![];
        for (index, item) in items.iter().enumerate() {
            let name = format!("{name}[{index}]");
            if item.as_map().is_some() {
                all.push(long(&name, item, reader)?);
                continue;
            }
            let Some(ports) = scalar(item).and_then(|text| short(&text)) else {
                let wanted = "a port such as `8080:80`, `127.0.0.1:8080:80/udp` or `80`";
                reader.wrong_type(&name, item, wanted);
                return None;
            };
            all.extend(ports);
        }
        Some(Self(each_once(all)))
    }
}

/// Each port once: of those that are the same, spelt in whatever way, the last one counts.
fn each_once(ports: Vec<Publish>) -> Vec<Publish> {
    let mut all: IndexMap<_, Publish> = IndexMap::new();
    for port in ports {
        let address = port.host_ip.clone().filter(|address| !address.is_empty());
        let address = address.unwrap_or_else(|| "0.0.0.0".to_owned());
        all.insert((address, port.published, port.target, port.protocol.clone()), port);
    }
    all.into_values().collect()
}

/// A port with the settings of its own.
#[derive(Debug, rplay_derive::Arguments)]
struct Long {
    /// The port inside.
    target: u16,
    /// The port outside, or a range.
    published: Option<String>,
    /// The address of the host it is bound to.
    host_ip: Option<String>,
    /// Its protocol.
    #[arg(default = "tcp")]
    protocol: String,
    /// `ingress` or `host`.
    mode: Option<String>,
    /// A name for people.
    #[arg(name = "name")]
    _name: Option<String>,
    /// The protocol of the application.
    #[arg(name = "app_protocol")]
    _app_protocol: Option<String>,
}

fn long(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Publish> {
    let long: Long = reader.nested(name, node)?;
    let published = match long.published.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let Some(range) = range(text) else {
                reader.wrong_type(&format!("{name}.published"), node, "a port or a range of them");
                return None;
            };
            Some((*range.start(), *range.end())).filter(|range| *range != (0, 0))
        }
    };
    let Long { target, host_ip, protocol, mode, .. } = long;
    Some(Publish { target, published, host_ip, protocol, mode })
}

/// Reads the short form; a range gives several.
fn short(text: &str) -> Option<Vec<Publish>> {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if !matches!(protocol, "tcp" | "udp" | "sctp") {
        return None;
    }
    let (rest, target) = match ports.rsplit_once(':') {
        Some((rest, target)) => (Some(rest), target),
        None => (None, ports),
    };
    let targets = range(target)?;
    let (host_ip, published) = match rest {
        None => (None, ""),
        Some(rest) => match rest.rsplit_once(':') {
            Some((address, port)) => (Some(address), port),
            None => (None, rest),
        },
    };
    let host_ip = host_ip.map(|address| address.trim_matches(['[', ']']).to_owned());
    let outside = if published.is_empty() { None } else { Some(range(published)?) };
    let publish = |target, published| Publish {
        target,
        published,
        host_ip: host_ip.clone(),
        protocol: protocol.to_owned(),
        mode: None,
    };
    let inside = targets.clone().count();
    match outside {
        None => Some(targets.map(|target| publish(target, None)).collect()),
        Some(outside) if outside.clone().count() == inside => Some(
            targets
                .zip(outside)
                .map(|(target, port)| publish(target, Some((port, port))))
                .collect(),
        ),
        Some(outside) if inside == 1 => {
            Some(vec![publish(*targets.start(), Some((*outside.start(), *outside.end())))])
        }
        Some(_) => None,
    }
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        short(text).map_or("none".to_owned(), |ports| {
            let show = |port: &Publish| {
                let Publish { target, published, host_ip, protocol, .. } = port;
                format!("{host_ip:?} {published:?} {target}/{protocol}")
            };
            ports.iter().map(show).collect::<Vec<_>>().join(", ")
        })
    }

    #[test]
    fn short_forms() {
        let all = [
            "80",
            "8080:80",
            "127.0.0.1:8080:80/udp",
            "127.0.0.1::80",
            "[::1]:80:80",
            "80-81",
            "8000-8001:80-81",
            "8000-8010:80",
            "8000-8001:80-90",
            "x:80",
            "80/icmp",
            "70000",
        ]
        .map(|text| format!("{text}: {}", shown(text)));
        insta::assert_snapshot!(all.join("\n"), @r#"
        80: None None 80/tcp
        8080:80: None Some((8080, 8080)) 80/tcp
        127.0.0.1:8080:80/udp: Some("127.0.0.1") Some((8080, 8080)) 80/udp
        127.0.0.1::80: Some("127.0.0.1") None 80/tcp
        [::1]:80:80: Some("::1") Some((80, 80)) 80/tcp
        80-81: None None 80/tcp, None None 81/tcp
        8000-8001:80-81: None Some((8000, 8000)) 80/tcp, None Some((8001, 8001)) 81/tcp
        8000-8010:80: None Some((8000, 8010)) 80/tcp
        8000-8001:80-90: none
        x:80: none
        80/icmp: none
        70000: none
        "#);
    }
}
