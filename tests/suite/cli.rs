//! The program as a user runs it: standard output, standard error, exit code.
//!
//! Nothing of the machine's settings reaches it: its environment is empty, its home a folder of
//! the test. Every host is this machine under another name.

mod adhoc;
mod caching;
mod conditions;
mod ending;
mod faults;
mod install;
mod lists;
mod missing;
mod mistakes;
mod older;
mod reports;
mod secrets;
mod slips;
mod targets;
mod top_faults;
mod value_faults;
mod vault;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A folder with a project in it, and the program.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// Two hosts, and the given playbook as `site.yml`.
    pub(crate) fn new(playbook: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, variables: vec![] }
            .file("inventories/testing", "a\nb\n[all:vars]\nansible_connection=local\n")
            .file("site.yml", playbook)
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// The program with arguments that hold no blanks.
    pub(crate) fn command(&self, line: &str) -> Command {
        self.program(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// The program with any arguments.
    pub(crate) fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rplay"));
        command.args(args).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, line: &str) -> Ended {
        self.ended(self.command(line).output().unwrap())
    }

    /// What came of it, without the folder's name and without times.
    pub(crate) fn ended(&self, output: Output) -> Ended {
        let folder = format!("{}/", self.path().display());
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes)
                .unwrap()
                .replace(&folder, "")
                .replace(folder.trim_end_matches('/'), ".");
            let lines = text.lines().map(|line| match line.rsplit_once(" in ") {
                Some((before, time)) if time.ends_with(" s") => format!("{before} in TIME\n"),
                _ => format!("{line}\n"),
            });
            lines.collect::<String>()
        };
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}
