//! What is decided about a project so far.

use super::compare::nobody_named;
use super::state::{State, id_of, label, name_of, runs};
use super::steps::{Change, Step};
use super::{Args, Wanted, output};
use crate::sdk::docker::compose::{Project, labels};
use crate::sdk::{Diff, Plan, Returned, Value};

/// What is decided so far.
pub(super) struct Planner<'a> {
    pub(super) args: &'a Args,
    pub(super) now: &'a State,
    pub(super) project: Project,
    pub(super) steps: Vec<Step>,
    pub(super) diffs: Vec<Diff>,
    pub(super) warnings: Vec<String>,
    /// Services whose image is pulled or built anew.
    pub(super) fresh: Vec<String>,
    /// Services of which a container is made or made anew.
    pub(super) remade: Vec<String>,
    /// Containers that are gone by the time that new ones are made, by their ids.
    pub(super) gone: Vec<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(args: &'a Args, now: &'a State, project: Project) -> Self {
        let unset = project.unset.iter();
        let mut warnings: Vec<String> =
            unset.map(|name| format!("the variable `{name}` is not set, and empty")).collect();
        for (name, service) in &project.services {
            let process = &service.process;
            let left = [
                ("post_start", !process.post_start.is_empty()),
                ("pre_stop", !process.pre_stop.is_empty()),
                ("provider", service.provider.is_some()),
                ("models", service.models.is_some()),
            ];
            let given = left.iter().filter(|(_, given)| *given);
            warnings
                .extend(given.map(|(key, _)| format!("service `{name}`: `{key}` is passed over")));
        }
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

    /// Plans the end of a container.
    pub(super) fn remove(&mut self, container: &Value) {
        let (id, name) = (id_of(container), name_of(container).to_owned());
        self.diffs.push(Diff::state(format!("container {name}"), "present", "absent"));
        if runs(container) {
            let (id, name) = (id.clone(), name.clone());
            self.steps.push(Step::Stop { id, name, timeout: self.args.timeout });
        }
        let volumes = self.args.state == Wanted::Absent && self.args.remove_volumes;
        self.steps.push(Step::Remove { id, name, volumes });
        if volumes {
            // One that has come over from another container is not removed with this one.
            let mounts = container["Mounts"].as_array().into_iter().flatten();
            let names = mounts.filter_map(|mount| mount["Name"].as_str());
            let names = names.filter(|name| nobody_named(name)).map(str::to_owned);
            self.steps.extend(names.map(|name| Step::RemoveVolume { name }));
        }
    }

    /// Plans the end of containers that belong to no service, or tells of them.
    pub(super) fn orphans(&mut self) {
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
            for container in orphans {
                self.remove(container);
            }
        } else {
            let names: Vec<&str> = orphans.into_iter().map(name_of).collect();
            self.warnings.push(format!(
                "the files no longer name the services of {}; `remove_orphans: true` removes them",
                names.join(", ")
            ));
        }
    }
}
