//! The volumes of a project.

use super::planner::Planner;
use super::state::id_of;
use super::steps::Step;
use crate::sdk::docker::compose::volume_body;
use crate::sdk::docker::{Texts, bare};
use crate::sdk::{Diff, Failure, Value};

impl Planner<'_> {
    /// Makes the volumes that are missing.
    pub(super) fn volumes(&mut self, order: &[String]) -> Result<(), Failure> {
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
                Some(has) if !differs(has, &body) => {}
                Some(_) if !self.options.assume_yes => {
                    self.warnings.push(other_settings(&format!("volume {name}")));
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
        self.steps.push(Step::RemoveVolume { name: name.to_owned(), may_stay: false });
        self.steps.push(Step::CreateVolume { name: name.to_owned(), body });
    }
}

/// A body as it is shown: only what was asked for.
pub(super) fn shown(body: &Value) -> Value {
    let mut shown = bare(body);
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "Name" | "CheckDuplicate" | "Labels"));
    }
    shown
}

/// What is told of an object that is not touched.
pub(super) fn other_settings(what: &str) -> String {
    format!(
        "{what} exists with other settings and is left as it is; remove it first if it must be \
         made anew"
    )
}

/// Whether a volume has another driver or other options than the body would give it.
fn differs(has: &Value, body: &Value) -> bool {
    let texts = |value: &Value| serde_json::from_value::<Texts>(value.clone()).unwrap_or_default();
    has["Driver"] != body["Driver"] || !texts(&has["Options"]).has_all(&texts(&body["DriverOpts"]))
}
