//! Waiting until a service's tasks run.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::{Node, ServiceMode};
use crate::sdk::Failure;
use crate::sdk::docker::DockerReader;
use crate::value::Value;

/// How long lies between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// How long tasks are watched for failure where the service does not say.
const MONITOR: Duration = Duration::from_secs(5);
/// How many failed tasks are told of.
const SHOWN: usize = 3;

/// A service on its way to what it is to be.
#[derive(Debug)]
pub struct Convergence<'w> {
    /// An Engine that manages the swarm.
    pub docker: &'w DockerReader,
    /// The service's id.
    pub id: &'w str,
    /// The service's name.
    pub name: &'w str,
}

/// One task of a service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Task {
    slot: u64,
    #[serde(rename = "NodeID")]
    node_id: String,
    desired_state: String,
    status: TaskStatus,
    job_iteration: Option<JobIteration>,
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
struct Progress {
    done: u64,
    wanted: u64,
    /// Whether tasks are still being replaced.
    updating: bool,
}

impl Progress {
    fn is_complete(&self) -> bool {
        self.done >= self.wanted && !self.updating
    }
}

impl Convergence<'_> {
    /// Waits until as many tasks run as there must be, and none fails for a while.
    pub async fn until_converged(&self, patience: Duration) -> Result<(), Failure> {
        let end = Instant::now() + patience;
        let mut stable_since = None;
        loop {
            let service: Value = self.docker.ask(&["services", self.id], &[]).await?;
            let mode = ServiceMode::of(&service["Spec"]).unwrap_or_default();
            self.refuse_failure(&service).await?;
            let progress = self.progress(&service, mode).await?;
            if progress.is_complete() {
                let since: &mut Instant = stable_since.get_or_insert_with(Instant::now);
                if mode.is_job() || since.elapsed() >= monitor(&service) {
                    return Ok(());
                }
            } else {
                stable_since = None;
            }
            if Instant::now() >= end {
                let Progress { done, wanted, .. } = progress;
                let seconds = patience.as_secs();
                let message = format!("{done} of {wanted} tasks run after {seconds} s");
                return Err(self.failure(&message).await?);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Fails when an update has come to a bad end. That all is again as it was is one, too.
    async fn refuse_failure(&self, service: &Value) -> Result<(), Failure> {
        let update = &service["UpdateStatus"];
        let what = match update["State"].as_str() {
            Some("paused") => "the update has stopped half-way",
            Some("rollback_completed") => "the update has failed, and was taken back",
            Some("rollback_paused") => "the update has failed, and so has taking it back",
            _ => return Ok(()),
        };
        let why = update["Message"].as_str().unwrap_or_default();
        Err(self.failure(&format!("{what} ({why})")).await?)
    }

    async fn progress(&self, service: &Value, mode: ServiceMode) -> Result<Progress, Failure> {
        let current = json!({"service": [self.id], "_up-to-date": ["true"]});
        let nodes: Vec<Node> = self.docker.list(&["nodes"], &[]).await?;
        let mut tasks = self.tasks(&current).await?;
        tasks.retain(|task| !nodes.iter().any(|node| node.id == task.node_id && node.is_down()));
        Ok(progress(service, mode, &tasks))
    }

    async fn tasks(&self, filters: &Value) -> Result<Vec<Task>, Failure> {
        let filters = filters.to_string();
        Ok(self.docker.list(&["tasks"], &[("filters", &filters)]).await?)
    }

    /// What went wrong, with what the last failed tasks say.
    async fn failure(&self, message: &str) -> Result<Failure, Failure> {
        let tasks = self.tasks(&json!({"service": [self.id]})).await?;
        let nodes: Vec<Node> = self.docker.list(&["nodes"], &[]).await?;
        let errors = errors(self.name, tasks, &nodes);
        let message = format!("service {}: {message}", self.name);
        Ok(if errors.is_empty() {
            Failure::new(message).help(
                "no task tells of an error; `docker service ps` shows them, `wait_timeout` is how \
                 long they may take",
            )
        } else {
            Failure::new(format!("{message}; {}", errors.join("; ")))
        })
    }
}

/// How far a service is, from its tasks that are up to date.
fn progress(service: &Value, mode: ServiceMode, tasks: &[Task]) -> Progress {
    let spec = &service["Spec"]["Mode"];
    let updating =
        matches!(service["UpdateStatus"]["State"].as_str(), Some("updating" | "rollback_started"));
    let iteration = service["JobStatus"]["JobIteration"]["Index"].as_u64().unwrap_or_default();
    let runs = |task: &&Task| task.desired_state == "running" && task.status.state == "running";
    let is_of_job =
        |task: &&Task| task.job_iteration.as_ref().is_none_or(|job| job.index == iteration);
    let is_complete = |task: &&Task| is_of_job(task) && task.status.state == "complete";
    let number = |value: &Value| value.as_u64().unwrap_or(1);
    let count = |tasks: usize| u64::try_from(tasks).unwrap_or(u64::MAX);
    let (done, wanted) = match mode {
        ServiceMode::Replicated => {
            (tasks.iter().filter(runs).count(), number(&spec["Replicated"]["Replicas"]))
        }
        ServiceMode::Global => {
            let wanted = tasks.iter().filter(|task| task.desired_state == "running").count();
            (tasks.iter().filter(runs).count(), count(wanted))
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
    Progress { done: count(done), wanted, updating }
}

/// What the last failed tasks say, the newest first, each thing once.
fn errors(service: &str, mut tasks: Vec<Task>, nodes: &[Node]) -> Vec<String> {
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

/// How long tasks are watched for failure.
fn monitor(service: &Value) -> Duration {
    match service["Spec"]["UpdateConfig"]["Monitor"].as_u64() {
        None | Some(0) => MONITOR,
        Some(nanoseconds) => Duration::from_nanos(nanoseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let progress = progress(&service, ServiceMode::Replicated, &tasks);
        assert_eq!(progress, Progress { done: 1, wanted: 2, updating: false });
    }

    #[test]
    fn an_update_under_way_is_not_complete() {
        let service = json!({
            "Spec": {"Mode": {"Global": {}}}, "UpdateStatus": {"State": "updating"},
        });
        let all = progress(&service, ServiceMode::Global, &[task(0, "running", "running", "")]);
        assert_eq!(all, Progress { done: 1, wanted: 1, updating: true });
        assert!(!all.is_complete());
    }

    #[test]
    fn a_job_is_complete_when_its_tasks_have_ended() {
        let service = json!({"Spec": {"Mode": {"ReplicatedJob": {"TotalCompletions": 2}}}});
        let tasks = [task(1, "complete", "complete", ""), task(2, "complete", "running", "")];
        let progress = progress(&service, ServiceMode::ReplicatedJob, &tasks);
        assert_eq!((progress.done, progress.wanted), (1, 2));
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
