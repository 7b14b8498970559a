//! `docker_compose_v2_run`: see [`Args`], which is also what `rplay doc docker_compose_v2_run`
//! prints.

mod body;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::compose::{
    Blueprint, COMMAND_RULES, ComposeCommand, ComposeFiles, ComposeOptions, Project, labels,
};
use crate::sdk::docker::{DockerOptions, Doing, ImageName, Pull, PullPolicy, Request, SeenImage};
use crate::sdk::{
    Arguments, CheckMode, Diff, Failure, Module, Observer, Operator, Output, Plan, Returned, Value,
};

/// Runs a command in a new container of a service of a compose project: tests, migrations.
///
/// The services that it needs must be there and run, unless `no_deps` says that they are not
/// needed: `docker_compose_v2` brings them up. The networks of the project must be there, too.
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
    /// Taken for compatibility, but refused where it is true: `docker_compose_v2` with
    /// `build: always` builds the image before.
    #[arg(default)]
    build: bool,
    /// Rights that it has beside the usual ones.
    #[arg(default)]
    cap_add: Vec<String>,
    /// Usual rights that it does not have.
    #[arg(default)]
    cap_drop: Vec<String>,
    /// What the command is given to.
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
    /// Taken for compatibility, but refused where it is true: `docker_compose_v2` does so.
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

/// What is seen of the project.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    files: ComposeFiles,
    /// The project's containers, in brief.
    containers: Vec<Value>,
    image: SeenImage,
}

/// A container to be run.
#[derive(Debug, Serialize)]
pub struct Change {
    /// The name that the task gives; the Engine makes one up where it gives none.
    name: Option<String>,
    body: Value,
    networks: Vec<(String, Value)>,
    pull: Option<Pull>,
    input: Option<String>,
    detach: bool,
    cleanup: bool,
    terminal: bool,
    keep_ends: bool,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let files = self.project.look(host, std::slice::from_ref(&self.service)).await?;
        let project = self.project(&files)?;
        let docker = host.docker(&self.project.docker)?;
        let own = format!("{}={}", labels::PROJECT, project.name);
        let filters = json!({"label": [own]}).to_string();
        let query = [("all", "1"), ("filters", filters.as_str())];
        let containers = docker.list(&["containers", "json"], &query).await?;
        let image = ImageName::parse(&Blueprint::image_of(&project, &self.service));
        let image = host.image(&docker, &image, false).await?;
        Ok(State { files, containers, image })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let project = self.project(&now.files)?;
        self.refuse_missing(&project, now)?;
        let image = Blueprint::image_of(&project, &self.service);
        let service = &project.services[&self.service];
        let pull = now.image.pull(&ImageName::parse(&image), PullPolicy::Missing, None);
        if pull.is_some() && service.build().is_some() {
            return Err(Failure::new(format!("the image {image} is not built"))
                .help("`docker_compose_v2` builds it"));
        }
        let words = self.command.words()?;
        let (body, networks) = self.body(&project, words.as_deref())?;
        let change = Change {
            name: self.name.clone(),
            body,
            networks,
            pull,
            input: self.command.input(),
            detach: self.command.detach,
            cleanup: self.cleanup,
            terminal: self.command.terminal(),
            keep_ends: !self.command.strip_empty_ends,
            docker: self.project.docker.clone(),
        };
        let shown = words.unwrap_or_else(|| vec![format!("the command of {}", self.service)]);
        let returned = if self.command.detach {
            Returned::new()
        } else {
            Returned::of_output(&Output::default())
        };
        Ok(Plan::change(change, Diff::command(shown)).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        if let Some(pull) = &change.pull {
            pull.run(&docker).await?;
        }
        let name = change.name.as_deref().unwrap_or("for the command");
        let doing = || format!("creating container {name}");
        let mut request = Request::post(&["containers", "create"]).json(&change.body);
        if let Some(name) = &change.name {
            request = request.query("name", name);
        }
        let made: Value = docker.send(request).await.doing(doing)?.json()?;
        let id = made["Id"].as_str().unwrap_or_default();
        for (network, endpoint) in change.networks.iter().skip(1) {
            let body = json!({"Container": id, "EndpointConfig": endpoint});
            docker.post(&["networks", network, "connect"], &body).await.doing(doing)?;
        }
        if change.detach {
            docker.act(&["containers", id, "start"], &[]).await.doing(doing)?;
            return Ok(Returned::new().with("container_id", id));
        }
        let input = change.input.as_deref();
        let output = docker.run_to_end(id, input, change.terminal).await;
        if change.cleanup {
            let query = [("force", "1"), ("v", "1")];
            let doing = || format!("removing container {name}");
            docker.remove(&["containers", id], &query).await.doing(doing)?;
        }
        let output = output.doing(|| format!("running container {name}"))?;
        Ok(ComposeCommand::returned(&output, change.keep_ends))
    }
}

impl Args {
    fn project(&self, files: &ComposeFiles) -> Result<Project, Failure> {
        let project = self.project.project(files, std::slice::from_ref(&self.service))?;
        if !project.services.contains_key(&self.service) {
            return Err(Failure::new(format!("no such service: {}", self.service)));
        }
        Ok(project)
    }

    /// Refuses what `docker_compose_v2` is to do before.
    fn refuse_missing(&self, project: &Project, now: &State) -> Result<(), Failure> {
        let before = "run `docker_compose_v2` before";
        if self.build {
            return Err(Failure::new("`build: true` is not taken")
                .help(format!("{before}, with `build: always`")));
        }
        if self.remove_orphans {
            return Err(Failure::new("`remove_orphans: true` is not taken")
                .help(format!("{before}, with `remove_orphans: true`")));
        }
        if self.no_deps {
            return Ok(());
        }
        let runs = |service: &str| {
            now.containers.iter().any(|container| {
                container["Labels"][labels::SERVICE] == service && container["State"] == "running"
            })
        };
        let needs = project.services[&self.service].needs();
        let missing: Vec<&str> = needs
            .iter()
            .filter(|(_, needs)| {
                needs.required
                    && needs.condition
                        != crate::sdk::docker::compose::DependencyCondition::Completed
            })
            .map(|(name, _)| name.as_str())
            .filter(|name| !runs(name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "service `{}` needs services that do not run: {}",
            self.service,
            missing.join(", ")
        ))
        .help(format!("{before}, or say `no_deps: true`")))
    }
}
