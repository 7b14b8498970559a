//! `command`: see [`Args`], which is also what `rplay doc command` prints.

use crate::sdk::command::{CommandRun, Guard, GuardState, Streams};
use crate::sdk::{
    Arguments, CheckMode, Failure, Module, Observer, Operator, Plan, Returned, Rule, coerce,
};

const RULES: &[Rule] = &[
    Rule::Exclusive(&["_raw_params", "cmd", "argv"]),
    Rule::OneOf(&["_raw_params", "cmd", "argv"]),
];

/// Runs a program on the host, without a shell.
///
/// Its line is split into words as a shell would; quotes group words, but pipes, redirections,
/// `;` and `&` mean nothing: `shell` is for those. It runs every time unless `creates` or
/// `removes` says otherwise. In check mode it is not run; it counts as skipped, or as a change
/// where one of those is given.
#[derive(Debug, Arguments)]
#[arguments(free_form = "_raw_params", rules = RULES)]
pub struct Args {
    /// The command line, written behind the module's name.
    #[arg(name = "_raw_params")]
    raw_params: Option<String>,
    /// The command line.
    cmd: Option<String>,
    /// The program and its arguments, one by one.
    argv: Option<Vec<String>>,
    /// Whether `~` and `$VARIABLES` in arguments are expanded.
    #[arg(default = true)]
    expand_argument_vars: bool,
    /// Not used; older playbooks give it.
    #[expect(dead_code, reason = "older playbooks give it")]
    executable: Option<String>,
    /// What it reads, and how its output is returned.
    #[arg(flatten)]
    streams: Streams,
    /// Where it runs, and when it need not.
    #[arg(flatten)]
    guard: Guard,
}

impl Module for Args {
    type State = GuardState;
    type Change = CommandRun;

    const IS_COMMAND: bool = true;

    fn check_mode(&self) -> CheckMode {
        self.guard.check_mode()
    }

    async fn observe(&self, host: &Observer<'_>) -> Result<GuardState, Failure> {
        self.guard.observe(host).await
    }

    fn plan(&self, now: &GuardState) -> Result<Plan<CommandRun>, Failure> {
        let argv = self.words()?;
        let run = CommandRun {
            expand: self.expand_argument_vars,
            ..CommandRun::new(argv.clone(), argv).streams(&self.streams)
        };
        Ok(self.guard.plan(*now, run))
    }

    async fn apply(change: CommandRun, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn words(&self) -> Result<Vec<String>, Failure> {
        let words = match (&self.argv, self.cmd.as_ref().or(self.raw_params.as_ref())) {
            (Some(argv), _) => argv.clone(),
            (None, Some(line)) => coerce::to_words(line).ok_or_else(|| {
                Failure::new(format!("a quote is not closed in the command: {line}"))
                    .help("the module `shell` takes lines that are no list of words")
            })?,
            (None, None) => vec![],
        };
        if words.is_empty() {
            return Err(
                Failure::new("no command is given").returning(Returned::new().with("rc", 256))
            );
        }
        Ok(words)
    }
}
