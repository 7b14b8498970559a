//! Waiting: try, sleep, try again.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::connections;
use crate::sdk::{
    Captures, Failure, Fields, Observer, Port, Probe, Regex, RegexOptions, Returned, Value,
};

/// What is waited for, and how long. All times are in seconds.
#[derive(Debug, Clone, Serialize)]
pub struct Wait {
    pub(super) goal: Goal,
    /// Expression that must be found in the file, or in what the port sends.
    pub(super) search: Option<String>,
    pub(super) timeout: u32,
    pub(super) connect_timeout: u32,
    pub(super) delay: u32,
    pub(super) sleep: u32,
    pub(super) message: Option<String>,
}

/// What must become true.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Goal {
    /// A port takes connections, or takes none.
    Port {
        /// Name or address, as the host knows it.
        host: String,
        /// The port.
        port: u16,
        /// Which of both.
        open: bool,
    },
    /// A file is there, or is not.
    Path {
        /// The file.
        path: String,
        /// Which of both.
        there: bool,
    },
    /// Nobody is connected to a port of the host.
    Drained {
        /// The host's address, for messages.
        host: String,
        /// The port.
        port: u16,
        /// The states of a connection that count.
        states: Vec<String>,
        /// Addresses whose connections do not count.
        excluded: Vec<String>,
    },
    /// The time is over.
    Time,
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port { host, port, .. } | Self::Drained { host, port, .. } => {
                write!(f, "{host}:{port}")
            }
            Self::Path { path, .. } => f.write_str(path),
            Self::Time => f.write_str("time"),
        }
    }
}

/// What one try found.
enum Found {
    /// It is as it must be; with the groups of the match.
    Done(Returned),
    /// Not yet, and why.
    NotYet(String),
}

impl Wait {
    pub(super) async fn apply(self, host: &Observer<'_>) -> Result<Returned, Failure> {
        let start = Instant::now();
        let end = start + Duration::from_secs(self.timeout.into());
        let elapsed = |returned: Returned| {
            returned.with("elapsed", start.elapsed().as_secs()).with("changed", false)
        };
        sleep(Duration::from_secs(self.delay.into())).await;
        if matches!(self.goal, Goal::Time) {
            tokio::time::sleep_until(end).await;
            return Ok(elapsed(Returned::new()));
        }
        loop {
            let why = match self.look(host).await? {
                Found::Done(returned) => return Ok(elapsed(returned)),
                Found::NotYet(why) => why,
            };
            let next = Instant::now() + Duration::from_secs(self.sleep.into());
            if next > end {
                return Err(self.timed_out(&why).returning(elapsed(Returned::new())));
            }
            tokio::time::sleep_until(next).await;
        }
    }

    async fn look(&self, host: &Observer<'_>) -> Result<Found, Failure> {
        match &self.goal {
            Goal::Port { host: address, port, open } => {
                self.port(host, address, *port, *open).await
            }
            Goal::Path { path, there } => self.path(host, path, *there).await,
            Goal::Drained { port, states, excluded, .. } => {
                let table =
                    host.probe(Probe("cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; :"), [""; 0]);
                let table = table.await?;
                let count = connections::count(&table.stdout_text(), *port, states, excluded);
                Ok(match count {
                    0 => Found::Done(Returned::new()),
                    count => Found::NotYet(format!("{count} connections are open")),
                })
            }
            Goal::Time => Ok(Found::Done(Returned::new())),
        }
    }

    async fn port(
        &self,
        host: &Observer<'_>,
        address: &str,
        port: u16,
        open: bool,
    ) -> Result<Found, Failure> {
        let within = Duration::from_secs(self.connect_timeout.into());
        if let Some(search) = &self.search {
            let heard = host.hear(address, port, within, |text| {
                compile(search).is_ok_and(|regex| regex.is_match(text).unwrap_or(false))
            });
            return Ok(match heard.await? {
                Some(text) => found(search, &text)?,
                None => Found::NotYet("nothing takes connections".to_owned()),
            });
        }
        Ok(match (host.port(address, port, within).await?, open) {
            (Port::Open, true) | (Port::Closed(_), false) => Found::Done(Returned::new()),
            (Port::Open, false) => Found::NotYet("it takes connections".to_owned()),
            (Port::Closed(why), true) => Found::NotYet(why),
            (Port::Unknown, _) => {
                return Err(Failure::new(format!(
                    "cannot tell whether {address}:{port} takes connections: the host's sshd \
                     opens none"
                ))
                .help("`AllowTcpForwarding local` in its sshd_config lets it"));
            }
        })
    }

    async fn path(&self, host: &Observer<'_>, path: &str, there: bool) -> Result<Found, Failure> {
        let read = if self.search.is_some() { "1" } else { "" };
        let output = host.probe_paths(Probe(include_str!("probe.sh")), [path, read]).await?;
        let said = output.stdout_text();
        let (is_there, content) = match said.strip_prefix("there\n") {
            Some(content) => (true, content),
            None => (false, ""),
        };
        Ok(match (is_there == there, &self.search) {
            (true, None) => Found::Done(Returned::new()),
            (true, Some(search)) => found(search, content)?,
            (false, _) if there => Found::NotYet("it is not there".to_owned()),
            (false, _) => Found::NotYet("it is there".to_owned()),
        })
    }

    fn timed_out(&self, why: &str) -> Failure {
        if let Some(message) = &self.message {
            return Failure::new(message.clone());
        }
        let (goal, seconds) = (&self.goal, self.timeout);
        let what = match (&self.search, goal) {
            (Some(search), _) => format!("search string {search} in {goal}"),
            (None, Goal::Port { open: false, .. }) => format!("{goal} to stop"),
            (None, Goal::Path { there: false, .. }) => format!("{goal} to be absent"),
            (None, Goal::Path { .. }) => format!("file {goal}"),
            (None, Goal::Drained { .. }) => format!("{goal} to drain"),
            (None, Goal::Port { .. } | Goal::Time) => goal.to_string(),
        };
        let failure = Failure::new(format!("Timeout when waiting for {what} ({seconds} s): {why}"));
        match goal {
            Goal::Port { open: true, .. } => {
                failure.help("is anything listening there? `timeout` is how long it is waited for")
            }
            _ => failure,
        }
    }
}

fn compile(search: &str) -> Result<Regex, Failure> {
    let lines = RegexOptions { multiline: true, ..RegexOptions::default() };
    Regex::new(search, lines).map_err(Failure::new)
}

/// Looks for the expression in a text.
fn found(search: &str, text: &str) -> Result<Found, Failure> {
    let regex = compile(search)?;
    let Some(captures) = regex.search(text).map_err(Failure::new)? else {
        return Ok(Found::NotYet("the expression matches nothing".to_owned()));
    };
    let names: Fields = regex
        .group_names()
        .into_iter()
        .flatten()
        .map(|name| (name.to_owned(), captures.name(name).map(|group| group.as_str()).into()))
        .collect();
    let returned =
        Returned::new().with("match_groups", groups(&captures)).with("match_groupdict", names);
    Ok(Found::Done(returned))
}

fn groups(captures: &Captures<'_>) -> Vec<Value> {
    (1..captures.len()).map(|at| captures.get(at).map(|group| group.as_str()).into()).collect()
}
