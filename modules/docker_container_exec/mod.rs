//! `docker_container_exec`: see [`Args`], which is also what `rplay doc docker_container_exec`
//! prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::{ContainerCommand, DockerOptions, Environment};
use crate::sdk::{
    Arguments, CheckMode, Diff, Failure, Module, Observer, Operator, Output, Plan, Returned, Rule,
    coerce,
};

const RULES: &[Rule] = &[Rule::Exclusive(&["argv", "command"]), Rule::OneOf(&["argv", "command"])];

/// Runs a command in a container that runs.
///
/// There is no shell between: a line in `command` is split into words, and `$VARIABLES`, pipes and
/// wildcards need `sh -c`. A status other than 0 is no failure; `failed_when: result.rc != 0`
/// makes it one. In check mode it is not run, and counts as skipped.
///
/// Returns `rc`, `stdout`, `stderr` and their lines, the middle of a very long output left out;
/// with `detach` only `exec_id`.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Name of the container or its id.
    container: String,
    /// The program and its arguments, one by one.
    argv: Option<Vec<String>>,
    /// The command line.
    command: Option<String>,
    /// Directory in which it runs.
    chdir: Option<String>,
    /// Whether it is started and left.
    #[arg(default)]
    detach: bool,
    /// The user that it runs as.
    user: Option<String>,
    /// What it reads; not with `detach`.
    stdin: Option<String>,
    /// Whether a line feed is added to what it reads.
    #[arg(default = true)]
    stdin_add_newline: bool,
    /// Whether empty lines at the end of its output are cut off.
    #[arg(default = true)]
    strip_empty_ends: bool,
    /// Whether it has a terminal; both its outputs come as one then.
    #[arg(default)]
    tty: bool,
    /// Variables added to its environment.
    env: Option<Environment>,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// Nothing: the command tells what there is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Now {}

/// A command to be run.
#[derive(Debug, Serialize)]
pub struct Change {
    #[serde(flatten)]
    command: ContainerCommand,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdin: Option<String>,
    detach: bool,
    keep_ends: bool,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = Now;
    type Change = Change;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, _: &Observer<'_>) -> Result<Now, Failure> {
        Ok(Now {})
    }

    fn plan(&self, _: &Now) -> Result<Plan<Change>, Failure> {
        if self.detach && self.stdin.is_some() {
            return Err(Failure::new("If detach=true, stdin cannot be provided."));
        }
        let argv = self.words()?;
        let diff = Diff::command(argv.iter());
        let newline = if self.stdin_add_newline { "\n" } else { "" };
        let change = Change {
            command: ContainerCommand {
                container: self.container.clone(),
                argv,
                directory: self.chdir.clone(),
                user: self.user.clone(),
                environment: self.env.clone().unwrap_or_default().into_texts(),
                terminal: self.tty,
                privileged: false,
            },
            stdin: self.stdin.as_ref().map(|text| format!("{text}{newline}")),
            detach: self.detach,
            keep_ends: !self.strip_empty_ends,
            docker: self.docker.clone(),
        };
        // In check mode as if it had printed nothing, so that tasks that read its output go on.
        let returned =
            if self.detach { Returned::new() } else { Returned::of_output(&Output::default()) };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        let name = &change.command.container;
        if docker.container(name).await?.is_none() {
            return Err(Failure::new(format!("Could not find container \"{name}\"")));
        }
        if change.detach {
            let id = docker.start_in(&change.command).await?;
            return Ok(Returned::new().with("exec_id", id));
        }
        let output = docker.run_in(&change.command, change.stdin.as_deref()).await?;
        let returned = Returned::of_output(&output);
        if !change.keep_ends {
            return Ok(returned);
        }
        Ok(returned.with("stdout", output.stdout_text()).with("stderr", output.stderr_text()))
    }
}

impl Args {
    fn words(&self) -> Result<Vec<String>, Failure> {
        let words = match (&self.argv, &self.command) {
            (Some(argv), _) => argv.clone(),
            (None, Some(line)) => coerce::to_words(line).ok_or_else(|| {
                Failure::new(format!("a quote is not closed in the command: {line}"))
            })?,
            (None, None) => vec![],
        };
        if words.is_empty() {
            return Err(Failure::new("no command is given"));
        }
        Ok(words)
    }
}
