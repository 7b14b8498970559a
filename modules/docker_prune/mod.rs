//! `docker_prune`: see [`Args`], which is also what `rplay doc docker_prune` prints.

mod filters;
mod plan;
mod state;

use indexmap::IndexMap;
use serde::Serialize;

pub use state::State;

use crate::sdk::docker::{DockerOptions, Doing, Request};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Removes containers, images, networks, volumes and build caches that are not in use.
///
/// In check mode it tells which: they are picked as the Engine picks them, with the same filters,
/// and what a container alone uses that goes, goes too. Filters are those of the Engine: `label`,
/// `label!`, `until`, for images also `dangling` (`false` takes in images that have a name), for
/// volumes `all` (from API version 1.42 on only volumes without a name go unless it is true).
///
/// Returns, of the kinds that are asked for, `containers`, `images`, `networks`, `volumes` and
/// `builder_cache_caches_deleted`, and `containers_space_reclaimed` and so on, in bytes.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Whether to remove containers that do not run.
    #[arg(default)]
    containers: bool,
    /// Which of them.
    containers_filters: Option<IndexMap<String, Value>>,
    /// Whether to remove images that no container uses.
    #[arg(default)]
    images: bool,
    /// Which of them; only those without a name unless this says `dangling: false`.
    images_filters: Option<IndexMap<String, Value>>,
    /// Whether to remove networks that no container uses.
    #[arg(default)]
    networks: bool,
    /// Which of them.
    networks_filters: Option<IndexMap<String, Value>>,
    /// Whether to remove volumes that no container uses.
    #[arg(default)]
    volumes: bool,
    /// Which of them.
    volumes_filters: Option<IndexMap<String, Value>>,
    /// Whether to remove caches of builds.
    #[arg(default)]
    builder_cache: bool,
    /// Whether caches of every type go.
    #[arg(default)]
    builder_cache_all: bool,
    /// Which of them.
    builder_cache_filters: Option<IndexMap<String, Value>>,
    /// How much of them is kept, such as `1G`.
    builder_cache_keep_storage: Option<String>,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// What is removed.
#[derive(Debug, Serialize)]
pub struct Change {
    prunes: Vec<Prune>,
    #[serde(skip)]
    docker: DockerOptions,
}

/// One kind of what is removed.
#[derive(Debug, Serialize)]
struct Prune {
    kind: &'static str,
    /// The Engine's path for it.
    path: &'static str,
    query: Query,
}

/// Parameters of a request.
type Query = Vec<(&'static str, String)>;

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.look(&host.docker(&self.docker)?).await
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        self.decide(now)
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&change.docker)?;
        let (mut returned, mut any) = (Returned::new(), false);
        for Prune { kind, path, query } in &change.prunes {
            let request = Request::post(&[path, "prune"]);
            let request = query.iter().fold(request, |r, (name, value)| r.query(name, value));
            let answer = docker.send(request).await.doing(|| format!("removing {kind}"))?;
            let answer: Value = answer.json()?;
            let space = answer["SpaceReclaimed"].as_u64().unwrap_or_default();
            let key = match *kind {
                "containers" => "ContainersDeleted",
                "images" => "ImagesDeleted",
                "networks" => "NetworksDeleted",
                "volumes" => "VolumesDeleted",
                _ => "CachesDeleted",
            };
            let removed = answer[key].as_array().cloned().unwrap_or_default();
            any |= !removed.is_empty() || space > 0;
            plan::note(&mut returned, kind, removed, space);
        }
        // Something may have come into use since it was looked at.
        Ok(if any { returned } else { returned.with("changed", false) })
    }
}
