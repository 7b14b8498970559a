//! Ports that lead from the host into the container.

use indexmap::IndexMap;
use serde_json::json;

use crate::sdk::{Failure, Value};

/// Ports of the container, each with the places on the host that lead to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ports(IndexMap<String, Vec<(String, String)>>);

impl Ports {
    /// Reads `80`, `8080:80`, `127.0.0.1:8080:80/udp`, `[::1]:80:80`, `9000-9010:9000-9010`.
    ///
    /// A place without an address gets `default_ip`; a port without a place gets any free one.
    pub(super) fn read(texts: &[String], default_ip: &str) -> Result<Self, Failure> {
        let mut ports = Self::default();
        for text in texts {
            let added = check(text).map(|()| ports.add(text, default_ip));
            added
                .and_then(|added| {
                    added.ok_or_else(|| format!("`published_ports`: `{text}` is not understood"))
                })
                .map_err(|message| {
                    Failure::new(message)
                        .help("write HOST_PORT:CONTAINER_PORT, or IP:HOST_PORT:CONTAINER_PORT")
                })?;
        }
        Ok(ports)
    }

    /// Adds what one text says; `None` where it says nothing.
    fn add(&mut self, text: &str, default_ip: &str) -> Option<()> {
        let (rest, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
        let protocol = protocol.to_ascii_lowercase();
        if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
            return None;
        }
        let (rest, inside) = rest.rsplit_once(':').map_or((None, rest), |(a, b)| (Some(a), b));
        let (ip, outside) = match rest {
            None => (default_ip, None),
            Some(rest) => match rest.rsplit_once(':') {
                Some((ip, "")) => (ip, None),
                Some((ip, outside)) => (ip, Some(outside)),
                None => (default_ip, Some(rest)),
            },
        };
        let ip = ip.trim_start_matches('[').trim_end_matches(']');
        let inside = range(inside)?;
        let outside = match outside.filter(|outside| !outside.is_empty()) {
            None => vec![String::new(); inside.len()],
            // A range of the host for one port of the container: the Engine chooses.
            Some(text) if inside.len() == 1 && text.contains('-') => {
                range(text)?;
                vec![text.to_owned()]
            }
            Some(text) => range(text)?.iter().map(u16::to_string).collect(),
        };
        if inside.len() != outside.len() {
            return None;
        }
        for (inside, outside) in inside.iter().zip(outside) {
            let places = self.0.entry(format!("{inside}/{protocol}")).or_default();
            places.push((ip.to_owned(), outside));
        }
        Some(())
    }

    /// The ports of the container.
    pub(super) fn inside(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// The ports as the Engine takes them.
    pub(super) fn body(&self) -> Value {
        let ports: IndexMap<&String, Vec<Value>> = self
            .0
            .iter()
            .map(|(port, places)| {
                let place = |(ip, port): &(String, String)| json!({"HostIp": ip, "HostPort": port});
                (port, places.iter().map(place).collect())
            })
            .collect();
        json!(ports)
    }
}

/// Refuses what has brackets or addresses that are none, and says so.
fn check(text: &str) -> Result<(), String> {
    let (rest, _) = text.rsplit_once('/').unwrap_or((text, ""));
    let (ip, rest) = match rest.strip_prefix('[') {
        Some(open) => {
            let (ip, rest) = open.split_once(']').ok_or_else(|| {
                format!(
                    "Cannot find closing \"]\" in input \"{rest}\" for opening \"[\" at index 1!"
                )
            })?;
            (Some(ip), rest)
        }
        None => (None, rest),
    };
    let parts: Vec<&str> = rest.split(':').collect();
    if parts.len() > 3 {
        return Err(format!(
            "Invalid port description \"{text}\" - expected 1 to 3 colon-separated parts, but got {}. \
             Maybe you forgot to use square brackets ([...]) around an IPv6 address?",
            parts.len()
        ));
    }
    let ip = ip.or_else(|| (parts.len() == 3).then(|| parts[0])).unwrap_or_default();
    // The zone of a link's own address is the host's affair.
    let address = ip.split('%').next().unwrap_or_default();
    if address.is_empty() || address.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    Err(format!(
        "Bind addresses for published ports must be IPv4 or IPv6 addresses, not hostnames. Use the \
         dig lookup to resolve hostnames. (Found hostname: {ip})"
    ))
}

/// Port bindings, with `0.0.0.0` for all addresses where those that are there have it so.
pub(super) fn adopt(mut asked: Value, has: &Value) -> Value {
    for (port, places) in asked.as_object_mut().into_iter().flatten() {
        for place in places.as_array_mut().into_iter().flatten() {
            let mut wide = place.clone();
            wide["HostIp"] = "0.0.0.0".into();
            if place["HostIp"] == "" && has[port].as_array().is_some_and(|has| has.contains(&wide))
            {
                *place = wide;
            }
        }
    }
    asked
}

/// Port bindings in one spelling: each port with its sorted `ip:port` places.
pub(super) fn canonical(bindings: &Value) -> Value {
    let ports: IndexMap<&String, Vec<String>> = bindings
        .as_object()
        .into_iter()
        .flatten()
        .map(|(port, places)| {
            let text =
                |place: &Value, name: &str| place[name].as_str().unwrap_or_default().to_owned();
            let mut places: Vec<String> = places
                .as_array()
                .into_iter()
                .flatten()
                .map(|place| {
                    let (ip, port) = (text(place, "HostIp"), text(place, "HostPort"));
                    format!("{ip}:{}", port.trim_start_matches('0'))
                })
                .collect();
            places.sort();
            (port, places)
        })
        .collect();
    json!(ports)
}

/// Reads `80` or `9000-9010`.
pub(super) fn range(text: &str) -> Option<Vec<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then(|| (first..=last).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Ports::read(&[text.to_owned()], "") {
            Ok(ports) => canonical(&ports.body()).to_string(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn what_means_all_addresses_is_left_unless_the_task_says() {
        let place = |ip: &str, port: &str| json!([{"HostIp": ip, "HostPort": port}]);
        let asked = json!({"80/tcp": place("", "8080"), "81/tcp": place("", "8081")});
        let has = json!({"80/tcp": place("0.0.0.0", "8080"), "81/tcp": place("127.0.0.1", "8081")});
        let adopted = adopt(asked, &has);
        assert_eq!(adopted["80/tcp"], has["80/tcp"]);
        assert_eq!(adopted["81/tcp"], place("", "8081"));
    }

    #[test]
    fn reads_what_people_write() {
        insta::assert_snapshot!(
            [
                "80", "8080:80", "8080:80/udp", "127.0.0.1:8080:80", "127.0.0.1::80", "[::1]:1:2",
                "9000-9001:90-91", "8000-8009:80", "0.0.0.0:80:80", "80:80:80:80", "[::1:1:2", "host:1:2", "[fe80::1%eth0]:1:2", "http:80",
                "9000-9001:90", "80/icmp", "1-3:1-2", "90000:1",
            ]
            .map(|text| format!("{text} → {}", shown(text)))
            .join("\n"),
            @r#"
        80 → {"80/tcp":[":"]}
        8080:80 → {"80/tcp":[":8080"]}
        8080:80/udp → {"80/udp":[":8080"]}
        127.0.0.1:8080:80 → {"80/tcp":["127.0.0.1:8080"]}
        127.0.0.1::80 → {"80/tcp":["127.0.0.1:"]}
        [::1]:1:2 → {"2/tcp":["::1:1"]}
        9000-9001:90-91 → {"90/tcp":[":9000"],"91/tcp":[":9001"]}
        8000-8009:80 → {"80/tcp":[":8000-8009"]}
        0.0.0.0:80:80 → {"80/tcp":["0.0.0.0:80"]}
        80:80:80:80 → Invalid port description "80:80:80:80" - expected 1 to 3 colon-separated parts, but got 4. Maybe you forgot to use square brackets ([...]) around an IPv6 address?
        [::1:1:2 → Cannot find closing "]" in input "[::1:1:2" for opening "[" at index 1!
        host:1:2 → Bind addresses for published ports must be IPv4 or IPv6 addresses, not hostnames. Use the dig lookup to resolve hostnames. (Found hostname: host)
        [fe80::1%eth0]:1:2 → {"2/tcp":["fe80::1%eth0:1"]}
        http:80 → `published_ports`: `http:80` is not understood
        9000-9001:90 → {"90/tcp":[":9000-9001"]}
        80/icmp → `published_ports`: `80/icmp` is not understood
        1-3:1-2 → `published_ports`: `1-3:1-2` is not understood
        90000:1 → `published_ports`: `90000:1` is not understood
        "#
        );
    }
}
