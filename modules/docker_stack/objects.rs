//! The secrets and configs of a stack.

use bytes::Bytes;
use indexmap::IndexMap;
use serde::Serialize;

use super::desired::{Desired, NAMESPACE, namespaced};
use super::state::State;
use crate::sdk::docker::Texts;
use crate::sdk::docker::compose::{Config, Project};
use crate::sdk::docker::swarm::{KeyedKind, KeyedObject, key_label, keyed_holds};
use crate::sdk::{Diff, Failure, Fields, Value};
use serde_json::json;

/// The label with the name that an object has in its stack: the one in the swarm is another once
/// its content has changed.
const SOURCE: &str = "rplay.stack.source";

/// An object that no service uses once all is done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Unused {
    pub(super) kind: KeyedKind,
    pub(super) id: String,
    pub(super) name: String,
}

/// An object to be made.
#[derive(Serialize)]
pub(super) struct Create {
    pub(super) kind: KeyedKind,
    pub(super) name: String,
    pub(super) labels: Fields,
    pub(super) template_driver: Option<String>,
    #[serde(skip)]
    pub(super) content: Bytes,
}

impl std::fmt::Debug for Create {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.name)
    }
}

/// The secrets or the configs of a stack: what is there, and what is to be.
pub(super) struct Objects {
    kind: KeyedKind,
    /// The names in the swarm, by the keys of the file.
    names: IndexMap<String, String>,
    pub(super) create: Vec<Create>,
    /// What was there under the same key, and is not used any more.
    replaced: Vec<Unused>,
    /// What no key stands for.
    pub(super) unused: Vec<Unused>,
}

impl Objects {
    pub(super) fn of(kind: KeyedKind, project: &Project, now: &State) -> Result<Self, Failure> {
        let (asked, has) = match kind {
            KeyedKind::Secret => (&project.secrets, &now.secrets),
            KeyedKind::Config => (&project.configs, &now.configs),
        };
        let read = State::own(&project.name, has).map(|o| serde_json::from_value(o.clone()));
        let own: Vec<KeyedObject> = read.collect::<Result<_, _>>().map_err(|error| {
            Failure::new(format!("the Engine's answer is not understood: {error}"))
        })?;
        let mut objects =
            Self { kind, names: IndexMap::new(), create: vec![], replaced: vec![], unused: vec![] };
        let mut known: Vec<&str> = vec![];
        for (key, object) in asked {
            let name = project.config_name(key, object);
            if object.external.is {
                // It may be one that the stack has made before it was called so.
                let same = own.iter().filter(|other| other.spec.name == name);
                known.extend(same.map(|other| other.id.as_str()));
                objects.names.insert(key.clone(), name);
                continue;
            }
            let is_version = |other: &&KeyedObject| {
                other.spec.name == name || other.spec.labels.get(SOURCE) == Some(&name)
            };
            let versions: Vec<&KeyedObject> = own.iter().filter(is_version).collect();
            known.extend(versions.iter().map(|version| version.id.as_str()));
            let content = content_of(kind, key, project)?;
            let driver = object.template_driver.as_deref();
            let labels = object.labels.texts();
            let asked: Texts =
                labels.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
            let holds = |version: &&&KeyedObject| {
                let spec = &version.spec;
                spec.templating.as_ref().map(|templating| templating.name.as_str()) == driver
                    && spec.labels.has_all(&asked)
                    && keyed_holds(kind, version, content) == Some(true)
            };
            let current =
                versions.iter().rev().find(holds).map(|current| current.spec.name.clone());
            let current = current.unwrap_or_else(|| {
                let create = create(kind, &name, object, project, content, has);
                let new = create.name.clone();
                objects.create.push(create);
                new
            });
            let old = versions.iter().filter(|version| version.spec.name != current);
            objects.replaced.extend(old.map(|version| unused(kind, version)));
            objects.names.insert(key.clone(), current);
        }
        let left = own.iter().filter(|object| !known.contains(&object.id.as_str()));
        objects.unused = left.map(|object| unused(kind, object)).collect();
        Ok(objects)
    }

    /// Gives the services the names that the objects have in the swarm.
    pub(super) fn point(&self, desired: &mut Desired) {
        let (list, name) = match self.kind {
            KeyedKind::Secret => ("Secrets", "SecretName"),
            KeyedKind::Config => ("Configs", "ConfigName"),
        };
        for spec in desired.services.values_mut() {
            let files = spec["TaskTemplate"]["ContainerSpec"][list].as_array_mut();
            for file in files.into_iter().flatten() {
                let key = file[name].as_str().unwrap_or_default();
                if let Some(own) = self.names.get(key) {
                    file[name] = own.as_str().into();
                }
            }
        }
    }

    /// What is to be made and what makes way for it, for the user to see.
    pub(super) fn diffs(&self) -> Vec<Diff> {
        let word = self.kind.word();
        let made = self.create.iter().map(|create| {
            let labels: Fields = create
                .labels
                .iter()
                .filter(|(k, _)| *k != NAMESPACE && *k != SOURCE)
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect();
            let shown = json!({"content": "new", "labels": labels});
            Diff::fields(format!("{word} {}", create.name), &None::<()>, &shown)
        });
        let gone = self
            .replaced
            .iter()
            .map(|unused| Diff::state(format!("{word} {}", unused.name), "present", "absent"));
        made.chain(gone).collect()
    }

    /// What is to be made, what makes way for it, and what no key stands for.
    pub(super) fn into_parts(self) -> (Vec<Create>, Vec<Unused>, Vec<Unused>) {
        (self.create, self.replaced, self.unused)
    }
}

/// What an object is to hold.
fn content_of<'p>(kind: KeyedKind, key: &str, project: &'p Project) -> Result<&'p Bytes, Failure> {
    let place = kind.path();
    project.contents.get(&format!("{place}/{key}")).ok_or_else(|| {
        Failure::new(format!("{place}.{key} does not say what it holds"))
            .help("give it a `file`, `environment` or `content`, or make it `external`")
    })
}

/// The object to be made for a name: beside the old one, where there is one.
fn create(
    kind: KeyedKind,
    name: &str,
    object: &Config,
    project: &Project,
    content: &Bytes,
    has: &[Value],
) -> Create {
    let labels = namespaced(project, object.labels.texts());
    let mut labels: Fields = labels.into_iter().map(|(name, text)| (name, json!(text))).collect();
    labels.insert(SOURCE.to_owned(), json!(name));
    Create {
        kind,
        name: free_name(name, has),
        labels,
        template_driver: object.template_driver.clone(),
        content: content.clone(),
    }
}

fn unused(kind: KeyedKind, object: &KeyedObject) -> Unused {
    Unused { kind, id: object.id.clone(), name: object.spec.name.clone() }
}

/// The name itself, or where it is taken the name with the next number.
fn free_name(name: &str, has: &[Value]) -> String {
    let taken = |name: &str| has.iter().any(|object| object["Spec"]["Name"] == name);
    if !taken(name) {
        return name.to_owned();
    }
    let mut number = 2_u32;
    loop {
        let next = format!("{name}_v{number}");
        if !taken(&next) {
            return next;
        }
        number += 1;
    }
}

/// All labels of an object to be made, with those that tell what it holds.
pub(super) fn all_labels(create: &Create) -> Result<Fields, Failure> {
    let mut labels = create.labels.clone();
    if let Some((name, label)) = key_label(create.kind, &create.content)? {
        labels.insert(name.to_owned(), json!(label));
    }
    Ok(labels)
}
