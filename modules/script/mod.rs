//! `script`: see [`Args`], which is also what `rplay doc script` prints.

mod line;
mod run;

use serde::{Deserialize, Serialize};

use crate::sdk::command::{Guard, GuardState};
use crate::sdk::file::Source;
use crate::sdk::{
    Arguments, CheckMode, Diff, Failure, Module, Observer, Operator, Output, Plan, Returned, Rule,
    Search,
};
use line::Line;
use run::ScriptRun;

const RULES: &[Rule] =
    &[Rule::OneOf(&["_raw_params", "cmd"]), Rule::Exclusive(&["_raw_params", "cmd"])];

/// Runs a script of the machine that runs rplay on the host.
///
/// The script is sent, run, and removed. What stands behind its name in the line is read by the
/// host's shell. It runs every time unless `creates` or `removes` says otherwise. In check mode it
/// is not run; it counts as skipped, or as a change where one of those is given.
#[derive(Debug, Arguments)]
#[arguments(free_form = "_raw_params", rules = RULES)]
pub struct Args {
    /// The script and its arguments, written behind the module's name. It is looked for in
    /// `files/` when its path is relative; a path with blanks stands in quotes.
    #[arg(name = "_raw_params")]
    raw_params: Option<String>,
    /// The script and its arguments.
    cmd: Option<String>,
    /// File of the host: where it exists the script is not run.
    creates: Option<String>,
    /// File of the host: where it does not exist the script is not run.
    removes: Option<String>,
    /// Directory of the host in which it runs; an absolute path.
    chdir: Option<String>,
    /// Program of the host that runs it, with its options; else the one that its first line names.
    executable: Option<String>,
    /// Whether the script is decrypted where it is a vault.
    #[arg(default = true)]
    decrypt: bool,
}

/// The files that the script creates or removes, and the script where it may have to run.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    #[serde(default)]
    guard: GuardState,
    source: Option<Source>,
}

impl Module for Args {
    type State = State;
    type Change = ScriptRun;

    fn check_mode(&self) -> CheckMode {
        self.guard().check_mode()
    }

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let guard = self.guard().observe(host).await?;
        if self.reason(guard).is_some() {
            return Ok(State { guard, source: None });
        }
        let controller = host.controller();
        let path = controller.find(Search::Files, &self.line()?.script)?;
        let source = Source::local(controller, &path, self.decrypt).await?;
        Ok(State { guard, source: Some(source) })
    }

    fn plan(&self, now: &State) -> Result<Plan<ScriptRun>, Failure> {
        if let Some(reason) = self.reason(now.guard) {
            return Ok(Plan::Keep(Returned::skipped(reason)));
        }
        if let Some(chdir) = self.chdir.as_ref().filter(|path| !path.starts_with(['/', '~', '$'])) {
            return Err(Failure::new(format!(
                "chdir {chdir} must be an absolute path for a Unix-aware remote node"
            )));
        }
        let source = now.source.clone().ok_or_else(|| Failure::new("the script was not read"))?;
        let line = self.line()?;
        let diff = Diff::command([format!("{}{}", line.script, line.rest)]);
        let run = ScriptRun::new(&line, source, self.chdir.clone(), self.executable.as_deref());
        Ok(Plan::change(run, diff).returning(Returned::of_output(&Output::default())))
    }

    async fn apply(change: ScriptRun, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn guard(&self) -> Guard {
        Guard { chdir: None, creates: self.creates.clone(), removes: self.removes.clone() }
    }

    /// Why it need not run.
    fn reason(&self, state: GuardState) -> Option<String> {
        match (&self.creates, &self.removes) {
            (Some(path), _) if state.created => {
                Some(format!("{path} exists, matching creates option"))
            }
            (_, Some(path)) if state.removed => {
                Some(format!("{path} does not exist, matching removes option"))
            }
            _ => None,
        }
    }

    fn line(&self) -> Result<Line, Failure> {
        let text = self.raw_params.as_ref().or(self.cmd.as_ref()).map_or("", String::as_str);
        Line::parse(text)
    }
}
