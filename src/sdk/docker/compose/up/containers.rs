//! What there is to do about the containers of a service that are there.

use super::compare::{differences, nobody_named, targets};
use super::create::Create;
use super::planner::Planner;
use super::state::{id_of, name_of, number, runs};
use super::steps::Step;
use super::{Recreate, WantedState};
use crate::sdk::docker::compose::{Blueprint, Project};
use crate::sdk::{Diff, Value};

impl Planner<'_> {
    /// One container that is there: the name it has in the end, and whether it is to be started.
    pub(super) fn existing(
        &mut self,
        name: &str,
        blueprint: &Blueprint,
        container: &Value,
    ) -> (String, bool) {
        let own_name = Blueprint::container_name(&self.project, name, number(container));
        let replaces = self.replaces(name, &own_name, blueprint, container);
        if replaces {
            return (own_name, true);
        }
        let (id, container_name) = (id_of(container), name_of(container).to_owned());
        let subject = format!("container {container_name}");
        let timeout = self.grace(container);
        let starts = match (self.options.state, runs(container)) {
            (WantedState::Stopped, true) => {
                self.diffs.push(Diff::state(subject, "running", "stopped"));
                let (name, hooks) = (container_name.clone(), self.hooks(name, &container_name).1);
                self.steps.push(Step::Stop { id, name, timeout, hooks });
                false
            }
            (_, true) if self.restarts(name) => {
                self.diffs.push(Diff::state(subject, "running", "restarted"));
                let (after, before) = self.hooks(name, &container_name);
                let name = container_name.clone();
                self.steps.push(Step::Restart { id, name, timeout, before, after });
                false
            }
            (WantedState::Present, false) if self.is_done(name, container) => false,
            (WantedState::Present | WantedState::Restarted, false) => {
                self.diffs.push(Diff::state(subject, "stopped", "running"));
                true
            }
            _ => false,
        };
        (container_name, starts)
    }

    /// Plans another container in the place of one, where that must be.
    fn replaces(
        &mut self,
        name: &str,
        own_name: &str,
        blueprint: &Blueprint,
        container: &Value,
    ) -> bool {
        let fresh = self.fresh.contains(&blueprint.image);
        let seen = self.now.images.get(&blueprint.image);
        let desired = seen.and_then(|seen| seen.id()).filter(|_| !fresh);
        let mut differences = differences(blueprint, container, desired, self.now);
        if !is_named(&self.project, name, container) {
            differences.add("container_name", name_of(container), own_name);
        }
        let may_stay = differences.is_empty() && self.options.recreate == Recreate::Auto;
        let follows = self.shares_with_remade(name);
        if !follows.is_empty() {
            differences.add("shared container", "the old one", "the new one");
        }
        if fresh {
            differences.add("image", &container["Image"], "the new one");
        }
        let replaces = match self.options.recreate {
            Recreate::Always => true,
            Recreate::Never => false,
            Recreate::Auto => !differences.is_empty(),
        };
        if !replaces {
            return false;
        }
        if differences.is_empty() {
            differences.add("exists", true, "replaced");
        }
        self.diffs.push(differences.diff(format!("container {own_name}")));
        self.create(own_name, number(container), blueprint, Some(container));
        if let Some(Step::Create(create)) = self.steps.last_mut().filter(|_| may_stay) {
            create.follows = follows;
            create.only_for_image =
                container["Image"].as_str().filter(|_| fresh).map(str::to_owned);
        }
        true
    }

    pub(super) fn create(
        &mut self,
        name: &str,
        number: u64,
        blueprint: &Blueprint,
        old: Option<&Value>,
    ) {
        self.steps.push(Step::Create(Box::new(Create {
            name: name.to_owned(),
            number,
            blueprint: blueprint.clone(),
            kept: old.map(|old| self.kept_volumes(blueprint, old)).unwrap_or_default(),
            replaces: old.map(id_of),
            only_for_image: None,
            follows: vec![],
            old_runs: old.is_some_and(runs),
            hooks: old
                .filter(|old| runs(old))
                .map(|old| self.hooks(&blueprint.service, &id_of(old)).1)
                .unwrap_or_default(),
            timeout: old.map_or(self.options.timeout, |old| self.grace(old)),
        })));
    }

    /// The volumes without a name that go over to the new container.
    fn kept_volumes(&self, blueprint: &Blueprint, old: &Value) -> Vec<String> {
        if self.options.renew_anon_volumes {
            return vec![];
        }
        let taken = targets(&blueprint.body["HostConfig"]);
        let is_bound = |target: &str| taken.iter().any(|taken| taken == target);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mounts = old["Mounts"].as_array().into_iter().flatten();
        mounts
            .filter(|mount| mount["Type"] == "volume" && !is_bound(&text(&mount["Destination"])))
            .filter(|mount| nobody_named(&text(&mount["Name"])))
            .map(|mount| format!("{}:{}", text(&mount["Name"]), text(&mount["Destination"])))
            .collect()
    }

    /// The services that are made anew, and that a container shares something with.
    fn shares_with_remade(&self, name: &str) -> Vec<String> {
        let service = &self.project.services[name];
        let modes = [
            service.networking.network_mode.as_deref(),
            service.limits.ipc.as_deref(),
            service.limits.pid.as_deref(),
        ];
        let shared = modes.into_iter().flatten().filter_map(|mode| mode.strip_prefix("service:"));
        let volumes =
            service.volumes_from.iter().map(|from| from.split(':').next().unwrap_or(from));
        let is_remade = |other: &&str| self.remade.iter().any(|remade| remade == other);
        shared.chain(volumes).filter(is_remade).map(str::to_owned).collect()
    }
}

/// Whether a container has the name that its service gives it: the one that the files say, else
/// one of those that are made of the project's name, as compose files of any version have them.
fn is_named(project: &Project, service: &str, container: &Value) -> bool {
    let (name, number) = (name_of(container), number(container));
    let usual = Blueprint::container_name(project, service, number);
    let has_own = project.services.get(service).is_some_and(|s| s.container_name.is_some());
    name == usual || (!has_own && name == format!("{}_{service}_{number}", project.name))
}
