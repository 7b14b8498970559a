//! Every setting that is compared: where it stands, and in which spelling.

use serde_json::json;

use super::body::Body;
use super::network::hardware;
use super::ports;
use crate::sdk::Value;

/// The shape of a setting, which says what comparing it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One value.
    Value,
    /// A list whose order matters.
    List,
    /// A list whose order does not matter.
    Set,
    /// Likewise, of mappings; one of the container may have more than was asked for.
    Maps,
    /// A mapping.
    Map,
}

/// One setting of a container.
pub(super) struct Setting {
    /// The argument that asks for it.
    pub(super) name: &'static str,
    /// What comparing it means.
    pub(super) shape: Shape,
    /// Its name in the Engine's `update`, where it can be changed without a new container.
    pub(super) update: Option<&'static str>,
    /// Takes it out of a configuration, in one spelling; `None` where it is not there.
    pub(super) read: fn(&Body) -> Option<Value>,
}

const fn setting(name: &'static str, shape: Shape, read: fn(&Body) -> Option<Value>) -> Setting {
    Setting { name, shape, update: None, read }
}

/// A limit that the Engine changes on a running container.
const fn limit(
    name: &'static str,
    update: &'static str,
    read: fn(&Body) -> Option<Value>,
) -> Setting {
    Setting { name, shape: Shape::Value, update: Some(update), read }
}

/// Every setting that is compared, by the names of the arguments.
#[rustfmt::skip]
pub(super) static SETTINGS: &[Setting] = &[
    setting("command", Shape::List, |b| b.get("Cmd")),
    setting("entrypoint", Shape::List, |b| b.get("Entrypoint").map(entrypoint)),
    setting("env", Shape::Set, |b| b.get("Env")),
    setting("user", Shape::Value, |b| b.get("User")),
    setting("groups", Shape::Set, |b| b.get_host("GroupAdd")),
    setting("working_dir", Shape::Value, |b| b.get("WorkingDir")),
    setting("hostname", Shape::Value, |b| b.get("Hostname")),
    setting("domainname", Shape::Value, |b| b.get("Domainname")),
    setting("labels", Shape::Map, |b| b.get("Labels")),
    setting("tty", Shape::Value, |b| b.get("Tty")),
    setting("interactive", Shape::Value, |b| b.get("OpenStdin")),
    setting("init", Shape::Value, |b| b.get_host("Init")),
    setting("stop_signal", Shape::Value, |b| b.get("StopSignal")),
    setting("stop_timeout", Shape::Value, |b| b.get("StopTimeout")),
    setting("healthcheck", Shape::Map, |b| b.get("Healthcheck")),
    limit("memory", "Memory", |b| b.get_host("Memory")),
    limit("memory_reservation", "MemoryReservation", |b| b.get_host("MemoryReservation")),
    limit("memory_swap", "MemorySwap", |b| b.get_host("MemorySwap")),
    setting("memory_swappiness", Shape::Value, |b| b.get_host("MemorySwappiness")),
    limit("kernel_memory", "KernelMemory", |b| b.get_host("KernelMemory")),
    setting("shm_size", Shape::Value, |b| b.get_host("ShmSize")),
    limit("cpus", "NanoCpus", |b| b.get_host("NanoCpus")),
    limit("cpu_period", "CpuPeriod", |b| b.get_host("CpuPeriod")),
    limit("cpu_quota", "CpuQuota", |b| b.get_host("CpuQuota")),
    limit("cpu_shares", "CpuShares", |b| b.get_host("CpuShares")),
    limit("cpuset_cpus", "CpusetCpus", |b| b.get_host("CpusetCpus")),
    limit("cpuset_mems", "CpusetMems", |b| b.get_host("CpusetMems")),
    limit("blkio_weight", "BlkioWeight", |b| b.get_host("BlkioWeight")),
    setting("device_read_bps", Shape::Maps, |b| b.get_host("BlkioDeviceReadBps")),
    setting("device_write_bps", Shape::Maps, |b| b.get_host("BlkioDeviceWriteBps")),
    setting("device_read_iops", Shape::Maps, |b| b.get_host("BlkioDeviceReadIOps")),
    setting("device_write_iops", Shape::Maps, |b| b.get_host("BlkioDeviceWriteIOps")),
    limit("pids_limit", "PidsLimit", |b| b.get_host("PidsLimit")),
    setting("ulimits", Shape::Maps, |b| b.get_host("Ulimits")),
    setting("oom_killer", Shape::Value, |b| b.get_host("OomKillDisable")),
    setting("oom_score_adj", Shape::Value, |b| b.get_host("OomScoreAdj")),
    setting("privileged", Shape::Value, |b| b.get_host("Privileged")),
    setting("capabilities", Shape::Set, |b| b.get_host("CapAdd").map(capabilities)),
    setting("cap_drop", Shape::Set, |b| b.get_host("CapDrop").map(capabilities)),
    setting("security_opts", Shape::Set, |b| b.get_host("SecurityOpt")),
    setting("sysctls", Shape::Map, |b| b.get_host("Sysctls")),
    setting("runtime", Shape::Value, |b| b.get_host("Runtime")),
    setting("ipc_mode", Shape::Value, |b| b.get_host("IpcMode")),
    setting("pid_mode", Shape::Value, |b| b.get_host("PidMode")),
    setting("userns_mode", Shape::Value, |b| b.get_host("UsernsMode")),
    setting("uts", Shape::Value, |b| b.get_host("UTSMode")),
    setting("cgroupns_mode", Shape::Value, |b| b.get_host("CgroupnsMode")),
    setting("cgroup_parent", Shape::Value, |b| b.get_host("CgroupParent")),
    setting("device_cgroup_rules", Shape::List, |b| b.get_host("DeviceCgroupRules")),
    limit("restart_policy", "RestartPolicy", |b| b.get_host("RestartPolicy").map(|p| policy(&p))),
    limit("restart_retries", "RestartPolicy", |b| part(b.get_host("RestartPolicy"), "MaximumRetryCount")),
    setting("auto_remove", Shape::Value, |b| b.get_host("AutoRemove")),
    setting("log_driver", Shape::Value, |b| part(b.get_host("LogConfig"), "Type")),
    setting("log_options", Shape::Map, |b| part(b.get_host("LogConfig"), "Config")),
    setting("volumes", Shape::Set, volumes),
    setting("mounts", Shape::Maps, |b| b.get_host("Mounts")),
    setting("volumes_from", Shape::Set, |b| b.get_host("VolumesFrom")),
    setting("volume_driver", Shape::Value, |b| b.get_host("VolumeDriver")),
    setting("tmpfs", Shape::Map, |b| b.get_host("Tmpfs")),
    setting("read_only", Shape::Value, |b| b.get_host("ReadonlyRootfs")),
    setting("storage_opts", Shape::Map, |b| b.get_host("StorageOpt")),
    setting("devices", Shape::Maps, |b| b.get_host("Devices")),
    setting("device_requests", Shape::Maps, |b| b.get_host("DeviceRequests")),
    setting("network_mode", Shape::Value, |b| b.get_host("NetworkMode").map(network_mode)),
    setting("published_ports", Shape::Map, |b| b.get_host("PortBindings").map(|p| ports::canonical(&p))),
    setting("publish_all_ports", Shape::Value, |b| b.get_host("PublishAllPorts")),
    setting("exposed_ports", Shape::Set, |b| b.get("ExposedPorts").map(|ports| names(&ports))),
    setting("links", Shape::Set, |b| b.get_host("Links").map(|links| each(&links, link))),
    setting("dns_servers", Shape::List, |b| b.get_host("Dns")),
    setting("dns_opts", Shape::Set, |b| b.get_host("DnsOptions")),
    setting("dns_search_domains", Shape::List, |b| b.get_host("DnsSearch")),
    setting("etc_hosts", Shape::Set, |b| b.get_host("ExtraHosts")),
    setting("mac_address", Shape::Value, |b| b.get("MacAddress").map(mac_address)),
];

/// An entry point of one empty word is none, for the Engine.
fn entrypoint(words: Value) -> Value {
    if words == json!([""]) { json!([]) } else { words }
}

/// A part of a setting.
fn part(whole: Option<Value>, name: &str) -> Option<Value> {
    whole?.get(name).cloned()
}

/// The names of a mapping, as a list.
fn names(mapping: &Value) -> Value {
    mapping.as_object().into_iter().flat_map(|fields| fields.keys()).cloned().collect()
}

/// A list with each of its texts in another spelling.
fn each(list: &Value, spell: fn(&str) -> String) -> Value {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(spell).collect()
}

/// Capabilities without the prefix that newer Engines show.
fn capabilities(list: Value) -> Value {
    if list.is_null() {
        return list;
    }
    each(&list, |name| name.to_ascii_uppercase().trim_start_matches("CAP_").to_owned())
}

/// A restart policy's name: the Engine shows a container that has none with an empty one.
fn policy(policy: &Value) -> Value {
    match policy["Name"].as_str() {
        None | Some("") => json!("no"),
        Some(name) => json!(name),
    }
}

/// The default network by one name: newer Engines show what it is.
fn network_mode(mode: Value) -> Value {
    if mode == "default" || mode == "nat" { json!("bridge") } else { mode }
}

/// A hardware address in one spelling.
fn mac_address(address: Value) -> Value {
    address.as_str().map(|address| hardware(address).into()).unwrap_or(address)
}

/// `name:alias` out of what the Engine shows, `/name:/container/alias`.
fn link(text: &str) -> String {
    let (name, alias) = text.split_once(':').unwrap_or((text, text));
    let last = alias.rsplit('/').next().unwrap_or(alias);
    format!("{}:{last}", name.trim_start_matches('/'))
}

/// Folders that are seen and folders of its own, as one list; `rw` is what no mode means.
fn volumes(body: &Body) -> Option<Value> {
    let (binds, own) = (body.get_host("Binds"), body.get("Volumes"));
    if binds.is_none() && own.is_none() {
        return None;
    }
    let binds = binds.as_ref().and_then(Value::as_array).into_iter().flatten();
    let mut all: Vec<String> = binds.filter_map(Value::as_str).map(bind).collect();
    all.extend(own.iter().filter_map(Value::as_object).flat_map(|own| own.keys()).cloned());
    Some(json!(all))
}

/// `source:target:mode` with the mode's words in order.
fn bind(text: &str) -> String {
    let mut parts: Vec<&str> = text.split(':').collect();
    if parts.len() < 3 {
        return format!("{text}:rw");
    }
    let mode = parts.pop().unwrap_or_default();
    let mut words: Vec<&str> = mode.split(',').filter(|word| *word != "rw").collect();
    words.sort_unstable();
    let mode = if words.contains(&"ro") {
        words.join(",")
    } else {
        [&["rw"], &words[..]].concat().join(",")
    };
    format!("{}:{mode}", parts.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_has_one_spelling() {
        assert_eq!(bind("/a:/b"), "/a:/b:rw");
        assert_eq!(bind("/a:/b:z,rw"), bind("/a:/b:z"));
        assert_eq!(bind("/a:/b:ro,z"), "/a:/b:ro,z");
        assert_eq!(link("/db:/web/data"), "db:data");
        assert_eq!(link("db"), "db:db");
        assert_eq!(
            capabilities(json!(["CAP_NET_ADMIN", "sys_time"])),
            json!(["NET_ADMIN", "SYS_TIME"])
        );
        assert_eq!(policy(&json!({"Name": ""})), "no");
    }

    #[test]
    fn every_setting_stands_once() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert!(
                !SETTINGS[..index].iter().any(|other| other.name == setting.name),
                "{}",
                setting.name
            );
        }
    }
}
