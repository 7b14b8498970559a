//! What there is to do about a service, and its doing.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::Args;
use super::state::State;
use super::table::write;
use crate::sdk::docker::swarm::{Convergence, ServiceMode, stalled};
use crate::sdk::docker::{
    Credentials, DockerOptions, DockerWriter, Doing, ImageName, Request, is_called,
};
use crate::sdk::{
    Choice, Diff, Failure, Fields, Operator, Plan, Presence, Returned, Secret, Value,
};

/// What there is to do about a service.
#[derive(Debug, Serialize)]
pub struct Change {
    name: String,
    /// The id of the service to be removed.
    remove: Option<String>,
    /// The id of the service to be changed.
    update: Option<String>,
    /// The service to be made, before the edits.
    create: Option<Value>,
    /// What is written where in its `Spec`.
    edits: Fields,
    /// Whether all tasks are replaced.
    force: bool,
    /// Whether its update is only begun anew.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    anew: bool,
    /// How many seconds to wait until the tasks run.
    wait: Option<u64>,
    /// The image whose registry's login goes along.
    #[serde(skip)]
    login: Option<String>,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Args {
    pub(super) fn decide(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let subject = format!("service {}", self.name);
        match (self.state, &now.service) {
            (Presence::Absent, None) => {
                Ok(Plan::Keep(self.returned("Service absent", vec![], now)))
            }
            (Presence::Absent, Some(service)) => {
                let change = Change { remove: id_of(service), ..self.change() };
                let plan = Plan::change(change, Diff::state(subject, "present", "absent"));
                Ok(plan.returning(self.returned("Service removed", vec![], now)))
            }
            (Presence::Present, None) => self.plan_creating(now, &subject),
            (Presence::Present, Some(service)) => self.plan_updating(now, service, &subject),
        }
    }

    fn plan_creating(&self, now: &State, subject: &str) -> Result<Plan<Change>, Failure> {
        if self.image.is_none() {
            return Err(Failure::new(format!(
                "service {} does not exist, and there is no `image` to make it of",
                self.name
            )));
        }
        let blank = self.blank();
        let table = self.table(now, &blank)?;
        let edits = table.edits(&Value::Null);
        let mut asked = table.asked();
        asked.insert("mode".to_owned(), json!(self.mode.unwrap_or_default().word()));
        let mut after = blank.clone();
        write(&mut after, &edits);
        let returned = self.returned("Service created", vec![], now);
        let returned = returned.with("swarm_service", self.told(now, &table, &after)?);
        let change = Change { create: Some(blank), edits, ..self.change() };
        let diff = Diff::fields(subject, &None::<()>, &asked);
        Ok(Plan::change(change, diff).returning(returned))
    }

    fn plan_updating(
        &self,
        now: &State,
        service: &Value,
        subject: &str,
    ) -> Result<Plan<Change>, Failure> {
        let spec = &service["Spec"];
        let has = ServiceMode::of(spec).unwrap_or_default();
        let rebuild = self.mode.is_some_and(|mode| mode != has);
        let mut base = spec.clone();
        if rebuild {
            base["Mode"] = self.blank()["Mode"].clone();
        }
        let named = self.as_named(now, &base);
        let table = self.table(now, &named)?;
        let mut differences = table.differences(&named);
        if rebuild {
            differences.add("mode", has.word(), self.mode.unwrap_or_default().word());
        }
        let changes: Vec<String> = differences.names().map(str::to_owned).collect();
        if differences.is_empty() && !self.force_update && !now.stalled.is_empty() {
            differences.add("update", stalled(&now.stalled), "goes on");
            let change = Change { update: id_of(service), anew: true, ..self.change() };
            let returned = self.returned("Service updated", vec!["update".to_owned()], now);
            return Ok(Plan::change(change, differences.diff(subject)).returning(returned));
        }
        if differences.is_empty() && !self.force_update {
            let returned = self.returned("Service unchanged", changes, now);
            let all = self.told(now, &table, &named)?;
            return Ok(Plan::Keep(returned.with("swarm_service", all).with("service", service)));
        }
        if self.force_update && !rebuild {
            differences.add("force_update", false, true);
        }
        let (edits, id) = (table.edits(&named), id_of(service));
        let mut after = named.clone();
        write(&mut after, &edits);
        let after = self.told(now, &table, &after)?;
        let force = self.force_update;
        let (change, msg) = if rebuild {
            let create = Some(base);
            (Change { remove: id, create, edits, ..self.change() }, "Service rebuilt")
        } else {
            let msg = if force { "Service forcefully updated" } else { "Service updated" };
            (Change { update: id, edits, force, ..self.change() }, msg)
        };
        let plan = Plan::change(change, differences.diff(subject));
        let returned = self.returned(msg, changes, now).with("rebuilt", rebuild);
        Ok(plan.returning(returned.with("swarm_service", after)))
    }

    /// A change that does nothing yet.
    fn change(&self) -> Change {
        Change {
            name: self.name.clone(),
            remove: None,
            update: None,
            create: None,
            edits: Fields::new(),
            force: false,
            anew: false,
            wait: self.wait.then_some(self.wait_timeout),
            login: self.image.clone().filter(|_| self.with_registry_auth),
            docker: self.docker.clone(),
        }
    }

    /// A service with nothing but its name and its mode.
    fn blank(&self) -> Value {
        json!({"Name": self.name, "Mode": {self.mode.unwrap_or_default().key(): {}}})
    }

    fn returned(&self, msg: &str, changes: Vec<String>, now: &State) -> Returned {
        let mut returned =
            Returned::new().with("msg", msg).with("rebuilt", false).with("changes", changes);
        let mut warnings = vec![];
        if let (Some(Err(reason)), Some(image)) = (&now.digest, &self.image) {
            warnings.push(format!("the digest of {image} is not known, and not pinned: {reason}"));
        }
        let update = now.service.as_ref().map(|service| &service["UpdateStatus"]);
        if let Some(update) = update.filter(|update| update["State"] == "paused") {
            let why = update["Message"].as_str().unwrap_or_default();
            warnings.push(format!("the service's last update has stopped half-way: {why}"));
        }
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        returned
    }
}

impl Change {
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        docker.must_be_manager("docker_swarm_service").await?;
        let name = &self.name;
        if let Some(id) = &self.remove {
            docker.delete(&["services", id]).await.doing(|| format!("removing service {name}"))?;
        }
        let mut edits = self.edits.clone();
        for (kind, key) in [("secrets", "Secret"), ("configs", "Config")] {
            let place = format!("/TaskTemplate/ContainerSpec/{key}s");
            if let Some(Value::Array(files)) = edits.get_mut(&place) {
                identify(&docker, kind, key, files).await?;
            }
        }
        if let Some(Value::Array(networks)) = edits.get("/TaskTemplate/Networks") {
            find_all(&docker, networks).await?;
        }
        let login = self.login(host, &docker).await?;
        let (id, warnings) = if let Some(create) = &self.create {
            let mut spec = create.clone();
            write(&mut spec, &edits);
            let request = with_login(Request::post(&["services", "create"]), login).json(&spec);
            let answer = docker.send(request).await.doing(|| format!("creating service {name}"))?;
            let answer: Value = answer.json()?;
            (id_of(&answer).unwrap_or_else(|| name.clone()), answer["Warning"].clone())
        } else if let Some(id) = &self.update {
            (id.clone(), self.update(&docker, id, &edits, login).await?)
        } else {
            return Ok(Returned::new());
        };
        if let Some(seconds) = self.wait {
            let wait = Convergence::of(&docker, [(name.as_str(), id.as_str())]);
            wait.until_converged(Duration::from_secs(seconds)).await?;
        }
        let service: Value = docker.ask(&["services", &id], &[]).await?;
        let mut returned = Returned::new().with("service", service);
        if warnings.is_string() || warnings.is_array() {
            returned.set("warnings", [warnings]);
        }
        Ok(returned)
    }

    async fn update(
        &self,
        docker: &DockerWriter,
        id: &str,
        edits: &Fields,
        login: Option<Secret>,
    ) -> Result<Value, Failure> {
        let doing = || format!("updating service {}", self.name);
        if self.anew {
            docker.update_anew(id).await.doing(doing)?;
            return Ok(Value::Null);
        }
        let edit = |spec: &mut Value| {
            write(spec, edits);
            if self.force {
                let counter = &mut spec["TaskTemplate"]["ForceUpdate"];
                *counter = (counter.as_u64().unwrap_or_default() + 1).into();
            }
        };
        let headers = login.map(|login| (Credentials::HEADER, login));
        let answer =
            docker.revise_with(&["services", id], &[], headers, edit).await.doing(doing)?;
        Ok(answer["Warnings"].clone())
    }

    /// The login at the image's registry that the nodes are given.
    async fn login(
        &self,
        host: &Operator<'_>,
        docker: &DockerWriter,
    ) -> Result<Option<Secret>, Failure> {
        let Some(image) = &self.login else { return Ok(None) };
        let name = ImageName::parse(image);
        let login = host.observer().registry_login(name.registry()).await?;
        Ok(login.map(|login| docker.header(Some(&login))))
    }
}

fn with_login(request: Request, login: Option<Secret>) -> Request {
    match login {
        Some(login) => request.header(Credentials::HEADER, login),
        None => request,
    }
}

/// Refuses networks that do not exist, before anything is done.
async fn find_all(docker: &DockerWriter, networks: &[Value]) -> Result<(), Failure> {
    for name in networks.iter().filter_map(|network| network["Target"].as_str()) {
        if docker.network(name).await?.is_none() {
            return Err(Failure::new(format!("Could not find a network named: '{name}'"))
                .help("make it with `docker_network` first"));
        }
    }
    Ok(())
}

/// Gives secrets or configs the ids that belong to their names.
async fn identify(
    docker: &DockerWriter,
    kind: &str,
    key: &str,
    files: &mut [Value],
) -> Result<(), Failure> {
    let (id_key, name_key) = (format!("{key}ID"), format!("{key}Name"));
    for file in files.iter_mut().filter(|file| file[&id_key].is_null()) {
        let name = file[&name_key].as_str().unwrap_or_default().to_owned();
        let found: Option<Value> = docker.get(&[kind, &name]).await?;
        let found = found.filter(|found| is_called(found, &name));
        let Some(id) = found.as_ref().and_then(id_of) else {
            let singular = kind.trim_end_matches('s');
            return Err(Failure::new(format!("the swarm has no {singular} `{name}`"))
                .help(format!("make it with `docker_{singular}` first")));
        };
        file[&id_key] = id.into();
    }
    Ok(())
}

fn id_of(object: &Value) -> Option<String> {
    object["ID"].as_str().map(str::to_owned)
}
