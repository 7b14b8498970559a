//! `systemd`: see [`Args`], which is also what `rplay doc systemd` prints.

use crate::sdk::service::{
    ServiceChange, ServiceManager, ServiceRequest, ServiceScope, ServiceState, ServiceStatus,
};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Rule};

/// Ensures that a unit of systemd runs or not, is started with the host or not, may be started
/// or not; and lets systemd read its files again.
///
/// `daemon_reload` is done where systemd says that files changed since it read them, so that a
/// task which asks for it every time changes nothing most of the time.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Name of the unit; `.service` may be left out.
    #[arg(alias = "service", alias = "unit")]
    name: Option<String>,
    /// What is to be with it; `restarted` and `reloaded` are done every time.
    state: Option<ServiceState>,
    /// Whether it is started with the host. Units that cannot be enabled are left alone.
    enabled: Option<bool>,
    /// Whether systemd refuses to start it.
    masked: Option<bool>,
    /// Whether systemd reads its files again, where they changed.
    #[arg(alias = "daemon-reload", default)]
    daemon_reload: bool,
    /// Whether systemd executes itself anew; this is done every time.
    #[arg(alias = "daemon-reexec", default)]
    daemon_reexec: bool,
    /// Whose units they are: the system's, the task's user's, or every user's.
    #[arg(default)]
    scope: ServiceScope,
    /// Whether it is not waited for that a job ends.
    #[arg(default)]
    no_block: bool,
    /// Whether links that are in the way are replaced.
    #[arg(default)]
    force: bool,
}

const RULES: &[Rule] = &[
    Rule::OneOf(&["state", "enabled", "masked", "daemon_reload", "daemon_reexec"]),
    Rule::By("state", &["name"]),
    Rule::By("enabled", &["name"]),
    Rule::By("masked", &["name"]),
];

impl Module for Args {
    type State = ServiceStatus;
    type Change = ServiceChange;

    async fn observe(&self, host: &Observer<'_>) -> Result<ServiceStatus, Failure> {
        self.request().look(host).await
    }

    fn plan(&self, now: &ServiceStatus) -> Result<Plan<ServiceChange>, Failure> {
        if now.manager != Some(ServiceManager::Systemd) {
            let first = if now.first.is_empty() { "unknown" } else { &now.first };
            let message =
                format!("systemd does not run on this host: its first process is `{first}`");
            return Err(Failure::new(message)
                .help("the module `service` works with what the host has, init scripts included"));
        }
        self.request().plan(now)
    }

    async fn apply(change: ServiceChange, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn request(&self) -> ServiceRequest {
        let flags = [(self.no_block, "--no-block"), (self.force, "--force")];
        ServiceRequest {
            name: self.name.clone().unwrap_or_default(),
            state: self.state,
            enabled: self.enabled,
            masked: self.masked,
            daemon_reload: self.daemon_reload,
            daemon_reexec: self.daemon_reexec,
            scope: self.scope,
            words: flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()).collect(),
            ..ServiceRequest::default()
        }
    }
}
