//! Network interfaces and addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use indexmap::IndexSet;
use serde_json::json;

use super::report::{Report, set};
use crate::sdk::{Fields, Value};

/// `interfaces`, one fact for each of them, and the addresses.
pub(super) fn network(report: &Report<'_>, facts: &mut Fields) {
    let mut interfaces = links(report);
    let (mut all4, mut all6) = (vec![], vec![]);
    for address in report.part("addresses").lines().filter_map(Address::parse) {
        let device = address.device;
        let link = interfaces.entry(device).or_insert_with(|| json!({ "device": device }));
        let Some(link) = link.as_object_mut() else { continue };
        if let Ok(ip) = address.ip.parse::<Ipv4Addr>() {
            if !ip.is_loopback() {
                all4.push(address.ip);
            }
            let shown = address.ipv4(ip);
            if link.contains_key("ipv4") {
                push(link, "ipv4_secondaries", shown);
            } else {
                set(link, "ipv4", shown);
            }
        } else if let Ok(ip) = address.ip.parse::<Ipv6Addr>() {
            if !ip.is_loopback() {
                all6.push(address.ip);
            }
            push(
                link,
                "ipv6",
                json!({
                    "address": address.ip,
                    "prefix": address.prefix.to_string(),
                    "scope": address.scope,
                }),
            );
        }
    }
    set(facts, "default_ipv4", default4(report, &interfaces));
    set(facts, "default_ipv6", default6(report, &interfaces));
    set(facts, "all_ipv4_addresses", all4);
    set(facts, "all_ipv6_addresses", all6);
    set(facts, "locally_reachable_ips", locally_reachable(report));
    set(facts, "interfaces", interfaces.keys().cloned().collect::<Vec<_>>());
    for (name, link) in interfaces {
        facts.insert(name.replace('-', "_"), link);
    }
}

/// The addresses that stand for this host, the ranges among them.
fn locally_reachable(report: &Report<'_>) -> Value {
    let of = |part: &str| {
        let lines = report.part(part).lines();
        let words = lines.filter_map(|line| line.strip_prefix("local ")?.split(' ').next());
        words.collect::<IndexSet<_>>()
    };
    json!({"ipv4": of("local4"), "ipv6": of("local6")})
}

/// What `/sys/class/net` tells of each interface.
fn links(report: &Report<'_>) -> Fields {
    let mut links = Fields::new();
    for (path, line) in report.folder("/sys/class/net/") {
        let Some((device, setting)) = path.split_once('/') else { continue };
        let link = links.entry(device).or_insert_with(|| json!({ "device": device }));
        let Some(link) = link.as_object_mut() else { continue };
        match setting {
            "address" if !line.is_empty() && line != "00:00:00:00:00:00" => {
                set(link, "macaddress", line);
            }
            "mtu" => set(link, "mtu", line.parse::<i64>().ok()),
            "speed" => set(link, "speed", line.parse::<i64>().ok()),
            "operstate" => set(link, "active", line != "down"),
            "type" if !link.contains_key("type") => set(link, "type", type_name(line)),
            "flags" => set(link, "promisc", flags(line) & 0x100 != 0),
            "bridge/bridge_id" => {
                set(link, "type", "bridge");
                set(link, "id", line);
                link.entry("interfaces").or_insert_with(|| json!([]));
            }
            "bridge/stp_state" => set(link, "stp", line == "1"),
            "bonding/mode" => {
                set(link, "type", "bonding");
                set(link, "mode", line.split_whitespace().next());
            }
            "bonding/slaves" => {
                set(link, "slaves", line.split_whitespace().collect::<Vec<_>>());
            }
            "bonding/miimon" => set(link, "miimon", line),
            _ => {
                if let Some(port) = setting.strip_prefix("brif/").and_then(|s| s.split('/').next())
                {
                    push(link, "interfaces", port.into());
                }
            }
        }
    }
    links
}

fn type_name(number: &str) -> &'static str {
    match number {
        "1" => "ether",
        "32" => "infiniband",
        "512" => "ppp",
        "772" => "loopback",
        "65534" => "tunnel",
        _ => "unknown",
    }
}

fn flags(text: &str) -> u32 {
    u32::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or_default()
}

fn push(fields: &mut Fields, name: &str, item: Value) {
    if let Value::Array(items) = fields.entry(name).or_insert_with(|| json!([])) {
        items.push(item);
    }
}

/// One line of `ip -o addr show`.
struct Address<'s> {
    device: &'s str,
    ip: &'s str,
    prefix: u32,
    broadcast: &'s str,
    scope: &'s str,
}

impl<'s> Address<'s> {
    /// `2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\       valid_lft …`
    fn parse(line: &'s str) -> Option<Self> {
        let mut words = line.split('\\').next()?.split_whitespace().skip(1);
        let device = words.next()?.trim_end_matches(':');
        let device = device.split('@').next()?;
        if !["inet", "inet6"].contains(&words.next()?) {
            return None;
        }
        let (ip, own) = words.next().map(|word| word.split_once('/').unwrap_or((word, "")))?;
        let rest: Vec<&str> = words.collect();
        let after = |key: &str| {
            rest.iter().position(|word| *word == key).and_then(|at| rest.get(at + 1)).copied()
        };
        // Of a point-to-point link it is the peer that has the prefix.
        let prefix = after("peer").and_then(|peer| peer.split_once('/')).map_or(own, |(_, p)| p);
        Some(Self {
            device,
            ip,
            prefix: prefix.parse().unwrap_or(if ip.contains(':') { 128 } else { 32 }),
            broadcast: after("brd").unwrap_or_default(),
            scope: after("scope").unwrap_or_default(),
        })
    }

    fn ipv4(&self, ip: Ipv4Addr) -> Value {
        let mask = u32::MAX.checked_shl(32 - self.prefix.min(32)).unwrap_or(0);
        json!({
            "address": self.ip,
            "broadcast": self.broadcast,
            "netmask": Ipv4Addr::from(mask).to_string(),
            "network": Ipv4Addr::from(u32::from(ip) & mask).to_string(),
            "prefix": self.prefix.to_string(),
        })
    }
}

/// The words `dev`, `src` and `via` of `ip route get`.
fn route<'s>(text: &'s str, key: &str) -> Option<&'s str> {
    let words: Vec<&str> = text.lines().next()?.split_whitespace().collect();
    words.iter().position(|word| *word == key).and_then(|at| words.get(at + 1)).copied()
}

fn default4(report: &Report<'_>, interfaces: &Fields) -> Fields {
    let mut default = Fields::new();
    let text = report.part("route4");
    let (Some(device), Some(address)) = (route(text, "dev"), route(text, "src")) else {
        return default;
    };
    copy_link(&mut default, interfaces, device);
    set(&mut default, "address", address);
    set(&mut default, "alias", device);
    if let Some(gateway) = route(text, "via") {
        set(&mut default, "gateway", gateway);
    }
    let link = interfaces.get(device);
    let own = link.and_then(|link| link.get("ipv4")).into_iter();
    let more = link.and_then(|link| link.get("ipv4_secondaries")?.as_array()).into_iter().flatten();
    if let Some(found) = own.chain(more).find(|one| one["address"] == address) {
        for key in ["broadcast", "netmask", "network", "prefix"] {
            set(&mut default, key, found[key].clone());
        }
    }
    default
}

fn default6(report: &Report<'_>, interfaces: &Fields) -> Fields {
    let mut default = Fields::new();
    let text = report.part("route6");
    let (Some(device), Some(address)) = (route(text, "dev"), route(text, "src")) else {
        return default;
    };
    // The kernel answers for addresses it cannot reach with the loopback device.
    if device == "lo" {
        return default;
    }
    copy_link(&mut default, interfaces, device);
    set(&mut default, "address", address);
    if let Some(gateway) = route(text, "via") {
        set(&mut default, "gateway", gateway);
    }
    let all = interfaces.get(device).and_then(|link| link.get("ipv6")?.as_array());
    if let Some(found) = all.into_iter().flatten().find(|one| one["address"] == address) {
        for key in ["prefix", "scope"] {
            set(&mut default, key, found[key].clone());
        }
    }
    default
}

fn copy_link(default: &mut Fields, interfaces: &Fields, device: &str) {
    set(default, "interface", device);
    for key in ["macaddress", "mtu", "type"] {
        if let Some(value) = interfaces.get(device).and_then(|link| link.get(key)) {
            set(default, key, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Sections;

    const ADDRESSES: &str = "\
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth0    inet 10.213.77.131/24 brd 10.213.77.255 scope global eth0\\       valid_lft forever
2: eth0    inet 10.9.9.9/16 brd 10.9.255.255 scope global secondary eth0\\       valid_lft forever
2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
3: tun0    inet 10.8.0.6 peer 10.8.0.5/32 scope global tun0\\       valid_lft forever
4: br-1f    inet 172.18.0.1/16 brd 172.18.255.255 scope global br-1f\\       valid_lft forever
";
    const FILES: &str = "\
/sys/class/net/br-1f/address:02:42:0b:76:c0:2c
/sys/class/net/eth0/address:02:fc:00:00:00:01
/sys/class/net/lo/address:00:00:00:00:00:00
/sys/class/net/eth0/mtu:1400
/sys/class/net/eth0/operstate:up
/sys/class/net/br-1f/operstate:down
/sys/class/net/eth0/type:1
/sys/class/net/lo/type:772
/sys/class/net/br-1f/type:1
/sys/class/net/eth0/flags:0x1103
/sys/class/net/eth0/speed:-1
/sys/class/net/br-1f/bridge/bridge_id:8000.02420b76c02c
/sys/class/net/br-1f/bridge/stp_state:0
/sys/class/net/br-1f/brif/veth1/port_no:0x1
";

    fn facts_of(parts: &[(&str, &str)]) -> Fields {
        let sections: Sections = parts.iter().copied().collect();
        let mut facts = Fields::new();
        network(&Report::new(&sections), &mut facts);
        facts
    }

    #[test]
    fn interfaces_addresses_and_the_default_route() {
        let facts = facts_of(&[
            ("addresses", ADDRESSES),
            ("files", FILES),
            ("route4", "8.8.8.8 via 10.213.77.1 dev eth0 src 10.213.77.131 uid 0 \n    cache \n"),
        ]);
        assert_eq!(
            facts["default_ipv4"],
            json!({
                "interface": "eth0", "macaddress": "02:fc:00:00:00:01", "mtu": 1400,
                "type": "ether", "address": "10.213.77.131", "alias": "eth0",
                "gateway": "10.213.77.1", "broadcast": "10.213.77.255",
                "netmask": "255.255.255.0", "network": "10.213.77.0", "prefix": "24",
            })
        );
        assert_eq!(facts["default_ipv6"], json!({}));
        assert_eq!(
            facts["all_ipv4_addresses"],
            json!(["10.213.77.131", "10.9.9.9", "10.8.0.6", "172.18.0.1"])
        );
        assert_eq!(facts["all_ipv6_addresses"], json!(["fe80::1"]));
        assert_eq!(facts["eth0"]["ipv4_secondaries"][0]["network"], "10.9.0.0");
        assert_eq!(facts["eth0"]["promisc"], true);
        assert_eq!(facts["tun0"]["ipv4"]["netmask"], "255.255.255.255");
        assert_eq!(facts["br_1f"]["type"], "bridge");
        assert_eq!(facts["br_1f"]["interfaces"], json!(["veth1"]));
        assert_eq!(facts["br_1f"]["active"], false);
        assert_eq!(facts["lo"].get("macaddress"), None);
    }

    #[test]
    fn a_host_without_routes_has_no_default() {
        let facts = facts_of(&[("addresses", ADDRESSES), ("route4", "")]);
        assert_eq!(facts["default_ipv4"], json!({}));
    }

    #[test]
    fn lines_that_are_not_addresses_are_passed_over() {
        assert!(Address::parse("").is_none());
        assert!(Address::parse("2: eth0    link/ether 02:42").is_none());
        assert!(Address::parse("Device \"x\" does not exist.").is_none());
    }
}
