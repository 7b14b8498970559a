//! How far a service is, as its tasks tell.

use std::time::Duration;

use serde::Deserialize;

use super::{Node, ServiceMode};
use crate::value::Value;

/// How long tasks are watched for failure where the service does not say, in nanoseconds.
pub(super) const MONITOR: i64 = 5_000_000_000;
/// The states that a task goes through before it runs.
const BEFORE_RUNNING: [&str; 8] =
    ["new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting"];
/// How many failed tasks are told of.
const SHOWN: usize = 3;

/// One task of a service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Task {
    #[serde(rename = "ServiceID")]
    pub(super) service_id: String,
    pub(super) created_at: String,
    slot: u64,
    #[serde(rename = "NodeID")]
    pub(super) node_id: String,
    desired_state: String,
    status: TaskStatus,
    job_iteration: Option<JobIteration>,
}

impl Task {
    /// Whether another was put in its place before it ran.
    pub(super) fn is_given_up(&self) -> bool {
        BEFORE_RUNNING.contains(&self.status.state.as_str())
            && matches!(self.desired_state.as_str(), "shutdown" | "remove")
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TaskStatus {
    timestamp: String,
    state: String,
    err: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct JobIteration {
    index: u64,
}

/// How far a service is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// How many tasks are as they must be.
    pub(super) done: u64,
    /// How many must be.
    pub(super) wanted: u64,
    /// Whether tasks are still being replaced.
    pub(super) updating: bool,
}

impl Progress {
    /// How far a service is, from its tasks that are up to date.
    pub(super) fn of(service: &Value, tasks: &[&Task]) -> Self {
        let updating = matches!(
            service["UpdateStatus"]["State"].as_str(),
            Some("updating" | "rollback_started")
        );
        let (done, wanted) = counted(service, tasks);
        Self { done, wanted, updating }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.done >= self.wanted && !self.updating
    }
}

/// How many tasks are as they must be, and how many must be.
fn counted(service: &Value, tasks: &[&Task]) -> (u64, u64) {
    let spec = &service["Spec"]["Mode"];
    let iteration = service["JobStatus"]["JobIteration"]["Index"].as_u64().unwrap_or_default();
    let runs = |task: &&&Task| task.desired_state == "running" && task.status.state == "running";
    let is_of_job =
        |task: &&&Task| task.job_iteration.as_ref().is_none_or(|job| job.index == iteration);
    let is_complete = |task: &&&Task| is_of_job(task) && task.status.state == "complete";
    // One that is not started again after a good end has done what it was for.
    let condition = &service["Spec"]["TaskTemplate"]["RestartPolicy"]["Condition"];
    let ends = condition == "none" || condition == "on-failure";
    let is_done = |task: &&&Task| runs(task) || (ends && task.status.state == "complete");
    let number = |value: &Value| value.as_u64().unwrap_or(1);
    let count = |tasks: usize| u64::try_from(tasks).unwrap_or(u64::MAX);
    let (done, wanted) = match ServiceMode::of(&service["Spec"]).unwrap_or_default() {
        ServiceMode::Replicated => {
            let mut slots: Vec<u64> = tasks.iter().filter(is_done).map(|task| task.slot).collect();
            slots.sort_unstable();
            slots.dedup();
            (slots.len(), number(&spec["Replicated"]["Replicas"]))
        }
        ServiceMode::Global => {
            let wanted = |task: &&&Task| task.desired_state == "running" || is_done(task);
            (tasks.iter().filter(is_done).count(), count(tasks.iter().filter(wanted).count()))
        }
        ServiceMode::ReplicatedJob => {
            let wanted = number(&spec["ReplicatedJob"]["TotalCompletions"]);
            (tasks.iter().filter(is_complete).count(), wanted)
        }
        ServiceMode::GlobalJob => {
            let mut nodes: Vec<&String> =
                tasks.iter().filter(is_of_job).map(|task| &task.node_id).collect();
            nodes.sort_unstable();
            nodes.dedup();
            (tasks.iter().filter(is_complete).count(), count(nodes.len()).max(1))
        }
    };
    (count(done), wanted)
}

/// How an update has come to a bad end. That all is again as it was is one, too.
pub(super) fn bad_end(service: &Value) -> Option<String> {
    let update = &service["UpdateStatus"];
    let what = match update["State"].as_str()? {
        "paused" => "the update has stopped half-way",
        "rollback_completed" => "the update has failed, and was taken back",
        "rollback_paused" => "the update has failed, and so has taking it back",
        _ => return None,
    };
    Some(format!("{what} ({})", update["Message"].as_str().unwrap_or_default()))
}

/// What the last failed tasks say, the newest first, each thing once.
pub(super) fn errors(service: &str, mut tasks: Vec<Task>, nodes: &[Node]) -> Vec<String> {
    tasks.sort_by(|a, b| b.status.timestamp.cmp(&a.status.timestamp));
    let mut said: Vec<(&str, String)> = vec![];
    for Task { slot, node_id, status, .. } in &tasks {
        let err = status.err.as_str();
        if err.is_empty() || said.iter().any(|(other, _)| *other == err) {
            continue;
        }
        let node = nodes.iter().find(|node| node.id == *node_id);
        let at = node.map_or_else(String::new, |node| format!(" on {}", node.description.hostname));
        let slot = if *slot == 0 { String::new() } else { format!(".{slot}") };
        said.push((err, format!("{service}{slot}{at}: {err}")));
    }
    said.into_iter().take(SHOWN).map(|(_, text)| text).collect()
}

/// How long its tasks are watched for failure once all are as they must be.
pub(super) fn watch(service: &Value) -> Duration {
    let mode = &service["Spec"]["Mode"];
    let is_job = ServiceMode::of(&service["Spec"]).is_some_and(ServiceMode::is_job);
    if is_job || mode["Replicated"]["Replicas"] == 0 {
        return Duration::ZERO;
    }
    let given = service["Spec"]["UpdateConfig"]["Monitor"].as_i64();
    let nanoseconds = given.filter(|given| *given > 0).unwrap_or(MONITOR);
    Duration::from_nanos(nanoseconds.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(service: &Value, tasks: &[Task]) -> Progress {
        Progress::of(service, &tasks.iter().collect::<Vec<_>>())
    }

    fn task(slot: u64, desired: &str, state: &str, err: &str) -> Task {
        serde_json::from_value(json!({
            "Slot": slot, "NodeID": "n1", "DesiredState": desired,
            "Status": {"State": state, "Err": err, "Timestamp": format!("2024-01-01T00:00:0{slot}Z")},
        }))
        .unwrap()
    }

    #[test]
    fn only_tasks_that_are_to_run_count() {
        let service = json!({"Spec": {"Mode": {"Replicated": {"Replicas": 2}}}});
        let tasks = [
            task(1, "running", "running", ""),
            task(2, "shutdown", "running", ""),
            task(2, "running", "starting", ""),
        ];
        let progress = of(&service, &tasks);
        assert_eq!(progress, Progress { done: 1, wanted: 2, updating: false });
    }

    #[test]
    fn what_is_not_started_again_has_done_its_work_when_it_ends_well() {
        let service = |condition: &str| {
            json!({"Spec": {
                "Mode": {"Replicated": {"Replicas": 1}},
                "TaskTemplate": {"RestartPolicy": {"Condition": condition}},
            }})
        };
        let ended = [task(1, "shutdown", "complete", ""), task(1, "shutdown", "failed", "")];
        assert!(of(&service("on-failure"), &ended).is_complete());
        assert!(of(&service("none"), &ended).is_complete());
        assert!(!of(&service("any"), &ended).is_complete());
    }

    #[test]
    fn an_update_under_way_is_not_complete() {
        let service = json!({
            "Spec": {"Mode": {"Global": {}}}, "UpdateStatus": {"State": "updating"},
        });
        let all = of(&service, &[task(0, "running", "running", "")]);
        assert_eq!(all, Progress { done: 1, wanted: 1, updating: true });
        assert!(!all.is_complete());
    }

    #[test]
    fn a_job_is_complete_when_its_tasks_have_ended() {
        let service = json!({"Spec": {"Mode": {"ReplicatedJob": {"TotalCompletions": 2}}}});
        let tasks = [task(1, "complete", "complete", ""), task(2, "complete", "running", "")];
        let progress = of(&service, &tasks);
        assert_eq!((progress.done, progress.wanted), (1, 2));
    }

    #[test]
    fn there_is_nothing_to_watch_where_nothing_is_to_run() {
        let watched = |mode: Value| watch(&json!({"Spec": {"Mode": mode}}));
        assert_eq!(watched(json!({"Replicated": {"Replicas": 0}})), Duration::ZERO);
        assert_eq!(watched(json!({"ReplicatedJob": {"TotalCompletions": 2}})), Duration::ZERO);
        assert_eq!(watched(json!({"Replicated": {"Replicas": 1}})), Duration::from_secs(5));
        assert_eq!(watched(json!({"Global": {}})), Duration::from_secs(5));
    }

    #[test]
    fn the_last_errors_are_told_once_each() {
        let tasks = vec![
            task(1, "shutdown", "rejected", "No such image: x"),
            task(2, "shutdown", "rejected", "No such image: x"),
            task(3, "shutdown", "failed", "task: non-zero exit (1)"),
        ];
        assert_eq!(
            errors("web", tasks, &[]),
            ["web.3: task: non-zero exit (1)", "web.2: No such image: x"]
        );
    }
}
