//! What a host has to do about its own swarm.

use super::change::{Change, Draft, Step, Ticket};
use super::state::{Group, State};
use super::together::{broken, managed_from, no_leader};
use super::{Args, Wanted};
use crate::sdk::docker::swarm::{LocalState, Membership, NodeRole, may_go};
use crate::sdk::{Failure, Plan, Returned, Value};

impl Args {
    /// Decides for a host whose swarm the task does not describe.
    pub(super) fn plan_alone(&self, now: &State) -> Result<Plan<Change>, Failure> {
        if self.unlocks(now) {
            return self.plan_unlocking(None);
        }
        if now.swarm.local_node_state == LocalState::Error && !self.force {
            return Err(broken(&now.swarm));
        }
        match self.state {
            Wanted::Join => self.plan_joining(now),
            Wanted::Remove => self.plan_removing(now),
            Wanted::Present | Wanted::Absent => self.plan_managing(now),
        }
    }

    /// A swarm that the host manages: a new one, or the settings of its own.
    fn plan_managing(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let own = &now.swarm;
        let mut draft = Draft::default();
        draft.returned.set("swarm", now.described());
        match (own.is_member(), self.force) {
            (true, false) if !own.is_manager() => {
                return Err(Failure::new(format!(
                    "this host is a worker in a swarm ({}), so that it can neither start one nor \
                     manage it",
                    managed_from(own)
                ))
                .help("let it leave by `state: absent` first, or make it a manager"));
            }
            (true, false) => {
                let Some(swarm) = own.swarm() else { return Err(leaderless(now)) };
                draft.returned.set("swarm_facts", &now.facts);
                if let Some(view) = &now.view {
                    self.prune(&mut draft, view);
                }
                if self.settle(&mut draft, &Value::Object(swarm.spec.clone()))? {
                    draft.steps.push(Step::TellTokens);
                } else {
                    draft.action("No modification");
                }
            }
            (is_member, _) => {
                let stranded = own.local_node_state != LocalState::Inactive && !is_member;
                if stranded {
                    draft.steps.push(Step::Leave { force: true });
                }
                draft.steps.push(self.init(now.interface.as_ref(), is_member && self.force));
                draft.steps.push(Step::TellTokens);
                draft.action("New Swarm cluster created: its id is not known yet");
                draft.show("swarm", before(own), "new");
                draft.show("role", (), NodeRole::Manager);
                draft.show_all(&self.settings.differences(&Value::Null));
            }
        }
        Ok(draft.plan(self))
    }

    /// A swarm that the user has the token of.
    fn plan_joining(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let own = &now.swarm;
        let addresses = self.remote_addrs.as_deref().unwrap_or_default();
        let mut draft = Draft::default();
        if own.is_member() {
            draft.action("This node is already part of a swarm.");
            let known = |address: &String| {
                let has_port =
                    address.rsplit_once(':').is_some_and(|(_, p)| p.parse::<u16>().is_ok());
                let full = if has_port { address.clone() } else { format!("{address}:2377") };
                own.remote_managers.iter().any(|manager| manager.addr == full)
            };
            if !addresses.iter().any(known) {
                draft.warn(format!(
                    "this host is in a swarm managed from {}; none of `remote_addrs` is among these",
                    own.manager_addresses()
                ));
            }
            return Ok(draft.plan(self));
        }
        let Some(token) = &self.join_token else {
            return Err(Failure::new("`join_token` is needed"));
        };
        if own.local_node_state != LocalState::Inactive {
            draft.steps.push(Step::Leave { force: true });
        }
        draft.steps.push(self.join(Ticket::Token(token.clone())));
        draft.action("New node is added to swarm cluster");
        draft.show("swarm", before(own), format!("managed from {}", addresses.join(", ")));
        Ok(draft.plan(self))
    }

    /// No swarm at all.
    pub(super) fn plan_leaving(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let own = &now.swarm;
        let mut draft = Draft::default();
        if own.local_node_state == LocalState::Inactive {
            draft.action("This node is not part of a swarm.");
            return Ok(draft.plan(self));
        }
        draft.action("Node has left the swarm cluster");
        let node = now.view.as_ref().and_then(|view| Some((view, view.node.as_ref()?)));
        draft.show("swarm", before(own), "none");
        let force = self.force || !own.is_member();
        if own.is_manager() && !force {
            let Some((view, node)) = node else { return Err(leaderless(now)) };
            may_go(&view.managers, node).map_err(|failure| {
                failure.help("make other nodes managers first; `force: true` leaves all the same")
            })?;
            let (through, node) = (view.manager.clone(), node.id.clone());
            draft.show("role", NodeRole::Manager, ());
            draft.steps.push(Step::SetRole { through, node, role: NodeRole::Worker });
        }
        draft.steps.push(Step::Leave { force });
        // Who remains forgets it, so that no node stays behind that is down for ever.
        if let Some((view, node)) = node.filter(|(view, _)| view.manager != now.host && !force) {
            let (through, node) = (view.manager.clone(), node.id.clone());
            draft.steps.push(Step::RemoveNode { through, node, demote: false, force: true });
        }
        Ok(draft.plan(self))
    }

    /// A swarm without a certain node.
    fn plan_removing(&self, now: &State) -> Result<Plan<Change>, Failure> {
        if !now.swarm.is_manager() {
            return Err(Failure::new("this host is not a manager of a swarm")
                .help("run the task on a manager, for example with `delegate_to`"));
        }
        let Some(view) = &now.view else { return Err(leaderless(now)) };
        let mut draft = Draft::default();
        let Some(node) = &view.node else {
            draft.returned = Returned::new().with("msg", "no such node");
            return Ok(draft.plan(self));
        };
        let name = &node.description.hostname;
        if !node.is_down() && !self.force {
            return Err(Failure::new(format!(
                "node {name} is {}, not down, and is not removed",
                node.status.state
            ))
            .help("let it leave the swarm by `state: absent` first; `force: true` removes it"));
        }
        let demote = node.spec.role == NodeRole::Manager;
        if demote {
            may_go(&view.managers, node)?;
        }
        draft.action("Node is removed from swarm cluster.");
        draft.show("nodes", [name], [] as [&str; 0]);
        let (through, node) = (now.host.clone(), node.id.clone());
        draft.steps.push(Step::RemoveNode { through, node, demote, force: self.force });
        Ok(draft.plan(self))
    }
}

/// What a host is in, in a few words.
fn before(own: &Membership) -> String {
    match own.local_node_state {
        LocalState::Inactive => "none".to_owned(),
        LocalState::Pending => "pending".to_owned(),
        LocalState::Error => "error".to_owned(),
        LocalState::Locked => "locked".to_owned(),
        LocalState::Active => managed_from(own),
    }
}

fn leaderless(now: &State) -> Failure {
    no_leader(&now.host, &now.swarm, &Group::default())
}
