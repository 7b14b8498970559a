//! What a host has of an engine.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::repository::Files;
use crate::sdk::Sections;
use crate::sdk::dockerd::EngineVersion;
use crate::sdk::file::Content;
use crate::sdk::package::Packages;
use crate::sdk::service::ServiceStatus;

/// What a host has of an engine.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub(super) packages: Packages,
    pub(super) service: ServiceStatus,
    /// What the engine says of itself; `None` where none answers.
    pub(super) engine: Option<EngineVersion>,
    /// The host's codename.
    pub(super) codename: String,
    /// The host's architecture, as dpkg names it.
    pub(super) architecture: String,
    /// The content of the source of packages.
    pub(super) source: Option<String>,
    /// The SHA-256 of its keyring.
    pub(super) keyring: Option<String>,
    /// The key that the controller has for it.
    pub(super) key: Option<Content>,
    /// The members of the group docker.
    pub(super) members: Vec<String>,
    /// The groups of the users asked for; those of no user are not there.
    pub(super) users: IndexMap<String, Vec<String>>,
}

impl State {
    /// Reads the parts that the probe printed; `None` where it did not come to its end.
    pub(super) fn read(parts: &Sections) -> Option<Self> {
        let release = |key: &str| {
            let value = parts.get("release").lines().find_map(|line| line.strip_prefix(key));
            value.map_or_else(String::new, |value| value.trim_matches('"').to_owned())
        };
        let given = |name: &str| Some(parts.get(name).to_owned()).filter(|text| !text.is_empty());
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let members = parts.word("members").rsplit(':').next().unwrap_or_default();
        Some(Self {
            packages: Packages::read(parts)?,
            service: ServiceStatus::read(parts),
            engine: EngineVersion::read(parts.get("engine")),
            codename: release("VERSION_CODENAME="),
            architecture: parts.word("architecture").to_owned(),
            source: given("source"),
            keyring: given("keyring").and_then(|sum| sum.split(' ').next().map(str::to_owned)),
            key: None,
            members: members.split(',').filter(|n| !n.is_empty()).map(str::to_owned).collect(),
            users: parts
                .iter()
                .filter_map(|(name, groups)| Some((name.strip_prefix("user:")?, groups)))
                .filter(|(_, groups)| !groups.trim().is_empty())
                .map(|(name, groups)| (name.to_owned(), words(groups)))
                .collect(),
        })
    }

    pub(super) fn files(&self) -> Files<'_> {
        Files {
            source: self.source.as_deref(),
            keyring: self.keyring.as_deref(),
            key: self.key.as_ref(),
            codename: &self.codename,
            architecture: &self.architecture,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_with_an_engine() {
        let parts: Sections = [
            ("release", "VERSION_CODENAME=bookworm\nID=debian\n"),
            ("architecture", "amd64\n"),
            ("source", ""),
            ("keyring", "abc  /etc/apt/keyrings/docker.asc\n"),
            ("members", "docker:x:103:deploy,ci\n"),
            ("user:deploy", "deploy docker\n"),
            ("user:nobody-such", ""),
            ("engine", "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\"}\n"),
            ("service_manager", "sysvinit"),
            ("script", "/etc/init.d/docker\n"),
            ("state", "0"),
            ("manager", "apt"),
            ("installed", "docker.io installed 20.10.24\n"),
            ("missing", ""),
        ]
        .into_iter()
        .collect();
        let state = State::read(&parts).unwrap();
        assert_eq!(state.codename, "bookworm");
        assert_eq!(state.keyring.as_deref(), Some("abc"));
        assert_eq!(state.source, None);
        assert_eq!(state.members, ["deploy", "ci"]);
        assert_eq!(state.users["deploy"], ["deploy", "docker"]);
        assert!(!state.users.contains_key("nobody-such"));
        assert_eq!(state.engine.unwrap().api_version, "1.41");
        assert!(state.service.running);
    }

    #[test]
    fn an_answer_that_was_cut_off() {
        assert!(State::read(&[("release", "")].into_iter().collect()).is_none());
    }
}
