//! What a service's container may use and do, as the Engine takes it.

use indexmap::IndexMap;
use serde_json::json;

use super::Blueprint;
use super::container::Making;
use super::objects::texts;
use crate::compose::{DeviceRate, Ulimit};
use crate::sdk::docker::text_of;
use crate::value::Value;

impl Making<'_> {
    /// The `HostConfig`.
    pub(super) fn host_config(&self, networks: &[(String, Value)]) -> Value {
        let mut config = self.limits();
        let service = self.service;
        let (limits, networking) = (&service.limits, &service.networking);
        let more = json!({
            "Binds": self.binds(),
            "Mounts": ([self.special_mounts(), self.file_mounts()].concat()),
            "Tmpfs": self.tmpfs(),
            "VolumesFrom": self.volumes_from(),
            "VolumeDriver": service.volume_driver,
            "PortBindings": self.port_bindings(),
            "RestartPolicy": self.restart_policy(),
            "NetworkMode": self.network_mode(networks),
            "Dns": networking.dns.0,
            "DnsSearch": networking.dns_search.0,
            "DnsOptions": networking.dns_opt.0,
            "ExtraHosts": networking.extra_hosts.0.iter()
                .map(|(host, at)| format!("{host}:{at}")).collect::<Vec<_>>(),
            "GroupAdd": service.process.group_add.0,
            "Init": service.process.init,
            "LogConfig": service.process.logging().map(|(driver, options)| {
                json!({"Type": driver.unwrap_or("json-file"), "Config": options})
            }),
            "Annotations": (!service.annotations.0.is_empty()).then(|| texts(&service.annotations)),
            "IpcMode": limits.ipc.as_deref().map(|mode| self.shared(mode)),
            "PidMode": limits.pid.as_deref().map(|mode| self.shared(mode)),
            "UTSMode": limits.uts,
            "UsernsMode": limits.userns_mode,
            "CgroupnsMode": limits.cgroup,
            "CgroupParent": limits.cgroup_parent,
            "Isolation": limits.isolation,
            "Runtime": limits.runtime,
        });
        if let (Value::Object(config), Value::Object(more)) = (&mut config, more) {
            config.extend(more);
        }
        config
    }

    fn limits(&self) -> Value {
        let limits = &self.service.limits;
        let deploy = self.service.deploy.as_ref().map(|deploy| &deploy.resources);
        let most = deploy.and_then(|resources| resources.limits.as_ref());
        let kept = deploy.and_then(|resources| resources.reservations.as_ref());
        let memory = most.and_then(|most| most.memory).or(limits.mem_limit);
        let reservation = kept.and_then(|kept| kept.memory).or(limits.mem_reservation);
        let cpus = most.and_then(|most| most.cpus).or(limits.cpus);
        #[expect(clippy::cast_possible_truncation, reason = "no machine has 2^33 processors")]
        let nano = cpus.map(|cpus| (cpus * 1e9).round() as i64);
        let mut config = json!({
            "Memory": memory.map(|size| size.0),
            "MemoryReservation": reservation.map(|size| size.0),
            "MemorySwap": limits.memswap_limit.map(|size| size.0),
            "MemorySwappiness": limits.mem_swappiness,
            "NanoCpus": nano,
            "CpuShares": limits.cpu_shares,
            "CpuQuota": limits.cpu_quota,
            "CpuPeriod": limits.cpu_period,
            "CpuRealtimeRuntime": limits.cpu_rt_runtime,
            "CpuRealtimePeriod": limits.cpu_rt_period,
            "CpuCount": limits.cpu_count,
            "CpuPercent": limits.cpu_percent,
            "CpusetCpus": limits.cpuset,
            "PidsLimit": most.and_then(|most| most.pids).or(limits.pids_limit),
            "ShmSize": limits.shm_size.map(|size| size.0),
            "Ulimits": ulimits(&limits.ulimits),
            "OomKillDisable": limits.oom_kill_disable,
            "OomScoreAdj": limits.oom_score_adj,
            "Privileged": limits.privileged,
            "ReadonlyRootfs": limits.read_only,
            "CapAdd": limits.cap_add.0,
            "CapDrop": limits.cap_drop.0,
            "SecurityOpt": limits.security_opt.0,
            "Sysctls": texts(&limits.sysctls),
            "StorageOpt": texts(&limits.storage_opt),
            "Devices": limits.devices.iter().map(device).collect::<Vec<_>>(),
            "DeviceCgroupRules": limits.device_cgroup_rules,
            "DeviceRequests": self.device_requests(),
        });
        self.block_io(&mut config);
        config
    }

    fn block_io(&self, config: &mut Value) {
        if let Some(io) = &self.service.limits.blkio_config {
            config["BlkioWeight"] = json!(io.weight);
            let weights = io.weight_device.iter();
            let weights =
                weights.map(|device| json!({"Path": device.path, "Weight": device.weight}));
            config["BlkioWeightDevice"] = weights.collect();
            for (name, rates) in [
                ("BlkioDeviceReadBps", &io.device_read_bps),
                ("BlkioDeviceWriteBps", &io.device_write_bps),
                ("BlkioDeviceReadIOps", &io.device_read_iops),
                ("BlkioDeviceWriteIOps", &io.device_write_iops),
            ] {
                let rate = |rate: &DeviceRate| json!({"Path": rate.path, "Rate": rate.rate.0});
                config[name] = rates.iter().map(rate).collect();
            }
        }
    }

    fn device_requests(&self) -> Vec<Value> {
        let deploy = self.service.deploy.as_ref();
        let kept = deploy.and_then(|deploy| deploy.resources.reservations.as_ref());
        let count = |count: Option<&Value>| match count {
            Some(Value::String(word)) if word == "all" => -1,
            Some(number) => crate::value::coerce::to_int(number).unwrap_or(-1),
            None => 0,
        };
        let mut all: Vec<Value> = kept
            .into_iter()
            .flat_map(|kept| &kept.devices)
            .map(|device| {
                json!({
                    "Driver": device.driver, "Count": count(device.count.as_ref()),
                    "DeviceIDs": device.device_ids, "Capabilities": [device.capabilities],
                    "Options": texts(&device.options),
                })
            })
            .collect();
        match &self.service.limits.gpus {
            Some(Value::Array(gpus)) => all.extend(gpus.iter().map(|gpu| {
                json!({
                    "Driver": gpu["driver"], "Count": count(gpu.get("count")),
                    "DeviceIDs": gpu["device_ids"], "Capabilities": [["gpu"]],
                })
            })),
            Some(_) => all.push(json!({"Count": -1, "Capabilities": [["gpu"]]})),
            None => {}
        }
        all
    }

    fn tmpfs(&self) -> serde_json::Map<String, Value> {
        let split = |text: &String| {
            let (path, options) = text.split_once(':').unwrap_or((text, ""));
            (path.to_owned(), json!(options))
        };
        self.service.tmpfs.0.iter().map(split).collect()
    }

    fn volumes_from(&self) -> Vec<String> {
        let own = |from: &String| {
            if let Some(container) = from.strip_prefix("container:") {
                return container.to_owned();
            }
            let (service, mode) = from.split_once(':').unwrap_or((from, "rw"));
            format!("{}:{mode}", Blueprint::container_name(self.project, service, 1))
        };
        self.service.volumes_from.iter().map(own).collect()
    }

    fn port_bindings(&self) -> Value {
        let mut all = json!({});
        for port in &self.service.networking.ports.0 {
            let outside = match port.published {
                None => String::new(),
                Some((first, last)) if first == last => first.to_string(),
                Some((first, last)) => format!("{first}-{last}"),
            };
            let binding = json!({
                "HostIp": port.host_ip.as_deref().unwrap_or_default(), "HostPort": outside,
            });
            let of_port = &mut all[format!("{}/{}", port.target, port.protocol)];
            match of_port.as_array_mut() {
                Some(bindings) => bindings.push(binding),
                None => *of_port = json!([binding]),
            }
        }
        all
    }

    fn restart_policy(&self) -> Option<Value> {
        if let Some(word) = &self.service.restart {
            let (name, times) = word.split_once(':').unwrap_or((word, ""));
            let times: u64 = times.parse().unwrap_or_default();
            return Some(json!({"Name": name, "MaximumRetryCount": times}));
        }
        let policy = self.service.deploy.as_ref()?.restart_policy.as_ref()?;
        let name = match policy.condition.as_deref() {
            Some("none") => "no",
            Some("on-failure") => "on-failure",
            _ => "always",
        };
        let times = if name == "on-failure" { policy.max_attempts.unwrap_or_default() } else { 0 };
        Some(json!({"Name": name, "MaximumRetryCount": times}))
    }

    fn network_mode(&self, networks: &[(String, Value)]) -> String {
        match &self.service.networking.network_mode {
            Some(mode) => self.shared(mode),
            None => networks.first().map_or("none".to_owned(), |(name, _)| name.clone()),
        }
    }

    /// A namespace of another container: that of a service is its first one's.
    fn shared(&self, mode: &str) -> String {
        match mode.strip_prefix("service:") {
            Some(service) => {
                format!("container:{}", Blueprint::container_name(self.project, service, 1))
            }
            None => mode.to_owned(),
        }
    }
}

/// A device: `HOST[:CONTAINER[:RIGHTS]]`, or a mapping.
fn device(given: &Value) -> Value {
    let (source, target, rights) = match given {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).map(text_of);
            (text("source").unwrap_or_default(), text("target"), text("permissions"))
        }
        other => {
            let text = text_of(other);
            let mut parts = text.split(':').map(str::to_owned);
            (parts.next().unwrap_or_default(), parts.next(), parts.next())
        }
    };
    json!({
        "PathInContainer": target.unwrap_or_else(|| source.clone()),
        "PathOnHost": source,
        "CgroupPermissions": rights.unwrap_or_else(|| "rwm".to_owned()),
    })
}

/// Limits of processes, as the Engine takes them.
pub(super) fn ulimits(limits: &IndexMap<String, Ulimit>) -> Vec<Value> {
    let limit = |(name, limit): (&String, &Ulimit)| json!({"Name": name, "Soft": limit.soft, "Hard": limit.hard});
    limits.iter().map(limit).collect()
}
