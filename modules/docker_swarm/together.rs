//! What one of several hosts has to do for all of them to become one swarm.

use super::Args;
use super::change::{Change, Draft, Step, Ticket};
use super::state::{Group, Other, State, View};
use crate::sdk::docker::swarm::{LocalState, Membership, Node, NodeRole, may_go};
use crate::sdk::{Failure, Plan, Value};

/// How a host stands to the swarm that it is to be in.
enum Standing<'n> {
    /// It is in none.
    Outside,
    /// It is in none, and must leave what is left of a membership: which one.
    Stranded(&'static str),
    /// It is in another one: which.
    Elsewhere(String),
    /// It is this node of it.
    Member(&'n Node),
}

impl Args {
    /// Decides for a host in a swarm that the task describes.
    pub(super) fn plan_together(
        &self,
        now: &State,
        group: &Group,
    ) -> Result<Plan<Change>, Failure> {
        let mut draft = Draft::default();
        let Some(role) = group.role else {
            draft.returned.set("msg", "the host is neither among `managers` nor among `workers`");
            return Ok(draft.plan(self));
        };
        let locked = group.locked(&now.host);
        if self.unlocks(now) {
            return self.plan_unlocking(locked);
        }
        let leads = now.view.as_ref().is_some_and(|view| view.swarm.swarm().is_some());
        let away = locked.or_else(|| group.waking(&now.host).filter(|_| self.unlock_key.is_some()));
        if let Some(name) = away.filter(|_| !leads && now.swarm.was_let_in()) {
            return self.plan_waiting(draft, name);
        }
        let Some(view) = &now.view else {
            return self.plan_first_run(now, group, role);
        };
        let Some(swarm) = view.swarm.swarm() else {
            return Err(no_leader(&view.manager, &view.swarm, group));
        };
        draft.returned.set("swarm", now.described());
        match self.standing(now, view, &swarm.id)? {
            Standing::Outside => {
                self.enter(&mut draft, now, group, role, &view.manager, "none".into());
            }
            Standing::Stranded(what) => {
                self.enter(&mut draft, now, group, role, &view.manager, what.into());
            }
            Standing::Elsewhere(other) => {
                if !self.force {
                    return Err(Failure::new(format!(
                        "this host is in another swarm ({other}), not in {} of {}",
                        swarm.id, view.manager
                    ))
                    .help("`force: true` makes it leave that one"));
                }
                self.enter(&mut draft, now, group, role, &view.manager, other.into());
            }
            Standing::Member(node) => {
                draft.action("This node is already part of a swarm.");
                set_role(&mut draft, view, node, role)?;
            }
        }
        if view.manager == now.host {
            self.settle(&mut draft, &Value::Object(swarm.spec.clone()))?;
        }
        self.prune(&mut draft, view);
        Ok(draft.plan(self))
    }

    /// How the host stands to the swarm that `view` shows.
    fn standing<'n>(
        &self,
        now: &State,
        view: &'n View,
        swarm: &str,
    ) -> Result<Standing<'n>, Failure> {
        let own = &now.swarm;
        Ok(match own.local_node_state {
            LocalState::Inactive => Standing::Outside,
            // A manager that is on its way back must not leave: it may be one too few then.
            LocalState::Pending => match &view.node {
                Some(node) if !node.is_down() || node.spec.role == NodeRole::Manager => {
                    Standing::Member(node)
                }
                _ => Standing::Stranded("pending"),
            },
            LocalState::Locked => Standing::Stranded("locked"),
            LocalState::Error if self.force => Standing::Stranded("error"),
            LocalState::Error => return Err(broken(own)),
            LocalState::Active => match (&view.node, own.swarm()) {
                (_, Some(other)) if other.id != swarm => Standing::Elsewhere(other.id.clone()),
                (Some(node), _) => Standing::Member(node),
                // Its managers are these, and they know it no more.
                (None, None) if shares_managers(own, &view.swarm) => {
                    Standing::Stranded("removed by its managers")
                }
                (None, _) => Standing::Elsewhere(managed_from(own)),
            },
        })
    }

    /// Decides where none of the managers has a swarm.
    fn plan_first_run(
        &self,
        now: &State,
        group: &Group,
        role: NodeRole,
    ) -> Result<Plan<Change>, Failure> {
        let mut draft = Draft::default();
        let before: Value = match now.swarm.local_node_state {
            LocalState::Inactive => "none".into(),
            LocalState::Pending => "pending".into(),
            LocalState::Locked => "locked".into(),
            LocalState::Error if self.force => "error".into(),
            LocalState::Error => return Err(broken(&now.swarm)),
            LocalState::Active if self.force => managed_from(&now.swarm).into(),
            LocalState::Active => {
                return Err(Failure::new(format!(
                    "this host is in a swarm ({}), of which none of `managers` is a manager",
                    managed_from(&now.swarm)
                ))
                .help("name its managers, or let the host leave it by `force: true`"));
            }
        };
        if let Some(name) = group.locked(&now.host) {
            if self.unlock_key.is_none() {
                return Err(locked_out(name));
            }
            self.enter(&mut draft, now, group, role, name, before);
            return Ok(draft.plan(self));
        }
        let Some(first) = group.managers.first() else {
            return Err(Failure::new("`managers` names no host of the inventory"));
        };
        if *first == now.host {
            self.may_start(now, group)?;
            if before != "none" {
                draft.steps.push(Step::Leave { force: true });
            }
            draft.steps.push(self.init(now.interface.as_ref(), false));
            draft.show("swarm", before, "new");
            draft.show("role", (), NodeRole::Manager);
            draft.show_all(&self.settings.differences(&Value::Null));
            return Ok(draft.plan(self));
        }
        if let Some(reason) = &group.missing {
            return Err(Failure::new(format!(
                "{first} is to start the swarm, and cannot: {reason}"
            ))
            .help(format!("let the task run on {first} too, before or at the same time")));
        }
        self.enter(&mut draft, now, group, role, first, before);
        Ok(draft.plan(self))
    }

    /// Refuses to start a second swarm beside one that may be there.
    fn may_start(&self, now: &State, group: &Group) -> Result<(), Failure> {
        for (name, other) in group.others.iter().filter(|(name, _)| **name != now.host) {
            match other {
                Other::Silent(reason) => {
                    return Err(Failure::new(format!(
                        "a swarm is not started while it cannot be told whether {name} has one: \
                         {reason}"
                    ))
                    .help("bring it back, or leave it out of `managers`"));
                }
                Other::Swarm(swarm) if swarm.is_member() && !self.force => {
                    return Err(Failure::new(format!(
                        "a swarm is not started while {name} is in another one ({})",
                        managed_from(swarm)
                    ))
                    .help("name that one's managers, or let the host leave it by `force: true`"));
                }
                Other::Swarm(_) => {}
            }
        }
        Ok(())
    }

    /// Enters the swarm that `manager` has or will have.
    fn enter(
        &self,
        draft: &mut Draft,
        now: &State,
        group: &Group,
        role: NodeRole,
        manager: &str,
        before: Value,
    ) {
        if before != "none" {
            draft.steps.push(Step::Leave { force: true });
        }
        let ticket = Ticket::Of { manager: manager.to_owned(), role };
        draft.steps.push(self.join(ticket));
        draft.action("New node is added to swarm cluster");
        // The same words whoever lets it in: which one that is depends on who was quicker.
        let other = group.managers.iter().find(|name| **name != now.host);
        let shown = other.map_or(manager, String::as_str);
        draft.show("swarm", before, format!("managed by {shown}"));
        draft.show("role", (), role);
    }

    /// Gives the swarm its settings; whether there is anything to do.
    pub(super) fn settle(&self, draft: &mut Draft, spec: &Value) -> Result<bool, Failure> {
        let mut differences = self.settings.differences(spec);
        let Self { rotate_worker_token, rotate_manager_token, .. } = *self;
        let rotate_unlock_key = self.rotates_unlock_key(spec)?;
        let rotate = [
            ("rotate_worker_token", rotate_worker_token),
            ("rotate_manager_token", rotate_manager_token),
            ("rotate_unlock_key", rotate_unlock_key),
        ];
        for (name, _) in rotate.iter().filter(|(_, rotate)| *rotate) {
            differences.add(name, false, true);
        }
        if differences.is_empty() {
            return Ok(false);
        }
        draft.show_all(&differences);
        draft.action("Swarm cluster updated");
        let settings = Box::new(self.settings.clone());
        draft.steps.push(Step::Update {
            settings,
            rotate_worker_token,
            rotate_manager_token,
            rotate_unlock_key,
        });
        Ok(true)
    }

    /// Whether there is a key to renew. The Engine makes one where it is told to lock managers,
    /// and takes it away where it is told not to; to renew one that is not there it is silent.
    fn rotates_unlock_key(&self, spec: &Value) -> Result<bool, Failure> {
        if !self.rotate_unlock_key {
            return Ok(false);
        }
        let has_one = spec["EncryptionConfig"]["AutoLockManagers"] == true;
        if !self.settings.autolock().unwrap_or(has_one) {
            return Err(Failure::new(
                "the swarm has no unlock key to renew: its managers are not locked by a restart",
            )
            .help("`autolock_managers: true` gives it one; else leave out `rotate_unlock_key`"));
        }
        Ok(has_one)
    }

    /// Tells of nodes of the host's name that are down, and removes them where that is wished.
    pub(super) fn prune(&self, draft: &mut Draft, view: &View) {
        let ids: Vec<&String> = view.stale.iter().map(|node| &node.id).collect();
        draft.returned.set("stale_nodes", &ids);
        if !self.prune || ids.is_empty() {
            return;
        }
        draft.show("stale_nodes", &ids, [] as [&str; 0]);
        for node in &view.stale {
            draft.steps.push(Step::RemoveNode {
                through: view.manager.clone(),
                node: node.id.clone(),
                demote: node.spec.role == NodeRole::Manager,
                force: false,
            });
        }
    }

    /// Whether the host is a locked manager that is not simply to leave its swarm.
    pub(super) fn unlocks(&self, now: &State) -> bool {
        let locked = now.swarm.local_node_state == LocalState::Locked;
        locked && (self.unlock_key.is_some() || !self.force)
    }

    /// Unlocks a manager; what it is in its swarm is seen after that. `locked` is another one.
    pub(super) fn plan_unlocking(&self, locked: Option<&str>) -> Result<Plan<Change>, Failure> {
        let Some(key) = self.unlock_key.clone() else { return Err(locked_out("this host")) };
        let mut draft = Draft::default();
        draft.steps.push(Step::Unlock { key, locked: locked.map(str::to_owned) });
        draft.show("swarm", "locked", "unlocked");
        Ok(draft.plan(self))
    }

    /// Leaves a member alone whose swarm has no leader for as long as `away` takes no part in it.
    fn plan_waiting(&self, mut draft: Draft, away: &str) -> Result<Plan<Change>, Failure> {
        if self.unlock_key.is_none() {
            return Err(locked_out(away));
        }
        draft.action("This node is already part of a swarm.");
        draft.warn(format!(
            "the swarm has no leader until {away} is unlocked: what this host is in it is seen \
             by the next run"
        ));
        Ok(draft.plan(self))
    }
}

/// Makes a node what it is to be.
fn set_role(draft: &mut Draft, view: &View, node: &Node, role: NodeRole) -> Result<(), Failure> {
    let is = node.spec.role;
    if is == role {
        return Ok(());
    }
    if role == NodeRole::Worker {
        may_go(&view.managers, node)?;
    }
    draft.show("role", is, role);
    let (through, node) = (view.manager.clone(), node.id.clone());
    draft.steps.push(Step::SetRole { through, node, role });
    Ok(())
}

/// Says that a swarm has lost more managers than it can bear.
pub(super) fn no_leader(manager: &str, swarm: &Membership, group: &Group) -> Failure {
    let answers = |name: &String| match group.others.get(name) {
        Some(Other::Swarm(other)) => other.is_manager(),
        Some(Other::Silent(_)) | None => false,
    };
    let (up, silent): (Vec<&String>, Vec<&String>) =
        group.managers.iter().partition(|name| answers(name) || *name == manager);
    let (all, up) = (swarm.remote_managers.len().max(up.len()), join(&up));
    let silent =
        if silent.is_empty() { String::new() } else { format!("; not: {}", join(&silent)) };
    Failure::new(format!(
        "the swarm of {manager} has no leader: of its {all} managers these answer: {up}{silent}"
    ))
    .help(format!(
        "bring back more than half of its managers (they are at {}); if they are gone for good, \
         `docker swarm init --force-new-cluster` on one of them makes a new swarm of what it knows",
        swarm.manager_addresses()
    ))
}

fn join(names: &[&String]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Says that a membership is broken.
pub(super) fn broken(own: &Membership) -> Failure {
    let error = if own.error.is_empty() { "the Engine does not say why" } else { &own.error };
    Failure::new(format!("this host cannot take part in its swarm: {error}"))
        .help("`force: true` makes it leave that one")
}

fn locked_out(who: &str) -> Failure {
    Failure::new(format!("{who} is locked: its swarm needs a key after a restart")).help(
        "give the key as `unlock_key`; `docker swarm unlock-key` on a manager that is not locked \
         tells it. Without the key, `force: true` makes the host leave what it cannot read",
    )
}

/// Names a swarm by its id, or by what a worker knows of it.
pub(super) fn managed_from(own: &Membership) -> String {
    match own.swarm() {
        Some(swarm) => swarm.id.clone(),
        None => format!("managed from {}", own.manager_addresses()),
    }
}

/// Whether one of the managers that a node knows is among those of a swarm.
fn shares_managers(own: &Membership, swarm: &Membership) -> bool {
    own.remote_managers.iter().any(|one| {
        !one.node_id.is_empty()
            && swarm.remote_managers.iter().any(|other| other.node_id == one.node_id)
    })
}
