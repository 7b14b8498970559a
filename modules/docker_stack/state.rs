//! What is seen of a stack.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desired::NAMESPACE;
use super::{Args, ResolveImage, Source};
use crate::sdk::docker::compose::{self, ComposeFiles, Project, Wanted};
use crate::sdk::docker::swarm::Stalls;
use crate::sdk::docker::{DockerReader, ImageName, RegistryImage};
use crate::sdk::{Failure, Observer, Presence, Value};

/// How many registries are asked at the same time.
const ASKED: usize = 8;

/// What is seen of a stack.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// What the project is read from.
    pub(super) files: ComposeFiles,
    /// The stack's services.
    pub(super) services: Vec<Value>,
    /// The updates of its services that wait in vain.
    pub(super) stalls: Stalls,
    /// All networks.
    pub(super) networks: Vec<Value>,
    /// All secrets.
    pub(super) secrets: Vec<Value>,
    /// All configs.
    pub(super) configs: Vec<Value>,
    /// What registries have under the names of images, or why that is not known, where they were
    /// asked.
    pub(super) images: BTreeMap<String, Result<RegistryImage, String>>,
}

impl State {
    /// The name of a network, by its id.
    pub(super) fn network_name(&self, id: &str) -> Option<String> {
        let network = self.networks.iter().find(|network| network["Id"] == id)?;
        network["Name"].as_str().map(str::to_owned)
    }

    /// Adds networks that services are on and no list has: the swarm's own form of the host's.
    async fn find_predefined(&mut self, docker: &DockerReader) -> Result<(), Failure> {
        let of_service = |service: &Value| service["Spec"]["TaskTemplate"]["Networks"].clone();
        let targets: Vec<Value> = self.services.iter().map(of_service).collect();
        let targets = targets.iter().filter_map(Value::as_array).flatten();
        for id in targets.filter_map(|network| network["Target"].as_str()) {
            if self.network_name(id).is_none()
                && let Some(network) = docker.get(&["networks", id]).await?
            {
                self.networks.push(network);
            }
        }
        Ok(())
    }

    /// Those that belong to the stack.
    pub(super) fn own<'v>(name: &'v str, all: &'v [Value]) -> impl Iterator<Item = &'v Value> {
        all.iter().filter(move |object| labels_of(object)[NAMESPACE] == name)
    }
}

/// The labels of an object, wherever its kind has them.
pub(super) fn labels_of(object: &Value) -> &Value {
    let own = &object["Spec"]["Labels"];
    if own.is_null() { &object["Labels"] } else { own }
}

impl Args {
    pub(super) async fn look(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let mut state = State::default();
        if self.state == Presence::Present {
            // The words are those that playbooks look for.
            if self.compose.is_empty() {
                let message = "compose parameter must be a list containing at least one element";
                return Err(Failure::new(message)
                    .help("name the compose files on the host, or write what they would hold"));
            }
            let decide = |_: &ComposeFiles| Ok(self.wanted());
            let wanted = self.wanted();
            let paths: Vec<String> = wanted.paths().cloned().collect();
            state.files = host.compose_files(&wanted.folder, &paths, decide).await?;
        }
        let docker = host.docker(&self.docker)?;
        let own = json!({"label": [format!("{NAMESPACE}={}", self.name)]}).to_string();
        let filters = [("filters", own.as_str())];
        let services = docker.manager_list(&["services"], &filters, "docker_stack").await?;
        let Some(services) = services else { return Ok(state) };
        state.stalls = docker.stalls(&services).await?;
        state.services = services;
        state.networks = docker.list(&["networks"], &[]).await?;
        state.find_predefined(&docker).await?;
        state.secrets = docker.list(&["secrets"], &[]).await?;
        state.configs = docker.list(&["configs"], &[]).await?;
        if self.state == Presence::Present {
            state.images = self.ask_registries(host, &docker, &state).await?;
        }
        Ok(state)
    }

    /// What is to be read.
    fn wanted(&self) -> Wanted {
        let source = |source: &Source| match source {
            Source::Path(path) => compose::Source::Path(path.clone()),
            Source::Definition(definition) => compose::Source::Definition(definition.0.clone()),
        };
        let sources = self.compose.iter().map(source).collect();
        let mut wanted = Wanted {
            name: Some(self.name.clone()),
            sources,
            contents: true,
            // Docker's own tool takes the values of a stack's files of variables as they stand.
            stack: true,
            ..Wanted::default()
        };
        // Relative paths begin at the first file, as they do with Docker's own tool.
        let first = wanted.paths().next().map(|path| path.rsplit_once('/'));
        let folder = first.map(|split| split.map_or(".", |(folder, _)| folder).to_owned());
        wanted.folder = folder.unwrap_or_default();
        // The services of all profiles belong to a stack, and `.env` is nothing to it.
        wanted.profiles = vec!["*".to_owned()];
        wanted.env_files = Some(vec![]);
        wanted
    }

    /// The project as its files say.
    pub(super) fn project(&self, now: &State) -> Result<Project, Failure> {
        now.files.project(&self.wanted())
    }

    /// Asks registries, as far as that is wanted, with the logins that the nodes are given.
    async fn ask_registries(
        &self,
        host: &Observer<'_>,
        docker: &DockerReader,
        state: &State,
    ) -> Result<BTreeMap<String, Result<RegistryImage, String>>, Failure> {
        if self.resolve_image == ResolveImage::Never {
            return Ok(BTreeMap::new());
        }
        let project = self.project(state)?;
        let deployed = |service: &str, image: &str| {
            let name = format!("{}_{service}", self.name);
            let has = state.services.iter().find(|service| service["Spec"]["Name"] == name);
            has.is_some_and(|has| labels_of(has)[super::desired::IMAGE] == image)
        };
        let mut images: Vec<String> = vec![];
        for (name, service) in &project.services {
            let Some(image) = &service.image else { continue };
            let pinned = ImageName::parse(image).digest.is_some();
            let skipped = self.resolve_image == ResolveImage::Changed && deployed(name, image);
            if !pinned && !skipped && !images.contains(image) {
                images.push(image.clone());
            }
        }
        let ask = |image: String| async move {
            let login = if self.with_registry_auth {
                host.registry_login(ImageName::parse(&image).registry()).await?
            } else {
                None
            };
            let told = docker.registry_image(&image, login.as_ref()).await?;
            Ok::<_, Failure>((image, told))
        };
        stream::iter(images).map(ask).buffered(ASKED).try_collect().await
    }
}
