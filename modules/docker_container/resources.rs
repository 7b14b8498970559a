//! What the container may use, and what it may do.

use serde_json::json;

use super::body::Body;
use super::size::Size;
use crate::sdk::docker::Texts;
use crate::sdk::{Arguments, Choice, Failure, Value};

/// What the container may use, and what it may do.
#[derive(Debug, Arguments)]
pub(super) struct Resources {
    /// Most memory it may use, such as `512M`.
    memory: Option<Size>,
    /// Memory it is held to when the host runs short.
    memory_reservation: Option<Size>,
    /// Memory and swap together; `unlimited` for no limit on swap.
    memory_swap: Option<Size>,
    /// How eagerly its memory is swapped, 0 to 100.
    memory_swappiness: Option<i64>,
    /// Most kernel memory it may use.
    kernel_memory: Option<Size>,
    /// Size of `/dev/shm`.
    shm_size: Option<Size>,
    /// How many processors it may use, such as 1.5.
    cpus: Option<f64>,
    /// Length of a scheduler period, in microseconds.
    cpu_period: Option<i64>,
    /// Processor time in one such period, in microseconds.
    cpu_quota: Option<i64>,
    /// Its share of processor time, relative to others; 1024 is usual.
    cpu_shares: Option<i64>,
    /// Processors it may run on: `0-2`, `0,1`.
    cpuset_cpus: Option<String>,
    /// Memory nodes it may use.
    cpuset_mems: Option<String>,
    /// Its share of disk access, relative to others, 10 to 1000.
    blkio_weight: Option<i64>,
    /// Most bytes per second that it may read from a device.
    device_read_bps: Option<Vec<ByteRate>>,
    /// Most bytes per second that it may write to a device.
    device_write_bps: Option<Vec<ByteRate>>,
    /// Most read operations per second on a device.
    device_read_iops: Option<Vec<OperationRate>>,
    /// Most write operations per second on a device.
    device_write_iops: Option<Vec<OperationRate>>,
    /// Most processes it may have; -1 for no limit.
    pids_limit: Option<i64>,
    /// Limits as `name:soft:hard`, such as `nofile:262144:262144`.
    ulimits: Option<Vec<String>>,
    /// Whether the kernel must not kill it when memory runs out.
    oom_killer: Option<bool>,
    /// How readily the kernel kills it when memory runs out, -1000 to 1000.
    oom_score_adj: Option<i64>,
    /// Whether it has all rights on the host.
    privileged: Option<bool>,
    /// Capabilities it has besides the usual ones.
    #[arg(alias = "cap_add")]
    capabilities: Option<Vec<String>>,
    /// Capabilities it does not have.
    cap_drop: Option<Vec<String>>,
    /// Settings of security modules, such as `no-new-privileges`.
    security_opts: Option<Vec<String>>,
    /// Kernel settings of its own.
    sysctls: Option<Texts>,
    /// Name of the runtime that runs it.
    runtime: Option<String>,
    /// Whose shared memory it uses: `host`, `shareable`, `container:NAME`, …
    ipc_mode: Option<String>,
    /// Whose processes it sees: `host` or `container:NAME`.
    pid_mode: Option<String>,
    /// Whose user ids it has: `host`.
    userns_mode: Option<String>,
    /// Whose host name it has: `host`.
    uts: Option<String>,
    /// Which control groups it sees.
    cgroupns_mode: Option<CgroupNamespace>,
    /// Control group it is put under.
    cgroup_parent: Option<String>,
    /// Rules for devices that come later, such as `c 42:* rwm`.
    device_cgroup_rules: Option<Vec<String>>,
    /// When it is started again.
    restart_policy: Option<RestartPolicy>,
    /// How often it is started again with `restart_policy: on-failure`.
    restart_retries: Option<i64>,
    /// Whether the Engine removes it as soon as it has stopped.
    pub(super) auto_remove: Option<bool>,
    /// Driver that takes its output.
    log_driver: Option<String>,
    /// Options of that driver.
    #[arg(alias = "log_opt")]
    log_options: Option<Texts>,
}

/// How many bytes per second a device may move.
#[derive(Debug, Arguments)]
struct ByteRate {
    /// The device.
    path: String,
    /// Bytes per second, such as `10M`.
    rate: Size,
}

/// How many operations per second a device may do.
#[derive(Debug, Arguments)]
struct OperationRate {
    /// The device.
    path: String,
    /// Operations per second.
    rate: i64,
}

/// Which control groups a container sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
enum CgroupNamespace {
    /// The host's.
    Host,
    /// Its own.
    Private,
}

/// When a container is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
enum RestartPolicy {
    /// Never.
    No,
    /// When it ended with a failure.
    #[choice("on-failure")]
    OnFailure,
    /// Always.
    Always,
    /// Unless somebody stopped it.
    #[choice("unless-stopped")]
    UnlessStopped,
}

impl Resources {
    /// Writes what was given into the configuration.
    pub(super) fn fill(&self, body: &mut Body) -> Result<(), Failure> {
        self.fill_limits(body)?;
        body.host("Privileged", self.privileged);
        body.host("CapAdd", self.capabilities.as_ref());
        body.host("CapDrop", self.cap_drop.as_ref());
        body.host("SecurityOpt", self.security_opts.as_ref());
        body.host("Sysctls", self.sysctls.as_ref());
        body.host("Runtime", self.runtime.as_ref());
        body.host("IpcMode", self.ipc_mode.as_ref());
        body.host("PidMode", self.pid_mode.as_ref());
        body.host("UsernsMode", self.userns_mode.as_ref());
        body.host("UTSMode", self.uts.as_ref());
        body.host("CgroupnsMode", self.cgroupns_mode.map(Choice::word));
        body.host("CgroupParent", self.cgroup_parent.as_ref());
        body.host("DeviceCgroupRules", self.device_cgroup_rules.as_ref());
        body.host("AutoRemove", self.auto_remove);
        if self.restart_policy.is_some() || self.restart_retries.is_some() {
            let name = self.restart_policy.map_or("on-failure", Choice::word);
            let mut policy = json!({"Name": name});
            if let Some(retries) = self.restart_retries {
                policy["MaximumRetryCount"] = retries.into();
            }
            body.host("RestartPolicy", Some(policy));
        }
        if self.log_driver.is_some() || self.log_options.is_some() {
            let mut log = json!({});
            if let Some(driver) = &self.log_driver {
                log["Type"] = driver.as_str().into();
            }
            if let Some(options) = &self.log_options {
                log["Config"] = json!(options);
            }
            body.host("LogConfig", Some(log));
        }
        Ok(())
    }

    /// The modes that may name another container.
    pub(super) fn modes(&self) -> [Option<&str>; 2] {
        [self.ipc_mode.as_deref(), self.pid_mode.as_deref()]
    }

    fn fill_limits(&self, body: &mut Body) -> Result<(), Failure> {
        let sizes = [
            ("Memory", self.memory),
            ("MemoryReservation", self.memory_reservation),
            ("MemorySwap", self.memory_swap),
            ("KernelMemory", self.kernel_memory),
            ("ShmSize", self.shm_size),
        ];
        for (name, size) in sizes {
            body.host(name, size.map(|Size(bytes)| bytes));
        }
        let numbers = [
            ("MemorySwappiness", self.memory_swappiness),
            ("CpuPeriod", self.cpu_period),
            ("CpuQuota", self.cpu_quota),
            ("CpuShares", self.cpu_shares),
            ("BlkioWeight", self.blkio_weight),
            ("PidsLimit", self.pids_limit),
            ("OomScoreAdj", self.oom_score_adj),
        ];
        for (name, number) in numbers {
            body.host(name, number);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "hosts have less than 2^33 processors"
        )]
        body.host("NanoCpus", self.cpus.map(|cpus| (cpus * 1e9).round() as i64));
        body.host("CpusetCpus", self.cpuset_cpus.as_ref());
        body.host("CpusetMems", self.cpuset_mems.as_ref());
        body.host("OomKillDisable", self.oom_killer);
        let bytes = |rates: &Vec<ByteRate>| -> Vec<Value> {
            rates.iter().map(|rate| json!({"Path": rate.path, "Rate": rate.rate.0})).collect()
        };
        let operations = |rates: &Vec<OperationRate>| -> Vec<Value> {
            rates.iter().map(|rate| json!({"Path": rate.path, "Rate": rate.rate})).collect()
        };
        body.host("BlkioDeviceReadBps", self.device_read_bps.as_ref().map(bytes));
        body.host("BlkioDeviceWriteBps", self.device_write_bps.as_ref().map(bytes));
        body.host("BlkioDeviceReadIOps", self.device_read_iops.as_ref().map(operations));
        body.host("BlkioDeviceWriteIOps", self.device_write_iops.as_ref().map(operations));
        let ulimits = self.ulimits.as_ref().map(|limits| limits.iter().map(|l| ulimit(l)));
        let ulimits = ulimits.map(Iterator::collect::<Result<Vec<Value>, Failure>>).transpose()?;
        body.host("Ulimits", ulimits);
        Ok(())
    }
}

/// Reads `name:soft:hard` or `name:both`.
fn ulimit(text: &str) -> Result<Value, Failure> {
    let mut parts = text.split(':').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let limits: Option<Vec<i64>> = parts.map(|part| part.parse().ok()).collect();
    match limits.as_deref() {
        Some([both]) => Ok(json!({"Name": name, "Soft": both, "Hard": both})),
        Some([soft, hard]) => Ok(json!({"Name": name, "Soft": soft, "Hard": hard})),
        _ => Err(Failure::new(format!("`ulimits`: expected `name:soft:hard`, found `{text}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_one_or_two_numbers() {
        assert_eq!(
            ulimit("nofile:1024:2048").unwrap(),
            json!({"Name": "nofile", "Soft": 1024, "Hard": 2048})
        );
        assert_eq!(ulimit("core:0").unwrap(), json!({"Name": "core", "Soft": 0, "Hard": 0}));
        assert_eq!(
            ulimit("nofile").unwrap_err().to_string(),
            "`ulimits`: expected `name:soft:hard`, found `nofile`"
        );
    }
}
