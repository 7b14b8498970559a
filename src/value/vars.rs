//! Variables: where each was set, and which one wins.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use super::merge::merged;
use super::{Node, Value};

/// What a name stands for.
#[derive(Clone)]
pub enum Variable {
    /// As the user wrote it: rendered when it is used, in the scope that uses it.
    Written(Arc<Node>),
    /// Plain data: facts, registered results, what `set_fact` made. Never a template.
    Known(Arc<Value>),
    /// A mapping whose members are themselves variables and are rendered in their own scope:
    /// `hostvars`, and each host in it.
    Scope(Arc<dyn Scope>),
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(node) => f.debug_tuple("Written").field(node).finish(),
            Self::Known(value) => f.debug_tuple("Known").field(value).finish(),
            Self::Scope(_) => f.write_str("Scope"),
        }
    }
}

impl From<Node> for Variable {
    fn from(node: Node) -> Self {
        Self::Written(Arc::new(node))
    }
}

impl From<Value> for Variable {
    fn from(value: Value) -> Self {
        Self::Known(Arc::new(value))
    }
}

/// Where a template finds what its names stand for.
pub trait Scope: Send + Sync {
    /// What a name stands for here.
    fn lookup(&self, name: &str) -> Option<Variable>;

    /// Every name, in a stable order, each once.
    fn names(&self) -> Vec<String>;

    /// The directories that `lookup('file', …)` and the like search, the nearest first. Each is
    /// the folder of a role or of a playbook; a search looks in its `files/` or `templates/`,
    /// then in it.
    fn directories(&self) -> Vec<PathBuf> {
        vec![]
    }
}

/// The levels of variables, from the weakest to the strongest: Ansible's precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A role's `defaults/`.
    RoleDefaults,
    /// Group variables in an inventory file.
    InventoryGroup,
    /// `group_vars/all` beside the inventory.
    InventoryGroupVarsAll,
    /// `group_vars/all` beside the playbook.
    PlaybookGroupVarsAll,
    /// Other `group_vars/` beside the inventory.
    InventoryGroupVars,
    /// Other `group_vars/` beside the playbook.
    PlaybookGroupVars,
    /// Host variables in an inventory file.
    InventoryHost,
    /// `host_vars/` beside the inventory.
    InventoryHostVars,
    /// `host_vars/` beside the playbook.
    PlaybookHostVars,
    /// Facts, also those that `set_fact` made `cacheable`.
    Facts,
    /// A play's `vars`.
    Play,
    /// A play's `vars_prompt`.
    PlayPrompt,
    /// A play's `vars_files`.
    PlayFiles,
    /// A role's `vars/`.
    RoleVars,
    /// A block's `vars`.
    Block,
    /// A task's `vars`.
    Task,
    /// `include_vars`.
    IncludeVars,
    /// `set_fact` and `register`.
    SetFacts,
    /// The arguments of a role where it is listed, or of `include_role`.
    RoleParameters,
    /// The `vars` of `include_tasks` and `import_tasks`.
    IncludeParameters,
    /// `--extra-vars`.
    Extra,
    /// What the program itself sets and nobody overrides: `inventory_hostname`, `groups`, the
    /// variables of a loop.
    Magic,
}

/// The variables set in one place.
pub type Layer = IndexMap<String, Variable>;

/// Layers of variables, the stronger over the weaker.
///
/// Layers are shared, not merged: making one costs a pointer, and a name is looked for from the
/// strongest down.
#[derive(Debug, Clone, Default)]
pub struct Vars {
    layers: Vec<(Level, Arc<Layer>)>,
    merging: bool,
}

impl Vars {
    /// Layers whose mappings are laid over one another, or replace one another.
    pub fn merging(merging: bool) -> Self {
        Self { layers: vec![], merging }
    }

    /// Adds a layer; among layers of one level the later one is the stronger.
    pub fn push(&mut self, level: Level, layer: Arc<Layer>) {
        if layer.is_empty() {
            return;
        }
        let at = self.layers.partition_point(|(other, _)| *other <= level);
        self.layers.insert(at, (level, layer));
    }

    /// The strongest meaning of a name; a mapping with the members of weaker ones where they are
    /// merged.
    pub fn get(&self, name: &str) -> Option<Variable> {
        let mut origins = self.origins(name);
        let (level, variable) = origins.next()?;
        let mut variable = variable.clone();
        if self.merging && level != Level::Magic {
            for (_, weaker) in origins {
                let Some(both) = merged(weaker, &variable) else { break };
                variable = both;
            }
        }
        Some(variable)
    }

    /// Every meaning of a name, the strongest first.
    pub fn origins<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (Level, &'a Variable)> {
        self.layers.iter().rev().filter_map(move |(level, layer)| Some((*level, layer.get(name)?)))
    }

    /// Every name, the weakest layer's first, each once.
    pub fn names(&self) -> Vec<String> {
        let names: indexmap::IndexSet<&String> =
            self.layers.iter().flat_map(|(_, layer)| layer.keys()).collect();
        names.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn layer(value: &str) -> Arc<Layer> {
        Arc::new(Layer::from([("x".to_owned(), json!(value).into())]))
    }

    fn value(vars: &Vars) -> Value {
        match vars.get("x") {
            Some(Variable::Known(value)) => value.as_ref().clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_stronger_level_wins_in_whatever_order_they_come() {
        let mut vars = Vars::default();
        vars.push(Level::Extra, layer("extra"));
        vars.push(Level::RoleDefaults, layer("default"));
        vars.push(Level::Play, layer("play"));
        assert_eq!(value(&vars), "extra");
        assert_eq!(vars.origins("x").count(), 3);
    }

    #[test]
    fn mappings_are_merged_where_that_is_wanted() {
        let layer = |value: Value| Arc::new(Layer::from([("x".to_owned(), value.into())]));
        let mut vars = Vars::merging(true);
        vars.push(Level::Play, layer(json!({"a": 1, "b": 1})));
        vars.push(Level::Extra, layer(json!({"b": 2})));
        let Some(Variable::Written(node)) = vars.get("x") else { panic!() };
        assert_eq!(node.to_value(), json!({"a": 1, "b": 2}));
    }

    #[test]
    fn of_one_level_the_later_wins() {
        let mut vars = Vars::default();
        vars.push(Level::Block, layer("outer"));
        vars.push(Level::Block, layer("inner"));
        assert_eq!(value(&vars), "inner");
    }
}
