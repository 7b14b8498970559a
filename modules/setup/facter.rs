//! The names that Puppet's facter has for addresses, for playbooks written where it was installed.

use super::network;
use super::report::Report;
use crate::sdk::{Fields, Value};

/// What such names begin with; `ansible_` does not stand before them.
pub(super) const PREFIX: &str = "facter_";

/// `facter_ipaddress`, and address, netmask and hardware address of each interface.
pub(super) fn facter(report: &Report<'_>, facts: &mut Fields) {
    let mut known = Fields::new();
    network::network(report, &mut known);
    let mut tell = |name: String, of: &Value, path: &str| {
        if let Some(value @ Value::String(_)) = of.pointer(path) {
            facts.insert(format!("{PREFIX}{name}"), value.clone());
        }
    };
    if let Some(default) = known.get("default_ipv4") {
        tell("ipaddress".to_owned(), default, "/address");
    }
    let names = known.get("interfaces").and_then(Value::as_array).into_iter().flatten();
    for name in names.filter_map(Value::as_str) {
        let Some(link) = known.get(&name.replace('-', "_")) else { continue };
        // Letters that no variable may have.
        let name = name.replace(['-', '.', ':', '@'], "_");
        tell(format!("ipaddress_{name}"), link, "/ipv4/address");
        tell(format!("netmask_{name}"), link, "/ipv4/netmask");
        tell(format!("macaddress_{name}"), link, "/macaddress");
    }
}
