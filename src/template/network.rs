//! IP addresses with their networks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address as it is given: `192.168.1.10/24`, `10.0.0.1`, `1.2.3.4/255.255.255.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Interface {
    /// Whether it is an IPv6 address.
    pub(super) v6: bool,
    /// The address as a number.
    pub(super) address: u128,
    /// How many bits of it name the network.
    pub(super) prefix: u32,
    /// Whether the prefix was given.
    pub(super) with_prefix: bool,
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ip(self.address))?;
        if self.with_prefix { write!(f, "/{}", self.prefix) } else { Ok(()) }
    }
}

impl Interface {
    /// Reads an address, with a prefix, a netmask or neither.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let ip: IpAddr = address.parse().ok()?;
        let whole = Self::host(ip);
        let Some(prefix) = prefix else { return Some(whole) };
        let prefix = match prefix.parse::<u32>() {
            Ok(bits) => bits,
            Err(_) => Self::mask_length(prefix)?,
        };
        (prefix <= whole.bits()).then_some(Self { prefix, with_prefix: true, ..whole })
    }

    /// An address alone.
    pub(super) fn host(ip: IpAddr) -> Self {
        let (v6, address, prefix) = match ip {
            IpAddr::V4(ip) => (false, u32::from(ip).into(), 32),
            IpAddr::V6(ip) => (true, u128::from(ip), 128),
        };
        Self { v6, address, prefix, with_prefix: false }
    }

    /// The bits of a netmask such as `255.255.255.0`, or of a wildcard such as `0.0.0.255`.
    fn mask_length(mask: &str) -> Option<u32> {
        let bits = u32::from(mask.parse::<Ipv4Addr>().ok()?);
        let bits = if bits.leading_ones() == 0 { !bits } else { bits };
        (bits.count_ones() == bits.leading_ones()).then_some(bits.leading_ones())
    }

    /// How long an address of its kind is.
    pub(super) fn bits(&self) -> u32 {
        if self.v6 { 128 } else { 32 }
    }

    /// A number as an address of its kind.
    #[expect(clippy::cast_possible_truncation, reason = "numbers of this kind have 32 bits")]
    pub(super) fn ip(&self, number: u128) -> IpAddr {
        if self.v6 {
            IpAddr::V6(Ipv6Addr::from(number))
        } else {
            IpAddr::V4(Ipv4Addr::from(number as u32))
        }
    }

    /// The bits that name a host.
    pub(super) fn wildcard(&self) -> u128 {
        let host_bits = self.bits() - self.prefix;
        if host_bits == 128 { u128::MAX } else { (1 << host_bits) - 1 }
    }

    /// The bits that name the network.
    pub(super) fn netmask(&self) -> u128 {
        let all = if self.v6 { u128::MAX } else { u32::MAX.into() };
        all & !self.wildcard()
    }

    pub(super) fn network(&self) -> u128 {
        self.address & !self.wildcard()
    }

    pub(super) fn last(&self) -> u128 {
        self.address | self.wildcard()
    }

    /// The addresses that hosts may have, in a network of more than one.
    pub(super) fn usable(&self) -> Option<(u128, u128)> {
        match self.bits() - self.prefix {
            0 => None,
            1 => Some((self.network(), self.last())),
            _ => Some((self.network() + 1, self.last() - 1)),
        }
    }

    /// The network it lies in.
    pub(super) fn subnet(&self) -> Self {
        Self { address: self.network(), with_prefix: true, ..*self }
    }

    /// Whether another one lies in its network as a whole.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.v6 == other.v6 && self.network() <= other.network() && other.last() <= self.last()
    }

    /// Whether it names a network: a prefix, and no bit of a host.
    pub(super) fn is_network(&self) -> bool {
        self.prefix < self.bits() && self.address == self.network()
    }

    /// Whether it lies in one of some networks.
    fn within(&self, networks: &[&str]) -> bool {
        networks.iter().filter_map(|text| Self::parse(text)).any(|n| n.contains(&self.alone()))
    }

    /// The address without its network.
    pub(super) fn alone(&self) -> Self {
        Self { prefix: self.bits(), with_prefix: false, ..*self }
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.within(&["127.0.0.0/8", "::1/128"])
    }

    pub(super) fn is_link_local(&self) -> bool {
        self.within(&["169.254.0.0/16", "fe80::/10"])
    }

    pub(super) fn is_multicast(&self) -> bool {
        self.within(&["224.0.0.0/4", "ff00::/8"])
    }

    /// Whether it is not routed in the internet.
    pub(super) fn is_private(&self) -> bool {
        self.within(&[
            "0.0.0.0/8",
            "10.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/29",
            "192.0.2.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "::/127",
            "2001:db8::/32",
            "fc00::/7",
            "fe80::/10",
        ])
    }

    pub(super) fn is_public(&self) -> bool {
        !(self.is_private() || self.is_multicast())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_prefixes_and_netmasks() {
        for (text, shown) in [
            ("192.168.1.10/24", Some("192.168.1.10/24")),
            ("1.2.3.4/255.255.255.0", Some("1.2.3.4/24")),
            ("1.2.3.4/0.0.0.255", Some("1.2.3.4/24")),
            ("2001:DB8::1", Some("2001:db8::1")),
            ("1.2.3.4/255.0.255.0", None),
            ("1.2.3.4/33", None),
            ("300.1.1.1", None),
            ("", None),
        ] {
            assert_eq!(Interface::parse(text).map(|i| i.to_string()).as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn the_whole_of_ipv6_fits() {
        let all = Interface::parse("::/0").unwrap();
        assert_eq!((all.network(), all.last(), all.netmask()), (0, u128::MAX, 0));
        assert!(all.contains(&Interface::parse("ffff::/16").unwrap()));
    }
}
