//! Doing what there is to do about a stack.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::json;

use super::objects::{Create, Objects, Unused, all_labels};
use crate::sdk::docker::swarm::Convergence;
use crate::sdk::docker::{
    Credentials, DockerOptions, DockerWriter, Doing, EngineError, ImageName, Request, is_called,
};
use crate::sdk::{Failure, Operator, Returned, Secret, Value};

/// How long networks may be in use by tasks that are on their way out.
const LEAVING: Duration = Duration::from_mins(1);
/// How long lies between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// What there is to do about a stack, in the order in which it is done.
#[derive(Debug, Default, Serialize)]
pub struct Change {
    /// Names and ids of services to be removed.
    pub(super) remove: Vec<(String, String)>,
    /// Secrets and configs to be made.
    pub(super) objects: Vec<Create>,
    /// Bodies of networks to be made.
    pub(super) networks: Vec<Value>,
    /// `Spec`s of services to be made, with the image whose registry's login goes along.
    pub(super) create: Vec<(Value, Option<String>)>,
    /// Services to be changed.
    pub(super) update: Vec<Update>,
    /// Names and ids of services whose updates are begun anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) anew: Vec<(String, String)>,
    /// Names and ids of networks to be removed.
    pub(super) remove_networks: Vec<(String, String)>,
    /// Secrets and configs to be removed.
    pub(super) unused: Vec<Unused>,
    /// How many seconds to wait until the services run.
    pub(super) wait: Option<u64>,
    /// How often, and every how many seconds, to look whether all is gone.
    pub(super) gone: Option<(u64, u64)>,
    /// Secrets and configs that make way for others.
    pub(super) replaced: Vec<Unused>,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// A service to be changed.
#[derive(Debug, Serialize)]
pub(super) struct Update {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) spec: Value,
    pub(super) login: Option<String>,
}

impl Change {
    /// Takes over what there is to do about secrets or configs.
    pub(super) fn take(&mut self, objects: Objects) {
        let (create, replaced, unused) = objects.into_parts();
        self.objects.extend(create);
        self.replaced.extend(replaced);
        self.unused.extend(unused);
    }

    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        docker.must_be_manager("docker_stack").await?;
        for (name, id) in &self.remove {
            docker.delete(&["services", id]).await.doing(|| format!("removing service {name}"))?;
        }
        let mut ids = IndexMap::new();
        for object in &self.objects {
            let id = make_object(&docker, object).await?;
            ids.insert((object.kind.word(), object.name.clone()), id);
        }
        for network in &self.networks {
            let name = network["Name"].as_str().unwrap_or_default();
            let doing = || format!("creating network {name}");
            docker.post(&["networks", "create"], network).await.doing(doing)?;
        }
        let services = self.services(host, &docker, &mut ids).await?;
        if let Some(seconds) = self.wait {
            let services = services.iter().map(|(name, id)| (name.as_str(), id.as_str()));
            let wait = Convergence::of(&docker, services);
            wait.until_converged(Duration::from_secs(seconds)).await?;
        }
        for object in self.replaced.iter().chain(&self.unused) {
            remove_patiently(&docker, &[object.kind.path(), &object.id], || {
                format!("removing {} {}", object.kind.word(), object.name)
            })
            .await?;
        }
        for (name, id) in &self.remove_networks {
            let doing = || format!("removing network {name}");
            remove_patiently(&docker, &["networks", id], doing).await?;
            until_unseen(&docker, id).await?;
        }
        if let Some((retries, interval)) = self.gone {
            self.until_gone(&docker, retries, interval).await?;
        }
        Ok(Returned::new())
    }

    /// Makes and changes services; gives their names and ids.
    async fn services(
        &self,
        host: &Operator<'_>,
        docker: &DockerWriter,
        ids: &mut IndexMap<(&'static str, String), String>,
    ) -> Result<Vec<(String, String)>, Failure> {
        let mut services = vec![];
        for (spec, image) in &self.create {
            let name = spec["Name"].as_str().unwrap_or_default().to_owned();
            let spec = identified(docker, spec, ids).await?;
            let login = login(host, docker, image.as_deref()).await?;
            let answer = create_patiently(docker, login.as_ref(), &name, &spec).await?;
            services.push((name, answer["ID"].as_str().unwrap_or_default().to_owned()));
        }
        for (name, id) in &self.anew {
            docker.update_anew(id).await.doing(|| format!("updating service {name}"))?;
            services.push((name.clone(), id.clone()));
        }
        for Update { name, id, spec, login: image } in &self.update {
            let spec = identified(docker, spec, ids).await?;
            let header = login(host, docker, image.as_deref()).await?;
            let header = header.map(|login| (Credentials::HEADER, login));
            let edit = |now: &mut Value| {
                let mut spec = spec.clone();
                // A counter that only grows: without it all tasks would be replaced.
                spec["TaskTemplate"]["ForceUpdate"] = now["TaskTemplate"]["ForceUpdate"].clone();
                *now = spec;
            };
            docker
                .revise_with(&["services", id], &[], header, edit)
                .await
                .doing(|| format!("updating service {name}"))?;
            services.push((name.clone(), id.clone()));
        }
        Ok(services)
    }

    /// Looks until no service of the stack is left, as often as that was asked for.
    async fn until_gone(
        &self,
        docker: &DockerWriter,
        retries: u64,
        interval: u64,
    ) -> Result<(), Failure> {
        let mut left: Vec<&str> = vec![];
        for _ in 0..retries {
            left.clear();
            for (name, id) in &self.remove {
                if docker.get::<Value>(&["services", id]).await?.is_some() {
                    left.push(name);
                }
            }
            if left.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(interval)).await;
        }
        if left.is_empty() {
            return Ok(());
        }
        let message = format!("after {retries} looks there still is {}", left.join(", "));
        Err(Failure::new(message).help("raise `absent_retries`"))
    }
}

async fn make_object(docker: &DockerWriter, object: &Create) -> Result<String, Failure> {
    let mut body = json!({
        "Name": object.name,
        "Labels": all_labels(object)?,
        "Data": STANDARD.encode(&object.content),
    });
    if let Some(driver) = &object.template_driver {
        body["Templating"] = json!({"Name": driver});
    }
    let doing = || format!("creating {} {}", object.kind.word(), object.name);
    let answer = docker.post(&[object.kind.path(), "create"], &body).await.doing(doing)?;
    Ok(answer["ID"].as_str().unwrap_or_default().to_owned())
}

/// A `Spec` whose secrets and configs have the ids that belong to their names.
async fn identified(
    docker: &DockerWriter,
    spec: &Value,
    ids: &mut IndexMap<(&'static str, String), String>,
) -> Result<Value, Failure> {
    let mut spec = spec.clone();
    for (word, path, key) in [("secret", "secrets", "Secret"), ("config", "configs", "Config")] {
        let files = spec["TaskTemplate"]["ContainerSpec"][format!("{key}s")].as_array_mut();
        for file in files.into_iter().flatten() {
            let name = file[format!("{key}Name")].as_str().unwrap_or_default().to_owned();
            if let Some(id) = ids.get(&(word, name.clone())) {
                file[format!("{key}ID")] = id.as_str().into();
                continue;
            }
            let found: Option<Value> = docker.get(&[path, &name]).await?;
            let found = found.filter(|found| is_called(found, &name));
            let id = found.and_then(|found| found["ID"].as_str().map(str::to_owned));
            let id = id.ok_or_else(|| Failure::new(format!("the swarm has no {word} `{name}`")))?;
            ids.insert((word, name), id.clone());
            file[format!("{key}ID")] = id.into();
        }
    }
    Ok(spec)
}

/// The login at an image's registry that the nodes are given.
async fn login(
    host: &Operator<'_>,
    docker: &DockerWriter,
    image: Option<&str>,
) -> Result<Option<Secret>, Failure> {
    let Some(image) = image else { return Ok(None) };
    let login = host.observer().registry_login(ImageName::parse(image).registry()).await?;
    Ok(login.map(|login| docker.header(Some(&login))))
}

/// Creates a service. A port that a service has had that is on its way out is free in a moment.
async fn create_patiently(
    docker: &DockerWriter,
    login: Option<&Secret>,
    name: &str,
    spec: &Value,
) -> Result<Value, Failure> {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let request = Request::post(&["services", "create"]).json(spec);
        let request = match login {
            Some(login) => request.header(Credentials::HEADER, login.clone()),
            None => request,
        };
        match docker.send(request).await {
            Ok(answer) => return Ok(answer.json()?),
            Err(error) if is_in_use(&error) && Instant::now() < end => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error).doing(|| format!("creating service {name}")),
        }
    }
}

/// Removes what tasks on their way out still use.
async fn remove_patiently(
    docker: &DockerWriter,
    path: &[&str],
    doing: impl Fn() -> String,
) -> Result<(), Failure> {
    let end = Instant::now() + LEAVING;
    loop {
        match docker.delete(path).await {
            Err(error) if is_in_use(&error) && Instant::now() < end => {
                tokio::time::sleep(PAUSE).await;
            }
            other => return other.map(drop).doing(&doing),
        }
    }
}

/// Waits until the Engine no longer shows a network that was removed: it does so as long as tasks
/// on their way out are on it, and the next run would take it for one to be removed.
async fn until_unseen(docker: &DockerWriter, id: &str) -> Result<(), Failure> {
    let end = Instant::now() + LEAVING;
    while Instant::now() < end && docker.get::<Value>(&["networks", id]).await?.is_some() {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

fn is_in_use(error: &EngineError) -> bool {
    let said = error.to_string();
    ["in use", "active endpoints", "already in use", "still has"]
        .iter()
        .any(|sign| said.contains(sign))
}
