//! One group of an inventory.

use std::sync::Arc;

use indexmap::IndexSet;

use crate::value::Layer;

/// A group of hosts and of other groups.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The variables set in an inventory file.
    pub vars: Arc<Layer>,
    /// Among groups of one depth the variables of the higher win.
    pub priority: i64,
    /// The longest way from `all`, which has depth 0.
    pub(super) depth: usize,
    /// The hosts it lists itself, as places among the inventory's hosts.
    pub(super) hosts: IndexSet<usize>,
    pub(super) children: IndexSet<usize>,
    pub(super) parents: Vec<usize>,
}

impl Group {
    /// The priority of a group that sets none.
    pub(super) const PRIORITY: i64 = 1;

    pub(super) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            vars: Arc::default(),
            priority: Self::PRIORITY,
            depth: 1,
            hosts: IndexSet::new(),
            children: IndexSet::new(),
            parents: vec![],
        }
    }
}
