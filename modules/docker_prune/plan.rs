//! What would be removed.

use serde_json::json;

use super::filters::{Filters, moment};
use super::state::{Cache, Container, Image, Network, Volume};
use super::{Args, Change, Prune, Query, State};
use crate::sdk::docker::Differences;
use crate::sdk::{Failure, Plan, Returned, Value, coerce};

/// The label of a volume without a name of its own.
const ANONYMOUS: &str = "com.docker.volume.anonymous";
/// What stands for a name that an image has not.
const NO_NAME: &str = "<none>:<none>";

impl Args {
    pub(super) fn decide(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let (mut prunes, mut returned) = (vec![], Returned::new());
        let mut differences = Differences::default();
        let mut add = |kind, path, query, removed: Vec<Value>, shown: Vec<String>| {
            if !removed.is_empty() {
                differences.add(kind, shown, [""; 0]);
                prunes.push(Prune { kind, path, query });
            }
            note(&mut returned, kind, removed, 0);
        };
        let going = if self.containers { self.containers(now)? } else { vec![] };
        if self.containers {
            let filters = Filters::new(self.containers_filters.as_ref());
            let ids = going.iter().map(|container| container.id.as_str().into()).collect();
            let names = going.iter().map(|container| container.shown()).collect();
            add("containers", "containers", vec![("filters", filters.query())], ids, names);
        }
        let stays = |container: &&Container| !going.iter().any(|other| other.id == container.id);
        let staying: Vec<&Container> = now.containers.iter().filter(stays).collect();
        if self.images {
            let filters = Filters::new(self.images_filters.as_ref());
            let images = self.images(now, &staying)?;
            let shown = images.iter().map(|image| image.shown()).collect();
            let removed = images.iter().flat_map(|image| image.removed()).collect();
            add("images", "images", vec![("filters", filters.query())], removed, shown);
        }
        if self.networks {
            let filters = Filters::new(self.networks_filters.as_ref());
            let networks = networks(now, &filters)?;
            let names = networks.iter().map(|network| network.name.as_str().into()).collect();
            let shown = networks.iter().map(|network| network.name.clone()).collect();
            add("networks", "networks", vec![("filters", filters.query())], names, shown);
        }
        if self.volumes {
            let filters = Filters::new(self.volumes_filters.as_ref());
            let volumes = volumes(now, &staying, &filters);
            let names = volumes.iter().map(|volume| volume.name.as_str().into()).collect();
            let shown = volumes.iter().map(|volume| volume.name.clone()).collect();
            add("volumes", "volumes", vec![("filters", filters.query())], names, shown);
        }
        if self.builder_cache {
            let (caches, query) = self.caches(now)?;
            let ids = caches.iter().map(|cache| cache.id.as_str().into()).collect();
            let shown = caches.iter().map(|cache| cache.id.clone()).collect();
            add("builder_cache", "build", query, ids, shown);
        }
        if prunes.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        let change = Change { prunes, docker: self.docker.clone() };
        Ok(Plan::change(change, differences.diff("unused objects of the Engine"))
            .returning(returned))
    }

    /// The containers that go: those that neither run nor are about to.
    fn containers<'s>(&self, now: &'s State) -> Result<Vec<&'s Container>, Failure> {
        let filters = Filters::new(self.containers_filters.as_ref());
        let mut going = vec![];
        for container in &now.containers {
            let rests = matches!(container.state.as_str(), "created" | "exited" | "dead");
            if rests
                && filters.take_labels(&container.labels)
                && filters.takes_time(container.created, now.now)?
            {
                going.push(container);
            }
        }
        Ok(going)
    }

    /// The images that go: those that no container uses which stays.
    fn images<'s>(
        &self,
        now: &'s State,
        staying: &[&Container],
    ) -> Result<Vec<&'s Image>, Failure> {
        let filters = Filters::new(self.images_filters.as_ref());
        let dangling_only = filters.flag("dangling").unwrap_or(true);
        let mut going = vec![];
        for image in &now.images {
            let is_used = staying.iter().any(|container| container.image_id == image.id);
            if !is_used
                && (!dangling_only || image.names().next().is_none())
                && filters.take_labels(&image.labels)
                && filters.takes_time(image.created, now.now)?
            {
                going.push(image);
            }
        }
        Ok(going)
    }

    /// The caches that go, the least recently used first, and what the Engine is told.
    fn caches<'s>(&self, now: &'s State) -> Result<(Vec<&'s Cache>, Query), Failure> {
        let filters = Filters::new(self.builder_cache_filters.as_ref());
        let mut query = vec![("filters", filters.query())];
        if self.builder_cache_all {
            query.push(("all", "true".to_owned()));
        }
        let mut going = vec![];
        for cache in &now.caches {
            let used = cache.last_used_at.as_ref().unwrap_or(&cache.created_at);
            let used = moment(used).unwrap_or_default();
            let is_plain = !cache.shared && !matches!(cache.kind.as_str(), "internal" | "frontend");
            if !cache.in_use
                && (self.builder_cache_all || is_plain)
                && filters.takes_time(used, now.now)?
            {
                going.push((used, cache));
            }
        }
        going.sort_by_key(|(used, _)| *used);
        let mut going: Vec<&Cache> = going.into_iter().map(|(_, cache)| cache).collect();
        if let Some(text) = &self.builder_cache_keep_storage {
            let keep = coerce::to_bytes(text).filter(|keep| *keep >= 0).ok_or_else(|| {
                Failure::new(format!(
                    "Error while parsing value of builder_cache_keep_storage: `{text}` is no size \
                     such as `512M`"
                ))
            })?;
            query.push(("keep-storage", keep.to_string()));
            let mut total: i64 = now.caches.iter().map(|cache| cache.size).sum();
            going.retain(|cache| {
                let goes = total > keep;
                total -= if goes { cache.size } else { 0 };
                goes
            });
        }
        Ok((going, query))
    }
}

fn networks<'s>(now: &'s State, filters: &Filters) -> Result<Vec<&'s Network>, Failure> {
    let mut going = vec![];
    for network in &now.networks {
        let of_swarm = network.scope == "swarm";
        let is_used = network.ingress
            || (of_swarm && (!now.manager || now.service_networks.contains(&network.id)));
        let created = moment(&network.created).unwrap_or_default();
        if !is_used
            && filters.take_labels(&network.labels)
            && filters.takes_time(created, now.now)?
        {
            going.push(network);
        }
    }
    Ok(going)
}

fn volumes<'s>(now: &'s State, staying: &[&Container], filters: &Filters) -> Vec<&'s Volume> {
    let named_too = !now.anonymous_only || filters.flag("all").unwrap_or(false);
    let is_used = |volume: &Volume| {
        staying.iter().any(|user| user.mounts.iter().any(|mount| mount.name == volume.name))
    };
    now.volumes
        .iter()
        .filter(|volume| {
            volume.driver == "local"
                && (named_too || volume.labels.contains_key(ANONYMOUS))
                && !is_used(volume)
                && filters.take_labels(&volume.labels)
        })
        .collect()
}

impl Container {
    fn shown(&self) -> String {
        let name = self.names.first().map_or(self.id.as_str(), |name| name.trim_start_matches('/'));
        name.to_owned()
    }
}

impl Image {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.repo_tags.iter().flatten().filter(|name| *name != NO_NAME)
    }

    fn shown(&self) -> String {
        self.names().next().unwrap_or(&self.id).clone()
    }

    fn removed(&self) -> Vec<Value> {
        let mut all: Vec<Value> = self.names().map(|name| json!({"Untagged": name})).collect();
        all.push(json!({"Deleted": self.id}));
        all
    }
}

/// Notes what was removed of a kind, as it is returned.
pub(super) fn note(returned: &mut Returned, kind: &str, removed: Vec<Value>, space: u64) {
    let list = if kind == "builder_cache" { "builder_cache_caches_deleted" } else { kind };
    returned.set(list, removed);
    if kind != "networks" {
        returned.set(&format!("{kind}_space_reclaimed"), space);
    }
}
