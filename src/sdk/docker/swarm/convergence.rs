//! Waiting until the tasks of services run.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Node;
use super::progress::{Progress, Task, bad_end, errors, watch};
use super::stall::{Stalls, stalls};
use crate::sdk::Failure;
use crate::sdk::docker::DockerWriter;
use crate::value::Value;

/// How long lies between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// Services on their way to what they are to be. However many there are, a look at them asks the
/// Engine three times. Updates that wait in vain for a node that has died are begun anew.
#[derive(Debug)]
pub struct Convergence<'w> {
    docker: &'w DockerWriter,
    /// Those that are not there yet.
    open: Vec<Watched>,
    failed: Vec<Failure>,
}

#[derive(Debug)]
struct Watched {
    name: String,
    id: String,
    /// Since when all its tasks run.
    complete: Option<Instant>,
}

/// What is seen of services at one time.
struct Look {
    services: Vec<Value>,
    /// The tasks that are up to date, without those of nodes that are gone.
    tasks: Vec<Task>,
    /// The updates that wait in vain.
    stalls: Stalls,
}

/// How a service stands.
enum Standing {
    Converged,
    OnItsWay(Progress),
    Failed(String),
    Gone,
}

impl<'w> Convergence<'w> {
    /// Of these services, by names and ids; `docker` manages their swarm.
    pub fn of<'s>(
        docker: &'w DockerWriter,
        services: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Self {
        let watched = |(name, id): (&str, &str)| Watched {
            name: name.to_owned(),
            id: id.to_owned(),
            complete: None,
        };
        Self { docker, open: services.into_iter().map(watched).collect(), failed: vec![] }
    }

    /// Waits until as many tasks run as there must be, and none fails for a while. What is wrong
    /// with all services is told.
    pub async fn until_converged(mut self, patience: Duration) -> Result<(), Failure> {
        let end = Instant::now() + patience;
        while !self.open.is_empty() {
            let look = self.look().await?;
            let is_late = Instant::now() >= end;
            for mut service in std::mem::take(&mut self.open) {
                match look.standing(&mut service) {
                    Standing::Converged => {}
                    Standing::OnItsWay(progress) if is_late && !progress.is_complete() => {
                        let Progress { done, wanted, .. } = progress;
                        let seconds = patience.as_secs();
                        let message = format!("{done} of {wanted} tasks run after {seconds} s");
                        self.fail(&service, &message).await?;
                    }
                    Standing::OnItsWay(_) => {
                        if look.stalls.contains_key(&service.id) {
                            self.docker.update_anew(&service.id).await?;
                        }
                        self.open.push(service);
                    }
                    Standing::Failed(why) => self.fail(&service, &why).await?,
                    Standing::Gone => self.failed.push(Failure::new(format!(
                        "service {} was removed while it was waited for",
                        service.name
                    ))),
                }
            }
            if !self.open.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        match self.failed.len() {
            0 => Ok(()),
            1 => Err(self.failed.remove(0)),
            _ => {
                let said: Vec<String> = self.failed.iter().map(ToString::to_string).collect();
                Err(Failure::new(said.join("; ")))
            }
        }
    }

    async fn look(&self) -> Result<Look, Failure> {
        let ids: Vec<&str> = self.open.iter().map(|service| service.id.as_str()).collect();
        let filters = json!({"id": ids}).to_string();
        let services: Vec<Value> =
            self.docker.list(&["services"], &[("filters", &filters)]).await?;
        // The Engine refuses to list tasks of a service that is gone.
        let seen: Vec<&Value> = services.iter().map(|service| &service["ID"]).collect();
        if seen.is_empty() {
            return Ok(Look { services, tasks: vec![], stalls: Stalls::new() });
        }
        let nodes = self.nodes().await?;
        let mut tasks = self.tasks(&json!({"service": seen, "_up-to-date": ["true"]})).await?;
        let stalls = stalls(&services, &tasks, &nodes);
        tasks.retain(|task| !nodes.iter().any(|node| node.id == task.node_id && node.is_down()));
        Ok(Look { services, tasks, stalls })
    }

    async fn nodes(&self) -> Result<Vec<Node>, Failure> {
        Ok(self.docker.list(&["nodes"], &[]).await?)
    }

    async fn tasks(&self, filters: &Value) -> Result<Vec<Task>, Failure> {
        let filters = filters.to_string();
        Ok(self.docker.list(&["tasks"], &[("filters", &filters)]).await?)
    }

    /// Keeps what went wrong, with what the last failed tasks say.
    async fn fail(&mut self, service: &Watched, message: &str) -> Result<(), Failure> {
        let tasks = self.tasks(&json!({"service": [service.id]})).await?;
        let errors = errors(&service.name, tasks, &self.nodes().await?);
        let message = format!("service {}: {message}", service.name);
        self.failed.push(if errors.is_empty() {
            Failure::new(message).help(
                "no task tells of an error; `docker service ps` shows them, `wait_timeout` is how \
                 long they may take",
            )
        } else {
            Failure::new(format!("{message}; {}", errors.join("; ")))
        });
        Ok(())
    }
}

impl Look {
    fn standing(&self, watched: &mut Watched) -> Standing {
        let Some(service) = self.services.iter().find(|service| service["ID"] == *watched.id)
        else {
            return Standing::Gone;
        };
        if let Some(why) = bad_end(service) {
            return Standing::Failed(why);
        }
        let own = |task: &&Task| task.service_id == watched.id;
        let tasks: Vec<&Task> = self.tasks.iter().filter(own).collect();
        let progress = Progress::of(service, &tasks);
        if !progress.is_complete() {
            watched.complete = None;
            return Standing::OnItsWay(progress);
        }
        if watched.complete.get_or_insert_with(Instant::now).elapsed() >= watch(service) {
            Standing::Converged
        } else {
            Standing::OnItsWay(progress)
        }
    }
}
