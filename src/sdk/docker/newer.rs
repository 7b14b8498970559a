//! Settings that older Engines, or newer ones, pass over in silence.

use super::DockerReader;
use crate::remote::docker::{ApiVersion, EngineError};
use crate::value::Value;

/// A setting, the object it stands in, the minor version of API 1 that has brought it, and what
/// users call it.
type Newer = (&'static str, &'static str, u16, &'static str);

/// Settings that came after the oldest Engines. Where an Engine does not know one, it makes
/// something else than was asked for, and would at every run.
const NEWER: [Newer; 13] = [
    ("BindOptions", "NonRecursive", 40, "`non_recursive` of a mount"),
    ("BindOptions", "CreateMountpoint", 42, "`create_mountpoint` of a mount"),
    ("BindOptions", "ReadOnlyNonRecursive", 44, "`read_only_non_recursive` of a mount"),
    ("BindOptions", "ReadOnlyForceRecursive", 44, "`read_only_force_recursive` of a mount"),
    ("VolumeOptions", "Subpath", 45, "`subpath` of a volume"),
    ("ImageOptions", "Subpath", 48, "`subpath` of an image"),
    ("TmpfsOptions", "Options", 46, "`tmpfs_options` of a mount"),
    ("Healthcheck", "StartInterval", 44, "`start_interval` of a health check"),
    ("HostConfig", "Annotations", 43, "`annotations`"),
    ("HostConfig", "CgroupnsMode", 41, "the cgroup namespace"),
    ("Endpoint", "MacAddress", 44, "`mac_address` on a network"),
    ("Endpoint", "GwPriority", 48, "`gw_priority`"),
    ("DriverOpts", "com.docker.network.endpoint.ifname", 48, "the name of a network's interface"),
];
/// The first version without a limit on the kernel's memory.
const NO_KERNEL_MEMORY: ApiVersion = ApiVersion::new(1, 42);
/// Kinds of mounts that came later.
const KINDS: [(&str, u16, &str); 2] = [
    ("cluster", 42, "a mount of the type `cluster`"),
    ("image", 48, "a mount of the type `image`"),
];

impl DockerReader {
    /// Refuses an Engine that would pass over some of what it is to be given. A host without an
    /// Engine may get a new one.
    pub async fn must_know(&self, body: &Value) -> Result<(), EngineError> {
        for (minor, what) in newer("", body) {
            match self.require(ApiVersion::new(1, minor), what).await {
                Err(EngineError::Absent { .. }) => return Ok(()),
                other => other?,
            }
        }
        let limit = body["HostConfig"]["KernelMemory"].as_i64().unwrap_or_default();
        if limit == 0 { Ok(()) } else { self.must_limit_the_kernel().await }
    }

    /// Refuses an Engine that limits no kernel memory any more.
    async fn must_limit_the_kernel(&self) -> Result<(), EngineError> {
        let version = match self.version().await {
            Err(EngineError::Absent { .. }) => return Ok(()),
            version => version?,
        };
        if version.api < NO_KERNEL_MEMORY {
            return Ok(());
        }
        let (engine, api) = (&version.engine, version.api);
        Err(EngineError::Unsupported {
            reason: format!(
                "`kernel_memory` is gone; Docker Engine {engine} is spoken to with API version {api}"
            ),
            help: "leave it out: `memory` limits the kernel's memory, too".to_owned(),
        })
    }
}

/// The newer settings in a value that is called `name`, however deep.
fn newer(name: &str, value: &Value) -> Vec<(u16, &'static str)> {
    match value {
        Value::Object(fields) => {
            let is_given = |key: &str| fields.get(key).is_some_and(|value| !value.is_null());
            let own = NEWER.iter().filter(|(parent, key, ..)| *parent == name && is_given(key));
            let kind = fields.get("Type").and_then(Value::as_str);
            let kinds = KINDS.iter().filter(|(word, ..)| name == "Mounts" && kind == Some(*word));
            own.map(|(.., minor, what)| (*minor, *what))
                .chain(kinds.map(|(_, minor, what)| (*minor, *what)))
                .chain(fields.iter().flat_map(|(key, value)| newer(key, value)))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| newer(name, item)).collect(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn newer_settings_are_found_where_they_stand() {
        let mounts = json!([
            {"Type": "bind", "BindOptions": {"CreateMountpoint": true, "NonRecursive": null}},
            {"Type": "image"},
        ]);
        let found =
            newer("", &json!({"HostConfig": {"Mounts": mounts}, "Labels": {"Type": "image"}}));
        let expected =
            [(42, "`create_mountpoint` of a mount"), (48, "a mount of the type `image`")];
        assert_eq!(found, expected);
        let spec = json!({"TaskTemplate": {"ContainerSpec": {"Mounts": mounts}}});
        assert_eq!(newer("", &spec), expected);
        let endpoints = json!({"Endpoint": [{"GwPriority": 1}, {"Aliases": []}]});
        assert_eq!(newer("", &endpoints), [(48, "`gw_priority`")]);
        let options = json!({"DriverOpts": {"com.docker.network.endpoint.ifname": "lan"}});
        let found = newer("", &json!({"Endpoint": [options]}));
        assert_eq!(found, [(48, "the name of a network's interface")]);
        assert_eq!(newer("", &json!({"Healthcheck": {"Interval": 1}})), []);
    }
}
