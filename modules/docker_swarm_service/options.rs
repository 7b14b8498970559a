//! The options that have settings of their own.

use crate::sdk::docker::Texts;
use crate::sdk::{Arguments, Choice, Mode, Value};

/// How clients find the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum EndpointMode {
    /// By one address for all of them.
    Vip,
    /// By one address for each, given by name.
    Dnsrr,
}

/// How a container's health is checked.
#[derive(Debug, Arguments)]
pub(super) struct Healthcheck {
    /// The command: text for a shell, or a list that begins with `CMD`, `CMD-SHELL` or `NONE`.
    pub(super) test: Option<Value>,
    /// The time between two checks, such as `1m30s`.
    pub(super) interval: Option<String>,
    /// The time that one check may take.
    pub(super) timeout: Option<String>,
    /// The time at the start in which a failed check does not count.
    pub(super) start_period: Option<String>,
    /// The time between two checks at the start.
    pub(super) start_interval: Option<String>,
    /// After how many failed checks in a row the container counts as unhealthy.
    pub(super) retries: Option<i64>,
}

impl Healthcheck {
    /// Whether nothing is given: the image's own is meant.
    pub(super) fn is_empty(&self) -> bool {
        let times = [&self.interval, &self.timeout, &self.start_period, &self.start_interval];
        self.test.is_none() && self.retries.is_none() && times.iter().all(|time| time.is_none())
    }
}

/// Processors and memory.
#[derive(Debug, Arguments)]
pub(super) struct Resources {
    /// How many processors; 0 is no limit.
    pub(super) cpus: Option<f64>,
    /// How much memory, such as `512M`; 0 is no limit.
    pub(super) memory: Option<String>,
}

/// Where a task's output goes.
#[derive(Debug, Arguments)]
pub(super) struct Logging {
    /// The driver that takes it.
    pub(super) driver: Option<String>,
    /// The driver's options.
    pub(super) options: Option<Texts>,
}

/// Where tasks may run.
#[derive(Debug, Arguments)]
pub(super) struct Placement {
    /// What must hold of a node, such as `node.role == worker`.
    pub(super) constraints: Option<Vec<String>>,
    /// How tasks are spread, such as `spread: node.labels.zone`.
    pub(super) preferences: Option<Vec<Texts>>,
    /// How many tasks a node may have at most; 0 is no limit.
    pub(super) replicas_max_per_node: Option<i64>,
}

/// What happens when a task ends.
#[derive(Debug, Arguments)]
pub(super) struct RestartConfig {
    /// Whether it is started again.
    pub(super) condition: Option<RestartCondition>,
    /// The time before that.
    pub(super) delay: Option<String>,
    /// How often it is started again at most; 0 is no limit.
    pub(super) max_attempts: Option<i64>,
    /// The time in which starts are counted.
    pub(super) window: Option<String>,
}

/// Whether a task that has ended is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum RestartCondition {
    /// It is not.
    None,
    /// It is where it has failed.
    #[choice("on-failure")]
    OnFailure,
    /// It is.
    Any,
}

/// How tasks are replaced by new ones.
#[derive(Debug, Arguments)]
pub(super) struct UpdateConfig {
    /// How many at a time; 0 is all of them.
    pub(super) parallelism: Option<i64>,
    /// The time between two of them.
    pub(super) delay: Option<String>,
    /// What happens when new ones fail.
    pub(super) failure_action: Option<FailureAction>,
    /// How long a new one is watched for failure.
    pub(super) monitor: Option<String>,
    /// Which part of the new ones may fail.
    pub(super) max_failure_ratio: Option<f64>,
    /// Which comes first.
    pub(super) order: Option<UpdateOrder>,
}

/// What happens when new tasks fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum FailureAction {
    /// The rest are replaced all the same.
    Continue,
    /// The rest stay as they are.
    Pause,
    /// All of them become again what they were.
    Rollback,
}

/// Whether the new task or the old one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum UpdateOrder {
    /// The old one ends before the new one starts.
    #[choice("stop-first")]
    StopFirst,
    /// The new one runs before the old one ends.
    #[choice("start-first")]
    StartFirst,
}

/// Something that a container sees in its file system.
#[derive(Debug, Arguments)]
pub(super) struct Mount {
    /// A volume's name or a path of the host; none for `tmpfs`.
    pub(super) source: Option<String>,
    /// The path in the container.
    pub(super) target: String,
    /// What it is.
    #[arg(default, name = "type")]
    pub(super) kind: MountKind,
    /// Whether it cannot be written to.
    pub(super) readonly: Option<bool>,
    /// Labels of a volume that is made for it.
    pub(super) labels: Option<Texts>,
    /// How mounts below a path of the host are seen.
    pub(super) propagation: Option<Propagation>,
    /// Whether a new volume stays empty although the image has files at its place.
    pub(super) no_copy: Option<bool>,
    /// The driver of a volume that is made for it.
    pub(super) driver_config: Option<DriverConfig>,
    /// How much fits into a `tmpfs`, such as `16M`.
    pub(super) tmpfs_size: Option<String>,
    /// The mode of a `tmpfs`.
    pub(super) tmpfs_mode: Option<Mode>,
}

/// What a mount is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
pub(super) enum MountKind {
    /// A path of the host.
    #[default]
    Bind,
    /// A volume.
    Volume,
    /// Memory.
    Tmpfs,
    /// A named pipe of Windows.
    Npipe,
}

/// How mounts below a path of the host are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum Propagation {
    /// In both directions.
    Shared,
    /// From the host to the container.
    Slave,
    /// Not at all.
    Private,
    /// In both directions, at any depth.
    Rshared,
    /// From the host to the container, at any depth.
    Rslave,
    /// Not at all, at any depth.
    Rprivate,
}

/// The driver of a volume.
#[derive(Debug, Arguments)]
pub(super) struct DriverConfig {
    /// Its name.
    pub(super) name: Option<String>,
    /// Its options.
    pub(super) options: Option<Texts>,
}

/// A port of the service.
#[derive(Debug, Arguments)]
pub(super) struct Publish {
    /// The port of the nodes; the swarm chooses one where none is given.
    pub(super) published_port: Option<u16>,
    /// The port of the containers.
    pub(super) target_port: u16,
    /// What goes through it.
    #[arg(default)]
    pub(super) protocol: Protocol,
    /// On which nodes it is open; left as it is when not given.
    pub(super) mode: Option<PublishMode>,
}

/// What goes through a port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
pub(super) enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// On which nodes a port is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum PublishMode {
    /// On all; they pass it on to where the tasks are.
    Ingress,
    /// Where the tasks are.
    Host,
}

/// A secret, as a file in the containers.
#[derive(Debug, Arguments)]
pub(super) struct SecretFile {
    /// Its id; found by its name where it is not given.
    pub(super) secret_id: Option<String>,
    /// Its name.
    pub(super) secret_name: String,
    /// The file, in `/run/secrets` unless it is a path; else the secret's name.
    pub(super) filename: Option<String>,
    /// The id of the user that it belongs to.
    pub(super) uid: Option<String>,
    /// The id of the group that it belongs to.
    pub(super) gid: Option<String>,
    /// The file's mode, `0444` when not given.
    pub(super) mode: Option<Mode>,
}

/// A config, as a file in the containers.
#[derive(Debug, Arguments)]
pub(super) struct ConfigFile {
    /// Its id; found by its name where it is not given.
    pub(super) config_id: Option<String>,
    /// Its name.
    pub(super) config_name: String,
    /// The file; else `/` and the config's name.
    pub(super) filename: Option<String>,
    /// The id of the user that it belongs to.
    pub(super) uid: Option<String>,
    /// The id of the group that it belongs to.
    pub(super) gid: Option<String>,
    /// The file's mode, `0444` when not given.
    pub(super) mode: Option<Mode>,
}
