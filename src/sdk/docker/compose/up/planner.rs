//! What is decided about a project so far.

use std::collections::BTreeMap;

use super::compare::nobody_named;
use super::state::{ProjectState, id_of, label, name_of, runs};
use super::steps::{ProjectChange, Step};
use super::{UpOptions, WantedState, output};
use crate::sdk::docker::compose::{Hook, Pairs, Project, labels};
use crate::sdk::docker::{ContainerCommand, DockerOptions, Texts};
use crate::sdk::{Diff, Plan, Returned, Value};

/// What is decided so far.
pub(super) struct Planner<'a> {
    pub(super) options: &'a UpOptions,
    pub(super) docker: DockerOptions,
    pub(super) now: &'a ProjectState,
    pub(super) project: Project,
    pub(super) steps: Vec<Step>,
    pub(super) diffs: Vec<Diff>,
    pub(super) warnings: Vec<String>,
    /// Images that are pulled or built anew.
    pub(super) fresh: Vec<String>,
    /// Services of which a container is made or made anew.
    pub(super) remade: Vec<String>,
    /// The names that the containers of a service have in the end, of those seen to so far.
    pub(super) names: BTreeMap<String, Vec<String>>,
    /// Containers that are gone by the time that new ones are made, by their ids.
    pub(super) gone: Vec<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        options: &'a UpOptions,
        docker: DockerOptions,
        now: &'a ProjectState,
        project: Project,
    ) -> Self {
        let unset = project.unset.iter();
        let warnings =
            unset.map(|name| format!("the variable `{name}` is not set, and empty")).collect();
        Self {
            options,
            docker,
            now,
            project,
            steps: vec![],
            diffs: vec![],
            warnings,
            fresh: vec![],
            remade: vec![],
            names: BTreeMap::new(),
            gone: vec![],
        }
    }

    /// The plan.
    pub(super) fn finish(self) -> Plan<ProjectChange> {
        let mut returned = output::before(self.now).and(output::actions(&self.steps));
        if !self.warnings.is_empty() {
            returned.set("warnings", self.warnings.as_slice());
        }
        if self.steps.iter().all(|step| matches!(step, Step::Wait { .. })) && self.diffs.is_empty()
        {
            return Plan::Keep(returned.and(Returned::new().with("actions", [0; 0])));
        }
        let (change, diffs, _) = self.into_parts();
        Plan::Change { change, diffs, returned }
    }

    /// The change, how it is shown, and what is to be warned of.
    pub(super) fn into_parts(self) -> (ProjectChange, Vec<Diff>, Vec<String>) {
        let change = ProjectChange {
            project: self.project.name,
            steps: self.steps,
            warnings: self.warnings.clone(),
            ignore_builds: self.options.ignore_build_events,
            docker: self.docker,
        };
        (change, self.diffs, self.warnings)
    }

    /// Plans the end of a container.
    pub(super) fn remove(&mut self, container: &Value) {
        let (id, name) = (id_of(container), name_of(container).to_owned());
        self.diffs.push(Diff::state(format!("container {name}"), "present", "absent"));
        if runs(container) {
            let (id, name, timeout) = (id.clone(), name.clone(), self.grace(container));
            let hooks = self.hooks(label(container, labels::SERVICE), &name).1;
            self.steps.push(Step::Stop { id, name, timeout, hooks });
        }
        let volumes = self.options.state == WantedState::Absent && self.options.remove_volumes;
        self.steps.push(Step::Remove { id, name, volumes });
        if volumes {
            // One that has come over from another container is not removed with this one.
            let mounts = container["Mounts"].as_array().into_iter().flatten();
            let names = mounts.filter_map(|mount| mount["Name"].as_str());
            let names = names.filter(|name| nobody_named(name)).map(str::to_owned);
            self.steps.extend(names.map(|name| Step::RemoveVolume { name, may_stay: true }));
        }
    }

    /// How many seconds a container has for stopping; `None` where the Engine decides.
    pub(super) fn grace(&self, container: &Value) -> Option<i64> {
        self.options.timeout.or_else(|| container["Config"]["StopTimeout"].as_i64())
    }

    /// The commands that are run in a container of a service: once it has started, and before
    /// it is stopped.
    pub(super) fn hooks(
        &self,
        service: &str,
        container: &str,
    ) -> (Vec<ContainerCommand>, Vec<ContainerCommand>) {
        let Some(service) = self.project.services.get(service) else { return (vec![], vec![]) };
        let command = |hook: &Hook| ContainerCommand {
            container: container.to_owned(),
            argv: hook.command.0.clone(),
            directory: hook.working_dir.clone(),
            user: hook.user.clone(),
            environment: texts(&hook.environment),
            terminal: false,
            privileged: hook.privileged,
        };
        let all = |hooks: &[Hook]| hooks.iter().map(command).collect();
        (all(&service.process.post_start), all(&service.process.pre_stop))
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
        if self.options.remove_orphans {
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

/// Pairs as a mapping.
pub(super) fn texts(pairs: &Pairs) -> Texts {
    pairs.texts().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}
