//! Tests of `ansible.utils` on addresses.

use minijinja::Error;
use minijinja::value::Value;

use super::Family;
use crate::template::arguments::{Args, bad, items};
use crate::template::filters::hardware;
use crate::template::network::Interface;
use crate::template::python;

pub(super) const TESTS: Family = &[
    ("ip", |_, args| is(args, |own| !own.with_prefix)),
    ("ip_address", |_, args| is(args, |own| !own.with_prefix)),
    ("ipv4", |_, args| is(args, |own| !own.v6 && is_whole(own))),
    ("ipv4_address", |_, args| is(args, |own| !own.v6 && !own.with_prefix)),
    ("ipv6", |_, args| is(args, |own| own.v6 && is_whole(own))),
    ("ipv6_address", |_, args| is(args, |own| own.v6 && !own.with_prefix)),
    ("loopback", |_, args| is(args, Interface::is_loopback)),
    ("multicast", |_, args| is(args, Interface::is_multicast)),
    ("private", |_, args| is(args, Interface::is_private)),
    ("public", |_, args| is(args, Interface::is_public)),
    ("mac", |_, args| Ok(Value::from(hardware::is_address(&python::text(args.value())?)))),
    ("in_network", |_, args| {
        let text = python::text(&args.need(1, "network")?)?;
        let network = Interface::parse(&text);
        let network = network.ok_or_else(|| bad(format!("`{text}` is no network")))?;
        is(args, |own| network.contains(own))
    }),
    ("in_any_network", |_, args| {
        let networks = items(&args.need(1, "networks")?)?;
        let texts = networks.iter().map(python::text).collect::<Result<Vec<_>, _>>()?;
        let networks: Vec<Interface> = texts.iter().filter_map(|t| Interface::parse(t)).collect();
        is(args, |own| networks.iter().any(|network| network.contains(own)))
    }),
];

/// Whether it is an address alone or a network, and not an address in its network.
fn is_whole(own: &Interface) -> bool {
    !own.with_prefix || own.is_network()
}

fn is(args: &Args, holds: impl Fn(&Interface) -> bool) -> Result<Value, Error> {
    let text = python::text(args.value())?;
    Ok(Value::from(Interface::parse(&text).is_some_and(|own| holds(&own))))
}
