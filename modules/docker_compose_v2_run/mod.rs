//! `docker_compose_v2_run`: see [`Args`], which is also what `rplay doc docker_compose_v2_run`
//! prints.

mod body;

use serde::Serialize;
use serde_json::json;

use crate::sdk::docker::compose::{
    Blueprint, Building, COMMAND_RULES, ComposeCommand, ComposeOptions, Injected, ProjectChange,
    ProjectState, UpOptions, put_files,
};
use crate::sdk::docker::{DockerOptions, DockerWriter, Doing, Request};
use crate::sdk::{
    Arguments, CheckMode, Diff, Failure, Module, Observer, Operator, Plan, Returned, Value,
};

/// Runs a command in a new container of a service of a compose project: tests, migrations.
///
/// The services that it needs are brought up first, and waited for as the files say, unless
/// `no_deps` says that they are of no matter. What the container itself needs is made where it is
/// missing: image, networks, volumes.
///
/// There is no shell between. A status other than 0 is no failure; `failed_when: result.rc != 0`
/// makes it one. In check mode it is not run, and counts as skipped.
///
/// Returns `rc`, `stdout`, `stderr` and their lines; with `detach` only `container_id`.
#[derive(Debug, Arguments)]
#[arguments(rules = COMMAND_RULES)]
pub struct Args {
    /// The service.
    service: String,
    /// Whether images are built before, also those that are there.
    #[arg(default)]
    build: bool,
    /// Rights that it has beside the usual ones.
    #[arg(default)]
    cap_add: Vec<String>,
    /// Usual rights that it does not have.
    #[arg(default)]
    cap_drop: Vec<String>,
    /// What the command is given to. The service's own command is not given to it.
    entrypoint: Option<String>,
    /// Whether its standard input stays open.
    #[arg(default = true)]
    interactive: bool,
    /// Labels of the container, as `NAME=value`.
    #[arg(default)]
    labels: Vec<String>,
    /// Name of the container.
    name: Option<String>,
    /// Whether the services that it needs are of no matter.
    #[arg(default)]
    no_deps: bool,
    /// Ports to publish, as in a compose file.
    #[arg(default)]
    publish: Vec<String>,
    /// Taken for compatibility: nothing is printed while an image is pulled.
    #[arg(name = "quiet_pull")]
    _quiet_pull: Option<bool>,
    /// Whether containers of services that the files no longer name are removed.
    #[arg(default)]
    remove_orphans: bool,
    /// Whether the container is removed when the command has ended.
    #[arg(default)]
    cleanup: bool,
    /// Whether the service's own ports are published.
    #[arg(default)]
    service_ports: bool,
    /// Whether it is found by the service's names in its networks.
    #[arg(default)]
    use_aliases: bool,
    /// Further mounts, as in a compose file.
    #[arg(default)]
    volumes: Vec<String>,
    /// The command.
    #[arg(flatten)]
    command: ComposeCommand,
    /// The project.
    #[arg(flatten)]
    project: ComposeOptions,
}

/// A container to be run.
#[derive(Debug, Serialize)]
pub struct Change {
    /// What is done before.
    before: ProjectChange,
    /// The name that the task gives; the Engine makes one up where it gives none.
    name: Option<String>,
    body: Value,
    networks: Vec<(String, Value)>,
    /// Secrets and configs that no file of the host holds.
    files: Vec<Injected>,
    input: Option<String>,
    detach: bool,
    cleanup: bool,
    terminal: bool,
    keep_ends: bool,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = ProjectState;
    type Change = Change;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, host: &Observer<'_>) -> Result<ProjectState, Failure> {
        self.up().look(&self.project, host).await
    }

    fn plan(&self, now: &ProjectState) -> Result<Plan<Change>, Failure> {
        let project = self.project.project(&now.files, std::slice::from_ref(&self.service))?;
        let (before, mut diffs, warnings) = self.up().plan_before(&self.project, now)?;
        let words = self.command.words()?;
        let Blueprint { body, networks, files, .. } = self.blueprint(&project, words.as_deref())?;
        let change = Change {
            before,
            name: self.name.clone(),
            body,
            networks,
            files,
            input: self.command.input(),
            detach: self.command.detach,
            cleanup: self.cleanup,
            terminal: self.command.terminal(),
            keep_ends: !self.command.strip_empty_ends,
            docker: self.project.docker(),
        };
        let shown = words.unwrap_or_else(|| vec![format!("the command of {}", self.service)]);
        diffs.push(Diff::command(shown));
        let mut returned = self.command.nothing();
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        Ok(Plan::Change { change, diffs, returned })
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.before.take(host).await?;
        let docker = host.docker(&change.docker)?;
        let name = change.name.as_deref().unwrap_or("for the command");
        let doing = || format!("creating container {name}");
        let mut request = Request::post(&["containers", "create"]).json(&change.body);
        if let Some(name) = &change.name {
            request = request.query("name", name);
        }
        let made: Value = docker.send(request).await.doing(doing)?.json()?;
        let id = made["Id"].as_str().unwrap_or_default();
        if let Err(failure) = change.complete(&docker, id, name).await {
            discard(&docker, id).await;
            return Err(failure);
        }
        if change.detach {
            return Ok(Returned::new().with("container_id", id));
        }
        let input = change.input.as_deref();
        let output = docker.run_to_end(id, input, change.terminal).await;
        if change.cleanup {
            let query = [("force", "1"), ("v", "1")];
            let doing = || format!("removing container {name}");
            docker.remove(&["containers", id], &query).await.doing(doing)?;
        } else if output.is_err() {
            discard(&docker, id).await;
        }
        let output = output.doing(|| format!("running container {name}"))?;
        Ok(ComposeCommand::returned(&output, change.keep_ends))
    }
}

impl Change {
    /// Gives the new container what it lacks, and starts it where nobody waits for its end.
    async fn complete(&self, docker: &DockerWriter, id: &str, name: &str) -> Result<(), Failure> {
        for (network, endpoint) in self.networks.iter().skip(1) {
            let body = json!({"Container": id, "EndpointConfig": endpoint});
            let doing = || format!("connecting container {name} to network {network}");
            docker.post(&["networks", network, "connect"], &body).await.doing(doing)?;
        }
        put_files(docker, id, name, &self.files).await?;
        if self.detach {
            let doing = || format!("starting container {name}");
            docker.act(&["containers", id, "start"], &[]).await.doing(doing)?;
        }
        Ok(())
    }
}

/// Removes a container that has never run: its name would be in the way of the next one. What
/// failed before is told all the same.
async fn discard(docker: &DockerWriter, id: &str) {
    let seen: Result<Value, _> = docker.ask(&["containers", id, "json"], &[]).await;
    if seen.is_ok_and(|seen| seen["State"]["Status"] == "created") {
        let _ = docker.remove(&["containers", id], &[("force", "1"), ("v", "1")]).await;
    }
}

impl Args {
    /// How what it needs is brought up.
    fn up(&self) -> UpOptions {
        UpOptions {
            services: vec![self.service.clone()],
            dependencies: !self.no_deps,
            build: if self.build { Building::Always } else { Building::Policy },
            remove_orphans: self.remove_orphans,
            ..UpOptions::default()
        }
    }
}
