//! What runs in a service's tasks, as the Engine takes it.

use serde_json::json;

use super::desired::namespaced;
use crate::sdk::docker::compose::{FileMount, Mount, MountKind, Project, Service};
use crate::sdk::{Choice, Failure, Fields, Value};

/// A service on its way from the project to the Engine.
pub(super) struct Task<'p> {
    pub(super) project: &'p Project,
    pub(super) name: &'p str,
    pub(super) service: &'p Service,
}

impl Task<'_> {
    /// The `ContainerSpec`. Secrets and configs have the names that they have in the file.
    pub(super) fn container(&self) -> Result<Value, Failure> {
        let Service { process, limits, networking, .. } = self.service;
        let words = |words: &Option<crate::sdk::docker::compose::Words>| {
            words.as_ref().map(|words| words.0.clone())
        };
        let mut environment: Vec<String> =
            process.environment.texts().map(|(name, text)| format!("{name}={text}")).collect();
        environment.sort();
        let hosts = &networking.extra_hosts.0;
        let hosts: Vec<String> = hosts.iter().map(|(host, at)| format!("{at} {host}")).collect();
        let capabilities = |names: &[String]| -> Vec<String> {
            names.iter().map(|name| capability(name)).collect()
        };
        let ulimits: Vec<Value> = limits
            .ulimits
            .iter()
            .map(|(name, limit)| json!({"Name": name, "Soft": limit.soft, "Hard": limit.hard}))
            .collect();
        Ok(json!({
            "Image": self.service.image,
            "Command": words(&process.entrypoint),
            "Args": words(&process.command),
            "Env": environment,
            "Labels": namespaced(self.project, self.service.labels.texts()),
            "Dir": process.working_dir,
            "User": process.user,
            "Groups": process.group_add.0,
            "Hostname": networking.hostname,
            "Hosts": hosts,
            "DNSConfig": {
                "Nameservers": networking.dns.0,
                "Search": networking.dns_search.0,
                "Options": networking.dns_opt.0,
            },
            "StopSignal": process.stop_signal,
            "StopGracePeriod": process.stop_grace_period.map(|time| time.0),
            "TTY": process.tty,
            "OpenStdin": process.stdin_open,
            "Init": process.init,
            "ReadOnly": limits.read_only,
            "Isolation": limits.isolation,
            "Sysctls": limits.sysctls.texts().collect::<std::collections::BTreeMap<_, _>>(),
            "CapabilityAdd": capabilities(&limits.cap_add.0),
            "CapabilityDrop": capabilities(&limits.cap_drop.0),
            "Ulimits": ulimits,
            "Healthcheck": self.health(),
            "Mounts": self.mounts(),
            "Secrets": self.files("Secret", self.service.secrets())?,
            "Configs": self.files("Config", self.service.configs())?,
            "Privileges": self.privileges(),
        }))
    }

    fn health(&self) -> Option<Value> {
        let health = self.service.process.healthcheck.as_ref()?;
        let time = |time: Option<crate::sdk::docker::compose::Time>| time.map(|time| time.0);
        Some(json!({
            "Test": health.command(),
            "Interval": time(health.interval),
            "Timeout": time(health.timeout),
            "StartPeriod": time(health.start_period),
            "StartInterval": time(health.start_interval),
            "Retries": health.retries,
        }))
    }

    fn privileges(&self) -> Option<Value> {
        let spec = self.service.limits.credential_spec.as_ref()?;
        Some(json!({"CredentialSpec": {
            "File": spec.file, "Registry": spec.registry, "Config": spec.config,
        }}))
    }

    fn mounts(&self) -> Vec<Value> {
        let tmpfs = self.service.tmpfs.0.iter().map(|path| {
            let target = path.split(':').next().unwrap_or(path);
            json!({"Type": "tmpfs", "Target": target})
        });
        self.service.mounts().iter().map(|mount| self.mount(mount)).chain(tmpfs).collect()
    }

    fn mount(&self, mount: &Mount) -> Value {
        let mut form = json!({
            "Type": mount.kind.word(),
            "Source": mount.source,
            "Target": mount.target,
            "ReadOnly": mount.read_only,
            "Consistency": mount.consistency,
        });
        if let Some(bind) = &mount.bind {
            form["BindOptions"] = json!({"Propagation": bind.propagation});
        }
        if let Some(tmpfs) = &mount.tmpfs {
            let mode = tmpfs.mode.as_ref().and_then(|mode| u32::from_str_radix(&mode.0, 8).ok());
            form["TmpfsOptions"] =
                json!({"SizeBytes": tmpfs.size.map(|size| size.0), "Mode": mode});
        }
        if mount.kind != MountKind::Volume {
            return form;
        }
        let own = mount.volume.as_ref();
        let mut options = json!({"NoCopy": own.map(|own| own.nocopy)});
        if let Some(subpath) = own.and_then(|own| own.subpath.as_ref()) {
            options["Subpath"] = subpath.as_str().into();
        }
        let Some(source) = &mount.source else {
            form["VolumeOptions"] = options;
            return form;
        };
        form["Source"] = self.project.volume_name(source).into();
        let volume = self.project.volumes.get(source).filter(|volume| !volume.external.is);
        if let Some(volume) = volume {
            options["Labels"] = json!(namespaced(self.project, volume.labels.texts()));
            if volume.driver.is_some() || !volume.driver_opts.0.is_empty() {
                let opts: Fields =
                    volume.driver_opts.texts().map(|(k, v)| (k.to_owned(), json!(v))).collect();
                options["DriverConfig"] = json!({"Name": volume.driver, "Options": opts});
            }
        }
        form["VolumeOptions"] = options;
        form
    }

    /// Secrets or configs as files; `kind` is `Secret` or `Config`.
    fn files(&self, kind: &str, files: &[FileMount]) -> Result<Vec<Value>, Failure> {
        files.iter().map(|file| self.file(kind, file)).collect()
    }

    fn file(&self, kind: &str, file: &FileMount) -> Result<Value, Failure> {
        let mode = match &file.mode {
            None => 0o444,
            Some(mode) => u32::from_str_radix(&mode.0, 8).map_err(|_| {
                Failure::new(format!(
                    "service `{}`: the mode of `{}` must be octal, such as \"0440\", not `{}`",
                    self.name, file.source, mode.0
                ))
            })?,
        };
        // A config is at the root of the file system unless its target says otherwise.
        let target = match (&file.target, kind) {
            (Some(target), _) => target.clone(),
            (None, "Config") => format!("/{}", file.source),
            (None, _) => file.source.clone(),
        };
        Ok(json!({
            format!("{kind}Name"): file.source,
            "File": {
                "Name": target,
                "UID": file.uid.as_deref().unwrap_or("0"),
                "GID": file.gid.as_deref().unwrap_or("0"),
                "Mode": mode,
            },
        }))
    }
}

/// A capability by its full name.
fn capability(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    if name == "ALL" || name.starts_with("CAP_") { name } else { format!("CAP_{name}") }
}
