//! A container held against what its service says.

use std::collections::BTreeMap;

use serde_json::json;

use super::state::{ProjectState, id_of, name_of};
use crate::sdk::docker::compose::{Blueprint, labels};
use crate::sdk::docker::{Differences, bare, duration, is_nothing, ordered, text_of};
use crate::sdk::{Fields, Value};

/// Settings of the process: where they stand, and what compose files call them. Where the service
/// says nothing, the image's own hold.
const CONFIG: [(&str, &str); 10] = [
    ("Cmd", "command"),
    ("Entrypoint", "entrypoint"),
    ("User", "user"),
    ("WorkingDir", "working_dir"),
    ("Domainname", "domainname"),
    ("Tty", "tty"),
    ("OpenStdin", "stdin_open"),
    ("StopSignal", "stop_signal"),
    ("StopTimeout", "stop_grace_period"),
    ("Healthcheck", "healthcheck"),
];

/// Settings of the host that are nothing where the service says nothing.
const HOST: [(&str, &str); 34] = [
    ("Mounts", "volumes (special)"),
    ("Tmpfs", "tmpfs"),
    ("VolumesFrom", "volumes_from"),
    ("PortBindings", "ports"),
    ("RestartPolicy", "restart"),
    ("Dns", "dns"),
    ("DnsSearch", "dns_search"),
    ("DnsOptions", "dns_opt"),
    ("ExtraHosts", "extra_hosts"),
    ("GroupAdd", "group_add"),
    ("Init", "init"),
    ("Memory", "mem_limit"),
    ("MemoryReservation", "mem_reservation"),
    ("NanoCpus", "cpus"),
    ("CpuShares", "cpu_shares"),
    ("CpuQuota", "cpu_quota"),
    ("CpuPeriod", "cpu_period"),
    ("CpusetCpus", "cpuset"),
    ("PidsLimit", "pids_limit"),
    ("Ulimits", "ulimits"),
    ("OomScoreAdj", "oom_score_adj"),
    ("Privileged", "privileged"),
    ("ReadonlyRootfs", "read_only"),
    ("CapAdd", "cap_add"),
    ("CapDrop", "cap_drop"),
    ("SecurityOpt", "security_opt"),
    ("Sysctls", "sysctls"),
    ("StorageOpt", "storage_opt"),
    ("Devices", "devices"),
    ("DeviceCgroupRules", "device_cgroup_rules"),
    ("DeviceRequests", "gpus"),
    ("BlkioWeight", "blkio_config.weight"),
    ("PidMode", "pid"),
    ("UTSMode", "uts"),
];

/// Settings of the host that the Engine fills in: they matter only where the service says
/// something.
const FILLED_IN: [(&str, &str); 10] = [
    ("ShmSize", "shm_size"),
    ("MemorySwap", "memswap_limit"),
    ("MemorySwappiness", "mem_swappiness"),
    ("IpcMode", "ipc"),
    ("CgroupnsMode", "cgroup"),
    ("CgroupParent", "cgroup_parent"),
    ("LogConfig", "logging"),
    ("Runtime", "runtime"),
    ("UsernsMode", "userns_mode"),
    ("OomKillDisable", "oom_kill_disable"),
];

/// What of a container is not as its service says. An image of the same name and content is no
/// difference; `desired` is the id of the one that the service is to have.
pub(super) fn differences(
    blueprint: &Blueprint,
    container: &Value,
    desired: Option<&str>,
    now: &ProjectState,
) -> Differences {
    let mut differences = Differences::default();
    let has = container["Image"].as_str().unwrap_or_default();
    if let Some(desired) = desired.filter(|desired| *desired != has) {
        differences.add("image", has, desired);
    }
    let image = now.used.get(has).map_or(&Value::Null, |image| &image["Config"]);
    let (body, config) = (&blueprint.body, &container["Config"]);
    for (key, name) in CONFIG {
        compare(&mut differences, name, key, &config[key], &with_image(key, body, image));
    }
    if !body["Hostname"].is_null() {
        compare(&mut differences, "hostname", "Hostname", &config["Hostname"], &body["Hostname"]);
    }
    compare_sets(
        &mut differences,
        "environment",
        &with(&image["Env"], &body["Env"]),
        &config["Env"],
    );
    compare_labels(&mut differences, image, body, config);
    let ports = [image, body].map(|from| keys(&from["ExposedPorts"])).concat();
    compare_sets(&mut differences, "expose", &ports, &keys(&config["ExposedPorts"]));
    let volumes = [image, body].map(|from| keys(&from["Volumes"])).concat();
    let mut has = keys(&config["Volumes"]);
    // Docker's own tool notes those with a name there, too.
    let named = targets(&body["HostConfig"]);
    has.retain(|path| volumes.contains(path) || !named.contains(path));
    compare_sets(&mut differences, "volumes (without a name)", &volumes, &has);
    let (wanted, seen) = (&body["HostConfig"], &container["HostConfig"]);
    for (key, name) in HOST {
        compare(&mut differences, name, key, &seen[key], &wanted[key]);
    }
    for (key, name) in FILLED_IN {
        if !wanted[key].is_null() {
            compare(&mut differences, name, key, &resolved(&seen[key], now), &wanted[key]);
        }
    }
    let mut bound = binds(&seen["Binds"]);
    // A volume without a name that has come over from another container.
    bound.retain(|bind| !bind.split(':').next().is_some_and(nobody_named));
    compare_sets(&mut differences, "volumes", &binds(&wanted["Binds"]), &bound);
    compare(
        &mut differences,
        "network_mode",
        "NetworkMode",
        &resolved(&seen["NetworkMode"], now),
        &wanted["NetworkMode"],
    );
    compare_networks(&mut differences, blueprint, container);
    // What another version of rplay, or the fields above, do not tell.
    let hash = super::state::label(container, labels::HASH);
    if differences.is_empty() && hash != blueprint.hash && is_ours(container) {
        differences.add("other settings", short(hash), short(&blueprint.hash));
    }
    differences
}

/// Whether rplay has made a container: Docker's own tool has another hash.
fn is_ours(container: &Value) -> bool {
    super::state::label(container, labels::VERSION) == env!("CARGO_PKG_VERSION")
}

fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn compare(differences: &mut Differences, name: &str, key: &str, seen: &Value, wanted: &Value) {
    let (seen, wanted) = (plain(key, seen), plain(key, wanted));
    if seen != wanted {
        differences.add(name, seen, wanted);
    }
}

/// A setting of the process as the Engine makes it of what the service and its image say.
fn with_image(key: &str, body: &Value, image: &Value) -> Value {
    match key {
        // The words of the image are for its own entrypoint.
        "Cmd" if is_nothing(&body["Cmd"]) && !is_nothing(&body["Entrypoint"]) => Value::Null,
        "Cmd" if is_nothing(&body["Cmd"]) => image["Cmd"].clone(),
        "Healthcheck" => {
            let mut check = image[key].as_object().cloned().unwrap_or_default();
            let own = body[key].as_object().into_iter().flatten();
            let own = own.filter(|(_, value)| !is_nothing(value));
            check.extend(own.map(|(name, value)| (name.clone(), value.clone())));
            Value::Object(check)
        }
        _ if body[key].is_null() => image[key].clone(),
        _ => body[key].clone(),
    }
}

/// A setting in one spelling.
fn plain(key: &str, value: &Value) -> Value {
    // A folder without options is one all the same.
    let folder = |(path, options): (&String, &Value)| format!("{path} {}", text_of(options));
    let mut value = match value.as_object().filter(|_| key == "Tmpfs") {
        Some(folders) => folders.iter().map(folder).collect(),
        None => bare(value),
    };
    match key {
        "RestartPolicy" if value["Name"] == "no" => value = Value::Null,
        "PidsLimit" if value.as_f64().is_some_and(|limit| limit < 0.0) => value = Value::Null,
        "CapAdd" | "CapDrop" => {
            for name in value.as_array_mut().into_iter().flatten() {
                let upper = name.as_str().unwrap_or_default().to_ascii_uppercase();
                *name = upper.trim_start_matches("CAP_").into();
            }
        }
        "PortBindings" => {
            for bindings in value.as_object_mut().into_iter().flatten().map(|(_, all)| all) {
                sort(bindings);
            }
        }
        "Healthcheck" => {
            for (_, time) in value.as_object_mut().into_iter().flatten() {
                if let Some(nanoseconds) = time.as_f64().filter(|time| *time >= 1e6) {
                    #[expect(clippy::cast_possible_truncation, reason = "it was an integer")]
                    let shown = duration(nanoseconds as i64);
                    *time = shown.into();
                }
            }
        }
        _ => {}
    }
    if !matches!(key, "Cmd" | "Entrypoint" | "Dns" | "DnsSearch") {
        sort(&mut value);
    }
    if is_nothing(&value) { Value::Null } else { ordered(&value) }
}

fn sort(list: &mut Value) {
    if let Value::Array(items) = list {
        items.sort_by_key(|item| ordered(item).to_string());
    }
}

/// `container:ID` with the name of the container, where it is one of the project's.
fn resolved(mode: &Value, now: &ProjectState) -> Value {
    let Some(id) = mode.as_str().and_then(|mode| mode.strip_prefix("container:")) else {
        return mode.clone();
    };
    let found = now.containers.iter().find(|container| id_of(container) == id);
    found.map_or_else(|| mode.clone(), |found| json!(format!("container:{}", name_of(found))))
}

/// The environment of an image with that of a service over it.
fn with(image: &Value, own: &Value) -> Vec<String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for list in [image, own] {
        for entry in list.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let name = entry.split('=').next().unwrap_or(entry);
            all.insert(name.to_owned(), entry.to_owned());
        }
    }
    all.into_values().collect()
}

/// Notes the members that only one of two sets has.
fn compare_sets(
    differences: &mut Differences,
    name: &str,
    wanted: &[String],
    seen: &(impl AsList + ?Sized),
) {
    let seen = seen.as_list();
    let more: Vec<&String> = seen.iter().filter(|item| !wanted.contains(item)).collect();
    let missing: Vec<&String> = wanted.iter().filter(|item| !seen.contains(item)).collect();
    if !more.is_empty() || !missing.is_empty() {
        differences.add(name, more, missing);
    }
}

/// A list of texts, as the Engine shows it or made here.
trait AsList {
    fn as_list(&self) -> Vec<String>;
}

impl AsList for Value {
    fn as_list(&self) -> Vec<String> {
        let items = self.as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

impl AsList for [String] {
    fn as_list(&self) -> Vec<String> {
        self.to_vec()
    }
}

impl AsList for Vec<String> {
    fn as_list(&self) -> Vec<String> {
        self.clone()
    }
}

fn compare_labels(differences: &mut Differences, image: &Value, body: &Value, config: &Value) {
    let own = |labels: &Value| -> BTreeMap<String, Value> {
        let all = labels.as_object().into_iter().flatten();
        all.filter(|(name, _)| !labels::is_own(name)).map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    let mut wanted = own(&image["Labels"]);
    wanted.extend(own(&body["Labels"]));
    let seen = own(&config["Labels"]);
    if wanted != seen {
        let only = |these: &BTreeMap<String, Value>, others: &BTreeMap<String, Value>| -> Fields {
            let differs = |(name, value): &(&String, &Value)| others.get(*name) != Some(value);
            these.iter().filter(differs).map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        differences.add("labels", only(&seen, &wanted), only(&wanted, &seen));
    }
}

/// The names of a setting's members.
fn keys(setting: &Value) -> Vec<String> {
    setting.as_object().into_iter().flat_map(|members| members.keys()).cloned().collect()
}

/// The folders of a container that a mount of some kind is at.
pub(super) fn targets(host_config: &Value) -> Vec<String> {
    let list = |name: &str| host_config[name].as_array().into_iter().flatten();
    let binds = list("Binds").filter_map(Value::as_str).filter_map(|bind| bind.split(':').nth(1));
    let mounts = list("Mounts").filter_map(|mount| mount["Target"].as_str());
    let tmpfs = host_config["Tmpfs"].as_object().into_iter().flatten().map(|(path, _)| path);
    let all = binds.chain(mounts).chain(tmpfs.map(String::as_str));
    all.map(|target| target.trim_end_matches('/').to_owned()).collect()
}

/// Whether the Engine made up the name of a volume.
pub(super) fn nobody_named(volume: &str) -> bool {
    volume.len() == 64 && volume.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `SOURCE:TARGET:MODE` with the mode's words in order.
fn binds(list: &Value) -> Vec<String> {
    let spell = |text: &str| {
        let mut parts: Vec<&str> = text.split(':').collect();
        if parts.len() < 3 {
            parts.push("rw");
        }
        let mode = parts.pop().unwrap_or_default();
        let mut words: Vec<&str> = mode.split(',').filter(|word| *word != "rw").collect();
        words.sort_unstable();
        format!("{}:{}", parts.join(":"), words.join(","))
    };
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(spell).collect()
}

fn compare_networks(differences: &mut Differences, blueprint: &Blueprint, container: &Value) {
    let seen = container["NetworkSettings"]["Networks"].as_object();
    if blueprint.networks.is_empty() {
        return;
    }
    let names: Vec<String> = blueprint.networks.iter().map(|(name, _)| name.clone()).collect();
    let has: Vec<String> = seen.into_iter().flat_map(|seen| seen.keys()).cloned().collect();
    compare_sets(differences, "networks", &names, &has);
    for (name, endpoint) in &blueprint.networks {
        let Some(seen) = seen.and_then(|seen| seen.get(name)) else { continue };
        let aliases = endpoint["Aliases"].as_list();
        let has = seen["Aliases"].as_list();
        let missing: Vec<&String> = aliases.iter().filter(|alias| !has.contains(alias)).collect();
        if !missing.is_empty() {
            differences.add(&format!("networks.{name}.aliases"), &has, &aliases);
        }
        let (wanted, seen) = (bare(&endpoint["IPAMConfig"]), bare(&seen["IPAMConfig"]));
        if wanted != seen && !(is_nothing(&wanted) && is_nothing(&seen)) {
            differences.add(&format!("networks.{name}.address"), seen, wanted);
        }
    }
}
