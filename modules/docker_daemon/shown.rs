//! What a running Engine shows of its configuration.

use std::net::IpAddr;

use crate::sdk::{Fields, Value};

/// Whether the Engine shows an option as it must be; `None` where it shows nothing of it.
pub(super) fn shows(info: &Value, name: &str, wanted: &Value) -> Option<bool> {
    let registries = &info["RegistryConfig"];
    let same = |field: &str| info.get(field).map(|shown| shown == wanted);
    match name {
        "labels" => {
            let shown = info["Labels"].as_array().map_or(&[][..], Vec::as_slice);
            let wanted = wanted.as_array()?;
            Some(shown.len() == wanted.len() && wanted.iter().all(|label| shown.contains(label)))
        }
        "insecure-registries" => {
            let all = wanted.as_array()?.iter().filter_map(Value::as_str);
            Some(all.into_iter().all(|registry| is_insecure(registries, registry)))
        }
        "registry-mirrors" => {
            let plain = |url: &Value| url.as_str().map(|url| url.trim_end_matches('/').to_owned());
            let shown: Vec<_> = registries["Mirrors"].as_array()?.iter().map(plain).collect();
            Some(wanted.as_array()?.iter().all(|mirror| shown.contains(&plain(mirror))))
        }
        "log-driver" => same("LoggingDriver"),
        "storage-driver" => same("Driver"),
        "data-root" => is_root(info["DockerRootDir"].as_str()?, wanted.as_str()?).then_some(true),
        "live-restore" => same("LiveRestoreEnabled"),
        "debug" => same("Debug"),
        "experimental" => same("ExperimentalBuild"),
        "default-runtime" => same("DefaultRuntime"),
        "cluster-store" => Some(info["ClusterStore"] == *wanted),
        // The Engine shows an interface as its address.
        "cluster-advertise" => Some(!info["ClusterAdvertise"].as_str().unwrap_or("").is_empty()),
        _ => None,
    }
}

/// The options that the Engine does not show as they must be.
pub(super) fn not_shown(info: &Value, wanted: &Fields) -> Vec<String> {
    let missing = wanted.iter().filter(|(name, value)| shows(info, name, value) == Some(false));
    missing.map(|(name, _)| name.clone()).collect()
}

/// Whether the Engine's folder is surely the one that is wanted: it shows it without symbolic
/// links, so that another path says nothing.
fn is_root(shown: &str, wanted: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
        parts.map(str::to_owned).collect()
    };
    let (shown, wanted) = (parts(shown), parts(wanted));
    // With `userns-remap` it has a folder inside, named by user and group: `231072.231072`.
    let is_owner = |part: &String| {
        let number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        part.split_once('.').is_some_and(|(user, group)| number(user) && number(group))
    };
    match shown.strip_prefix(&wanted[..]) {
        Some([]) => true,
        Some([inside]) => is_owner(inside),
        _ => false,
    }
}

fn is_insecure(registries: &Value, registry: &str) -> bool {
    let registry = registry.strip_prefix("http://").unwrap_or(registry);
    let registry = registry.strip_prefix("https://").unwrap_or(registry);
    let Some(wanted) = network(registry) else {
        return registries["IndexConfigs"][registry]["Secure"] == Value::Bool(false);
    };
    let ranges = registries["InsecureRegistryCIDRs"].as_array().map_or(&[][..], Vec::as_slice);
    ranges.iter().filter_map(Value::as_str).any(|range| network(range) == Some(wanted))
}

/// A range of addresses by its first one and the length of its prefix, as the Engine shows it:
/// `10.1.2.3/8` is `10.0.0.0/8`.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    let first = match address.parse().ok()? {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.checked_sub(length)?).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.checked_sub(length)?).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    };
    Some((first, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_that_an_engine_shows() {
        let info = json!({
            "Labels": ["b=2", "a=1"],
            "LoggingDriver": "json-file",
            "Debug": false,
            "DockerRootDir": "/data/docker",
            "RegistryConfig": {
                "InsecureRegistryCIDRs": ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"],
                "IndexConfigs": {
                    "docker.io": {"Secure": true},
                    "registry:5000": {"Secure": false},
                },
                "Mirrors": ["http://mirror:5000/"],
            },
        });
        let cases = [
            ("labels", json!(["a=1", "b=2"]), Some(true)),
            ("labels", json!(["a=1"]), Some(false)),
            ("insecure-registries", json!(["registry:5000", "10.0.0.0/8"]), Some(true)),
            ("insecure-registries", json!(["other:5000"]), Some(false)),
            ("insecure-registries", json!(["http://registry:5000", "10.1.2.3/8"]), Some(true)),
            ("insecure-registries", json!(["fd00::1/8"]), Some(true)),
            ("insecure-registries", json!(["10.0.0.0/9"]), Some(false)),
            ("insecure-registries", json!(["0.0.0.0/0"]), Some(false)),
            ("data-root", json!("/data//docker/"), Some(true)),
            ("data-root", json!("/data"), None),
            ("data-root", json!("/var/lib/docker"), None),
            ("registry-mirrors", json!(["http://mirror:5000"]), Some(true)),
            ("log-driver", json!("journald"), Some(false)),
            ("debug", json!(false), Some(true)),
            ("cluster-store", json!("etcd://x"), Some(false)),
            ("mtu", json!(1400), None),
            ("experimental", json!(true), None),
        ];
        for (name, wanted, shown) in cases {
            assert_eq!(shows(&info, name, &wanted), shown, "{name} {wanted}");
        }
    }

    #[test]
    fn a_folder_for_other_users_ids_is_inside_of_the_one_that_is_wanted() {
        assert!(is_root("/data/docker/231072.231072", "/data/docker/"));
        assert!(!is_root("/data/docker/231072", "/data/docker"));
        assert!(!is_root("/data/docker.1", "/data/docker"));
    }
}
