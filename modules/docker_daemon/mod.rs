//! `docker_daemon`: see [`Args`], which is also what `rplay doc docker_daemon` prints.

mod apply;
mod edit;
mod flags;
mod keys;
mod options;
mod plan;
mod shown;
mod state;

use apply::Change;
use options::DaemonOptions;
use state::State;

use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, Probe, Returned, Sections,
};

/// Ensures that the Docker daemon has these options, and that it runs with them.
///
/// Options go into `daemon.json`, or, where that is wanted, onto dockerd's command line: by a
/// drop-in of its unit, or by `DOCKER_OPTS` in `/etc/default/docker`. Options that are not named
/// stay as they are unless `purge` is given.
///
/// Before anything is written, names, types and versions are checked: an option that this Engine
/// does not have, that cannot go together with swarm mode, or that would stand twice, is refused.
/// Then the daemon is told to reload where that is enough, else restarted. It must answer and
/// show the options; where it does not, the old configuration is put back, the daemon is started
/// with it, and the task fails with what the log says. Engines from 23.0 on check the new file
/// themselves before it is put in place.
///
/// Where the daemon does not run, the options are written, and it will find them. A restart stops
/// containers that have no restart policy, unless `live_restore` is on.
#[derive(Debug, Arguments)]
pub struct Args {
    #[arg(flatten)]
    daemon: DaemonOptions,
    /// Where the options go.
    #[arg(default)]
    target: Target,
    /// The configuration file; what the daemon was told by `--config-file`, else
    /// `/etc/docker/daemon.json`, if not given.
    path: Option<String>,
    /// Whether options that are not named are taken out.
    #[arg(default)]
    purge: bool,
    /// Whether the daemon takes the options over now; else `restart_required` is returned.
    #[arg(default = true)]
    restart: bool,
    /// Whether the old file is kept under another name.
    #[arg(default)]
    backup: bool,
    /// How many seconds the daemon may take to answer.
    #[arg(default = 30_u64)]
    wait_timeout: u64,
    /// Where it answers now; afterwards, `hosts` tells where given.
    #[arg(default = "unix:///var/run/docker.sock")]
    address: String,
}

/// Where options go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Target {
    /// The configuration file.
    #[default]
    DaemonJson,
    /// A drop-in of systemd's unit.
    Unit,
    /// `DOCKER_OPTS` in `/etc/default/docker`.
    DefaultFile,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        const PROBE: Probe = Probe(concat!(
            include_str!("../../src/sdk/sections.sh"),
            include_str!("../../src/sdk/service/look.sh"),
            include_str!("../../src/sdk/dockerd/ask.sh"),
            include_str!("probe.sh"),
        ));
        let path = self.path.as_deref().unwrap_or_default();
        let output = host.probe(PROBE, [path, &self.address]).await?;
        State::read(&Sections::parse(&output))
            .ok_or_else(|| Failure::of_program("looking at the daemon", &output))
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        self.decide(now)
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
