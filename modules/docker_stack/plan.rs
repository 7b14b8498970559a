//! What there is to do about a stack.

use serde_json::json;

use super::Args;
use super::apply::{Change, Update};
use super::canonical::{canonical, differences, keep_digest};
use super::desired::{Desired, PREDEFINED};
use super::objects::Objects;
use super::state::{State, labels_of};
use crate::sdk::docker::Texts;
use crate::sdk::docker::compose::Project;
use crate::sdk::docker::swarm::{KeyedKind, stalled};
use crate::sdk::{Diff, Failure, Fields, Plan, Returned, Side, Value};

impl Args {
    pub(super) fn plan_deploying(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let project = self.project(now)?;
        let mut desired = Desired::of(&project)?;
        let mut change = self.change();
        let mut diffs = vec![];
        let mut warnings = vec![];
        Self::refuse_missing(now, &desired, &project)?;
        for kind in [KeyedKind::Secret, KeyedKind::Config] {
            let objects = Objects::of(kind, &project, now)?;
            objects.point(&mut desired);
            diffs.extend(objects.diffs());
            change.take(objects);
        }
        for (name, body) in &desired.networks {
            match now.networks.iter().find(|network| network["Name"] == name.as_str()) {
                None => {
                    diffs.push(Diff::fields(format!("network {name}"), &None::<()>, &shown(body)));
                    change.networks.push(body.clone());
                }
                Some(network) => warnings.extend(network_warning(network, body)),
            }
        }
        let mut changes = Fields::new();
        for (name, mut spec) in desired.services.clone() {
            Self::pin(now, &mut spec);
            let diff = self.plan_service(now, &name, spec, &mut change);
            if let Some(diff) = diff {
                changes.insert(
                    name,
                    json!({"before": side(&diff.before), "after": side(&diff.after)}),
                );
                diffs.push(diff);
            }
        }
        self.plan_pruning(now, &project, &desired.services, &mut change, &mut diffs, &mut warnings);
        if !desired.ignored.is_empty() {
            let keys = desired.ignored.join(", ");
            warnings.push(format!("a swarm has no use for these, they are passed over: {keys}"));
        }
        warnings.extend(
            project.unset.iter().map(|name| format!("the variable `{name}` is not set, and empty")),
        );
        let unknown =
            now.images.iter().filter_map(|(image, told)| Some((image, told.as_ref().err()?)));
        warnings.extend(unknown.map(|(image, reason)| {
            format!("the digest of {image} is not known, and not pinned: {reason}")
        }));
        let mut returned = Returned::new().with("stack_spec_diff", changes);
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        Ok(if diffs.is_empty() {
            Plan::Keep(returned)
        } else {
            Plan::Change { change, diffs, returned }
        })
    }

    /// Plans one service; its diff where there is something to do.
    fn plan_service(
        &self,
        now: &State,
        name: &str,
        mut spec: Value,
        change: &mut Change,
    ) -> Option<Diff> {
        let subject = format!("service {name}");
        let name_of = |id: &str| now.network_name(id);
        let login = self.with_registry_auth.then(|| image_of(&spec)).flatten();
        let Some(has) = now.services.iter().find(|service| service["Spec"]["Name"] == *name) else {
            let mut shown = canonical(&spec, name_of);
            without_marks(&mut shown);
            let after = differences(&json!({}), &shown).diff(subject);
            change.create.push((spec, login));
            return Some(Diff { before: Side::Absent, ..after });
        };
        keep_digest(&mut spec, &has["Spec"]);
        let before = canonical(&has["Spec"], name_of);
        let after = canonical(&spec, name_of);
        let mut differences = differences(&before, &after);
        let id = has["ID"].as_str().unwrap_or_default().to_owned();
        if differences.is_empty() {
            differences.add("update", stalled(now.stalls.get(&id)?), "goes on");
            change.anew.push((name.to_owned(), id));
            return Some(differences.diff(subject));
        }
        // Another mode cannot be given to a service: it is made anew.
        if differences.has("deploy.mode")
            || differences.names().any(|n| n.starts_with("deploy.mode."))
        {
            change.remove.push((name.to_owned(), id));
            change.create.push((spec, login));
        } else {
            change.update.push(Update { name: name.to_owned(), id, spec, login });
        }
        Some(differences.diff(subject))
    }

    /// Writes what a registry has told of the image into a `Spec`: its digest, and which nodes can
    /// run it.
    fn pin(now: &State, spec: &mut Value) {
        let Some(image) = image_of(spec) else { return };
        if let Some(Ok(told)) = now.images.get(&image) {
            let pinned = format!("{image}@{}", told.digest);
            spec["TaskTemplate"]["ContainerSpec"]["Image"] = pinned.into();
            spec["TaskTemplate"]["Placement"]["Platforms"] = json!(told.platforms);
        }
    }

    /// Plans the removal of what the files no longer name.
    fn plan_pruning(
        &self,
        now: &State,
        project: &Project,
        services: &indexmap::IndexMap<String, Value>,
        change: &mut Change,
        diffs: &mut Vec<Diff>,
        warnings: &mut Vec<String>,
    ) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let external = |name: &str| {
            let mut external = project.networks.iter().filter(|(_, network)| network.external.is);
            external.any(|(key, _)| project.network_name(key) == name)
        };
        let left: Vec<(String, String)> = now
            .services
            .iter()
            .map(|service| (text(&service["Spec"]["Name"]), text(&service["ID"])))
            .filter(|(name, _)| !services.contains_key(name))
            .collect();
        let made: Vec<&Value> = services.values().collect();
        let used = |name: &str| {
            made.iter().any(|spec| {
                let networks = spec["TaskTemplate"]["Networks"].as_array().into_iter().flatten();
                networks.into_iter().any(|network| network["Target"] == name)
            })
        };
        let networks: Vec<(String, String)> = State::own(&self.name, &now.networks)
            .map(|network| (text(&network["Name"]), text(&network["Id"])))
            .filter(|(name, _)| !used(name) && !external(name))
            .collect();
        let objects = std::mem::take(&mut change.unused);
        let all = || {
            let services = left.iter().map(|(name, _)| format!("service {name}"));
            let networks = networks.iter().map(|(name, _)| format!("network {name}"));
            let objects = objects.iter().map(|o| format!("{} {}", o.kind.word(), o.name));
            services.chain(networks).chain(objects)
        };
        if self.prune {
            diffs.extend(all().map(|subject| Diff::state(subject, "present", "absent")));
            change.remove.extend(left.iter().cloned());
            change.remove_networks.extend(networks.iter().cloned());
            change.unused = objects;
        } else if all().next().is_some() {
            let names = all().collect::<Vec<_>>().join(", ");
            warnings.push(format!(
                "the files no longer name {names}; `prune: true` removes what they do not name"
            ));
        }
    }

    /// Fails for want of what somebody else is to have made.
    fn refuse_missing(now: &State, desired: &Desired, project: &Project) -> Result<(), Failure> {
        let mut missing: Vec<String> = vec![];
        // Before there is a swarm, nothing can be said of what is in it.
        if now.networks.is_empty() {
            return Ok(());
        }
        for name in &desired.external_networks {
            let found = now.networks.iter().find(|network| network["Name"] == *name);
            match found {
                None => missing.push(format!("network `{name}`")),
                Some(network)
                    if network["Scope"] != "swarm" && !PREDEFINED.contains(&name.as_str()) =>
                {
                    let scope = &network["Scope"];
                    return Err(Failure::new(format!(
                        "network `{name}` has the scope {scope}, and services need one of the swarm"
                    ))
                    .help("make it with `driver: overlay`"));
                }
                Some(_) => {}
            }
        }
        for (what, objects, has) in
            [("secret", &project.secrets, &now.secrets), ("config", &project.configs, &now.configs)]
        {
            for (key, object) in objects.iter().filter(|(_, object)| object.external.is) {
                let name = project.config_name(key, object);
                if !has.iter().any(|has| has["Spec"]["Name"] == name) {
                    missing.push(format!("{what} `{name}`"));
                }
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the files say that somebody else has made what is not there: {}",
            missing.join(", ")
        ))
        .help("make it first, with `docker_network`, `docker_secret` or `docker_config`"))
    }

    pub(super) fn plan_removing(&self, now: &State) -> Plan<Change> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut change = self.change();
        change.remove = now
            .services
            .iter()
            .map(|service| (text(&service["Spec"]["Name"]), text(&service["ID"])))
            .collect();
        change.remove_networks = State::own(&self.name, &now.networks)
            .map(|network| (text(&network["Name"]), text(&network["Id"])))
            .collect();
        for (kind, all) in [(KeyedKind::Secret, &now.secrets), (KeyedKind::Config, &now.configs)] {
            let own = State::own(&self.name, all);
            change.unused.extend(own.map(|object| super::objects::Unused {
                kind,
                id: text(&object["ID"]),
                name: text(&object["Spec"]["Name"]),
            }));
        }
        let services = change.remove.iter().map(|(name, _)| format!("service {name}"));
        let networks = change.remove_networks.iter().map(|(name, _)| format!("network {name}"));
        let objects = change.unused.iter().map(|o| format!("{} {}", o.kind.word(), o.name));
        let all = services.chain(networks).chain(objects);
        let diffs: Vec<Diff> =
            all.map(|subject| Diff::state(subject, "present", "absent")).collect();
        if diffs.is_empty() {
            return Plan::keep();
        }
        change.gone = Some((self.absent_retries, self.absent_retries_interval));
        Plan::Change { change, diffs, returned: Returned::new() }
    }

    /// A change that does nothing yet.
    fn change(&self) -> Change {
        Change {
            wait: (!self.detach).then_some(self.wait_timeout),
            docker: self.docker.clone(),
            ..Change::default()
        }
    }
}

/// One side of what changes, for the task to return.
fn side(side: &Side) -> Option<&Value> {
    match side {
        Side::Fields(fields) => Some(fields),
        _ => None,
    }
}

/// Takes away what every service of a stack has and nobody needs to be told.
fn without_marks(spec: &mut Value) {
    if let Some(fields) = spec.as_object_mut() {
        fields.shift_remove("Name");
    }
    for place in ["/Labels", "/TaskTemplate/ContainerSpec/Labels"] {
        if let Some(Value::Object(labels)) = spec.pointer_mut(place) {
            labels.retain(|name, _| !name.starts_with("com.docker.stack."));
        }
    }
}

fn image_of(spec: &Value) -> Option<String> {
    spec["TaskTemplate"]["ContainerSpec"]["Image"].as_str().map(str::to_owned)
}

/// A network's body as it is shown.
fn shown(body: &Value) -> Value {
    let mut shown = crate::sdk::docker::bare(body);
    if let Some(fields) = shown.as_object_mut() {
        fields.shift_remove("CheckDuplicate");
        fields.shift_remove("Name");
        *fields = std::mem::take(fields)
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
    }
    shown
}

/// Tells of a network that is not as the files say.
fn network_warning(network: &Value, body: &Value) -> Option<String> {
    let texts = |value: &Value| serde_json::from_value::<Texts>(value.clone()).unwrap_or_default();
    let mut differing = vec![];
    for (key, name) in [
        ("Driver", "driver"),
        ("Internal", "internal"),
        ("Attachable", "attachable"),
        ("EnableIPv6", "enable_ipv6"),
    ] {
        if network[key] != body[key] {
            differing.push(name);
        }
    }
    if !texts(&network["Options"]).has_all(&texts(&body["Options"])) {
        differing.push("driver_opts");
    }
    if !texts(labels_of(network)).has_all(&texts(&body["Labels"])) {
        differing.push("labels");
    }
    let subnets = |value: &Value| -> Vec<Value> {
        let pools = value["IPAM"]["Config"].as_array().into_iter().flatten();
        pools.filter_map(|pool| pool.get("Subnet").filter(|s| !s.is_null()).cloned()).collect()
    };
    let asked = subnets(body);
    if !asked.is_empty() && asked != subnets(network) {
        differing.push("ipam");
    }
    (!differing.is_empty()).then(|| {
        format!(
            "network {} exists with other settings ({}) and is left as it is: a network in use \
             cannot be altered; remove the stack first if it must be",
            network["Name"].as_str().unwrap_or_default(),
            differing.join(", ")
        )
    })
}
