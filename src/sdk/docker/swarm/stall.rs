//! Updates of services that wait for a node that has died.
//!
//! A swarm replaces tasks one after the other, and waits for each new one to run. Where the node
//! of such a task dies before that, another task takes its place; the swarm goes on to wait for
//! the first one, and the update never ends. A service that is changed is updated anew.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::json;

use super::Node;
use super::progress::{MONITOR, Task};
use crate::remote::docker::EngineError;
use crate::sdk::docker::{DockerReader, DockerWriter};
use crate::value::Value;

/// The nodes that updates wait for in vain, by the services' ids.
pub type Stalls = IndexMap<String, Vec<String>>;

/// What is wrong with an update that waits for these nodes.
pub fn stalled(nodes: &[String]) -> String {
    format!("waits in vain for {}", nodes.join(", "))
}

/// Finds the updates that wait in vain, with the tasks that are up to date.
pub(super) fn stalls(services: &[Value], tasks: &[Task], nodes: &[Node]) -> Stalls {
    let mut all = Stalls::new();
    for service in services.iter().filter(|service| is_updated(service)) {
        let Some(id) = service["ID"].as_str() else { continue };
        let begun = &service["UpdateStatus"]["StartedAt"];
        let begun: Option<Timestamp> = begun.as_str().and_then(|at| at.parse().ok());
        let waits = |task: &&Task| {
            let made: Option<Timestamp> = task.created_at.parse().ok();
            task.service_id == id && task.is_given_up() && made.is_some() && made >= begun
        };
        let mut names: Vec<String> = tasks
            .iter()
            .filter(waits)
            .filter_map(|task| nodes.iter().find(|node| node.id == task.node_id && node.is_down()))
            .map(|node| node.description.hostname.clone())
            .collect();
        names.sort();
        names.dedup();
        if !names.is_empty() {
            all.insert(id.to_owned(), names);
        }
    }
    all
}

/// Whether tasks of a service are being replaced.
fn is_updated(service: &Value) -> bool {
    matches!(service["UpdateStatus"]["State"].as_str(), Some("updating" | "rollback_started"))
}

impl DockerReader {
    /// Which updates of these services wait in vain. Where none is under way, nothing is asked.
    pub async fn stalls(&self, services: &[Value]) -> Result<Stalls, EngineError> {
        let updated = services.iter().filter(|service| is_updated(service));
        let ids: Vec<&Value> = updated.map(|service| &service["ID"]).collect();
        if ids.is_empty() {
            return Ok(Stalls::new());
        }
        let filters = json!({"service": ids, "_up-to-date": ["true"]}).to_string();
        let tasks: Vec<Task> = self.list(&["tasks"], &[("filters", &filters)]).await?;
        let nodes: Vec<Node> = self.list(&["nodes"], &[]).await?;
        Ok(stalls(services, &tasks, &nodes))
    }
}

impl DockerWriter {
    /// Has the swarm begin a service's update anew: the tasks that run as they must stay.
    ///
    /// It does so when the service changes. A nanosecond is added to a setting, and taken away.
    pub async fn update_anew(&self, id: &str) -> Result<(), EngineError> {
        let path = ["services", id];
        let service: Value = self.ask(&path, &[]).await?;
        let settings = service["Spec"]["UpdateConfig"].clone();
        let lengthen = |spec: &mut Value| {
            let monitor = &mut spec["UpdateConfig"]["Monitor"];
            let now = monitor.as_i64().filter(|monitor| *monitor > 0);
            *monitor = now.unwrap_or(MONITOR).saturating_add(1).into();
        };
        self.revise(&path, &[], lengthen).await?;
        let restore = |spec: &mut Value| {
            if let Some(spec) = spec.as_object_mut() {
                match &settings {
                    Value::Null => spec.shift_remove("UpdateConfig"),
                    settings => spec.insert("UpdateConfig".to_owned(), settings.clone()),
                };
            }
        };
        self.revise(&path, &[], restore).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(task: Value, state: &str) -> Stalls {
        let service = json!({"ID": "s1", "UpdateStatus": {
            "State": state, "StartedAt": "2026-01-01T10:00:00.5Z",
        }});
        let nodes = ["up", "down"].map(|name| {
            let status = json!({"State": if name == "up" { "ready" } else { "down" }});
            let node = json!({"ID": name, "Description": {"Hostname": name}, "Status": status});
            serde_json::from_value(node).unwrap()
        });
        let mut told = json!({
            "ServiceID": "s1", "NodeID": "down", "DesiredState": "shutdown",
            "CreatedAt": "2026-01-01T10:00:00.51Z", "Status": {"State": "assigned"},
        });
        for (key, value) in task.as_object().unwrap() {
            told[key] = value.clone();
        }
        stalls(&[service], &[serde_json::from_value(told).unwrap()], &nodes)
    }

    #[test]
    fn an_update_waits_in_vain_for_a_task_that_was_given_up_before_it_ran() {
        let stall = Stalls::from([("s1".to_owned(), vec!["down".to_owned()])]);
        assert_eq!(seen(json!({}), "updating"), stall);
        assert_eq!(seen(json!({}), "rollback_started"), stall);
        let none = Stalls::new();
        assert_eq!(seen(json!({}), "completed"), none);
        assert_eq!(seen(json!({"ServiceID": "s2"}), "updating"), none);
        assert_eq!(seen(json!({"NodeID": "up"}), "updating"), none, "it will tell of its end");
        assert_eq!(seen(json!({"DesiredState": "running"}), "updating"), none, "not given up yet");
        assert_eq!(seen(json!({"Status": {"State": "running"}}), "updating"), none, "it ran");
        let before = json!({"CreatedAt": "2026-01-01T10:00:00.4Z"});
        assert_eq!(seen(before, "updating"), none, "of an update before this one");
    }
}
