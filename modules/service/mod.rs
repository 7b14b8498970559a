//! `service`: see [`Args`], which is also what `rplay doc service` prints.

use crate::sdk::service::{
    ServiceChange, ServiceManager, ServiceRequest, ServiceScope, ServiceState, ServiceStatus,
};
use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, Returned, Rule, did_you_mean,
};

/// Ensures that a service runs or not, and whether it is started with the host.
///
/// It works with what the host has: systemd, OpenRC, or init scripts. `restarted` starts a
/// service that does not run, and so does `reloaded`.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Name of the service.
    #[arg(alias = "service")]
    name: String,
    /// What is to be with it; `restarted` and `reloaded` are done every time.
    state: Option<ServiceState>,
    /// Whether it is started with the host.
    enabled: Option<bool>,
    /// Whether systemd refuses to start it.
    masked: Option<bool>,
    /// Whether systemd reads its files again where they changed.
    #[arg(alias = "daemon-reload", default)]
    daemon_reload: bool,
    /// What runs services on the host: `systemd`, `openrc` or `sysvinit`; found out otherwise.
    #[arg(default = "auto", name = "use")]
    manager: String,
    /// What the command lines of its processes hold, where its init script cannot say whether
    /// it runs: a regular expression.
    #[arg(default)]
    pattern: String,
    /// OpenRC's runlevel in which it is started.
    #[arg(default = "default")]
    runlevel: String,
    /// Seconds between stop and start of a restart.
    sleep: Option<u32>,
    /// Words for its init script, split at blanks. systemd has no use for them.
    #[arg(alias = "args", default)]
    arguments: String,
}

const RULES: &[Rule] = &[Rule::OneOf(&["state", "enabled", "masked", "daemon_reload"])];

impl Module for Args {
    type State = ServiceStatus;
    type Change = ServiceChange;

    async fn observe(&self, host: &Observer<'_>) -> Result<ServiceStatus, Failure> {
        self.request()?.look(host).await
    }

    fn plan(&self, now: &ServiceStatus) -> Result<Plan<ServiceChange>, Failure> {
        let mut request = self.request()?;
        let systemd = now.manager == Some(ServiceManager::Systemd);
        if !systemd && (self.masked.is_some() || self.daemon_reload) {
            // Both mean something to systemd alone; elsewhere nothing needs doing.
            request.masked = None;
            request.daemon_reload = false;
        }
        if systemd {
            request.words.clear();
        }
        request.plan(now)
    }

    async fn apply(change: ServiceChange, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn request(&self) -> Result<ServiceRequest, Failure> {
        Ok(ServiceRequest {
            name: self.name.clone(),
            state: self.state,
            enabled: self.enabled,
            masked: self.masked,
            daemon_reload: self.daemon_reload,
            daemon_reexec: false,
            manager: self.manager()?,
            scope: ServiceScope::System,
            pattern: self.pattern.clone(),
            runlevel: self.runlevel.clone(),
            sleep: self.sleep,
            words: self.arguments.split_whitespace().map(str::to_owned).collect(),
        })
    }

    /// The manager that `use` names.
    fn manager(&self) -> Result<Option<ServiceManager>, Failure> {
        let name = self.manager.rsplit('.').next().unwrap_or_default();
        if name == "auto" {
            return Ok(None);
        }
        let known = ServiceManager::WORDS.iter().find(|(word, _)| *word == name);
        known.map(|(_, manager)| Some(*manager)).ok_or_else(|| {
            let all = ServiceManager::NAMES;
            let help =
                did_you_mean(name, all.iter().copied(), format!("known are {}", all.join(", ")));
            Failure::new(format!("`use` names no service manager rplay knows: `{name}`")).help(help)
        })
    }
}
