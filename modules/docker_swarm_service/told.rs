//! The `swarm_service` that a task returns.

use serde_json::json;

use super::Args;
use super::engine_form as form;
use super::options::{Healthcheck, Mount, Publish, UpdateConfig};
use super::state::State;
use super::table::Table;
use crate::sdk::{Choice, Failure, Fields, Mode, Value, coerce};

/// What is returned as the Engine takes it.
const PLAIN: [&str; 34] = [
    "image",
    "labels",
    "container_labels",
    "hostname",
    "user",
    "working_dir",
    "tty",
    "read_only",
    "init",
    "stop_signal",
    "stop_grace_period",
    "dns",
    "dns_search",
    "dns_options",
    "sysctls",
    "log_driver",
    "log_driver_options",
    "groups",
    "env",
    "constraints",
    "replicas_max_per_node",
    "endpoint_mode",
    "restart_policy",
    "restart_policy_attempts",
    "restart_policy_delay",
    "restart_policy_window",
    "limit_memory",
    "reserve_memory",
    "update_parallelism",
    "update_delay",
    "update_failure_action",
    "update_monitor",
    "update_max_failure_ratio",
    "update_order",
];

impl Args {
    /// The service as the task asks for it, in the form of the arguments; null where it does not
    /// say. `service` beside it tells all.
    pub(super) fn told(&self, now: &State, table: &Table, after: &Value) -> Result<Value, Failure> {
        let mut told: Fields =
            PLAIN.iter().map(|name| ((*name).to_owned(), table.wanted(name))).collect();
        let mut set = |name: &str, value: Value| drop(told.insert(name.to_owned(), value));
        set("command", json!(self.command.as_ref().map(form::command).transpose()?));
        set("args", json!(self.arguments));
        let placement = self.placement.as_ref();
        let preferences = placement.and_then(|placement| placement.preferences.as_ref());
        set("placement_preferences", json!(preferences));
        set("mode", self.mode_with(after).word().into());
        set("replicas", table.now(after).get("replicas").cloned().unwrap_or_default());
        set("hosts", json!(self.hosts));
        set("cap_add", json!(self.cap_add));
        set("cap_drop", json!(self.cap_drop));
        set("limit_cpu", json!(self.limits.as_ref().and_then(|limits| limits.cpus)));
        set("reserve_cpu", json!(self.reservations.as_ref().and_then(|limits| limits.cpus)));
        let count = after.pointer("/TaskTemplate/ForceUpdate").and_then(Value::as_u64);
        let count = self.force_update.then(|| count.unwrap_or_default() + 1);
        set("force_update", json!(count));
        let health = self.healthcheck.as_ref().filter(|health| health.test.is_some());
        let test = health.and_then(|health| health.test.as_ref()).map(form::health_test);
        let disabled = test.as_ref().map(|test| *test == json!(["NONE"]));
        set("healthcheck_disabled", json!(disabled));
        let health = health.filter(|_| disabled == Some(false));
        set("healthcheck", json!(health.map(|health| checked(health, test.as_ref())).transpose()?));
        set("rollback_config", json!(self.rollback_config.as_ref().map(rolled).transpose()?));
        set("publish", all(self.publish.as_ref(), |port| Ok(published(port)))?);
        set("mounts", all(self.mounts.as_ref(), mounted)?);
        set("networks", all(self.networks.as_ref(), |network| Ok(joined(now, network)))?);
        let secrets = |file: &super::SecretFile| {
            let names = [&file.secret_name, file.filename.as_ref().unwrap_or(&file.secret_name)];
            let owner = [file.uid.as_ref(), file.gid.as_ref()];
            Ok(filed("secret", file.secret_id.as_ref(), names, owner, file.mode.as_ref()))
        };
        set("secrets", all(self.secrets.as_ref(), secrets)?);
        let configs = |file: &super::ConfigFile| {
            let names = [&file.config_name, file.filename.as_ref().unwrap_or(&file.config_name)];
            let owner = [file.uid.as_ref(), file.gid.as_ref()];
            Ok(filed("config", file.config_id.as_ref(), names, owner, file.mode.as_ref()))
        };
        set("configs", all(self.configs.as_ref(), configs)?);
        Ok(Value::Object(told))
    }
}

/// A list's items in another form; null where there is none.
fn all<T>(
    items: Option<&Vec<T>>,
    form: impl Fn(&T) -> Result<Value, Failure>,
) -> Result<Value, Failure> {
    let items: Option<Result<Value, Failure>> = items.map(|items| items.iter().map(form).collect());
    Ok(items.transpose()?.unwrap_or_default())
}

fn checked(health: &Healthcheck, test: Option<&Value>) -> Result<Value, Failure> {
    let mut told = json!({"test": test, "retries": health.retries});
    for (name, time) in [
        ("interval", &health.interval),
        ("timeout", &health.timeout),
        ("start_period", &health.start_period),
        ("start_interval", &health.start_interval),
    ] {
        told[name] = form::nanoseconds(name, time.as_ref())?.unwrap_or_default();
    }
    if let Some(fields) = told.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    Ok(told)
}

fn rolled(config: &UpdateConfig) -> Result<Value, Failure> {
    Ok(json!({
        "parallelism": config.parallelism,
        "delay": form::nanoseconds("rollback_config.delay", config.delay.as_ref())?,
        "failure_action": config.failure_action.map(Choice::word),
        "monitor": form::nanoseconds("rollback_config.monitor", config.monitor.as_ref())?,
        "max_failure_ratio": config.max_failure_ratio,
        "order": config.order.map(Choice::word),
    }))
}

fn published(port: &Publish) -> Value {
    json!({
        "protocol": port.protocol.word(),
        "mode": port.mode.map(Choice::word),
        "published_port": port.published_port,
        "target_port": port.target_port,
    })
}

fn mounted(mount: &Mount) -> Result<Value, Failure> {
    let driver = mount.driver_config.as_ref();
    Ok(json!({
        "type": mount.kind.word(),
        "source": mount.source.as_deref().unwrap_or_default(),
        "target": mount.target,
        "readonly": mount.readonly,
        "labels": mount.labels,
        "no_copy": mount.no_copy,
        "propagation": mount.propagation.map(Choice::word),
        "driver_config":
            driver.map(|driver| json!({"name": driver.name, "options": driver.options})),
        "tmpfs_size": form::bytes("tmpfs_size", mount.tmpfs_size.as_ref())?,
        "tmpfs_mode": number(mount.tmpfs_mode.as_ref()),
    }))
}

/// A network by its id, which is not known before it exists.
fn joined(now: &State, network: &Value) -> Value {
    let name = network.as_str().or(network["name"].as_str()).unwrap_or_default();
    let mut told = json!({"id": now.networks.get(name), "name": name});
    if let Some(aliases) = network.get("aliases").and_then(coerce::to_list) {
        told["aliases"] = aliases.into();
    }
    if let Some(options) = network.get("options").filter(|options| options.is_object()) {
        told["options"] = options.clone();
    }
    told
}

/// A secret or a config as a file.
fn filed(
    kind: &str,
    id: Option<&String>,
    [name, filename]: [&String; 2],
    [uid, gid]: [Option<&String>; 2],
    mode: Option<&Mode>,
) -> Value {
    let mode = number(mode);
    let mut told = json!({"filename": filename, "uid": uid, "gid": gid, "mode": mode});
    told[format!("{kind}_id")] = json!(id);
    told[format!("{kind}_name")] = name.as_str().into();
    told
}

/// A file's mode as a number, as the Engine has it.
fn number(mode: Option<&Mode>) -> Value {
    json!(mode.and_then(|mode| form::mode("mode", mode).ok()))
}
