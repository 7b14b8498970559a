//! The networks and volumes of a project, as the Engine takes them.

use std::collections::BTreeMap;

use serde_json::json;

use super::labels;
use crate::compose::{Network, Pairs, Project, Volume};
use crate::value::Value;

/// The body that makes a network of a project.
pub fn network_body(project: &Project, key: &str, network: &Network) -> Value {
    let mut body = json!({
        "Name": project.network_name(key),
        "CheckDuplicate": true,
        "Driver": network.driver.as_deref().unwrap_or("bridge"),
        "Options": texts(&network.driver_opts),
        "Internal": network.internal,
        "Attachable": network.attachable.unwrap_or_default(),
        "EnableIPv6": network.enable_ipv6.unwrap_or_default(),
        "Labels": marked(project, &network.labels, labels::NETWORK, key),
    });
    if let Some(enabled) = network.enable_ipv4 {
        body["EnableIPv4"] = enabled.into();
    }
    if let Some(ipam) = &network.ipam {
        let pools: Vec<Value> = ipam
            .config
            .iter()
            .map(|pool| {
                let mut shown = json!({});
                let auxiliary = texts(&pool.aux_addresses);
                let given = [
                    ("Subnet", pool.subnet.as_ref().map(|text| json!(text))),
                    ("IPRange", pool.ip_range.as_ref().map(|text| json!(text))),
                    ("Gateway", pool.gateway.as_ref().map(|text| json!(text))),
                    ("AuxiliaryAddresses", (!auxiliary.is_empty()).then(|| json!(auxiliary))),
                ];
                for (name, value) in given {
                    if let Some(value) = value {
                        shown[name] = value;
                    }
                }
                shown
            })
            .collect();
        body["IPAM"] = json!({
            "Driver": ipam.driver.as_deref().unwrap_or("default"),
            "Options": texts(&ipam.options),
            "Config": pools,
        });
    }
    body
}

/// The body that makes a volume of a project.
pub fn volume_body(project: &Project, key: &str, volume: &Volume) -> Value {
    json!({
        "Name": project.volume_name(key),
        "Driver": volume.driver.as_deref().unwrap_or("local"),
        "DriverOpts": texts(&volume.driver_opts),
        "Labels": marked(project, &volume.labels, labels::VOLUME, key),
    })
}

/// Labels with those that tell whose the object is.
fn marked(project: &Project, own: &Pairs, kind: &str, key: &str) -> BTreeMap<String, String> {
    let mut all = texts(own);
    all.insert(labels::PROJECT.to_owned(), project.name.clone());
    all.insert(kind.to_owned(), key.to_owned());
    all.insert(labels::VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    all
}

/// Pairs as a mapping.
pub(super) fn texts(pairs: &Pairs) -> BTreeMap<String, String> {
    pairs.texts().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}
