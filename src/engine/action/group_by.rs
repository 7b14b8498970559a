//! `group_by`.

use super::{Action, ActionCall, Done};
use crate::sdk::{Failure, Returned};
use crate::value::Layer;

/// Puts the host into a group whose name is made of its variables.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// The group; it is made when there is none.
    key: String,
    /// The groups that the group belongs to.
    #[arg(default)]
    parents: Vec<String>,
}

impl Action for Args {
    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let name = |text: &str| text.replace([' ', '-'], "_");
        let group = name(&self.key);
        let parents: Vec<String> = self.parents.iter().map(|parent| name(parent)).collect();
        let host = &call.step.host;
        let changed = call.step.run.change_inventory(|inventory| {
            let changed = !inventory.host_groups(host).contains(&group.as_str());
            inventory.add_host(host, [group.as_str()], Layer::new());
            for parent in &parents {
                inventory.add_child(parent, &group);
            }
            changed
        });
        let mut done = Done::default();
        done.outcome.changed = changed;
        done.outcome.returned =
            Returned::new().with("add_group", &group).with("parent_groups", parents);
        Ok(done)
    }
}
