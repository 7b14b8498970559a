//! `docker_compose_v2_exec`: see [`Args`], which is also what `rplay doc docker_compose_v2_exec`
//! prints.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::compose::{COMMAND_RULES, ComposeCommand, ComposeOptions, labels};
use crate::sdk::docker::{ContainerCommand, DockerOptions};
use crate::sdk::{
    Arguments, CheckMode, Diff, Failure, Module, Observer, Operator, Plan, Returned, Value,
};

/// Runs a command in a container of a service of a compose project.
///
/// There is no shell between. A status other than 0 is no failure; `failed_when: result.rc != 0`
/// makes it one. In check mode it is not run, and counts as skipped.
///
/// Returns `rc`, `stdout`, `stderr` and their lines; with `detach` only `exec_id`.
#[derive(Debug, Arguments)]
#[arguments(rules = COMMAND_RULES)]
pub struct Args {
    /// The service.
    service: String,
    /// Which of its containers, by number.
    #[arg(default = 1_u64)]
    index: u64,
    /// Whether it may do anything.
    #[arg(default)]
    privileged: bool,
    /// The command.
    #[arg(flatten)]
    command: ComposeCommand,
    /// The project.
    #[arg(flatten)]
    project: ComposeOptions,
}

/// The containers of the service.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Vec<Value>);

/// A command to be run.
#[derive(Debug, Serialize)]
pub struct Change {
    #[serde(flatten)]
    command: ContainerCommand,
    input: Option<String>,
    detach: bool,
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
        let files = self.project.look(host, &[]).await?;
        let project = self.project.project(&files, std::slice::from_ref(&self.service))?;
        let docker = host.docker(&self.project.docker())?;
        let filters = json!({"label": [
            format!("{}={}", labels::PROJECT, project.name),
            format!("{}={}", labels::SERVICE, self.service),
            format!("{}=False", labels::ONE_OFF),
        ]})
        .to_string();
        Ok(State(docker.list(&["containers", "json"], &[("filters", &filters)]).await?))
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let argv = self.command.words()?.filter(|argv| !argv.is_empty());
        let argv =
            argv.ok_or_else(|| Failure::new("one of the following is required: argv, command"))?;
        let number = self.index.to_string();
        let is_it = |container: &&Value| container["Labels"][labels::NUMBER] == number.as_str();
        let Some(container) = now.0.iter().find(is_it) else {
            // The words are those that playbooks look for.
            return Err(Failure::new(format!(
                "service \"{}\" is not running container #{number}",
                self.service
            ))
            .help("`docker_compose_v2` starts it"));
        };
        let command = &self.command;
        let change = Change {
            command: ContainerCommand {
                container: container["Id"].as_str().unwrap_or_default().to_owned(),
                argv: argv.clone(),
                directory: command.chdir.clone(),
                user: command.user.clone(),
                environment: command.env.clone(),
                terminal: command.terminal(),
                privileged: self.privileged,
            },
            input: command.input(),
            detach: command.detach,
            keep_ends: !command.strip_empty_ends,
            docker: self.project.docker(),
        };
        Ok(Plan::change(change, Diff::command(argv)).returning(command.nothing()))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        if change.detach {
            let id = docker.start_in(&change.command).await?;
            return Ok(Returned::new().with("exec_id", id));
        }
        let output = docker.run_in(&change.command, change.input.as_deref()).await?;
        Ok(ComposeCommand::returned(&output, change.keep_ends))
    }
}
