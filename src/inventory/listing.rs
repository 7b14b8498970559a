//! An inventory as `ansible-inventory` shows it.

use std::collections::HashSet;
use std::path::Path;

use serde_json::json;

use super::dynamic::UNSAFE;
use super::model::UNGROUPED;
use super::vars_files::Subject;
use super::{Group, Host, Inventory};
use crate::template::python_text;
use crate::value::yaml::{ENCRYPTED, is_timestamp};
use crate::value::{Data, Fields, Layer, Node, Value, Variable, extend};

/// Names that mean something else in every host's scope, and are not shown.
const HIDDEN: [&str; 8] = [
    "ansible_facts",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
];

/// What of an inventory is shown, and how.
#[derive(Debug)]
pub struct Listing<'i> {
    /// The inventory.
    pub inventory: &'i Inventory,
    /// The folder whose `group_vars/` and `host_vars/` count beside those of the inventory.
    pub playbook: Option<&'i Path>,
    /// `--extra-vars`.
    pub extra: &'i Layer,
    /// Whether variables are shown where they are set, not gathered for each host.
    pub export: bool,
    /// The hosts that are shown; all unless given.
    pub hosts: Option<HashSet<&'i str>>,
}

impl Inventory {
    /// The groups, and every host's variables with templates as they stand: the document that
    /// inventory scripts print.
    pub fn to_json(&self, playbook: Option<&Path>) -> Value {
        let (extra, hosts) = (&Layer::new(), None);
        Listing { inventory: self, playbook, extra, export: false, hosts }.json()
    }
}

impl<'i> Listing<'i> {
    /// The document that inventory scripts print.
    pub fn json(&self) -> Value {
        let hosts = self.inventory.hosts().filter(|host| self.shows(host));
        let vars = hosts.map(|host| (host.name.clone(), Value::from(self.vars_of(host))));
        let vars: Fields = vars
            .filter(|(_, vars)| vars.as_object().is_some_and(|vars| !vars.is_empty()))
            .collect();
        let meta = Fields::from_iter([("hostvars".to_owned(), vars.into())]);
        let mut document = Fields::from_iter([("_meta".to_owned(), meta.into())]);
        for group in self.inventory.groups.values() {
            let mut parts = Fields::new();
            let hosts: Vec<&str> = self.hosts_of(group).map(|host| host.name.as_str()).collect();
            add(&mut parts, "hosts", hosts.into());
            let children = self.children_of(group).map(|child| child.name.as_str());
            add(&mut parts, "children", children.collect::<Vec<_>>().into());
            if self.export {
                add(&mut parts, "vars", self.group_vars(group).into());
            }
            add(&mut document, &group.name, parts.into());
        }
        document.into()
    }

    /// One group in another, each host's variables where it is listed first: a YAML inventory.
    pub fn yaml(&self) -> Value {
        let mut document = Fields::new();
        if let Some((_, all)) = self.inventory.groups.get_index(0) {
            let nested = self.nested(all, &mut HashSet::new(), &mut HashSet::new());
            add(&mut document, &all.name, nested.into());
        }
        plain(document.into())
    }

    fn nested(
        &self,
        group: &'i Group,
        groups: &mut HashSet<&'i str>,
        hosts: &mut HashSet<&'i str>,
    ) -> Fields {
        let mut children = Fields::new();
        for child in self.children_of(group) {
            if groups.contains(child.name.as_str()) {
                children.insert(child.name.clone(), json!({}));
            } else {
                let nested = self.nested(child, groups, hosts);
                groups.insert(&child.name);
                add(&mut children, &child.name, nested.into());
            }
        }
        let mut parts = Fields::new();
        add(&mut parts, "children", children.into());
        add(&mut parts, "hosts", self.hosts_once(group, hosts).into());
        if self.export {
            add(&mut parts, "vars", self.group_vars(group).into());
        }
        parts
    }

    /// One table for each group: a TOML inventory.
    pub fn toml(&self) -> Value {
        let (mut document, mut hosts) = (Fields::new(), HashSet::new());
        let is_empty = |group: &Group| group.name == UNGROUPED && group.hosts.is_empty();
        for group in self.inventory.groups.values().filter(|group| !is_empty(group)) {
            let mut parts = Fields::new();
            if group.depth > 0 {
                let children = self.children_of(group).map(|child| child.name.as_str());
                add(&mut parts, "children", children.collect::<Vec<_>>().into());
            }
            add(&mut parts, "hosts", self.hosts_once(group, &mut hosts).into());
            if self.export {
                add(&mut parts, "vars", self.group_vars(group).into());
            }
            add(&mut document, &group.name, parts.into());
        }
        plain(document.into())
    }

    /// A group, its groups and its hosts as a tree, with their variables where they are wanted;
    /// nothing where there is no such group.
    pub fn graph(&self, group: &str, vars: bool) -> Option<String> {
        let mut text = String::new();
        self.branch(&mut text, self.inventory.group(group)?, 0, vars);
        Some(text)
    }

    fn branch(&self, text: &mut String, group: &Group, depth: usize, vars: bool) {
        line(text, depth, &format!("@{}:", group.name));
        for child in self.children_of(group) {
            self.branch(text, child, depth + 1, vars);
        }
        let hosts = group.hosts.iter().filter(|_| group.depth > 0);
        for host in hosts.filter_map(|host| self.inventory.host_at(*host)) {
            line(text, depth + 1, &host.name);
            if vars {
                variables(text, depth + 2, self.vars_of(host));
            }
        }
        if vars {
            variables(text, depth + 1, self.group_vars(group));
        }
    }

    /// A host's variables: all that hold for it, or to export, those set for it alone.
    pub fn vars_of(&self, host: &Host) -> Fields {
        let mut vars = Fields::new();
        if self.export {
            fill(&mut vars, &host.vars);
            self.fill_from_files(&mut vars, Subject::Host(&host.name));
        } else {
            let layers = self.inventory.layers(&host.name, self.playbook).0;
            let layers = layers.iter().map(|(_, layer)| &**layer).chain([self.extra]);
            if self.inventory.merging {
                fill(&mut vars, &merged(layers));
            } else {
                layers.for_each(|layer| fill(&mut vars, layer));
            }
        }
        vars
    }

    /// The variables that are set for a group.
    fn group_vars(&self, group: &Group) -> Fields {
        let mut vars = Fields::new();
        fill(&mut vars, &group.vars);
        self.fill_from_files(&mut vars, Subject::Group(&group.name));
        if group.priority != Group::PRIORITY {
            vars.insert("ansible_group_priority".to_owned(), group.priority.into());
        }
        vars
    }

    fn fill_from_files(&self, vars: &mut Fields, subject: Subject<'_>) {
        let beside = self.inventory.directories.iter().map(AsRef::as_ref);
        for directory in beside.chain(self.playbook) {
            let layer = self.inventory.files.read(directory, subject).0;
            fill(vars, &layer.unwrap_or_default());
        }
    }

    /// The hosts that a group lists itself, each with its variables where none did before.
    fn hosts_once(&self, group: &'i Group, seen: &mut HashSet<&'i str>) -> Fields {
        let vars_of = |host: &'i Host| {
            let vars = if seen.insert(&host.name) { self.vars_of(host) } else { Fields::new() };
            (host.name.clone(), vars.into())
        };
        self.hosts_of(group).map(vars_of).collect()
    }

    fn hosts_of(&self, group: &'i Group) -> impl Iterator<Item = &'i Host> {
        let hosts = group.hosts.iter().filter(|_| group.depth > 0);
        let hosts = hosts.filter_map(|host| self.inventory.host_at(*host));
        hosts.filter(|host| self.shows(host))
    }

    fn children_of(&self, group: &'i Group) -> impl Iterator<Item = &'i Group> {
        group.children.iter().map(|child| &self.inventory.groups[*child])
    }

    fn shows(&self, host: &Host) -> bool {
        self.hosts.as_ref().is_none_or(|hosts| hosts.contains(host.name.as_str()))
    }
}

/// Adds a part that is not empty.
fn add(parts: &mut Fields, name: &str, part: Value) {
    let empty = match &part {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if !empty {
        parts.insert(name.to_owned(), part);
    }
}

/// Layers as one, mappings laid over one another.
fn merged<'l>(layers: impl Iterator<Item = &'l Layer>) -> Layer {
    let mut all = Layer::new();
    for layer in layers {
        extend(&mut all, layer.iter().map(|(name, value)| (name.clone(), value.clone())), true);
    }
    all
}

fn fill(vars: &mut Fields, layer: &Layer) {
    for (name, variable) in layer.iter().filter(|(name, _)| !HIDDEN.contains(&name.as_str())) {
        let value = match variable {
            Variable::Written(node) => shown(node),
            Variable::Known(value) => never_a_template(value),
            Variable::Scope(_) => continue,
        };
        vars.insert(name.clone(), value);
    }
}

/// A value as inventories write it in JSON: what is encrypted stays so, and what must not be
/// read as a template says so.
fn shown(node: &Node) -> Value {
    match &node.data {
        Data::Vault(envelope) => json!({ENCRYPTED: envelope}),
        // Dates are no texts to Ansible.
        Data::Verbatim(text) if !is_timestamp(text) => json!({UNSAFE: text}),
        Data::List(items) => items.iter().map(shown).collect(),
        Data::Map(pairs) => {
            pairs.iter().map(|(key, item)| (key.text.clone(), shown(item))).collect()
        }
        _ => node.to_value(),
    }
}

fn never_a_template(value: &Value) -> Value {
    match value {
        Value::String(text) => json!({UNSAFE: text}),
        Value::Array(items) => items.iter().map(never_a_template).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, item)| (name.clone(), never_a_template(item))).collect()
        }
        scalar => scalar.clone(),
    }
}

/// A value without what only JSON has to say: that a text is never a template.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(mut fields) => match fields.remove(UNSAFE) {
            Some(text) if fields.is_empty() => text,
            Some(text) => {
                fields.insert(UNSAFE.to_owned(), text);
                Value::Object(fields)
            }
            None => fields.into_iter().map(|(name, item)| (name, plain(item))).collect(),
        },
        scalar => scalar,
    }
}

/// Adds a line of a tree.
fn line(text: &mut String, depth: usize, what: &str) {
    if depth > 0 {
        text.push_str(&"  |".repeat(depth));
        text.push_str("--");
    }
    text.push_str(what);
    text.push('\n');
}

fn variables(text: &mut String, depth: usize, vars: Fields) {
    let mut vars: Vec<(String, Value)> = vars.into_iter().collect();
    vars.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, value) in vars {
        line(text, depth, &format!("{{{name} = {}}}", python_text(&plain(value))));
    }
}

#[cfg(test)]
mod tests;
