//! An inventory as `ansible-inventory --list` shows it.

use std::path::Path;

use serde_json::json;

use super::{Host, Inventory};
use crate::value::{Fields, Value, Variable};

impl Inventory {
    /// The groups, and every host's variables with templates as they stand: the document that
    /// inventory scripts print.
    pub fn to_json(&self, playbook: Option<&Path>) -> Value {
        let hostvars = self.hosts().map(|host| (host.name.clone(), self.vars_of(host, playbook)));
        let hostvars: Fields = hostvars
            .filter(|(_, vars)| vars.as_object().is_some_and(|vars| !vars.is_empty()))
            .collect();
        let mut document = Fields::from_iter([("_meta".to_owned(), json!({"hostvars": hostvars}))]);
        for group in self.groups.values() {
            let hosts: Vec<&str> =
                group.hosts.iter().map(|host| self.hosts[*host].name.as_str()).collect();
            let children: Vec<&str> =
                group.children.iter().map(|child| self.groups[*child].name.as_str()).collect();
            let mut parts = Fields::new();
            if !hosts.is_empty() && group.depth > 0 {
                parts.insert("hosts".to_owned(), json!(hosts));
            }
            if !children.is_empty() {
                parts.insert("children".to_owned(), json!(children));
            }
            if !parts.is_empty() {
                document.insert(group.name.clone(), parts.into());
            }
        }
        document.into()
    }

    fn vars_of(&self, host: &Host, playbook: Option<&Path>) -> Value {
        let mut vars = Fields::new();
        for (_, layer) in self.layers(&host.name, playbook).0 {
            for (name, variable) in layer.iter() {
                let value = match variable {
                    Variable::Written(node) => node.to_value(),
                    Variable::Known(value) => value.as_ref().clone(),
                    Variable::Scope(_) => continue,
                };
                vars.insert(name.clone(), value);
            }
        }
        vars.into()
    }
}
