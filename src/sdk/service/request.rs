//! What is asked of a service, and the doing of it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ServiceStatus;
use crate::sdk::{
    Choice as _, Diff, Exec, Failure, Fields, Observer, Operator, Plan, Probe, Returned, Sections,
    Value,
};

/// What runs the services of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, rplay_derive::Choice)]
#[serde(rename_all = "snake_case")]
pub enum ServiceManager {
    /// `systemctl`
    #[choice("systemd", "systemctl")]
    Systemd,
    /// `rc-service` and `rc-update`
    Openrc,
    /// Init scripts, by `service`.
    #[choice("sysvinit", "sysv", "service")]
    Sysvinit,
}

/// What is to be with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, rplay_derive::Choice)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// It runs.
    #[choice("started", "running")]
    Started,
    /// It does not run.
    Stopped,
    /// It is started anew, whether it runs or not.
    Restarted,
    /// It reads its configuration again; it is started where it does not run.
    Reloaded,
}

/// Whose services they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, rplay_derive::Choice)]
#[serde(rename_all = "snake_case")]
pub enum ServiceScope {
    /// The system's.
    #[default]
    System,
    /// The task's user's.
    User,
    /// Every user's.
    Global,
}

/// What is asked of a service.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ServiceRequest {
    /// Its name; empty when only systemd itself is asked for something.
    pub name: String,
    /// What is to be with it; left as it is when not given.
    pub state: Option<ServiceState>,
    /// Whether it is started with the host; left as it is when not given.
    pub enabled: Option<bool>,
    /// Whether systemd refuses to start it; left as it is when not given.
    pub masked: Option<bool>,
    /// Whether systemd reads its files again where they changed.
    pub daemon_reload: bool,
    /// Whether systemd executes itself anew.
    pub daemon_reexec: bool,
    /// What runs services on the host; found out when not given.
    pub manager: Option<ServiceManager>,
    /// Whose services they are.
    pub scope: ServiceScope,
    /// What tells its processes from others, where its init script cannot say whether it runs.
    pub pattern: String,
    /// OpenRC's runlevel.
    pub runlevel: String,
    /// Seconds between stop and start of a restart.
    pub sleep: Option<u32>,
    /// Options of systemctl, or words for its init script.
    pub words: Vec<String>,
}

impl ServiceRequest {
    /// Looks at a host: one round trip.
    pub async fn look(&self, host: &Observer<'_>) -> Result<ServiceStatus, Failure> {
        const PROBE: Probe = Probe(concat!(
            include_str!("../sections.sh"),
            include_str!("look.sh"),
            "look_service \"$@\"\n",
        ));
        let output = host.probe(PROBE, self.arguments()?).await?;
        let parts = Sections::parse(&output);
        if !parts.has("first") {
            return Err(Failure::of_program("looking at the service", &output));
        }
        Ok(ServiceStatus::read(&parts))
    }

    /// The arguments of `look_service`.
    pub fn arguments(&self) -> Result<[&str; 5], Failure> {
        if self.name.starts_with('-') || self.name.contains(|c: char| c.is_whitespace() || c == '/')
        {
            let message = format!("`{}` cannot be the name of a service", self.name);
            return Err(Failure::new(message).help("write it as the host's service manager does"));
        }
        let manager = self.manager.map_or("auto", ServiceManager::word);
        Ok([manager, self.scope.word(), &self.name, &self.pattern, &self.runlevel])
    }

    /// Decides what has to be done.
    pub fn plan(&self, now: &ServiceStatus) -> Result<Plan<ServiceChange>, Failure> {
        let manager = self.manager.or(now.manager).ok_or_else(|| {
            Failure::new("nothing on the host runs services: no systemd, OpenRC or init scripts")
                .help(format!("its first process is `{}`", now.first))
        })?;
        if let Some(trouble) = &now.trouble {
            return Err(Failure::new(format!("systemd cannot be asked: {trouble}")));
        }
        let named = !self.name.is_empty();
        let unknown_unit = named && !now.exists;
        let verbs = self.verbs(now, unknown_unit);
        if unknown_unit && (self.state.is_some() || self.enabled.is_some()) {
            return Err(self.not_found(manager));
        }
        if self.enabled == Some(true) && now.masked && self.masked != Some(false) {
            let message = format!("`{}` is masked and cannot be enabled", self.name);
            return Err(Failure::new(message).help("`masked: false` unmasks it"));
        }
        let returned = self.returned(now);
        if verbs.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        let diffs = self.diffs(now);
        let change = ServiceChange {
            manager,
            scope: self.scope,
            name: self.name.clone(),
            verbs,
            sleep: self.sleep,
            runlevel: self.runlevel.clone(),
            words: self.words.clone(),
        };
        Ok(Plan::Change { change, diffs, returned })
    }

    /// What has to be done, one after the other.
    fn verbs(&self, now: &ServiceStatus, unknown_unit: bool) -> Vec<&'static str> {
        let mut verbs = vec![];
        if self.daemon_reexec {
            verbs.push("daemon-reexec");
        }
        // A unit that systemd does not know may have come since it last looked.
        if self.daemon_reload && (now.stale || unknown_unit) {
            verbs.push("daemon-reload");
        }
        if self.masked == Some(false) && now.masked {
            verbs.push("unmask");
        }
        match (self.enabled, now.enabled) {
            (Some(true), Some(false)) => verbs.push("enable"),
            (Some(false), Some(true)) => verbs.push("disable"),
            _ => {}
        }
        match (self.state, now.running) {
            // Some init scripts refuse to restart what does not run.
            (
                Some(ServiceState::Started | ServiceState::Restarted | ServiceState::Reloaded),
                false,
            ) => verbs.push("start"),
            (Some(ServiceState::Stopped), true) => verbs.push("stop"),
            (Some(ServiceState::Restarted), true) => verbs.push("restart"),
            (Some(ServiceState::Reloaded), true) => verbs.push("reload"),
            _ => {}
        }
        // Last: what is masked can be neither disabled nor stopped by its name everywhere.
        if self.masked == Some(true) && !now.masked {
            verbs.push("mask");
        }
        verbs
    }

    fn diffs(&self, now: &ServiceStatus) -> Vec<Diff> {
        let mut diffs = vec![];
        if self.daemon_reload && now.stale {
            diffs.push(Diff::state("systemd's units", "out of date", "read again"));
        }
        if self.daemon_reexec {
            diffs.push(Diff::state("systemd", "running", "executed anew"));
        }
        let (mut before, mut after) = (Fields::new(), Fields::new());
        let mut note = |name: &str, was: Value, is: Value| {
            before.insert(name.to_owned(), was);
            after.insert(name.to_owned(), is);
        };
        if let Some(state) = self.state {
            let was = if now.running { "started" } else { "stopped" };
            note("state", was.into(), state.word().into());
        }
        if let (Some(enabled), Some(was)) = (self.enabled, now.enabled) {
            note("enabled", was.into(), enabled.into());
        }
        if let Some(masked) = self.masked {
            note("masked", now.masked.into(), masked.into());
        }
        let diff = Diff::fields(format!("service {}", self.name), &before, &after);
        if !diff.is_empty() {
            diffs.push(diff);
        }
        diffs
    }

    fn returned(&self, now: &ServiceStatus) -> Returned {
        let mut returned = Returned::new();
        if self.name.is_empty() {
            return returned;
        }
        returned.set("name", &self.name);
        if let Some(state) = self.state {
            let runs = state != ServiceState::Stopped;
            returned.set("state", if runs { "started" } else { "stopped" });
        }
        if let Some(enabled) = self.enabled {
            returned.set("enabled", enabled);
        }
        let running = if now.running { "active" } else { "inactive" };
        let status = if now.properties.is_empty() {
            json!({"ActiveState": running})
        } else {
            json!(now.properties)
        };
        returned.set("status", status);
        returned
    }

    /// In Ansible's words, which playbooks look for.
    fn not_found(&self, manager: ServiceManager) -> Failure {
        let name = &self.name;
        let looked = match manager {
            ServiceManager::Systemd => {
                format!("systemd knows no such unit, and there is no /etc/init.d/{name}")
            }
            ServiceManager::Openrc | ServiceManager::Sysvinit => {
                format!("there is no /etc/init.d/{name}")
            }
        };
        Failure::new(format!("Could not find the requested service {name}: {looked}"))
            .help("where a package brings it, the package has to be installed first, also before check mode can tell")
    }
}

/// What will be done with a service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceChange {
    manager: ServiceManager,
    scope: ServiceScope,
    name: String,
    /// What is done, one after the other.
    verbs: Vec<&'static str>,
    sleep: Option<u32>,
    runlevel: String,
    words: Vec<String>,
}

impl ServiceChange {
    /// Carries it out.
    pub async fn apply(&self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let sleep = self.sleep.map_or_else(String::new, |seconds| seconds.to_string());
        for verb in &self.verbs {
            let of_systemd = verb.starts_with("daemon-");
            let name = if of_systemd { "" } else { self.name.as_str() };
            // Init scripts take words only where something is started or stopped.
            let plain = matches!(*verb, "enable" | "disable" | "mask" | "unmask");
            let words = if of_systemd || (plain && self.manager != ServiceManager::Systemd) {
                &[]
            } else {
                &self.words[..]
            };
            let exec = Exec::script(include_str!("act.sh"))
                .args([self.manager.word(), self.scope.word(), verb, name, &sleep, &self.runlevel])
                .args(words);
            let doing = if of_systemd {
                format!("systemd's {verb}")
            } else {
                format!("`{verb}` of the service `{name}`")
            };
            host.must(&doing, exec).await?;
        }
        Ok(Returned::new())
    }
}

#[cfg(test)]
mod tests;
