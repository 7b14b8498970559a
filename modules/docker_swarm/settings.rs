//! The settings of a swarm as a whole.

use serde::Serialize;

use crate::sdk::docker::{Differences, Texts};
use crate::sdk::{Arguments, Secret, Value};

/// The settings of a swarm; what is not given stays as it is.
#[derive(Debug, Clone, Default, Serialize, Arguments)]
pub(super) struct Settings {
    /// How many finished tasks are remembered for each task that runs.
    task_history_retention_limit: Option<i64>,
    /// After how many entries of the managers' log a snapshot is taken.
    snapshot_interval: Option<i64>,
    /// How many snapshots are kept besides the newest.
    keep_old_snapshots: Option<i64>,
    /// How many entries of the log are kept for managers that lag behind.
    log_entries_for_slow_followers: Option<i64>,
    /// How many ticks lie between two signs of life among managers.
    heartbeat_tick: Option<i64>,
    /// After how many ticks without a leader the managers elect one.
    election_tick: Option<i64>,
    /// How many nanoseconds lie between two signs of life of a node.
    dispatcher_heartbeat_period: Option<i64>,
    /// How many nanoseconds a node's certificate is valid.
    node_cert_expiry: Option<i64>,
    /// The swarm's name; Engines take no other than `default`.
    name: Option<String>,
    /// The swarm's labels, all of them; those of nodes are a matter of `docker_node`.
    labels: Option<Texts>,
    /// The certificate that signs those of the nodes, as PEM text.
    signing_ca_cert: Option<String>,
    /// Its key, as PEM text. It is never compared: it goes with another change.
    signing_ca_key: Option<Secret>,
    /// A number; another one than before makes the swarm renew its signing certificate.
    ca_force_rotate: Option<i64>,
    /// Whether managers need a key after a restart. `docker_swarm_info` returns it.
    autolock_managers: Option<bool>,
}

/// One setting that is given: its argument, where it stands in the Engine's `Spec`, its value.
struct Setting {
    name: &'static str,
    path: &'static [&'static str],
    value: Value,
}

impl Settings {
    /// Whether managers are to need a key after a restart; `None` leaves that as it is.
    pub(super) fn autolock(&self) -> Option<bool> {
        self.autolock_managers
    }

    /// What is not as it was asked for.
    pub(super) fn differences(&self, spec: &Value) -> Differences {
        let mut differences = Differences::default();
        for Setting { name, path, value } in self.given() {
            let now = path.iter().fold(spec, |at, key| &at[*key]);
            if now != &value && !(is_nothing(now) && is_nothing(&value)) {
                differences.add(name, now, value);
            }
        }
        differences
    }

    /// Writes what is given over a `Spec`.
    pub(super) fn write(&self, spec: &mut Value) {
        for Setting { path, value, .. } in self.given() {
            *path.iter().fold(&mut *spec, |at, key| &mut at[*key]) = value;
        }
        if let Some(key) = &self.signing_ca_key {
            spec["CAConfig"]["SigningCAKey"] = key.reveal().as_str().into();
        }
    }

    fn given(&self) -> impl Iterator<Item = Setting> {
        let of =
            |name, path, value: Option<Value>| value.map(|value| Setting { name, path, value });
        let number = |name, path, value: Option<i64>| of(name, path, value.map(Value::from));
        [
            number(
                "task_history_retention_limit",
                &["Orchestration", "TaskHistoryRetentionLimit"],
                self.task_history_retention_limit,
            ),
            number("snapshot_interval", &["Raft", "SnapshotInterval"], self.snapshot_interval),
            number("keep_old_snapshots", &["Raft", "KeepOldSnapshots"], self.keep_old_snapshots),
            number(
                "log_entries_for_slow_followers",
                &["Raft", "LogEntriesForSlowFollowers"],
                self.log_entries_for_slow_followers,
            ),
            number("heartbeat_tick", &["Raft", "HeartbeatTick"], self.heartbeat_tick),
            number("election_tick", &["Raft", "ElectionTick"], self.election_tick),
            number(
                "dispatcher_heartbeat_period",
                &["Dispatcher", "HeartbeatPeriod"],
                self.dispatcher_heartbeat_period,
            ),
            number("node_cert_expiry", &["CAConfig", "NodeCertExpiry"], self.node_cert_expiry),
            of("name", &["Name"], self.name.clone().map(Value::from)),
            of("labels", &["Labels"], self.labels.as_ref().map(|labels| serde_json::json!(labels))),
            of(
                "signing_ca_cert",
                &["CAConfig", "SigningCACert"],
                self.signing_ca_cert.clone().map(Value::from),
            ),
            number("ca_force_rotate", &["CAConfig", "ForceRotate"], self.ca_force_rotate),
            of(
                "autolock_managers",
                &["EncryptionConfig", "AutoLockManagers"],
                self.autolock_managers.map(Value::from),
            ),
        ]
        .into_iter()
        .flatten()
    }
}

/// Whether a value is one that the Engine leaves out.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_given_and_differs_counts() {
        let settings = Settings {
            election_tick: Some(5),
            keep_old_snapshots: Some(0),
            autolock_managers: Some(false),
            signing_ca_key: Some(Secret::new("PEM".to_owned())),
            ..Settings::default()
        };
        let mut spec = json!({"Name": "default", "Raft": {"ElectionTick": 10, "HeartbeatTick": 1}});
        let differences = settings.differences(&spec);
        assert_eq!(differences.names().collect::<Vec<_>>(), ["election_tick"]);
        settings.write(&mut spec);
        assert_eq!(
            spec,
            json!({
                "Name": "default",
                "Raft": {"ElectionTick": 5, "HeartbeatTick": 1, "KeepOldSnapshots": 0},
                "EncryptionConfig": {"AutoLockManagers": false},
                "CAConfig": {"SigningCAKey": "PEM"},
            })
        );
        assert!(settings.differences(&spec).is_empty());
    }
}
