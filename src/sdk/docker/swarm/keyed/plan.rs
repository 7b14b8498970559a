//! What there is to do about a name.

use serde_json::json;

use super::key::{self, OWN, PLAIN, STAND_IN, VERSION};
use super::{Keyed, KeyedChange, KeyedCreate, KeyedObject, KeyedState, KeyedUser, Relabel};
use crate::base::Diff;
use crate::sdk::docker::Differences;
use crate::sdk::{Failure, Plan, Returned};
use crate::spec::Presence;

/// What differs about one object.
struct Comparison {
    differences: Differences,
    /// Whether it must be replaced.
    replace: bool,
    /// Whether nothing tells what it holds.
    unknown: bool,
}

impl Keyed<'_> {
    /// Decides.
    pub fn decide(&self, now: &KeyedState) -> Result<Plan<KeyedChange>, Failure> {
        let name = &self.options.name;
        let mut objects: Vec<&KeyedObject> = if self.options.rolling_versions {
            now.objects.iter().filter(|object| object.version_of(name).is_some()).collect()
        } else {
            let own =
                |object: &&KeyedObject| object.spec.name == *name || object.stands_in_for(name);
            now.objects.iter().filter(own).collect()
        };
        objects.sort_by_key(|object| object.version_of(name));
        if self.options.state == Presence::Absent {
            return Ok(self.removing(&objects));
        }
        let data = self.content(now)?;
        if self.options.rolling_versions {
            self.rolling(now, &objects, data)
        } else {
            Ok(self.under_one_name(now, &objects, data))
        }
    }

    fn removing(&self, objects: &[&KeyedObject]) -> Plan<KeyedChange> {
        if objects.is_empty() {
            return Plan::keep();
        }
        let names: Vec<&str> = objects.iter().map(|object| object.spec.name.as_str()).collect();
        let remove = objects.iter().map(|object| object.id.clone()).collect();
        let diff = Diff::fields(self.subject(), &json!({"names": names}), &json!({"names": []}));
        Plan::change(KeyedChange { remove, ..self.change(vec![]) }, diff)
    }

    /// The plan for one object of the name, with services that follow it.
    fn under_one_name(
        &self,
        now: &KeyedState,
        objects: &[&KeyedObject],
        data: Vec<u8>,
    ) -> Plan<KeyedChange> {
        let name = &self.options.name;
        let main = objects.iter().find(|object| object.spec.name == *name).copied();
        let copies: Vec<&KeyedObject> =
            objects.iter().filter(|object| object.spec.name != *name).copied().collect();
        let mut compared = main.map(|main| self.compare(main, &data));
        let replaces = compared.as_ref().is_none_or(|compared| compared.replace);

        let users = |of: &[&KeyedObject]| -> Vec<KeyedUser> {
            let uses_one = |user: &&KeyedUser| of.iter().any(|o| user.uses.contains(&o.id));
            now.users.iter().filter(uses_one).cloned().collect()
        };
        let main_users = main.filter(|_| replaces).map(|main| users(&[main])).unwrap_or_default();
        let mut back = users(&copies);
        back.extend(
            main_users.iter().filter(|user| !back.contains(user)).cloned().collect::<Vec<_>>(),
        );

        let mut change = KeyedChange {
            remove: main.filter(|_| replaces).map(|main| main.id.clone()).into_iter().collect(),
            create: replaces.then(|| self.create(name.clone(), main, &data)),
            relabel: main.filter(|_| !replaces).and_then(|main| self.relabel(main)),
            stand_in: (!main_users.is_empty()).then(|| self.copy(&data)),
            clear: copies.iter().map(|copy| copy.id.clone()).collect(),
            ..self.change(data)
        };
        change.known = main.filter(|_| !replaces).map(|main| main.id.clone());
        let diff = self.diff(compared.as_mut(), &copies, &back);
        let returned = self.returned(change.known.as_deref(), name);
        let returned = match &compared {
            Some(compared) if compared.unknown => returned.with("warnings", [self.unknown()]),
            _ => returned,
        };
        (change.away, change.back) = (main_users, back);
        if change.is_nothing() {
            return Plan::Keep(returned);
        }
        Plan::change(change, diff).returning(returned)
    }

    /// The plan for one object for each version, which services are pointed to by others.
    fn rolling(
        &self,
        now: &KeyedState,
        versions: &[&KeyedObject],
        data: Vec<u8>,
    ) -> Result<Plan<KeyedChange>, Failure> {
        let name = &self.options.name;
        let newest = versions.last().copied();
        let compared = newest.map(|newest| self.compare(newest, &data));
        let adds = compared.as_ref().is_none_or(|compared| compared.replace);
        let number = newest.and_then(|newest| newest.version_of(name)).unwrap_or_default();
        let number = number.checked_add(1).ok_or_else(|| {
            Failure::new(format!("there is no version of {name} behind version {number}"))
        })?;
        let create = adds.then(|| {
            let mut create = self.create(format!("{name}_v{number}"), newest, &data);
            create.labels.insert(VERSION.to_owned(), number.to_string());
            create
        });
        let (clear, kept) = self.outdated(now, versions, adds);
        let relabel = newest.filter(|_| !adds).and_then(|newest| self.relabel(newest));
        let current = create.as_ref().map(|create| create.name.clone());
        let current = current.or(newest.map(|newest| newest.spec.name.clone())).unwrap_or_default();

        let mut differences = compared.as_ref().map(|c| c.differences.clone()).unwrap_or_default();
        let names = |all: &[&KeyedObject]| -> Vec<String> {
            all.iter().map(|version| version.spec.name.clone()).collect()
        };
        let stay: Vec<&KeyedObject> =
            versions.iter().filter(|version| !clear.contains(&version.id)).copied().collect();
        let mut after = names(&stay);
        after.extend(create.iter().map(|create| create.name.clone()));
        differences.compare("versions", &names(versions), &after);

        let known = newest.filter(|_| !adds).map(|newest| newest.id.clone());
        let mut warnings: Vec<String> = kept;
        if compared.is_some_and(|compared| compared.unknown) {
            warnings.push(self.unknown());
        }
        let mut returned = self.returned(known.as_deref(), &current);
        if !warnings.is_empty() {
            returned.set("warnings", warnings);
        }
        let change = KeyedChange { relabel, create, known, clear, ..self.change(data) };
        if change.is_nothing() {
            return Ok(Plan::Keep(returned));
        }
        Ok(Plan::change(change, differences.diff(self.subject())).returning(returned))
    }

    /// The versions that are no longer kept, and warnings about those that are kept because a
    /// service uses them.
    fn outdated(
        &self,
        now: &KeyedState,
        versions: &[&KeyedObject],
        adds: bool,
    ) -> (Vec<String>, Vec<String>) {
        let (mut clear, mut kept) = (vec![], vec![]);
        let Ok(keep) = usize::try_from(self.options.versions_to_keep) else { return (clear, kept) };
        let old = (versions.len() + usize::from(adds)).saturating_sub(keep.max(1));
        for version in &versions[..old.min(versions.len())] {
            let users = now.users.iter().filter(|user| user.uses.contains(&version.id));
            let users: Vec<&str> = users.map(|user| user.name.as_str()).collect();
            if users.is_empty() {
                clear.push(version.id.clone());
            } else {
                kept.push(format!(
                    "{} is older than the versions to keep, and is kept because services use it: {}",
                    version.spec.name,
                    users.join(", ")
                ));
            }
        }
        (clear, kept)
    }

    fn compare(&self, object: &KeyedObject, data: &[u8]) -> Comparison {
        let mut differences = Differences::default();
        let holds = key::holds(self.kind, object, data);
        if holds == Some(false) {
            differences.add("data", "(not shown)", "(not shown; it differs)");
        }
        let driver = object.spec.templating.as_ref().map(|templating| templating.name.as_str());
        let driver = driver.filter(|driver| !driver.is_empty());
        differences.compare("template_driver", &driver, &self.template_driver);
        let replace = !differences.is_empty() || self.options.force;
        if let Some(labels) = &self.options.labels {
            differences.compare("labels", &object.spec.labels.shared_with(labels), labels);
        }
        if replace && differences.is_empty() {
            differences.add("force", false, true);
        }
        Comparison { differences, replace, unknown: holds.is_none() && !replace }
    }

    /// The new labels, where they differ: they alone can be altered.
    fn relabel(&self, object: &KeyedObject) -> Option<Relabel> {
        let labels = self.options.labels.as_ref()?;
        let all = object.spec.labels.clone().with(labels);
        (all != object.spec.labels).then(|| Relabel { id: object.id.clone(), labels: all })
    }

    /// An object to be made, with the labels of the one it follows.
    fn create(&self, name: String, before: Option<&KeyedObject>, data: &[u8]) -> KeyedCreate {
        let mut labels = before.map(|before| before.spec.labels.clone()).unwrap_or_default();
        for own in [OWN, PLAIN, VERSION, STAND_IN] {
            labels.remove(own);
        }
        if self.kind == super::KeyedKind::Config {
            // It can be read anyway.
            labels.insert(PLAIN.to_owned(), key::plain(data));
        }
        let labels = labels.with(&self.options.labels.clone().unwrap_or_default());
        KeyedCreate { name, labels, template_driver: self.template_driver }
    }

    /// A copy for the time in which the name is free. Its own name is completed when it is made.
    fn copy(&self, data: &[u8]) -> KeyedCreate {
        let mut copy = self.create(key::copy_of(&self.options.name), None, data);
        copy.labels.insert(STAND_IN.to_owned(), self.options.name.clone());
        copy
    }

    fn change(&self, data: Vec<u8>) -> KeyedChange {
        KeyedChange {
            kind: self.kind,
            name: self.options.name.clone(),
            relabel: None,
            stand_in: None,
            away: vec![],
            remove: vec![],
            create: None,
            known: None,
            back: vec![],
            clear: vec![],
            wait: self.options.wait_timeout,
            data: data.into(),
            docker: self.options.docker.clone(),
        }
    }

    fn diff(
        &self,
        compared: Option<&mut Comparison>,
        copies: &[&KeyedObject],
        users: &[KeyedUser],
    ) -> Diff {
        let Some(compared) = compared else {
            let mut wanted = json!({
                "data": "(not shown)", "labels": self.options.labels.clone().unwrap_or_default(),
            });
            if let Some(driver) = self.template_driver {
                wanted["template_driver"] = driver.into();
            }
            if !users.is_empty() {
                wanted["services"] = names_of(users).into();
            }
            return Diff::fields(self.subject(), &None::<()>, &wanted);
        };
        let differences = &mut compared.differences;
        if !users.is_empty() {
            let names = names_of(users);
            differences.add(
                "services",
                &names,
                names.iter().map(|n| format!("{n} (updated)")).collect::<Vec<_>>(),
            );
        }
        if !copies.is_empty() {
            let left: Vec<&str> = copies.iter().map(|copy| copy.spec.name.as_str()).collect();
            differences.add("left_over", left, [""; 0]);
        }
        differences.diff(self.subject())
    }

    fn returned(&self, id: Option<&str>, name: &str) -> Returned {
        let word = self.kind.word();
        Returned::new().with(&format!("{word}_id"), id).with(&format!("{word}_name"), name)
    }

    fn subject(&self) -> String {
        format!("{} {}", self.kind.word(), self.options.name)
    }

    fn unknown(&self) -> String {
        format!(
            "nothing tells what the {} {} holds, because it was made by something else; it is left \
             as it is unless `force: true` replaces it",
            self.kind.word(),
            self.options.name
        )
    }
}

fn names_of(users: &[KeyedUser]) -> Vec<String> {
    users.iter().map(|user| user.name.clone()).collect()
}
