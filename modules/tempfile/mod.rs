//! `tempfile`: see [`Args`], which is also what `rplay doc tempfile` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::file::{FileStat, explain, script};
use crate::sdk::{
    Arguments, CheckMode, Choice, Diff, Failure, Module, Observer, Operator, Plan, Returned,
};

/// Makes a file or directory of a name that is not in use, for its owner alone.
///
/// It returns the `path`, and makes another one each time; nothing removes it but a task. In check
/// mode it makes none, and counts as skipped.
#[derive(Debug, Arguments)]
pub struct Args {
    /// What is made.
    #[arg(default)]
    state: Kind,
    /// Directory in which it is made; that of the host for temporary files when not given.
    path: Option<String>,
    /// What its name begins with.
    #[arg(default = "ansible.")]
    prefix: String,
    /// What its name ends with.
    #[arg(default)]
    suffix: String,
}

/// What is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Choice)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An empty file.
    #[default]
    File,
    /// An empty directory.
    Directory,
}

/// Nothing: the name is found while it is made.
#[derive(Debug, Serialize, Deserialize)]
pub struct Now {}

/// What is to be made.
#[derive(Debug, Serialize)]
pub struct Temporary {
    kind: Kind,
    directory: Option<String>,
    prefix: String,
    suffix: String,
}

impl Module for Args {
    type State = Now;
    type Change = Temporary;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, _: &Observer<'_>) -> Result<Now, Failure> {
        Ok(Now {})
    }

    fn plan(&self, _: &Now) -> Result<Plan<Temporary>, Failure> {
        for (name, part) in [("prefix", &self.prefix), ("suffix", &self.suffix)] {
            if part.contains('/') {
                return Err(Failure::new(format!(
                    "{name} must be a valid file name component, got '{part}'"
                ))
                .help("`path` is the directory in which it is made"));
            }
        }
        let change = Temporary {
            kind: self.state,
            directory: self.path.clone(),
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
        };
        let diff = Diff::state(change.pattern(), "absent", self.state.word());
        Ok(Plan::change(change, diff))
    }

    async fn apply(change: Temporary, host: &Operator<'_>) -> Result<Returned, Failure> {
        let directory = change.directory.as_deref().unwrap_or_default();
        let exec = script(include_str!("make.sh")).args([
            change.kind.word(),
            directory,
            &change.prefix,
            &change.suffix,
        ]);
        let output = host.run(exec).await?;
        let said = output.stdout_text();
        match said.split_once('\0') {
            Some((path, stat)) if output.success() => {
                let stat = FileStat::parse(stat).map(|stat| stat.returned()).unwrap_or_default();
                Ok(stat.with("path", path))
            }
            _ => Err(explain("make", &change.pattern(), &output)),
        }
    }
}

impl Temporary {
    /// The path, as far as it is known.
    fn pattern(&self) -> String {
        let directory = self.directory.as_deref().unwrap_or("/tmp").trim_end_matches('/');
        format!("{directory}/{}*{}", self.prefix, self.suffix)
    }
}
