//! What a running Engine shows of its configuration.

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
        "data-root" => same("DockerRootDir"),
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

fn is_insecure(registries: &Value, registry: &str) -> bool {
    let ranges = registries["InsecureRegistryCIDRs"].as_array().map_or(&[][..], Vec::as_slice);
    if registry.contains('/') {
        return ranges.iter().any(|range| range == registry);
    }
    registries["IndexConfigs"][registry]["Secure"] == Value::Bool(false)
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
            "RegistryConfig": {
                "InsecureRegistryCIDRs": ["127.0.0.0/8", "10.0.0.0/8"],
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
}
