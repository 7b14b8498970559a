//! What is seen of a project.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Args, Pulling, Wanted};
use crate::sdk::docker::compose::{Blueprint, ComposeFiles, OfImage as _, Project, labels};
use crate::sdk::docker::{DockerReader, ImageName, PullPolicy, SeenImage};
use crate::sdk::{Failure, Observer, Value};

/// How many objects are looked at at the same time.
const AT_ONCE: usize = 8;

/// What is seen of a project.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// What the project is read from.
    pub(super) files: ComposeFiles,
    /// The project's containers, each as it is shown alone, those made for one command left out.
    pub(super) containers: Vec<Value>,
    /// All networks.
    pub(super) networks: Vec<Value>,
    /// All volumes.
    pub(super) volumes: Vec<Value>,
    /// The images of services, by their names.
    pub(super) images: BTreeMap<String, SeenImage>,
    /// The images of containers, by their ids.
    pub(super) used: BTreeMap<String, Value>,
}

impl State {
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

impl Args {
    pub(super) async fn look(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let files = self.project.look(host, &self.services).await?;
        let project = self.project.project(&files, &self.services)?;
        let docker = host.docker(&self.project.docker)?;
        let mut state = State { files, ..State::default() };
        state.containers = containers(&docker, &project.name).await?;
        state.networks = docker.list(&["networks"], &[]).await?;
        let volumes: Option<Value> = docker.get(&["volumes"]).await?;
        let volumes = volumes.map(|all| all["Volumes"].clone()).unwrap_or_default();
        state.volumes = volumes.as_array().cloned().unwrap_or_default();
        for name in self.chosen(&project)? {
            let service = &project.services[&name];
            let blueprint = Blueprint::image_of(&project, &name);
            let policy = match self.pulling(service.pull_policy.as_deref()) {
                _ if self.state == Wanted::Absent || service.build().is_some() => PullPolicy::Never,
                // Only what is to run is brought up to date.
                PullPolicy::Always if self.state != Wanted::Present => PullPolicy::Missing,
                policy => policy,
            };
            let known = state.images.get(&blueprint);
            if known.is_none_or(|seen| seen.newest.is_none() && policy == PullPolicy::Always) {
                let name = ImageName::parse(&blueprint);
                let seen = host.image_to_pull(&docker, &name, policy).await;
                state.images.insert(blueprint.clone(), seen.of_image(&blueprint)?);
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
    pub(super) fn chosen(&self, project: &Project) -> Result<Vec<String>, Failure> {
        if self.services.is_empty() {
            return Ok(project.services.keys().cloned().collect());
        }
        if let Some(name) = self.services.iter().find(|name| !project.services.contains_key(*name))
        {
            let all: Vec<&str> = project.services.keys().map(String::as_str).collect();
            return Err(Failure::new(format!("no such service: {name}"))
                .help(format!("the project has {}", all.join(", "))));
        }
        Ok(if self.dependencies {
            project.with_needs(&self.services)
        } else {
            self.services.clone()
        })
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
