//! What templates in an inventory's own files see of a host.

use std::sync::Arc;

use super::{Host, Inventory};
use crate::value::{Layer, Level, Scope, Value, Variable, Vars};

/// Which of a host's variables are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Those that inventory files hold.
    Inventory,
    /// Those of `group_vars/` and `host_vars/` too.
    Everything,
}

/// A host's variables while the inventory is still being read.
pub(super) struct HostScope {
    vars: Vars,
    name: String,
    groups: Vec<String>,
}

impl HostScope {
    /// The scope of a host, `extra` being stronger than all else.
    pub(super) fn shared(
        inventory: &Inventory,
        host: &Host,
        seen: Seen,
        extra: Option<&Arc<Layer>>,
    ) -> Arc<dyn Scope> {
        const IN_FILES: [Level; 2] = [Level::InventoryGroup, Level::InventoryHost];
        let mut vars = Vars::merging(inventory.merging);
        for (level, layer) in inventory.layers(&host.name, None).0 {
            if seen == Seen::Everything || IN_FILES.contains(&level) {
                vars.push(level, layer);
            }
        }
        if let Some(extra) = extra {
            vars.push(Level::Extra, Arc::clone(extra));
        }
        let groups = inventory.host_groups(&host.name).into_iter().map(str::to_owned).collect();
        Arc::new(Self { vars, name: host.name.clone(), groups })
    }
}

impl Scope for HostScope {
    fn lookup(&self, name: &str) -> Option<Variable> {
        let value: Value = match name {
            "inventory_hostname" => self.name.as_str().into(),
            "inventory_hostname_short" => self.name.split('.').next().unwrap_or_default().into(),
            "group_names" => self.groups.clone().into(),
            _ => return self.vars.get(name),
        };
        Some(value.into())
    }

    fn names(&self) -> Vec<String> {
        self.vars.names()
    }
}

/// A layer alone as a scope.
pub(super) struct LayerScope(pub(super) Layer);

impl Scope for LayerScope {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}
