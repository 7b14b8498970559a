//! What there is to do so that a project runs, or is stopped.

use serde_json::json;

use super::planner::Planner;
use super::state::{ProjectState, id_of, number};
use super::steps::{Condition, ProjectChange, Step};
use super::{UpOptions, WantedState};
use crate::sdk::docker::bare;
use crate::sdk::docker::compose::refused::refuse;
use crate::sdk::docker::compose::{Blueprint, ComposeOptions, Dependency, DependencyCondition};
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
        let mut planner = Planner::new(self, compose.docker(), now, project);
        let order = planner.objects()?;
        // First, for what they hold: ports, and names that are to be another service's.
        planner.orphans();
        planner.services(&order)?;
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
        let mut planner = Planner::new(self, compose.docker(), now, project);
        let mut order = planner.objects()?;
        order.retain(|name| !self.services.contains(name));
        if self.remove_orphans {
            planner.orphans();
        }
        planner.services(&order)?;
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
        let starts = matches!(self.options.state, WantedState::Present | WantedState::Restarted);
        for name in &order {
            if starts {
                refuse(&self.project, name)?;
            }
            self.image(name)?;
        }
        self.networks(&order)?;
        self.volumes(&order)?;
        Ok(order)
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
        let (mut names, mut starting) = (vec![], vec![]);
        let first_step = self.steps.len();
        for (index, container) in existing.iter().enumerate() {
            if index >= count {
                self.remove(container);
                continue;
            }
            let (container, starts) = self.existing(name, &blueprint, container);
            starting.extend(starts.then(|| container.clone()));
            names.push(container);
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
            starting.push(container.clone());
            names.push(container);
        }
        self.names.insert(name.to_owned(), names);
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

    /// Whether others wait for the good end of a service.
    fn is_job(&self, name: &str) -> bool {
        self.project.services.values().any(|service| {
            let needs = service.depends_on.0.get(name);
            needs.is_some_and(|needs| needs.condition == DependencyCondition::Completed)
        })
    }

    /// Whether a container is a job that has come to its good end.
    pub(super) fn is_done(&self, name: &str, container: &Value) -> bool {
        let state = &container["State"];
        state["Status"] == "exited" && state["ExitCode"] == 0 && self.is_job(name)
    }

    /// What a service waits for before it is started, in those that this is about.
    fn conditions(&self, name: &str) -> Vec<Step> {
        let needs = self.project.services[name].needs();
        let wait = |(other, needs): (&String, &Dependency)| {
            let (names, condition) = (self.names.get(other)?, Condition::of(needs.condition)?);
            let (names, required) = (names.clone(), needs.required);
            Some(Step::Wait { names, condition, seconds: None, required })
        };
        needs.iter().filter_map(wait).collect()
    }

    /// Whether a service that runs is to be started again: as asked for, or because one that it
    /// needs is made anew.
    pub(super) fn restarts(&self, name: &str) -> bool {
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
        let names = order.iter().filter(stays).filter_map(|name| self.names.get(name));
        let (names, seconds) = (names.flatten().cloned().collect(), self.options.wait_timeout);
        let (condition, seconds) = (Condition::Up, Some(seconds));
        self.steps.push(Step::Wait { names, condition, seconds, required: true });
    }
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
