//! What the modules that run a command for a service have in common.

use crate::remote::Output;
use crate::sdk::{Failure, Returned};
use crate::spec::Rule;
use crate::value::coerce;

/// What must hold between the arguments.
pub const COMMAND_RULES: &[Rule] = &[Rule::Exclusive(&["argv", "command"])];

/// A command, and how it is run.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct ComposeCommand {
    /// The program and its arguments, one by one.
    pub argv: Option<Vec<String>>,
    /// The command line; it is split into words, there is no shell.
    pub command: Option<String>,
    /// Folder in which it runs.
    pub chdir: Option<String>,
    /// Whether it is started and left.
    #[arg(default)]
    pub detach: bool,
    /// The user that it runs as.
    pub user: Option<String>,
    /// What it reads; not with `detach`.
    pub stdin: Option<String>,
    /// Whether a line feed is added to what it reads.
    #[arg(default = true)]
    pub stdin_add_newline: bool,
    /// Whether empty lines at the end of its output are cut off.
    #[arg(default = true)]
    pub strip_empty_ends: bool,
    /// Whether it has a terminal; both its outputs come as one then. There is none unless it is
    /// asked for, nor where the command reads something.
    pub tty: Option<bool>,
    /// Variables of its environment.
    #[arg(default)]
    pub env: crate::sdk::docker::Texts,
}

impl ComposeCommand {
    /// The program and its arguments; nothing where none is given.
    pub fn words(&self) -> Result<Option<Vec<String>>, Failure> {
        if self.detach && self.stdin.is_some() {
            return Err(Failure::new("If detach=true, stdin cannot be provided."));
        }
        match (&self.argv, &self.command) {
            (Some(argv), _) => Ok(Some(argv.clone())),
            (None, Some(line)) => coerce::to_words(line).map(Some).ok_or_else(|| {
                Failure::new(format!("a quote is not closed in the command: {line}"))
            }),
            (None, None) => Ok(None),
        }
    }

    /// What it reads.
    pub fn input(&self) -> Option<String> {
        let newline = if self.stdin_add_newline { "\n" } else { "" };
        self.stdin.as_ref().map(|text| format!("{text}{newline}"))
    }

    /// Whether it has a terminal: not where it reads something.
    pub fn terminal(&self) -> bool {
        self.tty.unwrap_or_default() && self.stdin.is_none()
    }

    /// What is returned while nothing was run.
    pub fn nothing(&self) -> Returned {
        if self.detach { Returned::new() } else { Returned::of_output(&Output::default()) }
    }

    /// What is returned of an output; `keep_ends` leaves empty lines at its end.
    pub fn returned(output: &Output, keep_ends: bool) -> Returned {
        let returned = Returned::of_output(output);
        if !keep_ends {
            return returned;
        }
        returned.with("stdout", output.stdout_text()).with("stderr", output.stderr_text())
    }
}
