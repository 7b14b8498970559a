//! `wait_for`: see [`Args`], which is also what `rplay doc wait_for` prints.

mod connections;
mod wait;

use serde::{Deserialize, Serialize};

use crate::sdk::{
    Arguments, CheckMode, Choice, Diff, Failure, Module, Observer, Operator, Plan, Regex,
    RegexOptions, Returned, Rule,
};
use wait::{Goal, Wait};

const RULES: &[Rule] = &[Rule::Exclusive(&["port", "path"])];

/// Waits until a port of a machine or a file of the host is as it must be.
///
/// Ports are tried from the host. Without a port or a path it waits for the whole `timeout`.
/// In check mode it does not wait, and counts as skipped: what it waits for may be the work of
/// tasks that were not done.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Name or address whose port is tried, as the host knows it.
    #[arg(default = "127.0.0.1")]
    host: String,
    /// The port.
    port: Option<u16>,
    /// The file.
    path: Option<String>,
    /// What is waited for. `started` and `present` mean the same: the port takes connections, the
    /// file is there; `stopped` and `absent` the opposite; `drained`: no client is connected.
    #[arg(default)]
    state: State,
    /// Regular expression that must be found in the file, or in what the port sends.
    search_regex: Option<String>,
    /// How long it waits at most, in seconds.
    #[arg(default = 300_u32)]
    timeout: u32,
    /// How long one try may take, in seconds.
    #[arg(default = 5_u32)]
    connect_timeout: u32,
    /// How long it waits before the first try, in seconds.
    #[arg(default = 0_u32)]
    delay: u32,
    /// How long it waits between two tries, in seconds.
    #[arg(default = 1_u32)]
    sleep: u32,
    /// With `drained`: addresses whose connections do not count.
    exclude_hosts: Option<Vec<String>>,
    /// With `drained`: states of a connection that count.
    active_connection_states: Option<Vec<String>>,
    /// What is said when the time is over.
    msg: Option<String>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Choice)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The port takes connections, the file is there.
    #[default]
    Started,
    /// The same.
    Present,
    /// The port takes none, the file is not there.
    Stopped,
    /// The same.
    Absent,
    /// No client is connected to the port.
    Drained,
}

/// Nothing: what it waits for is found out while it waits.
#[derive(Debug, Serialize, Deserialize)]
pub struct Now {}

impl Module for Args {
    type State = Now;
    type Change = Wait;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, _: &Observer<'_>) -> Result<Now, Failure> {
        Ok(Now {})
    }

    fn plan(&self, _: &Now) -> Result<Plan<Wait>, Failure> {
        if let Some(regex) = &self.search_regex {
            Regex::new(regex, RegexOptions { multiline: true, ..RegexOptions::default() })
                .map_err(|fault| {
                    Failure::new(format!(
                        "`search_regex` is not a regular expression: {fault}: {regex}"
                    ))
                })?;
        }
        let goal = self.goal()?;
        let diff = Diff::state(goal.to_string(), "unknown", self.state.word());
        let wait = Wait {
            goal,
            search: self.search_regex.clone(),
            timeout: self.timeout,
            connect_timeout: self.connect_timeout.max(1),
            delay: self.delay,
            sleep: self.sleep.max(1),
            message: self.msg.clone(),
        };
        let returned = Returned::new()
            .with("state", self.state.word())
            .with("port", self.port)
            .with("path", &self.path)
            .with("search_regex", &self.search_regex);
        Ok(Plan::change(wait, diff).returning(returned))
    }

    async fn apply(wait: Wait, host: &Operator<'_>) -> Result<Returned, Failure> {
        wait.apply(&host.observer()).await
    }
}

impl Args {
    fn goal(&self) -> Result<Goal, Failure> {
        let gone = matches!(self.state, State::Stopped | State::Absent);
        if gone && self.search_regex.is_some() {
            return Err(Failure::new("`search_regex` waits for something to come, not to go"));
        }
        match (self.port, &self.path, self.state) {
            (Some(port), _, State::Drained) => Ok(Goal::Drained {
                host: self.host.clone(),
                port,
                states: connections::codes(self.active_connection_states.as_deref())?,
                excluded: self.exclude_hosts.clone().unwrap_or_default(),
            }),
            (None, _, State::Drained) => Err(Failure::new("state drained needs a `port`")),
            _ if self.exclude_hosts.is_some() => {
                Err(Failure::new("`exclude_hosts` is for state drained"))
            }
            (Some(port), _, _) => Ok(Goal::Port { host: self.host.clone(), port, open: !gone }),
            (None, Some(path), _) => Ok(Goal::Path { path: path.clone(), there: !gone }),
            (None, None, _) => Ok(Goal::Time),
        }
    }
}
