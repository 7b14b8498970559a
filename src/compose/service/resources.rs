//! What a service's containers may use and do.

use indexmap::IndexMap;

use crate::compose::form::{Pairs, Size, Strings, Ulimit};
use crate::value::Value;

/// What a service's containers may use and do.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Limits {
    /// The most memory.
    pub mem_limit: Option<Size>,
    /// The memory that is kept free for them.
    pub mem_reservation: Option<Size>,
    /// The most memory and swap together.
    pub memswap_limit: Option<Size>,
    /// How readily memory is swapped out, from 0 to 100.
    pub mem_swappiness: Option<i64>,
    /// How many processors.
    pub cpus: Option<f64>,
    /// Their weight among others.
    pub cpu_shares: Option<i64>,
    /// Microseconds of processor time in each period.
    pub cpu_quota: Option<i64>,
    /// The period, in microseconds.
    pub cpu_period: Option<i64>,
    /// Microseconds of real time in each period.
    pub cpu_rt_runtime: Option<i64>,
    /// The period of real time, in microseconds.
    pub cpu_rt_period: Option<i64>,
    /// How many processors, on Windows.
    pub cpu_count: Option<i64>,
    /// The part of all processors, on Windows.
    pub cpu_percent: Option<f64>,
    /// The processors they run on.
    pub cpuset: Option<String>,
    /// The most processes.
    pub pids_limit: Option<i64>,
    /// Size of `/dev/shm`.
    pub shm_size: Option<Size>,
    /// Weights and limits of reading and writing.
    pub blkio_config: Option<BlockIo>,
    /// Limits of their processes.
    #[arg(default)]
    pub ulimits: IndexMap<String, Ulimit>,
    /// Whether they are not killed for want of memory.
    pub oom_kill_disable: Option<bool>,
    /// How readily they are, from -1000 to 1000.
    pub oom_score_adj: Option<i64>,
    /// Whether they may do anything.
    pub privileged: Option<bool>,
    /// Whether their own files can only be read.
    pub read_only: Option<bool>,
    /// Rights they have beside the usual ones.
    #[arg(default)]
    pub cap_add: Strings,
    /// Usual rights that they do not have.
    #[arg(default)]
    pub cap_drop: Strings,
    /// Labels and profiles of security modules.
    #[arg(default)]
    pub security_opt: Strings,
    /// Settings of the kernel.
    #[arg(default)]
    pub sysctls: Pairs,
    /// Devices of the host: `HOST[:CONTAINER[:RIGHTS]]`, or mappings.
    #[arg(default)]
    pub devices: Vec<Value>,
    /// Rules about devices.
    #[arg(default)]
    pub device_cgroup_rules: Vec<String>,
    /// Graphics processors: `all`, or a list of mappings.
    pub gpus: Option<Value>,
    /// Whose namespace of messages they share.
    pub ipc: Option<String>,
    /// Whose namespace of processes they share.
    pub pid: Option<String>,
    /// Whose namespace of host names they share.
    pub uts: Option<String>,
    /// Whose namespace of users they share.
    pub userns_mode: Option<String>,
    /// Whose namespace of control groups they share: `host` or `private`.
    pub cgroup: Option<String>,
    /// The control group theirs are in.
    pub cgroup_parent: Option<String>,
    /// How they are isolated, on Windows.
    pub isolation: Option<String>,
    /// The runtime that runs them.
    pub runtime: Option<String>,
    /// Options of the storage driver.
    #[arg(default)]
    pub storage_opt: Pairs,
    /// Credentials of a managed account, on Windows.
    pub credential_spec: Option<CredentialSpec>,
}

/// Weights and limits of reading and writing.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct BlockIo {
    /// Their weight among others, from 10 to 1000.
    pub weight: Option<i64>,
    /// Their weight for each device.
    #[arg(default)]
    pub weight_device: Vec<DeviceWeight>,
    /// The most bytes read in a second.
    #[arg(default)]
    pub device_read_bps: Vec<DeviceRate>,
    /// The most bytes written in a second.
    #[arg(default)]
    pub device_write_bps: Vec<DeviceRate>,
    /// The most reads in a second.
    #[arg(default)]
    pub device_read_iops: Vec<DeviceRate>,
    /// The most writes in a second.
    #[arg(default)]
    pub device_write_iops: Vec<DeviceRate>,
}

/// The weight for a device.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct DeviceWeight {
    /// Path of the device.
    pub path: String,
    /// The weight, from 10 to 1000.
    pub weight: i64,
}

/// The most of a device in a second.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct DeviceRate {
    /// Path of the device.
    pub path: String,
    /// Bytes, or how many times.
    pub rate: Size,
}

/// Credentials of a managed account.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct CredentialSpec {
    /// A file of the host.
    pub file: Option<String>,
    /// A value of the registry.
    pub registry: Option<String>,
    /// A config of the swarm.
    pub config: Option<String>,
}
