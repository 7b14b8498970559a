//! What is seen of a project.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Pulling, UpOptions, WantedState};
use crate::sdk::docker::compose::{
    Blueprint, ComposeFiles, ComposeOptions, OfImage as _, Project, labels,
};
use crate::sdk::docker::network::{Member, members};
use crate::sdk::docker::{DockerReader, ImageName, PullPolicy, SeenImage};
use crate::sdk::{Failure, Observer, Value};

/// How many objects are looked at at the same time.
const AT_ONCE: usize = 8;

/// What is seen of a project.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectState {
    /// What the project is read from.
    pub files: ComposeFiles,
    /// The project's containers, each as it is shown alone, those made for one command left out.
    pub(super) containers: Vec<Value>,
    /// All networks.
    pub(super) networks: Vec<Value>,
    /// What is connected to those of the project's networks that must be made anew.
    pub(super) members: BTreeMap<String, Vec<Member>>,
    /// All volumes.
    pub(super) volumes: Vec<Value>,
    /// The images of services, by their names.
    pub(super) images: BTreeMap<String, SeenImage>,
    /// The images of containers, by their ids.
    pub(super) used: BTreeMap<String, Value>,
}

impl ProjectState {
    /// The containers of a service, by their numbers.
    pub(super) fn of_service(&self, service: &str) -> Vec<&Value> {
        let is_own = |container: &&Value| label(container, labels::SERVICE) == service;
        let mut all: Vec<&Value> = self.containers.iter().filter(is_own).collect();
        all.sort_by_key(|container| number(container));
        all
    }
}

/// A label of a container.
pub(super) fn label<'c>(container: &'c Value, name: &str) -> &'c str {
    container["Config"]["Labels"][name].as_str().unwrap_or_default()
}

/// The number of a container among those of its service.
pub(super) fn number(container: &Value) -> u64 {
    label(container, labels::NUMBER).parse().unwrap_or_default()
}

/// The name of a container.
pub(super) fn name_of(container: &Value) -> &str {
    container["Name"].as_str().unwrap_or_default().trim_start_matches('/')
}

/// The id of a container.
pub(super) fn id_of(container: &Value) -> String {
    container["Id"].as_str().unwrap_or_default().to_owned()
}

/// Whether a container runs.
pub(super) fn runs(container: &Value) -> bool {
    container["State"]["Running"].as_bool().unwrap_or_default()
}

impl UpOptions {
    /// Looks at the project.
    pub async fn look(
        &self,
        compose: &ComposeOptions,
        host: &Observer<'_>,
    ) -> Result<ProjectState, Failure> {
        let files = compose.look(host, &self.services).await?;
        let project = compose.project(&files, &self.services)?;
        let docker = host.docker(&compose.docker())?;
        let mut state = ProjectState { files, ..ProjectState::default() };
        state.containers = containers(&docker, &project.name).await?;
        state.networks = docker.list(&["networks"], &[]).await?;
        if self.state != WantedState::Absent {
            for name in state.outdated(&project, &self.chosen(&project)) {
                let members = members(&docker, &name, true).await?;
                state.members.insert(name, members);
            }
        }
        let volumes: Option<Value> = docker.get(&["volumes"]).await?;
        let volumes = volumes.map(|all| all["Volumes"].clone()).unwrap_or_default();
        state.volumes = volumes.as_array().cloned().unwrap_or_default();
        for name in self.chosen(&project) {
            let service = &project.services[&name];
            if let Some(blueprint) = Blueprint::of(&project, &name)
                && self.state != WantedState::Absent
            {
                docker.must_know(&blueprint.body).await?;
                let ends: Vec<&Value> = blueprint.networks.iter().map(|(_, end)| end).collect();
                docker.must_know(&json!({"Endpoint": ends})).await?;
            }
            let image = Blueprint::image_of(&project, &name);
            let policy = match self.pulling(service.pull_policy.as_deref()) {
                _ if self.state == WantedState::Absent || self.builds(&project, &image) => {
                    PullPolicy::Never
                }
                // Only what is to run is brought up to date.
                PullPolicy::Always if self.state != WantedState::Present => PullPolicy::Missing,
                policy => policy,
            };
            let known = state.images.get(&image);
            if known.is_none_or(|seen| seen.newest.is_none() && policy == PullPolicy::Always) {
                let name = ImageName::parse(&image);
                let seen = host.image_to_pull(&docker, &name, policy).await.of_image(&image)?;
                state.images.insert(image, seen);
            }
        }
        for container in &state.containers {
            let id = container["Image"].as_str().unwrap_or_default();
            if !state.used.contains_key(id)
                && let Some(image) = docker.get::<Value>(&["images", id, "json"]).await?
            {
                state.used.insert(id.to_owned(), image);
            }
        }
        Ok(state)
    }

    /// The services that this is about, with those they need unless they are to be left out.
    pub(super) fn chosen(&self, project: &Project) -> Vec<String> {
        match self.services.as_slice() {
            [] => project.services.keys().cloned().collect(),
            named if self.dependencies => project.with_needs(named),
            named => named.to_vec(),
        }
    }

    /// Whether one of the services that this is about builds an image of this name.
    pub(super) fn builds(&self, project: &Project, image: &str) -> bool {
        let builds = |name: &String| {
            project.services[name].build().is_some() && Blueprint::image_of(project, name) == image
        };
        self.chosen(project).iter().any(builds)
    }

    /// When the image of a service is pulled.
    pub(super) fn pulling(&self, own: Option<&str>) -> PullPolicy {
        match (self.pull, own) {
            (Pulling::Always, _) | (Pulling::Policy, Some("always" | "daily" | "weekly")) => {
                PullPolicy::Always
            }
            (Pulling::Never, _) | (Pulling::Policy, Some("never" | "build")) => PullPolicy::Never,
            _ => PullPolicy::Missing,
        }
    }
}

/// The containers of a project, each as it is shown alone.
pub(super) async fn containers(
    docker: &DockerReader,
    project: &str,
) -> Result<Vec<Value>, Failure> {
    let own = [format!("{}={project}", labels::PROJECT), format!("{}=False", labels::ONE_OFF)];
    let filters = json!({"label": own}).to_string();
    let query = [("all", "1"), ("filters", filters.as_str())];
    let listed: Vec<Value> = docker.list(&["containers", "json"], &query).await?;
    let inspect = |container: Value| async move {
        docker
            .get::<Value>(&["containers", container["Id"].as_str().unwrap_or_default(), "json"])
            .await
    };
    let all: Vec<Option<Value>> =
        stream::iter(listed).map(inspect).buffered(AT_ONCE).try_collect().await?;
    Ok(all.into_iter().flatten().collect())
}
