//! What there is to do so that a project runs, or is stopped.

use serde_json::json;

use super::compare::{differences, nobody_named};
use super::create::Create;
use super::planner::Planner;
use super::state::{ProjectState, id_of, name_of, number, runs};
use super::steps::{Condition, ProjectChange, Step};
use super::{Recreate, UpOptions, WantedState};
use crate::sdk::docker::bare;
use crate::sdk::docker::compose::{
    Blueprint, ComposeOptions, DependencyCondition, Project, Service,
};
use crate::sdk::{Diff, Failure, Plan, Value};

impl UpOptions {
    /// Decides what there is to do about the project.
    ///
    /// # Errors
    ///
    /// What is asked for cannot be.
    pub fn plan(
        &self,
        compose: &ComposeOptions,
        now: &ProjectState,
    ) -> Result<Plan<ProjectChange>, Failure> {
        match self.state {
            WantedState::Absent => self.plan_down(compose, now),
            _ => self.plan_up(compose, now),
        }
    }

    fn plan_up(
        &self,
        compose: &ComposeOptions,
        now: &ProjectState,
    ) -> Result<Plan<ProjectChange>, Failure> {
        let project = compose.project(&now.files, &self.services)?;
        let mut planner = Planner::new(self, &compose.docker, now, project);
        let order = planner.objects()?;
        planner.services(&order)?;
        planner.orphans();
        planner.wait(&order);
        Ok(planner.finish())
    }

    /// Decides what there is to do before a command is run for the service that is chosen: its
    /// image, networks and volumes, and unless `dependencies` leaves them out the services that
    /// it needs.
    ///
    /// # Errors
    ///
    /// What is asked for cannot be.
    pub fn plan_before(
        &self,
        compose: &ComposeOptions,
        now: &ProjectState,
    ) -> Result<(ProjectChange, Vec<Diff>, Vec<String>), Failure> {
        let project = compose.project(&now.files, &self.services)?;
        let mut planner = Planner::new(self, &compose.docker, now, project);
        let mut order = planner.objects()?;
        order.retain(|name| !self.services.contains(name));
        planner.services(&order)?;
        if self.remove_orphans {
            planner.orphans();
        }
        if self.dependencies {
            let waits = self.services.iter().flat_map(|name| planner.conditions(name));
            let waits: Vec<Step> = waits.collect();
            planner.steps.extend(waits);
        }
        Ok(planner.into_parts())
    }
}

impl Planner<'_> {
    /// What the services need that are chosen; gives these in the order of their needs.
    fn objects(&mut self) -> Result<Vec<String>, Failure> {
        let chosen = self.options.chosen(&self.project);
        let order: Vec<String> = self.project.in_order().iter().map(|s| (*s).to_owned()).collect();
        let order: Vec<String> = order.into_iter().filter(|name| chosen.contains(name)).collect();
        for name in &order {
            self.refuse_helpers(name)?;
            self.image(name)?;
        }
        self.networks(&order)?;
        self.volumes(&order)?;
        Ok(order)
    }

    /// Refuses a service that programs beside the Engine have a part in.
    fn refuse_helpers(&self, name: &str) -> Result<(), Failure> {
        let service = &self.project.services[name];
        let starts = matches!(self.options.state, WantedState::Present | WantedState::Restarted);
        let (key, needs) = match (&service.provider, &service.models) {
            (Some(_), _) => ("provider", "a program that makes it"),
            (None, Some(_)) => ("models", "Docker's model runner"),
            (None, None) => return Ok(()),
        };
        if !starts {
            return Ok(());
        }
        Err(Failure::new(format!(
            "service `{name}`: `{key}` needs {needs}, which the Engine's API does not have"
        ))
        .help("leave it out with `services`, or give it a profile that is not chosen"))
    }

    fn services(&mut self, order: &[String]) -> Result<(), Failure> {
        // Those that need others are stopped first.
        let backwards: Vec<&String> = match self.options.state {
            WantedState::Stopped => order.iter().rev().collect(),
            _ => order.iter().collect(),
        };
        backwards.into_iter().try_for_each(|name| self.service(name))
    }

    /// The containers of a service.
    fn service(&mut self, name: &str) -> Result<(), Failure> {
        let service = &self.project.services[name];
        let wanted = self.options.scale.get(name).copied().unwrap_or_else(|| service.replicas());
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
        if matches!(self.options.state, WantedState::Present | WantedState::Restarted)
            && !starting.is_empty()
        {
            let waits = self.conditions(name);
            self.steps.extend(waits);
            for container in starting {
                let hooks = self.hooks(name, &container).0;
                self.steps.push(Step::Start { name: container, hooks });
            }
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
        let replaces = match self.options.recreate {
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
                && self.options.recreate == Recreate::Auto
            {
                create.only_for_image = container["Image"].as_str().map(str::to_owned);
            }
            return true;
        }
        let (id, container_name) = (id_of(container), name_of(container).to_owned());
        let timeout = self.options.timeout;
        match (self.options.state, runs(container)) {
            (WantedState::Stopped, true) => {
                self.diffs.push(Diff::state(subject, "running", "stopped"));
                let hooks = self.hooks(name, &container_name).1;
                self.steps.push(Step::Stop { id, name: container_name, timeout, hooks });
                false
            }
            (_, true) if self.restarts(name) => {
                self.diffs.push(Diff::state(subject, "running", "restarted"));
                self.restart(name, id, container_name);
                false
            }
            (WantedState::Present, false) if self.is_done(name, container) => false,
            (WantedState::Present | WantedState::Restarted, false) => {
                self.diffs.push(Diff::state(subject, "stopped", "running"));
                true
            }
            _ => false,
        }
    }

    fn restart(&mut self, service: &str, id: String, name: String) {
        let timeout = self.options.timeout;
        let (after, before) = self.hooks(service, &name);
        self.steps.push(Step::Restart { id, name, timeout, before, after });
    }

    /// Whether others wait for the good end of a service.
    fn is_job(&self, name: &str) -> bool {
        self.project.services.values().any(|service| {
            let needs = service.depends_on.0.get(name);
            needs.is_some_and(|needs| needs.condition == DependencyCondition::Completed)
        })
    }

    /// Whether a container is a job that has come to its good end.
    fn is_done(&self, name: &str, container: &Value) -> bool {
        let state = &container["State"];
        state["Status"] == "exited" && state["ExitCode"] == 0 && self.is_job(name)
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
            hooks: old
                .filter(|old| runs(old))
                .map(|old| self.hooks(&blueprint.service, &id_of(old)).1)
                .unwrap_or_default(),
            timeout: self.options.timeout,
        })));
    }

    /// The volumes without a name that go over to the new container.
    fn kept_volumes(&self, blueprint: &Blueprint, old: &Value) -> Vec<String> {
        if self.options.renew_anon_volumes {
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
        let count = self.options.scale.get(service).copied().unwrap_or(replicas);
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

    /// Whether a service that runs is to be started again: as asked for, or because one that it
    /// needs is made anew.
    fn restarts(&self, name: &str) -> bool {
        if self.options.state != WantedState::Present {
            return self.options.state == WantedState::Restarted;
        }
        let needs = &self.project.services[name].depends_on.0;
        needs.iter().any(|(other, needs)| needs.restart && self.remade.contains(other))
    }

    fn wait(&mut self, order: &[String]) {
        if !self.options.wait || self.options.state != WantedState::Present {
            return;
        }
        // Jobs come to their end, and are not waited for.
        let stays = |name: &&String| !self.is_job(name);
        let names = order.iter().filter(stays).flat_map(|name| self.names_of(name)).collect();
        let seconds = Some(self.options.wait_timeout);
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
