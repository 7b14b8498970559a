//! `add_host`.

use std::sync::Arc;

use super::{Action, ActionCall, Done};
use crate::base::Diff;
use crate::sdk::{Failure, Returned};
use crate::value::{Fields, Layer, Value, Variable};

/// Adds a host to the inventory of this run, or puts one into further groups.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(rest = variables)]
pub(crate) struct Args {
    /// The host's name; `name:port` sets the port too.
    #[arg(alias = "hostname", alias = "host")]
    name: String,
    /// The groups it belongs to.
    #[arg(alias = "group", alias = "groupname", default)]
    groups: Vec<String>,
    /// Every other argument is a variable of the host.
    variables: Fields,
}

impl Action for Args {
    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let run = &call.step.run;
        let mut layer: Layer = self
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        let (name, port) = match self.name.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') && port.parse::<u16>().is_ok() => {
                (name.to_owned(), port.parse::<u16>().ok())
            }
            _ => (self.name.clone(), None),
        };
        if let Some(port) = port {
            for name in ["ansible_port", "ansible_ssh_port"] {
                layer.insert(name.to_owned(), Value::from(port).into());
            }
        }
        let changed = run.change_inventory(|inventory| {
            let host = inventory.host(&name);
            let known = host.is_some_and(|host| !host.implicit);
            let layers = host.map(|host| Arc::clone(&host.vars)).unwrap_or_default();
            let member = |group: &String| inventory.host_groups(&name).contains(&group.as_str());
            let same = |(name, value): (&String, &Variable)| {
                let (old, Variable::Known(new)) = (layers.get(name), value) else { return false };
                old.is_some_and(|old| matches!(old, Variable::Known(old) if old == new))
            };
            let changed = !known || !self.groups.iter().all(member) || !layer.iter().all(same);
            inventory.add_host(&name, self.groups.iter().map(String::as_str), layer);
            changed
        });
        let mut variables = self.variables;
        if let Some(port) = port {
            variables.insert("ansible_ssh_port".to_owned(), port.into());
        }
        let mut done = Done::default();
        done.outcome.changed = changed;
        if changed {
            let subject = format!("inventory host {name}");
            done.outcome.diffs = vec![Diff::fields(subject, &Value::Null, &self.groups)];
        }
        done.outcome.returned = Returned::new().with(
            "add_host",
            serde_json::json!({"host_name": name, "groups": self.groups, "host_vars": variables}),
        );
        Ok(done)
    }
}
