//! What was seen of a service.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::ServiceManager;
use crate::sdk::{Choice as _, Sections};

/// A service of a host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceStatus {
    /// What runs services on the host; `None` where nothing known does.
    pub manager: Option<ServiceManager>,
    /// The name of the host's first process.
    pub first: String,
    /// Whether the host has such a service.
    pub exists: bool,
    /// Whether it runs.
    pub running: bool,
    /// Whether it is started with the host; `None` where that is not for its files to say.
    pub enabled: Option<bool>,
    /// Whether systemd refuses to start it at all.
    pub masked: bool,
    /// Whether systemd has to read its files again.
    pub stale: bool,
    /// What systemd tells of it.
    pub properties: IndexMap<String, String>,
    /// What systemd said instead.
    pub trouble: Option<String>,
}

impl ServiceStatus {
    /// Reads the parts that `look_service` printed.
    pub fn read(parts: &Sections) -> Self {
        let found = parts.word("service_manager");
        let manager =
            ServiceManager::WORDS.iter().find(|(word, _)| *word == found).map(|(_, m)| *m);
        let first = parts.word("first").to_owned();
        let seen = match manager {
            Some(ServiceManager::Systemd) => Self::of_systemd(parts),
            Some(ServiceManager::Openrc) => Self {
                exists: !parts.word("state").is_empty(),
                running: parts.word("state") == "0",
                enabled: Some(parts.word("runlevel") == "enabled"),
                ..Self::default()
            },
            Some(ServiceManager::Sysvinit) => Self {
                exists: !parts.word("script").is_empty(),
                running: parts.word("state") == "0",
                enabled: Some(!parts.word("links").is_empty()),
                ..Self::default()
            },
            None => Self::default(),
        };
        Self { manager, first, ..seen }
    }

    fn of_systemd(parts: &Sections) -> Self {
        let said = parts.get("properties");
        let properties: IndexMap<String, String> = said
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        if properties.is_empty() && !said.trim().is_empty() {
            return Self { trouble: Some(said.trim().to_owned()), ..Self::default() };
        }
        let get = |key: &str| properties.get(key).map_or("", String::as_str);
        let script = !parts.word("script").is_empty();
        let load = get("LoadState");
        let enabled = match get("UnitFileState") {
            "enabled" | "enabled-runtime" => Some(true),
            // Made of an init script, whose links decide.
            "generated" | "bad" | "" if script => Some(!parts.word("links").is_empty()),
            "" | "disabled" | "masked" | "masked-runtime" | "linked" | "linked-runtime" => {
                Some(false)
            }
            // static, alias, indirect, generated, transient: there is nothing to enable.
            _ => None,
        };
        Self {
            exists: (load != "not-found" && !load.is_empty()) || script,
            running: matches!(get("ActiveState"), "active" | "activating" | "reloading"),
            enabled,
            masked: load == "masked" || get("UnitFileState").starts_with("masked"),
            // Without a name, all units were asked, and each answer shows once.
            stale: said.lines().any(|line| line == "NeedDaemonReload=yes"),
            properties,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[(&str, &str)]) -> ServiceStatus {
        ServiceStatus::read(&parts.iter().copied().collect())
    }

    #[test]
    fn a_unit_of_systemd() {
        let said = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\
                    ExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// }\n\
                    NeedDaemonReload=yes\n";
        let service = read(&[("service_manager", "systemd"), ("properties", said)]);
        assert!(service.exists && service.running && service.stale);
        assert_eq!(service.enabled, Some(true));
        assert!(service.properties["ExecStart"].contains("-H fd://"));
    }

    #[test]
    fn units_that_cannot_be_enabled_or_started() {
        let of = |state: &str| {
            let said = format!("LoadState=loaded\nActiveState=inactive\nUnitFileState={state}\n");
            read(&[("service_manager", "systemd"), ("properties", &said)])
        };
        assert_eq!(of("static").enabled, None);
        assert_eq!(of("alias").enabled, None);
        assert!(of("masked").masked);
        assert!(!of("disabled").running);
    }

    #[test]
    fn a_unit_made_of_an_init_script() {
        let said = "LoadState=loaded\nActiveState=active\nUnitFileState=generated\n";
        let parts =
            [("service_manager", "systemd"), ("properties", said), ("script", "/etc/init.d/foo\n")];
        assert_eq!(read(&parts).enabled, Some(false));
        let linked = [parts[0], parts[1], parts[2], ("links", "/etc/rc3.d/S01foo\n")];
        assert_eq!(read(&linked).enabled, Some(true));
    }

    #[test]
    fn what_systemd_says_when_it_cannot_be_asked() {
        let said = "Failed to connect to bus: No medium found\n";
        let service = read(&[("service_manager", "systemd"), ("properties", said)]);
        assert!(!service.exists);
        assert_eq!(service.trouble.as_deref(), Some("Failed to connect to bus: No medium found"));
    }

    #[test]
    fn init_scripts() {
        let script = ("script", "/etc/init.d/docker\n");
        let running = read(&[("service_manager", "sysvinit"), script, ("state", "0")]);
        assert!(running.exists && running.running);
        assert_eq!(running.enabled, Some(false));
        let stopped = read(&[
            ("service_manager", "sysvinit"),
            script,
            ("state", "3"),
            ("links", "/etc/rc2.d/S01docker\n"),
        ]);
        assert!(!stopped.running);
        assert_eq!(stopped.enabled, Some(true));
        assert!(!read(&[("service_manager", "sysvinit"), ("script", "")]).exists);
    }

    #[test]
    fn services_of_openrc() {
        let parts = [("service_manager", "openrc"), ("state", "0"), ("runlevel", "enabled")];
        let service = read(&parts);
        assert!(service.exists && service.running && service.enabled == Some(true));
        assert!(!read(&[("service_manager", "openrc"), ("state", "")]).exists);
    }
}
