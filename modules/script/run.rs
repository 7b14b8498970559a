//! One run of a script.

use serde::Serialize;

use super::line::Line;
use crate::sdk::file::{Payload, Source, base_name, script};
use crate::sdk::{Failure, Operator, Output, Returned};

/// A script to be sent and run.
#[derive(Debug, Serialize)]
pub struct ScriptRun {
    /// The name it gets on the host.
    name: String,
    /// What it is.
    payload: Payload,
    /// Directory in which it runs.
    directory: Option<String>,
    /// The line for the host's shell, in which `$0` is the script.
    line: String,
}

/// The status of a script that did not arrive, or whose directory is not there.
const NOT_STARTED: i32 = 253;

impl ScriptRun {
    pub(super) fn new(
        line: &Line,
        source: Source,
        directory: Option<String>,
        executable: Option<&str>,
    ) -> Self {
        let program = executable.map(|program| format!("{program} ")).unwrap_or_default();
        Self {
            name: base_name(&line.script).to_owned(),
            payload: source.payload,
            directory,
            line: format!("{program}\"$0\"{}", line.rest),
        }
    }

    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let size = self.payload.size().to_string();
        let directory = self.directory.as_deref().unwrap_or_default();
        let exec = script(include_str!("run.sh")).args([&self.name, &size, directory, &self.line]);
        let exec = match self.payload {
            Payload::Bytes(content) => exec.stdin(content.0),
            Payload::Local { path, .. } => exec.stdin_file(path),
            Payload::Remote { path, .. } => {
                return Err(Failure::new(format!("{path} is not on the machine that runs rplay")));
            }
        };
        let output = host.run(exec).await?;
        let returned = Returned::of_output(&output).with("changed", true);
        if output.success() {
            return Ok(returned);
        }
        Err(explain(&output).returning(returned.with("msg", "non-zero return code")))
    }
}

fn explain(output: &Output) -> Failure {
    let said = output.stderr_text();
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    match (output.status, last) {
        (NOT_STARTED, Some(why)) => match why.strip_prefix("rplay: ") {
            Some(why) => Failure::new(format!("the script was not run: {why}")),
            None => Failure::new(format!("non-zero return code: {NOT_STARTED}: {why}")),
        },
        (126, Some(why)) => Failure::new(format!("non-zero return code: 126: {why}")).help(
            "the host's directory for temporary files may not let programs run: `executable` \
             names the program that reads the script, `environment: {TMPDIR: …}` another \
             directory",
        ),
        (status, Some(why)) => Failure::new(format!("non-zero return code: {status}: {why}")),
        (status, None) => Failure::new(format!("non-zero return code: {status}")),
    }
}
