//! What an Engine has, as far as it may be removed.

use serde::{Deserialize, Serialize};

use super::Args;
use super::filters::moment;
use crate::sdk::docker::{ApiVersion, DockerReader, Texts};
use crate::sdk::{Failure, Value};

/// The API version from which on volumes with a name are left.
const ANONYMOUS_ONLY: ApiVersion = ApiVersion::new(1, 42);

/// What an Engine has, as far as it may be removed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The Engine's time, in seconds since 1970.
    pub(super) now: i64,
    /// Whether volumes with a name are left.
    pub(super) anonymous_only: bool,
    /// Whether it manages a swarm.
    pub(super) manager: bool,
    pub(super) containers: Vec<Container>,
    pub(super) images: Vec<Image>,
    pub(super) networks: Vec<Network>,
    /// The ids of networks that services use.
    pub(super) service_networks: Vec<String>,
    pub(super) volumes: Vec<Volume>,
    pub(super) caches: Vec<Cache>,
}

/// A container, as the Engine lists it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) names: Vec<String>,
    #[serde(rename = "ImageID")]
    pub(super) image_id: String,
    pub(super) created: i64,
    pub(super) state: String,
    pub(super) labels: Texts,
    pub(super) mounts: Vec<Mount>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Mount {
    pub(super) name: String,
}

/// An image, as the Engine lists it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Image {
    pub(super) id: String,
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) created: i64,
    pub(super) labels: Texts,
}

/// A network, as the Engine lists it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Network {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created: String,
    pub(super) scope: String,
    pub(super) ingress: bool,
    pub(super) labels: Texts,
}

/// A volume, as the Engine lists it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) driver: String,
    pub(super) labels: Texts,
}

/// A build's cache, as the Engine lists it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Cache {
    #[serde(rename = "ID")]
    pub(super) id: String,
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) in_use: bool,
    pub(super) shared: bool,
    pub(super) size: i64,
    pub(super) created_at: String,
    pub(super) last_used_at: Option<String>,
}

impl Args {
    pub(super) async fn look(&self, docker: &DockerReader) -> Result<State, Failure> {
        let Some(info) = docker.get::<Value>(&["info"]).await? else { return Ok(State::default()) };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut state = State {
            now: moment(&text(&info["SystemTime"])).unwrap_or_default(),
            anonymous_only: docker.version().await?.api >= ANONYMOUS_ONLY,
            manager: info["Swarm"]["ControlAvailable"] == true,
            ..State::default()
        };
        if self.containers || self.images || self.volumes {
            state.containers = docker.list(&["containers", "json"], &[("all", "1")]).await?;
        }
        if self.images {
            state.images = docker.list(&["images", "json"], &[]).await?;
        }
        if self.networks {
            // Those that are the Engine's own, or in use, are left out.
            let filters = [("filters", r#"{"type":["custom"],"dangling":["true"]}"#)];
            state.networks = docker.list(&["networks"], &filters).await?;
            if state.manager && state.networks.iter().any(|network| network.scope == "swarm") {
                state.service_networks = service_networks(docker).await?;
            }
        }
        if self.volumes {
            let mut told: Value = docker.ask(&["volumes"], &[]).await?;
            state.volumes = serde_json::from_value(told["Volumes"].take()).unwrap_or_default();
        }
        if self.builder_cache {
            let mut told: Value = docker.ask(&["system", "df"], &[]).await?;
            state.caches = serde_json::from_value(told["BuildCache"].take()).unwrap_or_default();
        }
        Ok(state)
    }
}

/// The networks that services use, whether or not a task of theirs runs here.
async fn service_networks(docker: &DockerReader) -> Result<Vec<String>, Failure> {
    let services: Vec<Value> = docker.list(&["services"], &[]).await?;
    let networks = services.iter().flat_map(|service| {
        let spec = &service["Spec"];
        let lists = [&spec["TaskTemplate"]["Networks"], &spec["Networks"]];
        lists.into_iter().filter_map(Value::as_array).flatten()
    });
    Ok(networks.filter_map(|network| Some(network["Target"].as_str()?.to_owned())).collect())
}
