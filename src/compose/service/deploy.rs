//! How a service is run in a swarm.

use crate::compose::form::{Pairs, Size, Strings, Time};
use crate::value::Value;

/// How a service is run in a swarm.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Deploy {
    /// How many tasks, and where: `replicated`, `global`, `replicated-job` or `global-job`.
    pub mode: Option<String>,
    /// How many tasks.
    pub replicas: Option<u64>,
    /// How clients find them: `vip` or `dnsrr`.
    pub endpoint_mode: Option<String>,
    /// Labels of the service.
    #[arg(default)]
    pub labels: Pairs,
    /// Where tasks may run.
    #[arg(default)]
    pub placement: Placement,
    /// What they may use.
    #[arg(default)]
    pub resources: ResourcePolicy,
    /// When they are started again.
    pub restart_policy: Option<RestartPolicy>,
    /// How they are replaced.
    pub update_config: Option<UpdatePolicy>,
    /// How that is taken back.
    pub rollback_config: Option<UpdatePolicy>,
}

/// Where tasks may run.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Placement {
    /// What nodes must be like.
    #[arg(default)]
    pub constraints: Strings,
    /// What tasks are spread over.
    #[arg(default)]
    pub preferences: Vec<Preference>,
    /// The most tasks on one node.
    pub max_replicas_per_node: Option<u64>,
}

/// What tasks are spread over.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Preference {
    /// The label whose values are spread over.
    pub spread: String,
}

/// What tasks may use.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct ResourcePolicy {
    /// The most.
    pub limits: Option<Resources>,
    /// What is kept free for them.
    pub reservations: Option<Resources>,
}

/// Processors, memory and devices.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Resources {
    /// How many processors.
    pub cpus: Option<f64>,
    /// How much memory.
    pub memory: Option<Size>,
    /// How many processes.
    pub pids: Option<i64>,
    /// Devices.
    #[arg(default)]
    pub devices: Vec<DeviceRequest>,
    /// Things that nodes count or name.
    #[arg(default)]
    pub generic_resources: Vec<Value>,
}

/// Devices that a driver finds.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct DeviceRequest {
    /// The driver.
    pub driver: Option<String>,
    /// How many; `all` for every one.
    pub count: Option<Value>,
    /// Which ones.
    #[arg(default)]
    pub device_ids: Vec<String>,
    /// What they can do.
    #[arg(default)]
    pub capabilities: Vec<String>,
    /// Options of the driver.
    #[arg(default)]
    pub options: Pairs,
}

/// When tasks are started again.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct RestartPolicy {
    /// After which end: `none`, `on-failure` or `any`.
    pub condition: Option<String>,
    /// The time between the end and the next start.
    pub delay: Option<Time>,
    /// How many times.
    pub max_attempts: Option<u64>,
    /// The time in which starts are counted.
    pub window: Option<Time>,
}

/// How tasks are replaced.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct UpdatePolicy {
    /// How many at once; 0 is all.
    pub parallelism: Option<u64>,
    /// The time between two.
    pub delay: Option<Time>,
    /// What follows on a failure: `pause`, `continue` or `rollback`.
    pub failure_action: Option<String>,
    /// How long a task is watched for failure.
    pub monitor: Option<Time>,
    /// Which part of the tasks may fail.
    pub max_failure_ratio: Option<f64>,
    /// Whether the old or the new one goes first: `stop-first` or `start-first`.
    pub order: Option<String>,
}
