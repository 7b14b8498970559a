//! What there is to do so that nothing of a project is left.

use super::planner::Planner;
use super::state::ProjectState;
use super::steps::{ProjectChange, Step};

use super::{RemoveImages, UpOptions};
use crate::sdk::docker::compose::{Blueprint, ComposeOptions, labels};
use crate::sdk::{Diff, Failure, Plan, Value};

impl UpOptions {
    pub(super) fn plan_down(
        &self,
        compose: &ComposeOptions,
        now: &ProjectState,
    ) -> Result<Plan<ProjectChange>, Failure> {
        let project = compose.project(&now.files, &self.services)?;
        let chosen = self.chosen(&project);
        let mut planner = Planner::new(self, compose.docker(), now, project);
        let order: Vec<String> =
            planner.project.in_order().iter().rev().map(|name| (*name).to_owned()).collect();
        // Those that need others go first.
        for name in order.iter().filter(|name| chosen.contains(name)) {
            for container in now.of_service(name) {
                planner.remove(container);
            }
        }
        if self.remove_orphans {
            let known = |service: &str| planner.project.services.contains_key(service);
            let orphans: Vec<&Value> = now
                .containers
                .iter()
                .filter(|container| !known(super::state::label(container, labels::SERVICE)))
                .collect();
            for container in orphans {
                planner.remove(container);
            }
        }
        if self.services.is_empty() {
            planner.remove_objects();
        }
        Ok(planner.finish())
    }
}

impl Planner<'_> {
    /// Networks, and as far as that is wanted volumes and images. What the files call external
    /// stays although the project has made it once, and so do volumes that they do not name.
    fn remove_objects(&mut self) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let project = &self.project;
        let own = |object: &&Value| object["Labels"][labels::PROJECT] == project.name;
        let networks = project.networks.iter().filter(|(_, network)| network.external.is);
        let external: Vec<String> = networks.map(|(key, _)| project.network_name(key)).collect();
        let volumes = project.volumes.iter().filter(|(_, volume)| !volume.external.is);
        let volumes: Vec<String> = volumes.map(|(key, _)| project.volume_name(key)).collect();
        for network in self.now.networks.iter().filter(own) {
            if external.iter().any(|name| network["Name"] == name.as_str()) {
                continue;
            }
            let (id, name) = (text(&network["Id"]), text(&network["Name"]));
            self.diffs.push(Diff::state(format!("network {name}"), "present", "absent"));
            self.steps.push(Step::RemoveNetwork { id, name });
        }
        if self.options.remove_volumes {
            for volume in self.now.volumes.iter().filter(own) {
                let name = text(&volume["Name"]);
                if !volumes.contains(&name) {
                    continue;
                }
                self.diffs.push(Diff::state(format!("volume {name}"), "present", "absent"));
                self.steps.push(Step::RemoveVolume { name, may_stay: true });
            }
        }
        let Some(which) = self.options.remove_images else { return };
        let mut images: Vec<String> = vec![];
        for (name, service) in &self.project.services {
            let image = Blueprint::image_of(&self.project, name);
            let is_there = self.now.images.get(&image).is_some_and(|seen| seen.local.is_some());
            let wanted = which == RemoveImages::All || service.image.is_none();
            if is_there && wanted && !images.contains(&image) {
                images.push(image);
            }
        }
        for name in images {
            self.diffs.push(Diff::state(format!("image {name}"), "present", "absent"));
            self.steps.push(Step::RemoveImage { name });
        }
    }
}
