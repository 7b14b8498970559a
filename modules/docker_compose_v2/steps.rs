//! Doing what there is to do about a project.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use super::output;
use super::state::containers;
use crate::sdk::docker::compose::{Blueprint, DependencyCondition, OfImage as _};
use crate::sdk::docker::{
    Body, Build, DockerOptions, DockerWriter, Doing, ImageName, Method, Pull, Request,
};
use crate::sdk::{Failure, Operator, Returned, Value};

/// How long lies between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// What there is to do about a project.
#[derive(Debug, Serialize)]
pub struct Change {
    pub(super) project: String,
    pub(super) steps: Vec<Step>,
    /// Whether images that come out anew, and are used by no new container, are no change.
    pub(super) ignore_builds: bool,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// One thing to do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Pull { image: String, pull: Pull },
    Build { service: String, build: Build },
    CreateNetwork { name: String, body: Value },
    CreateVolume { name: String, body: Value },
    Stop { id: String, name: String, timeout: Option<i64> },
    Remove { id: String, name: String, volumes: bool },
    Create(Box<Create>),
    Start { name: String },
    Restart { id: String, name: String, timeout: Option<i64> },
    Wait { names: Vec<String>, condition: Condition, seconds: Option<u64> },
    RemoveNetwork { id: String, name: String },
    RemoveVolume { name: String },
    RemoveImage { name: String },
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

/// A container to be made.
#[derive(Debug, Serialize)]
pub(super) struct Create {
    pub(super) name: String,
    pub(super) number: u64,
    pub(super) blueprint: Blueprint,
    /// Volumes without a name that go over from the old container.
    pub(super) kept: Vec<String>,
    /// The id of the container that it takes the place of.
    pub(super) replaces: Option<String>,
    /// The id of the image that the old container has: where the new image turns out to be the
    /// same one, it stays.
    pub(super) only_for_image: Option<String>,
    /// Whether the old container runs.
    pub(super) old_runs: bool,
    pub(super) timeout: Option<i64>,
}

impl Change {
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        let mut done = vec![];
        let outcome = self.run(host, &docker, &mut done).await;
        let after = containers(&docker, &self.project).await?;
        let mut returned =
            output::after(&docker, &after).await?.and(output::actions(done.iter().copied()));
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

    /// Takes the steps, and notes those that are done.
    async fn run<'s>(
        &'s self,
        host: &Operator<'_>,
        docker: &DockerWriter,
        done: &mut Vec<&'s Step>,
    ) -> Result<(), Failure> {
        let mut kept = vec![];
        for step in &self.steps {
            if let Step::Create(create) = step
                && create.is_needless(docker).await?
            {
                kept.extend(create.old_runs.then(|| create.name.clone()));
                continue;
            }
            if let Step::Start { name } = step
                && kept.contains(name)
            {
                continue;
            }
            step.run(host, docker, &self.docker).await?;
            done.push(step);
        }
        Ok(())
    }
}

impl Step {
    async fn run(
        &self,
        host: &Operator<'_>,
        docker: &DockerWriter,
        options: &DockerOptions,
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
            Self::Stop { id, name, timeout } => stop(docker, id, name, *timeout, "stop").await,
            Self::Restart { id, name, timeout } => {
                stop(docker, id, name, *timeout, "restart").await
            }
            Self::Remove { id, name, volumes } => remove(docker, id, name, *volumes).await,
            Self::Create(create) => create.run(docker).await,
            Self::Start { name } => {
                let doing = || format!("starting container {name}");
                docker.act(&["containers", name, "start"], &[]).await.doing(doing)
            }
            Self::Wait { names, condition, seconds } => {
                for name in names {
                    until(docker, name, *condition, *seconds).await?;
                }
                Ok(())
            }
            Self::RemoveNetwork { id, name } => {
                let doing = || format!("removing network {name}");
                docker.delete(&["networks", id]).await.map(drop).doing(doing)
            }
            Self::RemoveVolume { name } => {
                let doing = || format!("removing volume {name}");
                docker.delete(&["volumes", name]).await.map(drop).doing(doing)
            }
            Self::RemoveImage { name } => {
                let doing = || format!("removing image {name}");
                docker.remove_image(name, false, true).await.map(drop).doing(doing)
            }
        }
    }
}

async fn stop(
    docker: &DockerWriter,
    id: &str,
    name: &str,
    timeout: Option<i64>,
    verb: &str,
) -> Result<(), Failure> {
    let seconds = timeout.map(|seconds| seconds.to_string());
    let query: Vec<(&str, &str)> = seconds.iter().map(|seconds| ("t", seconds.as_str())).collect();
    // The Engine answers when the container has stopped.
    let patience = Duration::from_secs(timeout.unwrap_or(10).unsigned_abs() + 60);
    let request = Request::post(&["containers", id, verb]).timeout(patience);
    let request = query.iter().fold(request, |r, (name, value)| r.query(name, value));
    docker.send(request).await.map(drop).doing(|| format!("{verb}ing container {name}"))
}

async fn remove(docker: &DockerWriter, id: &str, name: &str, volumes: bool) -> Result<(), Failure> {
    let query = [("force", "1"), ("v", if volumes { "1" } else { "0" })];
    let doing = || format!("removing container {name}");
    docker.remove(&["containers", id], &query).await.map(drop).doing(doing)
}

impl Create {
    /// Whether the new image turns out to be the one that the old container has.
    async fn is_needless(&self, docker: &DockerWriter) -> Result<bool, Failure> {
        let Some(has) = &self.only_for_image else { return Ok(false) };
        let image = docker.image(&ImageName::parse(&self.blueprint.image)).await?;
        Ok(image.is_some_and(|image| image["Id"] == has.as_str()))
    }

    /// Makes the container. One that takes the place of another is made under a name of its own
    /// first, so that the old one is still there when that fails.
    async fn run(&self, docker: &DockerWriter) -> Result<(), Failure> {
        let name = &self.name;
        let first = match &self.replaces {
            Some(old) => format!("{}_{name}", old.chars().take(12).collect::<String>()),
            None => name.clone(),
        };
        let doing = || format!("creating container {name}");
        let request = Request::post(&["containers", "create"]).query("name", &first);
        let made: Value = docker.send(request.json(&self.body())).await.doing(doing)?.json()?;
        let id = made["Id"].as_str().unwrap_or_default();
        for (network, endpoint) in self.blueprint.networks.iter().skip(1) {
            let body = json!({"Container": id, "EndpointConfig": endpoint});
            let doing = || format!("connecting container {name} to network {network}");
            docker.post(&["networks", network, "connect"], &body).await.doing(doing)?;
        }
        if !self.blueprint.files.is_empty() {
            self.inject(docker, id).await?;
        }
        if let Some(old) = &self.replaces {
            stop(docker, old, name, self.timeout, "stop").await?;
            remove(docker, old, name, false).await?;
            let query = [("name", name.as_str())];
            docker.act(&["containers", id, "rename"], &query).await.doing(doing)?;
        }
        Ok(())
    }

    fn body(&self) -> Value {
        let mut body = self.blueprint.body.clone();
        body["Labels"][crate::sdk::docker::compose::labels::NUMBER] =
            self.number.to_string().into();
        if let Some(binds) = body["HostConfig"]["Binds"].as_array_mut() {
            binds.extend(self.kept.iter().map(|bind| json!(bind)));
        }
        if let Some((network, endpoint)) = self.blueprint.networks.first() {
            body["NetworkingConfig"] = json!({"EndpointsConfig": {network: endpoint}});
        }
        body
    }

    /// Puts files into the container before it starts.
    async fn inject(&self, docker: &DockerWriter, id: &str) -> Result<(), Failure> {
        let doing = || format!("putting files into container {}", self.name);
        let mut archive = tar::Builder::new(vec![]);
        for file in &self.blueprint.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(file.content.len() as u64);
            header.set_mode(file.mode);
            header.set_uid(file.uid);
            header.set_gid(file.gid);
            let path = file.path.trim_start_matches('/');
            archive
                .append_data(&mut header, path, &file.content[..])
                .map_err(|error| Failure::new(format!("{}: {error}", doing())))?;
        }
        let bytes =
            archive.into_inner().map_err(|error| Failure::new(format!("{}: {error}", doing())))?;
        let request = Request::new(Method::PUT, &["containers", id, "archive"])
            .query("path", "/")
            .body(Body::Tar(bytes.into()));
        docker.send(request).await.map(drop).doing(doing)
    }
}

/// Waits for a container.
async fn until(
    docker: &DockerWriter,
    name: &str,
    condition: Condition,
    seconds: Option<u64>,
) -> Result<(), Failure> {
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    loop {
        let container: Value = docker.ask(&["containers", name, "json"], &[]).await?;
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
