//! What a host has of a daemon and its configuration.

use serde::{Deserialize, Serialize};

use super::flags::{self, Flag};
use crate::sdk::dockerd::EngineVersion;
use crate::sdk::service::{ServiceManager, ServiceStatus};
use crate::sdk::{Sections, Value, coerce};

/// What a host has of a daemon and its configuration.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The path of dockerd; empty where none is installed.
    pub(super) dockerd: String,
    /// Its version, as it tells it.
    pub(super) version: String,
    /// The words it was started with; empty where it does not run.
    pub(super) command_line: Vec<String>,
    pub(super) service: ServiceStatus,
    /// The path of the configuration file.
    pub(super) path: String,
    /// Its content.
    pub(super) file: Option<String>,
    /// The content of `/etc/default/docker`.
    pub(super) default_file: Option<String>,
    /// The content of the unit's drop-in that rplay writes.
    pub(super) drop_in: Option<String>,
    /// What the Engine tells of itself; null where none answers.
    pub(super) info: Value,
}

impl State {
    /// Reads the parts that the probe printed; `None` where it did not come to its end.
    pub(super) fn read(parts: &Sections) -> Option<Self> {
        if !parts.has("first") {
            return None;
        }
        let given = |name: &str| parts.has(name).then(|| parts.get(name).to_owned());
        // `Docker version 20.10.24+dfsg1, build 297e128`
        let version = parts.word("version").split_whitespace().nth(2).unwrap_or_default();
        Some(Self {
            dockerd: parts.word("dockerd").to_owned(),
            version: version.trim_end_matches(',').to_owned(),
            command_line: parts.get("command_line").lines().map(str::to_owned).collect(),
            service: ServiceStatus::read(parts),
            path: parts.word("path").to_owned(),
            file: given("file"),
            default_file: given("default_file"),
            drop_in: given("drop_in"),
            info: serde_json::from_str(parts.word("info")).unwrap_or_default(),
        })
    }

    /// Its version as numbers.
    pub(super) fn numbers(&self) -> Option<(u32, u32)> {
        EngineVersion::numbers(&self.version)
    }

    /// Whether dockerd can check a file before it is started with it.
    pub(super) fn validates(&self) -> bool {
        self.numbers().is_some_and(|version| version >= (23, 0))
    }

    /// Whether the daemon runs.
    pub(super) fn runs(&self) -> bool {
        self.service.running || !self.command_line.is_empty() || !self.info.is_null()
    }

    /// Whether systemd starts it.
    pub(super) fn has_systemd(&self) -> bool {
        self.service.manager == Some(ServiceManager::Systemd)
    }

    /// The words after dockerd in the unit.
    pub(super) fn unit_words(&self) -> Vec<String> {
        let start = self.service.properties.get("ExecStart").map_or("", String::as_str);
        let line = start.split_once("argv[]=").map_or("", |(_, rest)| rest);
        let line = line.split(" ; ").next().unwrap_or_default();
        line.split_whitespace().skip(1).map(str::to_owned).collect()
    }

    /// The words of `DOCKER_OPTS` in `/etc/default/docker`.
    pub(super) fn default_words(&self) -> Vec<String> {
        let text = self.default_file.as_deref().unwrap_or_default();
        let line = text.lines().rev().find_map(docker_opts);
        let words = line.and_then(coerce::to_words).unwrap_or_default();
        words.iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect()
    }

    /// The flags it will be started with next, each with the place it comes from.
    pub(super) fn next_flags(&self) -> Vec<(Flag, &'static str)> {
        let tagged = |words: &[String], place| {
            flags::parse(words).into_iter().map(move |flag| (flag, place)).collect::<Vec<_>>()
        };
        let opts = tagged(&self.default_words(), "DOCKER_OPTS in /etc/default/docker");
        if !self.has_systemd() {
            return opts;
        }
        let words = self.unit_words();
        let reads_opts = words.iter().any(|word| is_docker_opts(word));
        let own: Vec<String> = words.into_iter().filter(|word| !is_docker_opts(word)).collect();
        let mut all = tagged(&own, "the unit's ExecStart");
        if reads_opts {
            all.extend(opts);
        }
        all
    }

    /// The state of the host in a swarm, if it is in one.
    pub(super) fn swarm_state(&self) -> Option<&str> {
        let state = self.info["Swarm"]["LocalNodeState"].as_str()?;
        (!matches!(state, "" | "inactive")).then_some(state)
    }
}

/// The value that a line sets `DOCKER_OPTS` to, as it stands.
pub(super) fn docker_opts(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("export ").unwrap_or(line).trim_start().strip_prefix("DOCKER_OPTS=")
}

/// Whether a word of a unit stands for `DOCKER_OPTS`.
pub(super) fn is_docker_opts(word: &str) -> bool {
    matches!(word, "$DOCKER_OPTS" | "${DOCKER_OPTS}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "{ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS ; \
                         ignore_errors=no ; pid=7 }";

    #[test]
    fn a_host_with_a_daemon() {
        let state = State::read(
            &[
                ("command_line", "/usr/sbin/dockerd\n-p\n/var/run/docker.pid\n"),
                ("path", "/etc/docker/daemon.json"),
                ("dockerd", "/usr/sbin/dockerd\n"),
                ("version", "Docker version 20.10.24+dfsg1, build 297e128\n"),
                ("info", "{\"Swarm\":{\"LocalNodeState\":\"active\"}}\n"),
                ("first", "init\n"),
            ]
            .into_iter()
            .collect(),
        )
        .unwrap();
        assert_eq!(state.version, "20.10.24+dfsg1");
        assert!(!state.validates() && state.runs());
        assert_eq!(state.swarm_state(), Some("active"));
        assert_eq!(state.file, None);
    }

    #[test]
    fn flags_come_from_the_unit_and_from_the_default_file() {
        let mut state = State {
            default_file: Some("# x\nDOCKER_OPTS=\"--label=a=b  --dns 8.8.8.8\"\n".to_owned()),
            ..State::default()
        };
        let names = |state: &State| -> Vec<String> {
            let flags = state.next_flags();
            flags
                .iter()
                .map(|(flag, place)| format!("{} in {place}", flag.words.join(" ")))
                .collect()
        };
        assert_eq!(names(&state).len(), 2);
        state.service.manager = Some(ServiceManager::Systemd);
        state.service.properties.insert("ExecStart".to_owned(), START.to_owned());
        assert_eq!(
            names(&state),
            [
                "-H fd:// in the unit's ExecStart",
                "--label=a=b in DOCKER_OPTS in /etc/default/docker",
                "--dns 8.8.8.8 in DOCKER_OPTS in /etc/default/docker",
            ]
        );
    }
}
