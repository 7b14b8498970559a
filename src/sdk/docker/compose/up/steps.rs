//! Doing what there is to do about a project.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::create::Create;
use super::output;
use super::state::containers;
use crate::sdk::docker::compose::{DependencyCondition, OfImage as _};
use crate::sdk::docker::network::NetworkChange;
use crate::sdk::docker::{
    Build, ContainerCommand, DockerOptions, DockerWriter, Doing, EngineError, Pull, Request,
};
use crate::sdk::{Failure, Operator, Returned, Value};

/// How long lies between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// How often the Engine may start a container again while it is waited for. It waits twice as long
/// each time: this is more than a minute.
const RESTARTS: u64 = 10;

/// What there is to do about a project.
#[derive(Debug, Serialize)]
pub struct ProjectChange {
    pub(super) project: String,
    pub(super) steps: Vec<Step>,
    /// What was to be warned of when it was decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
    /// Whether images that come out anew, and are used by no new container, are no change.
    pub(super) ignore_builds: bool,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// One thing to do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Pull {
        image: String,
        pull: Pull,
    },
    Build {
        service: String,
        build: Build,
    },
    CreateNetwork {
        name: String,
        body: Value,
    },
    CreateVolume {
        name: String,
        body: Value,
    },
    ReplaceNetwork {
        name: String,
        change: NetworkChange,
    },
    Stop {
        id: String,
        name: String,
        timeout: Option<i64>,
        hooks: Vec<ContainerCommand>,
    },
    Remove {
        id: String,
        name: String,
        volumes: bool,
    },
    Create(Box<Create>),
    Start {
        name: String,
        hooks: Vec<ContainerCommand>,
    },
    Restart {
        id: String,
        name: String,
        timeout: Option<i64>,
        before: Vec<ContainerCommand>,
        after: Vec<ContainerCommand>,
    },
    Wait {
        names: Vec<String>,
        condition: Condition,
        seconds: Option<u64>,
        /// Whether it is a failure where they do not come to that.
        required: bool,
    },
    RemoveNetwork {
        id: String,
        name: String,
    },
    RemoveVolume {
        name: String,
        /// Whether it is left where something else uses it.
        may_stay: bool,
    },
    RemoveImage {
        name: String,
    },
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    /// That they run, or are healthy where they have a check.
    Up,
    /// That they are healthy.
    Healthy,
    /// That they have come to a good end.
    Completed,
}

impl Condition {
    /// What a service waits for in one that it needs; `None` where that is no more than a start.
    pub(super) fn of(condition: DependencyCondition) -> Option<Self> {
        match condition {
            DependencyCondition::Started => None,
            DependencyCondition::Healthy => Some(Self::Healthy),
            DependencyCondition::Completed => Some(Self::Completed),
        }
    }
}

impl ProjectChange {
    /// Takes the steps, and returns what the project is then.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        let (mut done, mut warnings) = (vec![], self.warnings.clone());
        let outcome = self.run(host, &docker, &mut done, &mut warnings).await;
        let after = containers(&docker, &self.project).await?;
        let mut returned =
            output::after(&docker, &after).await?.and(output::actions(done.iter().copied()));
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        // What has become of the project is told all the same.
        outcome.map_err(|failure| failure.returning(returned.clone()))?;
        // A build may have given the image that was there before.
        let is_change = |step: &&Step| match step {
            Step::Build { .. } => !self.ignore_builds,
            Step::Wait { .. } => false,
            _ => true,
        };
        if !done.iter().any(is_change) {
            returned.set("changed", false);
        }
        Ok(returned)
    }

    /// Takes the steps, whatever the project is then.
    pub async fn take(&self, host: &Operator<'_>) -> Result<(), Failure> {
        self.run(host, &host.docker(&self.docker)?, &mut vec![], &mut vec![]).await
    }

    /// Takes the steps, and notes those that are done, and what is to be warned of.
    async fn run<'s>(
        &'s self,
        host: &Operator<'_>,
        docker: &DockerWriter,
        done: &mut Vec<&'s Step>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let (mut kept, mut remade) = (vec![], vec![]);
        for step in &self.steps {
            if let Step::Create(create) = step {
                if create.is_needless(docker, &remade).await? {
                    kept.extend(create.old_runs.then(|| create.name.clone()));
                    continue;
                }
                remade.push(create.blueprint.service.as_str());
            }
            if let Step::Start { name, .. } = step
                && kept.contains(name)
            {
                continue;
            }
            let told = warnings.len();
            step.run(host, docker, &self.docker, warnings).await?;
            if warnings.len() == told {
                done.push(step);
            }
        }
        Ok(())
    }
}

impl Step {
    /// Does it; what could not be, and need not, is added to `warnings`.
    async fn run(
        &self,
        host: &Operator<'_>,
        docker: &DockerWriter,
        options: &DockerOptions,
        warnings: &mut Vec<String>,
    ) -> Result<(), Failure> {
        match self {
            Self::Pull { image, pull } => pull.run(docker).await.map(drop).of_image(image),
            Self::Build { build, .. } => build.run(host, options).await.map(drop),
            Self::CreateNetwork { name, body } => {
                let doing = || format!("creating network {name}");
                docker.post(&["networks", "create"], body).await.map(drop).doing(doing)
            }
            Self::CreateVolume { name, body } => {
                let doing = || format!("creating volume {name}");
                docker.post(&["volumes", "create"], body).await.map(drop).doing(doing)
            }
            Self::ReplaceNetwork { change, .. } => change.apply(host).await.map(drop),
            Self::Stop { id, name, timeout, hooks } => {
                run_hooks(docker, name, hooks).await?;
                stop(docker, id, name, *timeout, "stop").await
            }
            Self::Restart { id, name, timeout, before, after } => {
                run_hooks(docker, name, before).await?;
                stop(docker, id, name, *timeout, "restart").await?;
                run_hooks(docker, name, after).await
            }
            Self::Remove { id, name, volumes } => remove(docker, id, name, *volumes).await,
            Self::Create(create) => create.run(docker).await,
            Self::Start { name, hooks } => {
                let doing = || format!("starting container {name}");
                docker.act(&["containers", name, "start"], &[]).await.doing(doing)?;
                run_hooks(docker, name, hooks).await
            }
            Self::Wait { names, condition, seconds, required } => {
                for name in names {
                    match until(docker, name, *condition, *seconds).await {
                        Err(Failure::Task { message, .. }) if !required => warnings.push(message),
                        other => other?,
                    }
                }
                Ok(())
            }
            Self::RemoveNetwork { id, name } => {
                let removed = docker.delete(&["networks", id]).await;
                unless_used(removed.map(drop), &format!("network {name}"), warnings)
            }
            Self::RemoveVolume { name, may_stay } => {
                let (removed, what) =
                    (docker.delete(&["volumes", name]).await.map(drop), format!("volume {name}"));
                if *may_stay {
                    return unless_used(removed, &what, warnings);
                }
                removed.doing(|| format!("removing {what}"))
            }
            Self::RemoveImage { name } => {
                let removed = docker.remove_image(name, false, true).await;
                unless_used(removed.map(drop), &format!("image {name}"), warnings)
            }
        }
    }
}

/// What is still used by something else stays, and that is told.
fn unless_used(
    removed: Result<(), EngineError>,
    what: &str,
    warnings: &mut Vec<String>,
) -> Result<(), Failure> {
    match removed {
        Err(EngineError::Status { status: 403 | 409, message }) => {
            warnings.push(format!("{what} is still in use, and stays: {message}"));
            Ok(())
        }
        other => other.doing(|| format!("removing {what}")),
    }
}

/// Runs commands in a container one after the other; each must end well.
pub(super) async fn run_hooks(
    docker: &DockerWriter,
    name: &str,
    hooks: &[ContainerCommand],
) -> Result<(), Failure> {
    for hook in hooks {
        let output = docker.run_in(hook, None).await?;
        if !output.success() {
            let doing = format!("the hook `{}` in container {name}", hook.argv.join(" "));
            return Err(Failure::of_program(&doing, &output));
        }
    }
    Ok(())
}

pub(super) async fn stop(
    docker: &DockerWriter,
    id: &str,
    name: &str,
    timeout: Option<i64>,
    verb: &str,
) -> Result<(), Failure> {
    let seconds = timeout.map(|seconds| seconds.to_string());
    let query: Vec<(&str, &str)> = seconds.iter().map(|seconds| ("t", seconds.as_str())).collect();
    // The Engine answers when the container has stopped; below zero it waits for ever.
    let patience = match u64::try_from(timeout.unwrap_or(10)) {
        Ok(seconds) => Duration::from_secs(seconds.saturating_add(60)),
        Err(_) => Duration::from_hours(24),
    };
    let request = Request::post(&["containers", id, verb]).timeout(patience);
    let request = query.iter().fold(request, |r, (name, value)| r.query(name, value));
    docker.send(request).await.map(drop).doing(|| format!("{verb}ing container {name}"))
}

pub(super) async fn remove(
    docker: &DockerWriter,
    id: &str,
    name: &str,
    volumes: bool,
) -> Result<(), Failure> {
    let query = [("force", "1"), ("v", if volumes { "1" } else { "0" })];
    let doing = || format!("removing container {name}");
    docker.remove(&["containers", id], &query).await.map(drop).doing(doing)
}

/// Waits for a container.
async fn until(
    docker: &DockerWriter,
    name: &str,
    condition: Condition,
    seconds: Option<u64>,
) -> Result<(), Failure> {
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut first_restarts = None;
    loop {
        let container: Value = docker.ask(&["containers", name, "json"], &[]).await?;
        let restarts = container["RestartCount"].as_u64().unwrap_or_default();
        if restarts.saturating_sub(*first_restarts.get_or_insert(restarts)) > RESTARTS {
            return Err(Failure::new(format!("container {name} does not stay up"))
                .help(format!("`docker logs {name}` tells what it printed")));
        }
        let state = &container["State"];
        let status = state["Status"].as_str().unwrap_or_default();
        let health = state["Health"]["Status"].as_str();
        let code = state["ExitCode"].as_i64().unwrap_or_default();
        let ended = matches!(status, "exited" | "dead");
        match condition {
            Condition::Completed if ended && code == 0 => return Ok(()),
            Condition::Up if status == "running" && health.is_none_or(|h| h == "healthy") => {
                return Ok(());
            }
            Condition::Healthy if health == Some("healthy") => return Ok(()),
            Condition::Healthy if health.is_none() && !ended => {
                return Err(Failure::new(format!("container {name} has no health check"))
                    .help("give its service a `healthcheck`, or wait for `service_started`"));
            }
            _ => {}
        }
        if ended || health == Some("unhealthy") {
            let what = health
                .filter(|_| !ended)
                .map_or_else(|| format!("exited ({code})"), |_| "is unhealthy".to_owned());
            return Err(Failure::new(format!("container {name} {what}"))
                .help(format!("`docker logs {name}` tells what it printed")));
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            let seconds = seconds.unwrap_or_default();
            let state = health.unwrap_or(status);
            return Err(Failure::new(format!("container {name} is {state} after {seconds} s"))
                .help("raise `wait_timeout` if it needs longer"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
