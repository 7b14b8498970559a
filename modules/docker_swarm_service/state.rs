//! What is seen of a service, and of what it refers to.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Args;
use crate::sdk::docker::swarm::LocalState;
use crate::sdk::docker::{DockerReader, ImageName};
use crate::sdk::{Failure, Observer, Presence, Probe, Value};

/// Prints files, each with a newline at its end.
const FILES: Probe = Probe("for file; do cat -- \"$file\" || exit; echo; done");

/// What is seen of a service, and of what it refers to.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The service, as the Engine tells it.
    pub(super) service: Option<Value>,
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
        let (_, swarm) = docker.membership().await?;
        if swarm.local_node_state == LocalState::Inactive {
            // Without a swarm there is no service; an earlier task may be about to start one.
            return Ok(State::default());
        }
        docker.must_be_manager("docker_swarm_service").await?;
        let mut state =
            State { service: docker.get(&["services", &self.name]).await?, ..State::default() };
        if self.state == Presence::Absent {
            return Ok(state);
        }
        for network in self.networks.iter().flatten() {
            let Some(name) = network.as_str().or(network["name"].as_str()) else { continue };
            let found: Option<Value> = docker.get(&["networks", name]).await?;
            if let Some(id) = found.as_ref().and_then(|network| network["Id"].as_str()) {
                state.networks.insert(name.to_owned(), id.to_owned());
            }
        }
        if let Some(files) = self.env_files.as_ref().filter(|files| !files.is_empty()) {
            let output = host.probe(FILES, files).await?;
            if !output.success() {
                return Err(Failure::of_program("reading `env_files`", &output));
            }
            state.env_files = output.stdout_text().lines().map(str::to_owned).collect();
        }
        if let Some(image) = self.image.as_ref().filter(|_| self.resolve_image) {
            state.digest = Some(digest(&docker, image).await?);
        }
        Ok(state)
    }
}

/// The digest that an image's registry has under its name.
async fn digest(docker: &DockerReader, image: &str) -> Result<Result<String, String>, Failure> {
    let name = ImageName::parse(image);
    if let Some(digest) = name.digest {
        return Ok(Ok(digest));
    }
    let found: Result<Option<Value>, _> = docker.get(&["distribution", image, "json"]).await;
    Ok(match found {
        Ok(Some(told)) => told["Descriptor"]["digest"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| "the registry tells no digest".to_owned()),
        Ok(None) => Err("the registry does not have it".to_owned()),
        Err(error) if error.status().is_some() => Err(error.to_string()),
        Err(error) => return Err(error.into()),
    })
}
