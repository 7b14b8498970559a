//! What a network is made with.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::json;

use crate::sdk::docker::{Differences, Texts};
use crate::sdk::{Arguments, Failure, Value};

/// What a network is made with, by the names of the arguments.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NetworkSettings {
    /// Driver that carries its traffic.
    pub driver: String,
    /// Options of the driver.
    pub driver_options: Texts,
    /// How far it reaches.
    pub scope: String,
    /// Whether it has IPv4 addresses; old Engines do not tell.
    pub enable_ipv4: Option<bool>,
    /// Whether it has IPv6 addresses.
    pub enable_ipv6: bool,
    /// Whether its traffic stays on it.
    pub internal: bool,
    /// Whether containers outside of services may be connected.
    pub attachable: bool,
    /// Whether it is the swarm's routing mesh.
    pub ingress: bool,
    /// Its labels.
    pub labels: Texts,
    /// Driver that gives out its addresses.
    pub ipam_driver: String,
    /// Options of that driver.
    pub ipam_driver_options: Texts,
    /// Its address ranges.
    pub ipam_config: Vec<Subnet>,
    /// Whether it only holds settings for others.
    pub config_only: bool,
    /// The network whose settings it takes.
    pub config_from: String,
}

/// One address range of a network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Arguments)]
pub struct Subnet {
    /// The range, such as `172.28.0.0/16`.
    #[serde(skip_serializing_if = "is_default")]
    pub subnet: Option<String>,
    /// The part of it that addresses are given out of.
    #[serde(skip_serializing_if = "is_default")]
    pub iprange: Option<String>,
    /// The address of the way out.
    #[serde(skip_serializing_if = "is_default")]
    pub gateway: Option<String>,
    /// Addresses that are in use by others, by name.
    #[arg(default)]
    #[serde(skip_serializing_if = "is_default")]
    pub aux_addresses: Texts,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl NetworkSettings {
    /// The settings of a network that the Engine shows.
    pub fn seen(network: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let flag = |name: &str| network[name].as_bool().unwrap_or_default();
        let texts =
            |value: &Value| serde_json::from_value::<Texts>(value.clone()).unwrap_or_default();
        let ipam = &network["IPAM"];
        Self {
            driver: text(&network["Driver"]),
            driver_options: texts(&network["Options"]),
            scope: text(&network["Scope"]),
            enable_ipv4: network["EnableIPv4"].as_bool(),
            enable_ipv6: flag("EnableIPv6"),
            internal: flag("Internal"),
            attachable: flag("Attachable"),
            ingress: flag("Ingress"),
            labels: texts(&network["Labels"]),
            ipam_driver: text(&ipam["Driver"]),
            ipam_driver_options: texts(&ipam["Options"]),
            ipam_config: ipam["Config"]
                .as_array()
                .into_iter()
                .flatten()
                .map(Subnet::seen)
                .collect(),
            config_only: flag("ConfigOnly"),
            config_from: text(&network["ConfigFrom"]["Network"]),
        }
    }

    /// Has these ranges. Where each of them is there already, with whatever the Engine chose
    /// besides, nothing differs.
    pub fn ask_for_subnets(&mut self, asked: &[Subnet]) {
        let there = |subnet: &Subnet| self.ipam_config.iter().any(|has| has.covers(subnet));
        if !asked.iter().all(there) {
            self.ipam_config = asked.to_vec();
        }
    }

    /// Notes what the wanted settings have different.
    pub fn compare(&self, wanted: &Self, differences: &mut Differences) {
        let fields = |settings: &Self| serde_json::to_value(settings).unwrap_or_default();
        let (now, wanted) = (fields(self), fields(wanted));
        for name in now.as_object().into_iter().flat_map(|fields| fields.keys()) {
            differences.compare(name, &now[name], &wanted[name]);
        }
    }

    /// The settings that say something, for a network that is new.
    pub fn brief(&self) -> Value {
        let mut fields = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = fields.as_object_mut() {
            fields.retain(|_, value| match value {
                Value::Null | Value::Bool(false) => false,
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(fields) => !fields.is_empty(),
                _ => true,
            });
        }
        fields
    }

    /// Whether an address lies in one of the ranges.
    pub fn has_address(&self, address: &str) -> bool {
        self.ipam_config
            .iter()
            .filter_map(|subnet| subnet.subnet.as_deref())
            .any(|range| is_within(address, range).unwrap_or_default())
    }

    /// The network as the Engine takes it.
    pub fn body(&self, name: &str) -> Value {
        let mut body = json!({
            "Name": name,
            "CheckDuplicate": true,
            "Driver": self.driver,
            "Options": self.driver_options,
            "Internal": self.internal,
            "Attachable": self.attachable,
            "Ingress": self.ingress,
            "EnableIPv6": self.enable_ipv6,
            "Labels": self.labels,
            "ConfigOnly": self.config_only,
        });
        let mut set = |name: &str, value: Value| body[name] = value;
        if let Some(ipv4) = self.enable_ipv4 {
            set("EnableIPv4", ipv4.into());
        }
        if !self.scope.is_empty() {
            set("Scope", self.scope.as_str().into());
        }
        if !self.config_from.is_empty() {
            set("ConfigFrom", json!({"Network": self.config_from}));
        }
        let driver = Some(&self.ipam_driver).filter(|driver| !driver.is_empty());
        if driver.is_some() || !self.ipam_config.is_empty() || !self.ipam_driver_options.is_empty()
        {
            let config: Vec<Value> = self.ipam_config.iter().map(Subnet::body).collect();
            set(
                "IPAM",
                json!({
                    "Driver": driver.map_or("default", String::as_str),
                    "Options": self.ipam_driver_options,
                    "Config": config,
                }),
            );
        }
        body
    }
}

impl Subnet {
    fn seen(pool: &Value) -> Self {
        let text =
            |name: &str| pool[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        // Networks of the swarm spell it the longer way.
        let aux = pool.get("AuxiliaryAddresses").or_else(|| pool.get("AuxAddress"));
        Self {
            subnet: text("Subnet"),
            iprange: text("IPRange"),
            gateway: text("Gateway"),
            aux_addresses: aux
                .and_then(|aux| serde_json::from_value(aux.clone()).ok())
                .unwrap_or_default(),
        }
    }

    /// Whether this range is what was asked for; what was not asked for may be anything.
    fn covers(&self, asked: &Self) -> bool {
        let covers = |has: &Option<String>, asked: &Option<String>| {
            asked.as_ref().is_none_or(|asked| {
                has.as_ref().is_some_and(|has| canonical(has) == canonical(asked))
            })
        };
        covers(&self.subnet, &asked.subnet)
            && covers(&self.iprange, &asked.iprange)
            && covers(&self.gateway, &asked.gateway)
            && self.aux_addresses.has_all(&asked.aux_addresses)
    }

    /// Refuses a range that is none, before a network is removed for it.
    pub fn check(&self) -> Result<(), Failure> {
        let Some(subnet) = &self.subnet else { return Ok(()) };
        let (address, bits) = subnet.split_once('/').unwrap_or((subnet, ""));
        if address.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok() {
            return Ok(());
        }
        Err(Failure::new(format!("\"{subnet}\" is not a valid CIDR"))
            .help("write an address and how many of its bits name the network: 10.1.0.0/16"))
    }

    fn body(&self) -> Value {
        let mut body = json!({});
        let fields =
            [("Subnet", &self.subnet), ("IPRange", &self.iprange), ("Gateway", &self.gateway)];
        for (name, value) in fields {
            if let Some(value) = value {
                body[name] = value.as_str().into();
            }
        }
        if !self.aux_addresses.is_empty() {
            body["AuxiliaryAddresses"] = json!(self.aux_addresses);
        }
        body
    }
}

/// An address or range in its one spelling: IPv6 has many.
fn canonical(text: &str) -> String {
    let (address, bits) =
        text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address = address.parse::<IpAddr>().map_or(address.to_owned(), |ip| ip.to_string());
    bits.map_or(address.clone(), |bits| format!("{address}/{bits}"))
}

/// Whether an address lies in a range; `None` where one of them is none.
fn is_within(address: &str, range: &str) -> Option<bool> {
    let (network, bits) = range.split_once('/')?;
    let bits: u32 = bits.parse().ok()?;
    let top = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()) << 96, 32),
        IpAddr::V6(ip) => (ip.to_bits(), 128),
    };
    let ((address, width), (network, other)) =
        (top(address.parse().ok()?), top(network.parse().ok()?));
    let mask = if bits == 0 { 0 } else { u128::MAX.checked_shl(128_u32.checked_sub(bits)?)? };
    Some(width == other && address & mask == network & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_whether_an_address_fits_a_range() {
        for (address, range, fits) in [
            ("172.28.5.1", "172.28.0.0/16", Some(true)),
            ("172.29.5.1", "172.28.0.0/16", Some(false)),
            ("fd00::5", "fd00::/64", Some(true)),
            ("10.0.0.1", "fd00::/64", Some(false)),
            ("10.0.0.1", "0.0.0.0/0", Some(true)),
            ("web", "10.0.0.0/8", None),
            ("10.0.0.1", "10.0.0.0/200", None),
        ] {
            assert_eq!(is_within(address, range), fits, "{address} in {range}");
        }
    }

    #[test]
    fn a_range_is_an_address_and_bits() {
        let check = |text: &str| Subnet { subnet: Some(text.into()), ..Subnet::default() }.check();
        assert!(check("10.0.0.0/8").is_ok() && check("fd00::/64").is_ok());
        assert!(check("fd00::").is_err() && check("web/8").is_err());
    }

    #[test]
    fn a_range_is_compared_by_what_it_means() {
        let seen = Subnet::seen(&json!({"Subnet": "fd00:0::/64", "Gateway": "fd00::1"}));
        let asked = |text: &str| Subnet { subnet: Some(text.to_owned()), ..Subnet::default() };
        assert!(seen.covers(&asked("FD00::/64")));
        assert!(!seen.covers(&asked("fd00::/80")));
    }
}
