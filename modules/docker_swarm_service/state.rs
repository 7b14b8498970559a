//! What is seen of a service, and of what it refers to.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Args;
use super::table::write;
use crate::sdk::docker::{DockerReader, ImageName, is_called};
use crate::sdk::{Failure, Observer, Presence, Probe, Value};

/// Prints files, each with a newline at its end.
const FILES: Probe = Probe("for file; do cat -- \"$file\" || exit; echo; done");

/// The networks that every host has.
const PREDEFINED: [&str; 3] = ["host", "bridge", "none"];

/// What is seen of a service, and of what it refers to.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The service, as the Engine tells it.
    pub(super) service: Option<Value>,
    /// The nodes that its update waits for in vain.
    pub(super) stalled: Vec<String>,
    /// The ids of networks, by their names.
    pub(super) networks: IndexMap<String, String>,
    /// The lines of `env_files`.
    pub(super) env_files: Vec<String>,
    /// The image's digest in its registry, or why there is none.
    pub(super) digest: Option<Result<String, String>>,
}

impl Args {
    pub(super) async fn look(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let found = docker.manager_get(&["services", &self.name], "docker_swarm_service").await?;
        let Some(service) = found else { return Ok(State::default()) };
        let service = service.filter(|service| is_called(service, &self.name));
        let mut state = State { service, ..State::default() };
        if self.state == Presence::Absent {
            return Ok(state);
        }
        let stalls = docker.stalls(state.service.as_slice()).await?;
        state.stalled = stalls.into_values().flatten().collect();
        state.networks = self.networks(&docker).await?;
        if let Some(files) = self.env_files.as_ref().filter(|files| !files.is_empty()) {
            let output = host.probe(FILES, files).await?;
            if !output.success() {
                return Err(Failure::of_program("reading `env_files`", &output));
            }
            state.env_files = output.stdout_text().lines().map(str::to_owned).collect();
        }
        // What is wrong with the settings themselves is told by the plan.
        if let Ok(table) = self.table(&state, &Value::Null) {
            let mut spec = Value::Null;
            write(&mut spec, &table.edits(&Value::Null));
            docker.must_know(&spec).await?;
        }
        if let Some(image) = self.image.as_ref().filter(|_| self.resolve_image) {
            state.digest = Some(self.digest(host, &docker, image).await?);
        }
        Ok(state)
    }

    /// The digest that an image's registry has under its name, as nodes with the same login see it.
    async fn digest(
        &self,
        host: &Observer<'_>,
        docker: &DockerReader,
        image: &str,
    ) -> Result<Result<String, String>, Failure> {
        let name = ImageName::parse(image);
        if let Some(digest) = name.digest {
            return Ok(Ok(digest));
        }
        let login = if self.with_registry_auth {
            host.registry_login(name.registry()).await?
        } else {
            None
        };
        Ok(docker.registry_image(image, login.as_ref()).await?.map(|told| told.digest))
    }

    /// The ids of the networks that the task names: of several that are called the same, the
    /// swarm's.
    async fn networks(&self, docker: &DockerReader) -> Result<IndexMap<String, String>, Failure> {
        let named: Vec<&str> = self
            .networks
            .iter()
            .flatten()
            .filter_map(|network| network.as_str().or(network["name"].as_str()))
            .collect();
        if named.is_empty() {
            return Ok(IndexMap::new());
        }
        let mut all: Vec<Value> = docker.list(&["networks"], &[]).await?;
        // No list has the swarm's own form of what every host has.
        for name in named.iter().filter(|name| PREDEFINED.contains(name)) {
            all.extend(docker.find(&["networks", name], &[("scope", "swarm")]).await?);
        }
        all.sort_by_key(|network| network["Scope"] != "swarm");
        let id_of = |name: &str| {
            let found = all.iter().find(|network| is_called(network, name))?;
            Some((name.to_owned(), found["Id"].as_str()?.to_owned()))
        };
        Ok(named.into_iter().filter_map(id_of).collect())
    }
}
