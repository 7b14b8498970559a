//! What there is to do so that a project runs, or is stopped.

use serde_json::json;

use super::compare::{differences, nobody_named};
use super::state::{State, id_of, label, name_of, number, runs};
use super::steps::{Change, Condition, Create, Step};
use super::{Args, Building, Recreate, Wanted, output};
use crate::sdk::docker::compose::{
    Blueprint, DependencyCondition, Project, Service, labels, network_body, volume_body,
};
use crate::sdk::docker::{Build, ImageName, PullPolicy, Texts, bare};
use crate::sdk::{Diff, Failure, Plan, Returned, Value};

/// What is decided so far.
pub(super) struct Planner<'a> {
    pub(super) args: &'a Args,
    pub(super) now: &'a State,
    pub(super) project: Project,
    pub(super) steps: Vec<Step>,
    pub(super) diffs: Vec<Diff>,
    pub(super) warnings: Vec<String>,
    /// Services whose image is pulled or built anew.
    fresh: Vec<String>,
    /// Services of which a container is made or made anew.
    remade: Vec<String>,
    /// Containers that are gone by the time that new ones are made, by their ids.
    gone: Vec<String>,
}

impl Args {
    pub(super) fn plan_up(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let project = self.project.project(&now.files, &self.services)?;
        let chosen = self.chosen(&project)?;
        let mut planner = Planner::new(self, now, project);
        let order: Vec<String> =
            planner.project.in_order().iter().map(|s| (*s).to_owned()).collect();
        let order: Vec<String> = order.into_iter().filter(|name| chosen.contains(name)).collect();
        for name in &order {
            planner.image(name)?;
        }
        planner.networks(&order)?;
        planner.volumes(&order)?;
        // Those that need others are stopped first.
        let backwards: Vec<&String> = match self.state {
            Wanted::Stopped => order.iter().rev().collect(),
            _ => order.iter().collect(),
        };
        for name in backwards {
            planner.service(name)?;
        }
        planner.orphans();
        planner.wait(&order);
        Ok(planner.finish())
    }
}

impl<'a> Planner<'a> {
    pub(super) fn new(args: &'a Args, now: &'a State, project: Project) -> Self {
        let unset = project.unset.iter();
        let warnings =
            unset.map(|name| format!("the variable `{name}` is not set, and empty")).collect();
        Self {
            args,
            now,
            project,
            steps: vec![],
            diffs: vec![],
            warnings,
            fresh: vec![],
            remade: vec![],
            gone: vec![],
        }
    }

    /// The plan.
    pub(super) fn finish(self) -> Plan<Change> {
        let mut returned = output::before(self.now).and(output::actions(&self.steps));
        if !self.warnings.is_empty() {
            returned.set("warnings", self.warnings);
        }
        if self.steps.iter().all(|step| matches!(step, Step::Wait { .. })) && self.diffs.is_empty()
        {
            return Plan::Keep(returned.and(Returned::new().with("actions", [0; 0])));
        }
        let change = Change {
            project: self.project.name,
            steps: self.steps,
            ignore_builds: self.args.ignore_build_events,
            docker: self.args.project.docker.clone(),
        };
        Plan::Change { change, diffs: self.diffs, returned }
    }

    /// The image of a service: pulled or built where that is needed.
    fn image(&mut self, name: &str) -> Result<(), Failure> {
        let service = &self.project.services[name];
        let image = Blueprint::image_of(&self.project, name);
        let seen = self.now.images.get(&image);
        let is_there = seen.is_some_and(|seen| seen.local.is_some());
        let before = seen.and_then(|seen| seen.id()).map(str::to_owned);
        if service.build().is_some() {
            let builds = match self.args.build {
                Building::Always => true,
                Building::Policy if service.pull_policy.as_deref() == Some("build") => true,
                Building::Policy => !is_there,
                Building::Never => false,
            };
            if builds {
                let build = build_of(&self.project, name, service)?;
                let after = format!("built from {}", build.path);
                self.diffs.push(Diff::fields(
                    format!("image {image}"),
                    &json!({"id": before}),
                    &json!({"id": after}),
                ));
                self.steps.push(Step::Build { service: name.to_owned(), build });
                self.fresh.push(name.to_owned());
            } else if !is_there {
                return Err(Failure::new(format!(
                    "the image {image} of service `{name}` is not there"
                ))
                .help("`build: policy` builds it"));
            }
            return Ok(());
        }
        let policy = self.args.pulling(service.pull_policy.as_deref());
        let pulled = seen.and_then(|seen| {
            seen.pull(&ImageName::parse(&image), policy, service.platform.as_deref())
        });
        match pulled {
            Some(pull) => {
                self.diffs.push(Diff::fields(
                    format!("image {image}"),
                    &json!({"id": before}),
                    &json!({"id": "pulled from the registry"}),
                ));
                self.steps.push(Step::Pull { image, pull });
                self.fresh.push(name.to_owned());
            }
            None if !is_there && policy == PullPolicy::Never => {
                return Err(Failure::new(format!(
                    "Error when processing {name}: the image {image} is not there, and is not to be pulled"
                )));
            }
            None => {}
        }
        Ok(())
    }

    fn networks(&mut self, order: &[String]) -> Result<(), Failure> {
        let used = |key: &String| {
            order.iter().any(|name| {
                let networks = self.project.services[name].networking.networks.as_ref();
                networks.is_some_and(|networks| networks.0.contains_key(key))
            })
        };
        let keys: Vec<String> =
            self.project.networks.keys().filter(|key| used(key)).cloned().collect();
        for key in keys {
            let network = &self.project.networks[&key];
            let name = self.project.network_name(&key);
            let has = self.now.networks.iter().find(|has| has["Name"] == name);
            if network.external.is {
                if has.is_none() {
                    return Err(Failure::new(format!(
                        "network {name} declared as external, but could not be found"
                    ))
                    .help("make it with `docker_network` first"));
                }
                continue;
            }
            let body = network_body(&self.project, &key, network);
            match has {
                None => {
                    let shown = shown(&body);
                    self.diffs.push(Diff::fields(format!("network {name}"), &None::<()>, &shown));
                    self.steps.push(Step::CreateNetwork { name, body });
                }
                Some(has) => self.warn_of(&format!("network {name}"), has, &body, "Options"),
            }
        }
        Ok(())
    }

    fn volumes(&mut self, order: &[String]) -> Result<(), Failure> {
        let users = |key: &str| -> Vec<String> {
            let uses = |name: &&String| {
                let mounts = self.project.services[*name].mounts();
                mounts.iter().any(|mount| mount.source.as_deref() == Some(key))
            };
            order.iter().filter(uses).cloned().collect()
        };
        let all: Vec<(String, Vec<String>)> = self
            .project
            .volumes
            .keys()
            .map(|key| (key.clone(), users(key)))
            .filter(|(_, users)| !users.is_empty())
            .collect();
        for (key, users) in all {
            let volume = &self.project.volumes[&key];
            let name = self.project.volume_name(&key);
            let has = self.now.volumes.iter().find(|has| has["Name"] == name);
            if volume.external.is {
                if has.is_none() {
                    return Err(Failure::new(format!("external volume \"{name}\" not found"))
                        .help("make it with `docker_volume` first"));
                }
                continue;
            }
            let body = volume_body(&self.project, &key, volume);
            match has {
                Some(has) if !differs(has, &body, "DriverOpts") => {}
                Some(has) if !self.args.assume_yes => {
                    self.warn_of(&format!("volume {name}"), has, &body, "DriverOpts");
                }
                Some(_) => self.renew_volume(&name, body, &users),
                None => {
                    let shown = shown(&body);
                    self.diffs.push(Diff::fields(format!("volume {name}"), &None::<()>, &shown));
                    self.steps.push(Step::CreateVolume { name, body });
                }
            }
        }
        Ok(())
    }

    /// Removes the containers that use a volume, and the volume; makes an empty one.
    fn renew_volume(&mut self, name: &str, body: Value, users: &[String]) {
        for service in users {
            for container in self.now.of_service(service) {
                self.remove(container);
                self.gone.push(id_of(container));
            }
        }
        self.diffs.push(Diff::state(
            format!("volume {name}"),
            "present",
            "replaced by an empty one",
        ));
        self.steps.push(Step::RemoveVolume { name: name.to_owned() });
        self.steps.push(Step::CreateVolume { name: name.to_owned(), body });
    }

    fn warn_of(&mut self, what: &str, has: &Value, body: &Value, options: &str) {
        if differs(has, body, options) {
            self.warnings.push(format!(
                "{what} exists with other settings and is left as it is; remove it first if it must \
                 be made anew"
            ));
        }
    }

    /// The containers of a service.
    fn service(&mut self, name: &str) -> Result<(), Failure> {
        let service = &self.project.services[name];
        let wanted = self.args.scale.get(name).copied().unwrap_or_else(|| service.replicas());
        if wanted > 1 && service.container_name.is_some() {
            return Err(Failure::new(format!(
                "service `{name}` has a `container_name`, and cannot have {wanted} containers"
            ))
            .help("leave `container_name` out"));
        }
        let Some(blueprint) = Blueprint::of(&self.project, name) else { return Ok(()) };
        let existing: Vec<&Value> = self
            .now
            .of_service(name)
            .into_iter()
            .filter(|container| !self.gone.contains(&id_of(container)))
            .collect();
        let count = usize::try_from(wanted).unwrap_or(usize::MAX);
        let mut starting = vec![];
        let first_step = self.steps.len();
        for (index, container) in existing.iter().enumerate() {
            if index >= count {
                self.remove(container);
            } else if self.existing(name, &blueprint, container) {
                starting.push(name_of_number(&self.project, name, container));
            }
        }
        let mut free = (1..).filter(|n| !existing.iter().any(|container| number(container) == *n));
        for _ in existing.len()..count {
            let Some(number) = free.next() else { break };
            let container = Blueprint::container_name(&self.project, name, number);
            self.diffs.push(Diff::fields(
                format!("container {container}"),
                &None::<()>,
                &summary(&blueprint),
            ));
            self.create(&container, number, &blueprint, None);
            starting.push(container);
        }
        if matches!(self.args.state, Wanted::Present | Wanted::Restarted) && !starting.is_empty() {
            let waits = self.conditions(name);
            self.steps.extend(waits);
            self.steps.extend(starting.into_iter().map(|name| Step::Start { name }));
        }
        if self.steps.len() > first_step
            && self.steps[first_step..].iter().any(|step| matches!(step, Step::Create(_)))
        {
            self.remade.push(name.to_owned());
        }
        Ok(())
    }

    /// One container that is there; true where it is to be started.
    fn existing(&mut self, name: &str, blueprint: &Blueprint, container: &Value) -> bool {
        let fresh = self.fresh.contains(&blueprint.service);
        let seen = self.now.images.get(&blueprint.image);
        let desired = seen.and_then(|seen| seen.id()).filter(|_| !fresh);
        let mut differences = differences(blueprint, container, desired, self.now);
        let shares = self.shares_with_remade(name);
        if shares {
            differences.add("shared container", "the old one", "the new one");
        }
        let only_for_image = fresh && differences.is_empty();
        if fresh {
            differences.add("image", &container["Image"], "the new one");
        }
        let replaces = match self.args.recreate {
            Recreate::Always => true,
            Recreate::Never => false,
            Recreate::Auto => !differences.is_empty(),
        };
        let own_name = name_of_number(&self.project, name, container);
        let subject = format!("container {own_name}");
        if replaces {
            if differences.is_empty() {
                differences.add("exists", true, "replaced");
            }
            self.diffs.push(differences.diff(subject));
            self.create(&own_name, number(container), blueprint, Some(container));
            if let Some(Step::Create(create)) = self.steps.last_mut()
                && only_for_image
                && self.args.recreate == Recreate::Auto
            {
                create.only_for_image = container["Image"].as_str().map(str::to_owned);
            }
            return true;
        }
        let (id, container_name) = (id_of(container), name_of(container).to_owned());
        let timeout = self.args.timeout;
        match (self.args.state, runs(container)) {
            (Wanted::Stopped, true) => {
                self.diffs.push(Diff::state(subject, "running", "stopped"));
                self.steps.push(Step::Stop { id, name: container_name, timeout });
                false
            }
            (Wanted::Restarted, true) => {
                self.diffs.push(Diff::state(subject, "running", "restarted"));
                self.steps.push(Step::Restart { id, name: container_name, timeout });
                false
            }
            (Wanted::Present, true) if self.needs_restart(name) => {
                self.diffs.push(Diff::state(subject, "running", "restarted"));
                self.steps.push(Step::Restart { id, name: container_name, timeout });
                false
            }
            (Wanted::Present, false) if self.is_done(name, container) => false,
            (Wanted::Present | Wanted::Restarted, false) => {
                self.diffs.push(Diff::state(subject, "stopped", "running"));
                true
            }
            _ => false,
        }
    }

    /// Whether a container is a job that has come to the good end that others wait for.
    fn is_done(&self, name: &str, container: &Value) -> bool {
        let waits = |service: &Service| {
            let needs = service.depends_on.0.get(name);
            needs.is_some_and(|needs| needs.condition == DependencyCondition::Completed)
        };
        let state = &container["State"];
        state["Status"] == "exited"
            && state["ExitCode"] == 0
            && self.project.services.values().any(waits)
    }

    fn create(&mut self, name: &str, number: u64, blueprint: &Blueprint, old: Option<&Value>) {
        self.steps.push(Step::Create(Box::new(Create {
            name: name.to_owned(),
            number,
            blueprint: blueprint.clone(),
            kept: old.map(|old| self.kept_volumes(blueprint, old)).unwrap_or_default(),
            replaces: old.map(id_of),
            only_for_image: None,
            old_runs: old.is_some_and(runs),
            timeout: self.args.timeout,
        })));
    }

    /// The volumes without a name that go over to the new container.
    fn kept_volumes(&self, blueprint: &Blueprint, old: &Value) -> Vec<String> {
        if self.args.renew_anon_volumes {
            return vec![];
        }
        let binds = blueprint.body["HostConfig"]["Binds"].as_array().cloned().unwrap_or_default();
        let is_bound = |target: &str| {
            let mut targets =
                binds.iter().filter_map(Value::as_str).filter_map(|b| b.split(':').nth(1));
            targets.any(|bound| bound == target)
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mounts = old["Mounts"].as_array().into_iter().flatten();
        mounts
            .filter(|mount| mount["Type"] == "volume" && !is_bound(&text(&mount["Destination"])))
            .filter(|mount| nobody_named(&text(&mount["Name"])))
            .map(|mount| format!("{}:{}", text(&mount["Name"]), text(&mount["Destination"])))
            .collect()
    }

    pub(super) fn remove(&mut self, container: &Value) {
        let (id, name) = (id_of(container), name_of(container).to_owned());
        self.diffs.push(Diff::state(format!("container {name}"), "present", "absent"));
        if runs(container) {
            let (id, name) = (id.clone(), name.clone());
            self.steps.push(Step::Stop { id, name, timeout: self.args.timeout });
        }
        let volumes = self.args.state == Wanted::Absent && self.args.remove_volumes;
        self.steps.push(Step::Remove { id, name, volumes });
    }

    /// What a service waits for before it is started.
    fn conditions(&self, name: &str) -> Vec<Step> {
        let needs = self.project.services[name].needs();
        needs
            .iter()
            .filter(|(other, _)| self.project.services.contains_key(*other))
            .filter_map(|(other, needs)| {
                let condition = Condition::of(needs.condition)?;
                Some(Step::Wait { names: self.names_of(other), condition, seconds: None })
            })
            .collect()
    }

    /// The names that the containers of a service have in the end.
    fn names_of(&self, service: &str) -> Vec<String> {
        let replicas = self.project.services.get(service).map_or(1, Service::replicas);
        let count = self.args.scale.get(service).copied().unwrap_or(replicas);
        (1..=count).map(|n| Blueprint::container_name(&self.project, service, n)).collect()
    }

    /// Whether a container shares something with one that is made anew.
    fn shares_with_remade(&self, name: &str) -> bool {
        let service = &self.project.services[name];
        let modes = [
            service.networking.network_mode.as_deref(),
            service.limits.ipc.as_deref(),
            service.limits.pid.as_deref(),
        ];
        let shared = modes.into_iter().flatten().filter_map(|mode| mode.strip_prefix("service:"));
        let volumes =
            service.volumes_from.iter().map(|from| from.split(':').next().unwrap_or(from));
        shared.chain(volumes).any(|other| self.remade.iter().any(|remade| remade == other))
    }

    /// Whether a service is to be started again because one that it needs is made anew.
    fn needs_restart(&self, name: &str) -> bool {
        let needs = &self.project.services[name].depends_on.0;
        needs.iter().any(|(other, needs)| needs.restart && self.remade.contains(other))
    }

    fn orphans(&mut self) {
        let known = |service: &str| {
            self.project.services.contains_key(service)
                || self.project.disabled.iter().any(|other| other == service)
        };
        let orphans: Vec<&Value> = self
            .now
            .containers
            .iter()
            .filter(|container| !known(label(container, labels::SERVICE)))
            .collect();
        if orphans.is_empty() {
            return;
        }
        if self.args.remove_orphans {
            orphans.into_iter().for_each(|container| self.remove(container));
        } else {
            let names: Vec<&str> = orphans.into_iter().map(name_of).collect();
            self.warnings.push(format!(
                "the files no longer name the services of {}; `remove_orphans: true` removes them",
                names.join(", ")
            ));
        }
    }

    fn wait(&mut self, order: &[String]) {
        if !self.args.wait || self.args.state != Wanted::Present {
            return;
        }
        let names = order.iter().flat_map(|name| self.names_of(name)).collect();
        let seconds = Some(self.args.wait_timeout);
        self.steps.push(Step::Wait { names, condition: Condition::Up, seconds });
    }
}

fn name_of_number(project: &Project, service: &str, container: &Value) -> String {
    Blueprint::container_name(project, service, number(container))
}

/// What is worth knowing of a container that is made.
fn summary(blueprint: &Blueprint) -> Value {
    let body = bare(&blueprint.body);
    let networks: Vec<&String> = blueprint.networks.iter().map(|(name, _)| name).collect();
    let mut shown = json!({"image": blueprint.image});
    for (name, value) in [
        ("entrypoint", &body["Entrypoint"]),
        ("command", &body["Cmd"]),
        ("environment", &body["Env"]),
        ("ports", &body["HostConfig"]["PortBindings"]),
        ("volumes", &body["HostConfig"]["Binds"]),
        ("networks", &json!(networks)),
    ] {
        if !crate::sdk::docker::is_nothing(value) {
            shown[name] = value.clone();
        }
    }
    shown
}

/// A body as it is shown: only what was asked for.
fn shown(body: &Value) -> Value {
    let mut shown = bare(body);
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "Name" | "CheckDuplicate" | "Labels"));
    }
    shown
}

/// Whether an object has another driver or other options than the body would give it.
fn differs(has: &Value, body: &Value, options: &str) -> bool {
    let texts = |value: &Value| serde_json::from_value::<Texts>(value.clone()).unwrap_or_default();
    has["Driver"] != body["Driver"] || !texts(&has["Options"]).has_all(&texts(&body[options]))
}

/// The build of a service's image.
fn build_of(project: &Project, name: &str, service: &Service) -> Result<Build, Failure> {
    let Some(build) = service.build() else {
        return Err(Failure::new(format!("service `{name}` says nothing of how it is built")));
    };
    if let Some(key) = build.needs_buildx() {
        return Err(Failure::new(format!(
            "service `{name}`: `build.{key}` needs buildx, which the Engine's API does not have"
        ))
        .help("build the image with `docker_image_build` before, and name it with `image`"));
    }
    if build.dockerfile_inline.is_some() {
        return Err(Failure::new(format!(
            "service `{name}`: `build.dockerfile_inline` is not taken"
        ))
        .help("write the Dockerfile into the folder with `copy` before"));
    }
    let texts = |pairs: &crate::sdk::docker::compose::Pairs| -> Texts {
        pairs.texts().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    };
    Ok(Build {
        path: build.context.clone(),
        dockerfile: build.dockerfile.clone(),
        image: Blueprint::image_of(project, name),
        args: texts(&build.args),
        labels: texts(&build.labels),
        no_cache: build.no_cache.unwrap_or_default(),
        pull: build.pull.unwrap_or_default(),
        target: build.target.clone(),
        network: build.network.clone(),
        platform: service.platform.clone().or_else(|| build.platforms.0.first().cloned()),
        cache_from: build.cache_from.0.clone(),
        etc_hosts: build.extra_hosts.0.iter().cloned().collect(),
        shm_size: build.shm_size.map(|size| size.0),
        ..Build::default()
    })
}
