//! What `ipaddr` can be asked about an address.

use minijinja::Error;
use minijinja::value::Value;

use super::ipaddr::{step, wrap};
use crate::template::arguments::bad;
use crate::template::network::Interface;
use crate::template::python;

/// An address, and the value it was given as.
pub(super) struct Question<'q> {
    pub(super) address: &'q Interface,
    pub(super) given: &'q Value,
}

/// A text, or nothing.
fn maybe(text: Option<String>) -> Value {
    text.map_or(Value::from(()), Value::from)
}

impl Question<'_> {
    /// The answer to a query; a query that is itself a network asks whether the address is in it.
    pub(super) fn ask(&self, query: &str) -> Result<Value, Error> {
        let simple = self
            .about_itself(query)
            .or_else(|| self.about_network(query))
            .or_else(|| self.about_kind(query));
        if let Some(answer) = simple {
            return Ok(answer);
        }
        match query {
            "first_usable" | "last_usable" | "range_usable" | "next_usable" | "previous_usable" => {
                self.usable(query)
            }
            "peer" => peer(self.address).map(|at| Value::from(self.ip(at))),
            "wrap" => Ok(Value::from(wrap(&python::text(self.given)?))),
            other => match (Interface::parse(other), other.parse()) {
                (Some(network), _) => Ok(self.given_if(network.contains(&self.address.alone()))),
                (None, Ok(place)) => Ok(maybe(self.nth(place))),
                (None, Err(_)) => Err(bad(format!("there is no query `{other}`"))),
            },
        }
    }

    /// The address at a place of its network, from the end where the place is negative.
    fn nth(&self, place: i64) -> Option<String> {
        let (first, last) = (self.address.network(), self.address.last());
        let steps = u128::from(place.unsigned_abs());
        let address = if place < 0 {
            last.checked_sub(steps - 1).filter(|at| *at >= first)?
        } else {
            first.checked_add(steps).filter(|at| *at <= last)?
        };
        Some(Interface { address, with_prefix: true, ..*self.address }.to_string())
    }

    fn ip(&self, number: u128) -> String {
        self.address.ip(number).to_string()
    }

    fn given_if(&self, holds: bool) -> Value {
        if holds { self.given.clone() } else { Value::from(()) }
    }

    fn about_itself(&self, query: &str) -> Option<Value> {
        let address = self.address;
        let cidr = || Interface { with_prefix: true, ..*address }.to_string();
        let own = || self.ip(address.address);
        let host = !address.is_network();
        let in_network = host && address.prefix < address.bits();
        Some(match query {
            "" => Value::from(address.to_string()),
            "bool" => Value::from(true),
            "address" | "ip" => maybe(host.then(own)),
            "address/prefix" | "gateway" | "gw" | "host/prefix" | "hostnet" | "router" => {
                if host {
                    Value::from(cidr())
                } else {
                    Value::from(false)
                }
            }
            "host" => maybe(host.then(cidr)),
            "ip/prefix" => maybe(in_network.then(cidr)),
            "ip_netmask" => {
                maybe(in_network.then(|| format!("{} {}", own(), self.ip(address.netmask()))))
            }
            "ip_wildcard" => {
                maybe(in_network.then(|| format!("{} {}", own(), self.ip(address.wildcard()))))
            }
            "cidr" => Value::from(cidr()),
            "net" => maybe((!host).then(cidr)),
            "type" => Value::from(if host { "address" } else { "network" }),
            "version" => Value::from(if address.v6 { 6 } else { 4 }),
            "int" if address.with_prefix => {
                Value::from(format!("{}/{}", address.address, address.prefix))
            }
            "int" => Value::from(address.address),
            "revdns" => Value::from(reverse_dns(address)),
            "6to4" => six_to_four(address),
            _ => return None,
        })
    }

    fn about_network(&self, query: &str) -> Option<Value> {
        let address = self.address;
        let (network, netmask) = (|| self.ip(address.network()), || self.ip(address.netmask()));
        let wildcard = || self.ip(address.wildcard());
        let usable = address.usable().map_or(0, |(first, last)| last - first + 1);
        Some(match query {
            "broadcast" => {
                maybe((address.bits() - address.prefix > 1).then(|| self.ip(address.last())))
            }
            "netmask" => Value::from(netmask()),
            "wildcard" => Value::from(wildcard()),
            "network" | "network_id" => Value::from(network()),
            "network/prefix" | "subnet" => Value::from(address.subnet().to_string()),
            "network_netmask" => Value::from(format!("{} {}", network(), netmask())),
            "network_wildcard" => Value::from(format!("{} {}", network(), wildcard())),
            "prefix" => Value::from(address.prefix),
            "size" => Value::from(address.wildcard().saturating_add(1)),
            "size_usable" => Value::from(usable),
            _ => return None,
        })
    }

    fn about_kind(&self, query: &str) -> Option<Value> {
        let address = self.address;
        Some(match query {
            "ipv4" | "v4" if address.v6 => Value::from(false),
            "ipv6" | "v6" if !address.v6 => {
                let own = self.ip(address.address);
                Value::from(format!("::ffff:{own}/{}", address.prefix + 96))
            }
            "ipv4" | "v4" | "ipv6" | "v6" => self.given.clone(),
            "link-local" => self.given_if(address.is_link_local()),
            "loopback" | "lo" => self.given_if(address.is_loopback()),
            "multicast" => self.given_if(address.is_multicast()),
            "unicast" => self.given_if(!address.is_multicast()),
            "private" => self.given_if(address.is_private()),
            "public" => self.given_if(address.is_public()),
            _ => return None,
        })
    }

    /// The addresses that hosts may have in its network.
    fn usable(&self, query: &str) -> Result<Value, Error> {
        let address = self.address;
        if !address.with_prefix {
            return Err(bad(format!("`{address}` is no network address")));
        }
        let Some((first, last)) = address.usable() else { return Ok(Value::from(())) };
        Ok(maybe(match query {
            "first_usable" => Some(self.ip(first)),
            "last_usable" => Some(self.ip(last)),
            "range_usable" => Some(format!("{}-{}", self.ip(first), self.ip(last))),
            "next_usable" => step(address, (first, last), 1).map(|at| self.ip(at)),
            _ => step(address, (first, last), -1).map(|at| self.ip(at)),
        }))
    }
}

/// The other end of a link of two.
fn peer(address: &Interface) -> Result<u128, Error> {
    match address.bits() - address.prefix {
        1 => Ok(address.address ^ 1),
        2 if address.usable().is_some_and(|(a, b)| (a..=b).contains(&address.address)) => {
            Ok(address.address ^ 3)
        }
        _ => Err(bad(format!("`{address}` is no end of a point-to-point link"))),
    }
}

/// The IPv6 address that an IPv4 address has by 6to4.
fn six_to_four(address: &Interface) -> Value {
    if address.v6 || address.is_network() || address.is_multicast() {
        return Value::from(false);
    }
    let (high, low) = (address.address >> 16, address.address & 0xffff);
    Value::from(format!("2002:{high:04x}:{low:04x}::1/48"))
}

fn reverse_dns(address: &Interface) -> String {
    if address.v6 {
        let digits = format!("{:032x}", address.address);
        let reversed: String = digits.chars().rev().flat_map(|digit| [digit, '.']).collect();
        format!("{reversed}ip6.arpa.")
    } else {
        let bytes = (0..4).map(|at| format!("{}.", address.address >> (8 * at) & 0xff));
        format!("{}in-addr.arpa.", bytes.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_asks_for_an_address_of_the_network() {
        let asked = |address: &str, query: &str| {
            let given = Value::from(address);
            let address = Interface::parse(address).unwrap();
            Question { address: &address, given: &given }.ask(query).map(|v| v.to_string())
        };
        assert_eq!(asked("192.0.2.0/24", "1").unwrap(), "192.0.2.1/24");
        assert_eq!(asked("192.0.2.7/24", "-1").unwrap(), "192.0.2.255/24");
        assert_eq!(asked("2001:db8::/64", "200").unwrap(), "2001:db8::c8/64");
        assert_eq!(asked("192.0.2.0/24", "256").unwrap(), "None");
        assert!(asked("192.0.2.0/24", "nonsense").is_err());
    }
}
