//! `docker_host_info`: see [`Args`], which is also what `rplay doc docker_host_info` prints.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::sdk::docker::{DockerOptions, DockerReader, EngineError, filters};
use crate::sdk::{Arguments, Failure, Fields, Module, Observer, Operator, Plan, Returned, Value};

/// Returns what the Docker Engine of a host is, and lists of what it has.
///
/// Returns `can_talk_to_docker` and `host_info` (what `docker info` tells), and `containers`,
/// `images`, `networks`, `volumes` and `disk_usage` where they are asked for.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Whether to list containers.
    #[arg(default)]
    containers: bool,
    /// Whether to list containers that do not run, too.
    #[arg(default)]
    containers_all: bool,
    /// Which containers to list, as `docker ps --filter` takes it; a name may have several values.
    #[arg(default)]
    containers_filters: IndexMap<String, Value>,
    /// Whether to list images.
    #[arg(default)]
    images: bool,
    /// Which images to list.
    #[arg(default)]
    images_filters: IndexMap<String, Value>,
    /// Whether to list networks.
    #[arg(default)]
    networks: bool,
    /// Which networks to list.
    #[arg(default)]
    networks_filters: IndexMap<String, Value>,
    /// Whether to list volumes.
    #[arg(default)]
    volumes: bool,
    /// Which volumes to list.
    #[arg(default)]
    volumes_filters: IndexMap<String, Value>,
    /// Whether to tell how much disk space is in use.
    #[arg(default)]
    disk_usage: bool,
    /// Whether to return everything that the Engine tells of each object.
    #[arg(default)]
    verbose_output: bool,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What the Engine told, by the names of the return values.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Fields);

/// What is told of each object unless everything is asked for.
const CONTAINER: &[&str] = &["Id", "Image", "Command", "Created", "Status", "Ports", "Names"];
const IMAGE: &[&str] = &["Id", "RepoTags", "Created", "Size"];
const NETWORK: &[&str] = &["Id", "Driver", "Name", "Scope"];
const VOLUME: &[&str] = &["Driver", "Name"];

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.look(host)
            .await
            .map_err(|failure| failure.returning(Returned::new().with("can_talk_to_docker", false)))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        Ok(Plan::Keep(Returned::from(now.0.clone())))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

impl Args {
    async fn look(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let mut told = Fields::new();
        told.insert("can_talk_to_docker".to_owned(), true.into());
        told.insert("host_info".to_owned(), docker.ask(&["info"], &[]).await?);
        let all = if self.containers_all { "1" } else { "0" };
        if self.containers {
            let filters = filters(&self.containers_filters);
            let query = [("all", all), ("filters", &filters)];
            let list = docker.list(&["containers", "json"], &query).await?;
            told.insert("containers".to_owned(), self.brief(list, CONTAINER));
        }
        if self.images {
            let filters = filters(&self.images_filters);
            let list = docker.list(&["images", "json"], &[("filters", &filters)]).await?;
            told.insert("images".to_owned(), self.brief(list, IMAGE));
        }
        if self.networks {
            let filters = filters(&self.networks_filters);
            let list = docker.list(&["networks"], &[("filters", &filters)]).await?;
            told.insert("networks".to_owned(), self.brief(list, NETWORK));
        }
        if self.volumes {
            let list = self.list_volumes(&docker).await?;
            told.insert("volumes".to_owned(), self.brief(list, VOLUME));
        }
        if self.disk_usage {
            let usage: Value = docker.ask(&["system", "df"], &[]).await?;
            let size = usage["LayersSize"].clone();
            let brief = || Value::Object(Fields::from_iter([("LayersSize".to_owned(), size)]));
            told.insert("disk_usage".to_owned(), if self.verbose_output { usage } else { brief() });
        }
        Ok(State(told))
    }

    async fn list_volumes(&self, docker: &DockerReader) -> Result<Vec<Fields>, EngineError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            volumes: Option<Vec<Fields>>,
        }
        let filters = filters(&self.volumes_filters);
        let answer: Answer = docker.ask(&["volumes"], &[("filters", &filters)]).await?;
        Ok(answer.volumes.unwrap_or_default())
    }

    /// The objects, each with these fields only unless everything is asked for.
    fn brief(&self, objects: Vec<Fields>, keep: &[&str]) -> Value {
        let brief = |mut object: Fields| {
            if !self.verbose_output {
                object.retain(|name, _| keep.contains(&name.as_str()));
            }
            Value::Object(object)
        };
        objects.into_iter().map(brief).collect()
    }
}
