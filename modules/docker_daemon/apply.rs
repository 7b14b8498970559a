//! Putting the options in force, or everything back.

use std::time::Duration;

use serde::Serialize;

use super::edit::Edit;
use super::shown;
use crate::sdk::service::ServiceManager;
use crate::sdk::{Choice as _, Exec, Failure, Fields, Operator, Returned, Sections, Value};

/// What the daemon does to take options over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// Nothing.
    None,
    /// It reads its file again.
    Reload,
    /// It is started anew.
    Restart,
}

impl Action {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Reload => "reload",
            Self::Restart => "restart",
        }
    }

    /// What has been done then.
    pub(super) fn done(self) -> &'static str {
        match self {
            Self::None => "running",
            Self::Reload => "reloaded",
            Self::Restart => "restarted",
        }
    }
}

/// What is done for the options.
#[derive(Debug, Serialize)]
pub struct Change {
    pub(super) files: Vec<Edit>,
    pub(super) action: Action,
    pub(super) manager: ServiceManager,
    /// Where the daemon answers afterwards.
    pub(super) address: String,
    /// How many seconds it may take for that.
    pub(super) patience: u64,
    /// A dockerd that can check its file; empty where it cannot.
    pub(super) validator: String,
    pub(super) backup: bool,
    /// What it must show afterwards, as far as it shows it.
    pub(super) checks: Fields,
}

impl Change {
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let parts = self.run(host, self.action, |file| file.after.as_deref()).await?;
        let said = parts.word("said");
        match parts.word("outcome") {
            "applied" => {}
            "unwritten" => {
                return Err(Failure::new(format!("the configuration was not written: {said}")));
            }
            "refused" => {
                return Err(Failure::new(format!("dockerd refuses the new configuration: {said}"))
                    .help("nothing was changed"));
            }
            outcome => return Err(self.rolled_back(outcome == "restored", said)),
        }
        let missing = self.watch(host, parts.word("info")).await?;
        if !missing.is_empty() {
            let why = format!("the daemon runs, but does not show {}", missing.join(", "));
            let back = self.run(host, Action::Restart, |file| file.before.as_deref()).await?;
            return Err(self.rolled_back(back.word("outcome") == "applied", &why));
        }
        let mut returned = Returned::new();
        let backups: Vec<&str> = parts.get("backups").lines().collect();
        if let Some(first) = backups.first() {
            returned.set("backup_file", first);
        }
        Ok(returned)
    }

    /// Writes one side of the files and has the daemon take it over.
    async fn run(
        &self,
        host: &Operator<'_>,
        action: Action,
        side: impl Fn(&Edit) -> Option<&str>,
    ) -> Result<Sections, Failure> {
        let script = concat!(
            include_str!("../../src/sdk/sections.sh"),
            include_str!("../../src/sdk/dockerd/ask.sh"),
            include_str!("../../src/sdk/dockerd/log.sh"),
            include_str!("apply.sh"),
        );
        let seconds = self.patience.to_string();
        let backup = if self.backup { "yes" } else { "" };
        let mut exec = Exec::script(script).args([
            action.word(),
            self.manager.word(),
            &self.address,
            &seconds,
            &self.validator,
            backup,
        ]);
        let mut contents = String::new();
        for file in &self.files {
            let bytes = side(file).map_or_else(|| "-".to_owned(), |text| text.len().to_string());
            exec = exec.args([&file.path, &bytes]);
            contents.push_str(side(file).unwrap_or_default());
        }
        let output = host.run(exec.stdin(contents)).await?;
        let parts = Sections::parse(&output);
        if parts.has("outcome") {
            Ok(parts)
        } else {
            Err(Failure::of_program("configuring the daemon", &output))
        }
    }

    /// Waits until the daemon shows the options; returns those it does not show in time.
    async fn watch(&self, host: &Operator<'_>, info: &str) -> Result<Vec<String>, Failure> {
        if self.action == Action::None {
            return Ok(vec![]);
        }
        let mut info: Value = serde_json::from_str(info).unwrap_or_default();
        // A reload is done some milliseconds after it was asked for.
        for _ in 0..20 {
            let missing = shown::not_shown(&info, &self.checks);
            if missing.is_empty() {
                return Ok(missing);
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
            let script =
                concat!(include_str!("../../src/sdk/dockerd/ask.sh"), "ask_engine \"$1\" info");
            let output = host.run(Exec::script(script).arg(&self.address)).await?;
            info = serde_json::from_slice(&output.stdout).unwrap_or_default();
        }
        Ok(shown::not_shown(&info, &self.checks))
    }

    /// The failure of options that could not be put in force.
    fn rolled_back(&self, runs: bool, said: &str) -> Failure {
        let patience = self.patience;
        let said = if said.trim().is_empty() {
            format!(
                "it did not answer on {} within {patience} s, and its log says nothing",
                self.address
            )
        } else {
            said.trim().to_owned()
        };
        let message = format!("the daemon does not run with the new configuration:\n{said}");
        if runs {
            Failure::new(message).help("the old configuration is back, and the daemon runs with it")
        } else {
            Failure::new(format!("{message}\nthe old configuration is back, but the daemon does not run with it either"))
                .help("its log may say why")
        }
    }
}
