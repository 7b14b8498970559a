//! Takes the steps.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use super::output;
use super::steps::{Change, Step};
use crate::sdk::docker::{ApiVersion, DockerWriter, Doing, EngineError, Request, text_of};
use crate::sdk::{Failure, Fields, Operator, Returned, Value};

/// The first version that connects a container to several networks when it is made.
const SEVERAL_NETWORKS: ApiVersion = ApiVersion::new(1, 44);

/// The containers that the steps are about.
pub(super) struct Walk {
    pub(super) docker: DockerWriter,
    pub(super) name: String,
    /// The container that was there.
    old: Option<String>,
    /// The container that takes its place.
    pub(super) new: Option<String>,
    /// Whether the old one was stopped.
    stopped: bool,
    /// Whether the old one was paused, and goes on so that it can be stopped.
    unpaused: bool,
    /// Whether the old one has given up its name.
    renamed: bool,
    /// Whether its end is waited for.
    ends: bool,
    /// The wait for its end, which begins before it does.
    pub(super) end: JoinSet<Result<i64, EngineError>>,
    removal: Duration,
    pub(super) returned: Returned,
}

impl Change {
    /// Takes the steps. Where a new container cannot take the place of the old one, it is
    /// removed again, and the old one runs on.
    pub(super) async fn apply(mut self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let removal = Duration::try_from_secs_f64(self.removal).unwrap_or(Duration::MAX);
        let mut walk = Walk {
            docker: host.docker(&self.docker)?,
            name: self.name,
            old: self.id,
            new: None,
            stopped: false,
            unpaused: false,
            renamed: false,
            ends: self.steps.iter().any(|step| matches!(step, Step::WaitEnd { .. })),
            end: JoinSet::new(),
            removal,
            returned: Returned::new(),
        };
        let mut unchanged = false;
        for step in std::mem::take(&mut self.steps) {
            if unchanged && !step.is_about_running() {
                continue;
            }
            if let Step::Pull(pull) = &step {
                let image = pull.run(&walk.docker).await?;
                unchanged = self.only_for_image.as_deref().is_some_and(|old| image["Id"] == old);
                if unchanged {
                    let pulled = json!({"pulled_image": pull.image(), "changed": false});
                    walk.returned.set("actions", [pulled]);
                }
            } else if let Err(failure) = walk.take(step).await {
                return Err(walk.undo(failure).await);
            }
        }
        walk.finish().await
    }
}

impl Step {
    /// Whether it is taken although the image turned out to be the same.
    fn is_about_running(&self) -> bool {
        matches!(self, Self::Start | Self::Pause | Self::WaitHealthy { .. } | Self::WaitEnd { .. })
    }
}

impl Walk {
    async fn take(&mut self, step: Step) -> Result<(), Failure> {
        let docker = self.docker.clone();
        let name = self.name.clone();
        let now = self.new.clone().or_else(|| self.old.clone()).unwrap_or_else(|| name.clone());
        let old = self.old.clone().unwrap_or_else(|| name.clone());
        match step {
            Step::Pull(pull) => pull.run(&docker).await.map(drop),
            Step::Create { body, endpoints, platform, replaces } => {
                self.create(body, endpoints, platform, replaces).await
            }
            Step::Stop { timeout, grace } => {
                self.stopped = true;
                let stopped = self.stop("stop", &old, timeout, grace).await;
                stopped.doing(|| format!("stopping {name}"))
            }
            Step::Restart { timeout, grace } => {
                let restarted = self.stop("restart", &old, timeout, grace).await;
                restarted.doing(|| format!("restarting {name}"))
            }
            Step::Kill { signal } => {
                self.stopped = true;
                let query: Vec<_> = signal.iter().map(|s| ("signal", s.as_str())).collect();
                let killed = docker.act(&["containers", &old, "kill"], &query).await;
                killed.doing(|| format!("killing {name}"))
            }
            Step::Remove { volumes } => {
                self.remove(&old, volumes).await?;
                self.old = None;
                Ok(())
            }
            Step::Rename => self.swap_names(&old, &now).await,
            Step::Update { body } => {
                let updated = docker.post(&["containers", &now, "update"], &body).await;
                self.warn(&updated.doing(|| format!("updating {name}"))?);
                Ok(())
            }
            Step::Connect { network, endpoint } => {
                connect(&docker, &now, &network, &endpoint).await
            }
            Step::Disconnect { network } => docker
                .post(&["networks", &network, "disconnect"], &json!({"Container": now}))
                .await
                .doing(|| format!("disconnecting {name} from network {network}"))
                .map(drop),
            Step::Start if self.ends => self.start_to_end(&now).await,
            Step::Start => self.act(&now, "start", "starting").await,
            Step::Pause => self.act(&now, "pause", "pausing").await,
            // Only what was there can be paused: where a new one takes its place, too.
            Step::Unpause => {
                self.act(&old, "unpause", "unpausing").await?;
                self.unpaused = true;
                Ok(())
            }
            Step::WaitHealthy { timeout } => self.wait_healthy(&now, timeout).await,
            Step::WaitEnd { cleanup, volumes, auto_remove } => {
                self.wait_end(&now, cleanup.then_some(volumes), auto_remove).await
            }
        }
    }

    /// Has something done to a container; `doing` says what.
    async fn act(&self, id: &str, verb: &str, doing: &str) -> Result<(), Failure> {
        let done = self.docker.act(&["containers", id, verb], &[]).await;
        done.doing(|| format!("{doing} {}", self.name))
    }

    /// Stops or restarts a container: the answer comes when that is done, `grace` seconds later.
    async fn stop(
        &self,
        verb: &str,
        id: &str,
        timeout: Option<i64>,
        grace: u64,
    ) -> Result<(), EngineError> {
        let mut request = Request::post(&["containers", id, verb])
            .timeout(Request::TIMEOUT + Duration::from_secs(grace));
        if let Some(seconds) = timeout {
            request = request.query("t", seconds.to_string());
        }
        match self.docker.send(request).await {
            // One that removes itself may be gone already.
            Err(error) if error.status() == Some(404) => Ok(()),
            other => other.map(drop),
        }
    }

    async fn create(
        &mut self,
        mut body: Value,
        endpoints: Vec<(String, Value)>,
        platform: Option<String>,
        replaces: bool,
    ) -> Result<(), Failure> {
        let docker = self.docker.clone();
        let main = body["HostConfig"]["NetworkMode"].as_str().unwrap_or_default().to_owned();
        let several = docker.version().await?.api >= SEVERAL_NETWORKS;
        let at_once =
            |network: &str| network == main || (several && main_is_one(&main, &endpoints));
        let (first, later): (Vec<_>, Vec<_>) =
            endpoints.iter().cloned().partition(|(network, _)| at_once(network));
        if !first.is_empty() {
            let first: Fields = first.into_iter().collect();
            body["NetworkingConfig"] = json!({"EndpointsConfig": first});
        }
        // The old container keeps its name until the new one is complete.
        let name = if replaces { format!("{}.rplay-new", self.name) } else { self.name.clone() };
        if replaces {
            docker.remove(&["containers", &name], &[("force", "1"), ("v", "1")]).await?;
        }
        let mut request = Request::post(&["containers", "create"]).query("name", &name).json(&body);
        if let Some(platform) = &platform {
            request = request.query("platform", platform);
        }
        let made = docker.send(request).await.doing(|| format!("creating {}", self.name))?;
        let made: Value = made.json()?;
        let id = made["Id"].as_str().unwrap_or(&name).to_owned();
        self.new = Some(id.clone());
        self.warn(&made);
        for (network, endpoint) in &later {
            connect(&docker, &id, network, endpoint).await?;
        }
        Ok(())
    }

    /// Passes on what the Engine warns of.
    fn warn(&mut self, answer: &Value) {
        let warnings = answer["Warnings"].as_array().into_iter().flatten();
        let warnings: Vec<String> =
            warnings.map(|warning| format!("Docker warning: {}", text_of(warning))).collect();
        if !warnings.is_empty() {
            self.returned.set("warnings", warnings);
        }
    }

    /// Gives the new container the name; the old one keeps another until it is removed.
    async fn swap_names(&mut self, old: &str, new: &str) -> Result<(), Failure> {
        let doing = || format!("giving the new container the name {}", self.name);
        let aside = format!("{}.rplay-old", self.name);
        // Left behind by a run that was cut off.
        self.docker.remove(&["containers", &aside], &[("force", "1")]).await?;
        match self.docker.act(&["containers", old, "rename"], &[("name", &aside)]).await {
            // One that removes itself when it stops is gone already.
            Err(error) if error.status() == Some(404) => {}
            renamed => renamed.doing(doing)?,
        }
        self.renamed = true;
        let query = [("name", self.name.as_str())];
        self.docker.act(&["containers", new, "rename"], &query).await.doing(doing)
    }

    /// Removes a container and waits until its name is free.
    pub(super) async fn remove(&self, id: &str, volumes: bool) -> Result<(), Failure> {
        let volumes = if volumes { "1" } else { "0" };
        match self.docker.remove(&["containers", id], &[("v", volumes)]).await {
            // It is being removed already, because it removes itself when it stops.
            Err(EngineError::Status { status: 409, message })
                if message.contains("in progress") => {}
            removed => drop(removed.doing(|| format!("removing {}", self.name))?),
        }
        let started = Instant::now();
        while self.docker.get::<Value>(&["containers", id, "json"]).await?.is_some() {
            if started.elapsed() > self.removal {
                return Err(Failure::new(format!("{} is still being removed", self.name))
                    .help("raise `removal_wait_timeout`"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn wait_healthy(&self, id: &str, timeout: f64) -> Result<(), Failure> {
        let started = Instant::now();
        let mut pause = Duration::from_secs(1);
        loop {
            let container: Value =
                self.docker.get(&["containers", id, "json"]).await?.unwrap_or_default();
            let state = &container["State"];
            if output::is_well(&container) {
                return Ok(());
            }
            if state["Running"] == false {
                let status = &state["ExitCode"];
                let message = format!("{} ended with status {status} while waited for", self.name);
                return Err(
                    Failure::new(message).returning(Returned::new().with("container", &container))
                );
            }
            if timeout > 0.0 && started.elapsed().as_secs_f64() > timeout {
                return Err(output::not_well(&self.name, timeout, &container));
            }
            tokio::time::sleep(pause).await;
            pause = pause.mul_f64(1.1).min(Duration::from_secs(10));
        }
    }

    /// After a failure: takes a new container away again, and has the old one back as it was.
    async fn undo(&self, failure: Failure) -> Failure {
        let (Some(new), Some(old)) = (&self.new, &self.old) else { return failure };
        let back = async {
            self.docker.remove(&["containers", new], &[("force", "1"), ("v", "1")]).await?;
            if self.renamed {
                let query = [("name", self.name.as_str())];
                self.docker.act(&["containers", old, "rename"], &query).await?;
            }
            if self.stopped {
                self.docker.act(&["containers", old, "start"], &[]).await?;
            }
            if self.unpaused {
                self.docker.act(&["containers", old, "pause"], &[]).await?;
            }
            Ok::<_, EngineError>(())
        };
        match (back.await, failure) {
            // Whether the Engine is still there is not known: nothing to add.
            (_, lost @ Failure::Connection(_)) => lost,
            (Ok(()), failure) => failure.then("the old container was put back as it was"),
            (Err(second), failure) => {
                failure.then(&format!("putting the old container back failed, too: {second}"))
            }
        }
    }

    /// What the task returns.
    async fn finish(self) -> Result<Returned, Failure> {
        if self.returned.get("container").is_some() {
            return Ok(self.returned);
        }
        let Some(id) = self.new.or(self.old) else { return Ok(self.returned) };
        let container: Option<Value> = self.docker.get(&["containers", &id, "json"]).await?;
        Ok(match container {
            Some(container) => self.returned.with("container", container),
            None => self.returned,
        })
    }
}

/// Whether the main network is one of those that are asked for.
fn main_is_one(main: &str, endpoints: &[(String, Value)]) -> bool {
    endpoints.iter().any(|(network, _)| network == main)
}

async fn connect(
    docker: &DockerWriter,
    container: &str,
    network: &str,
    endpoint: &Value,
) -> Result<(), Failure> {
    let body = json!({"Container": container, "EndpointConfig": endpoint});
    let connected = docker.post(&["networks", network, "connect"], &body).await;
    connected.doing(|| format!("connecting the container to network {network}")).map(drop)
}
