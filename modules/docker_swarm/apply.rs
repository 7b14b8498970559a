//! Does what was decided.

use std::time::Duration;

use serde_json::json;

use super::change::{Addresses, Change, Init, Join, Step, Ticket};
use super::waits::Clock;
use crate::sdk::docker::swarm::{LocalState, Membership, NodeRole};
use crate::sdk::docker::{DockerOptions, DockerWriter, Doing, EngineError, Request};
use crate::sdk::{Failure, Operator, Port, Returned, Secret, Value};

/// How long a host may take to leave: its containers are stopped first.
const LEAVING: Duration = Duration::from_mins(2);
/// How long a manager is waited for that was unlocked before others that are locked, too.
const OPENING: Duration = Duration::from_secs(5);
/// How long a manager may take to answer at its port.
const KNOCKING: Duration = Duration::from_secs(5);

impl Change {
    /// Does it, step by step.
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let patience = Duration::from_secs(self.patience);
        let engine = host.docker(&self.docker)?;
        let mut work =
            Work { host, engine, docker: &self.docker, patience, returned: Returned::new() };
        for step in self.steps {
            work.step(step).await?;
        }
        Ok(work.returned)
    }
}

/// A change on its way.
pub(super) struct Work<'w, 'h> {
    pub(super) host: &'w Operator<'h>,
    pub(super) engine: DockerWriter,
    docker: &'w DockerOptions,
    pub(super) patience: Duration,
    returned: Returned,
}

impl Work<'_, '_> {
    async fn step(&mut self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Unlock { key, locked } => self.unlock(&key, locked.as_deref()).await,
            Step::Leave { force } => self.leave(force).await,
            Step::Init(init) => self.init(&init).await,
            Step::Join(join) => self.join(*join).await,
            Step::Update {
                settings,
                rotate_worker_token,
                rotate_manager_token,
                rotate_unlock_key,
            } => {
                let query = [
                    ("rotateWorkerToken", rotate_worker_token),
                    ("rotateManagerToken", rotate_manager_token),
                    ("rotateManagerUnlockKey", rotate_unlock_key),
                ]
                .map(|(name, rotate)| (name, if rotate { "true" } else { "false" }));
                self.engine
                    .revise(&["swarm"], &query, |spec| settings.write(spec))
                    .await
                    .doing(|| "changing the settings of the swarm".to_owned())
                    .map(drop)
            }
            Step::SetRole { through, node, role } => self.set_role(&through, &node, role).await,
            Step::RemoveNode { through, node, demote, force } => {
                self.remove_node(&through, &node, demote, force).await
            }
            Step::TellTokens => self.tell_tokens().await,
        }
    }

    async fn unlock(&mut self, key: &Secret, locked: Option<&str>) -> Result<(), Failure> {
        // The Engine answers when the swarm has a leader. Whoever is unlocked first cannot wait for
        // that: the others may come after it.
        let patience = if locked.is_some() { OPENING } else { self.patience };
        let body = json!({"UnlockKey": key.reveal()});
        let request = Request::post(&["swarm", "unlock"]).json(&body).timeout(patience);
        let answer = match self.engine.send(request).await {
            Err(EngineError::TimedOut(_)) if locked.is_some() => Ok(()),
            answer => answer.map(drop),
        };
        answer.doing(|| "unlocking the swarm".to_owned()).map_err(|failure| {
            failure.help(
                "`docker swarm unlock-key` on a manager that is not locked tells the key of \
                     now; one that was away while the key was renewed needs the one before",
            )
        })?;
        let is_back = |swarm: &Membership| {
            let is_open = swarm.local_node_state != LocalState::Locked;
            swarm.is_member() || (is_open && locked.is_some())
        };
        let swarm = self.until("take its part in the swarm again", is_back).await?;
        if let Some(other) = locked.filter(|_| !swarm.is_member()) {
            let warning = format!("the swarm has no leader yet: {other} was locked, too");
            self.returned.set("warnings", [warning]);
        }
        self.returned.set("swarm", json!({"node_id": swarm.node_id}));
        Ok(())
    }

    async fn leave(&self, force: bool) -> Result<(), Failure> {
        let request = Request::post(&["swarm", "leave"]).timeout(LEAVING);
        let request = if force { request.query("force", "true") } else { request };
        self.engine.send(request).await.doing(|| "leaving the swarm".to_owned())?;
        Ok(())
    }

    async fn init(&mut self, init: &Init) -> Result<(), Failure> {
        let mut body = init.at.body();
        let mut spec = json!({});
        init.settings.write(&mut spec);
        body["AutoLockManagers"] = spec["EncryptionConfig"]["AutoLockManagers"].clone();
        body["Spec"] = spec;
        body["ForceNewCluster"] = init.force_new_cluster.into();
        body["DataPathPort"] = init.data_path_port.unwrap_or_default().into();
        body["DefaultAddrPool"] = json!(init.default_addr_pool);
        body["SubnetSize"] = init.subnet_size.unwrap_or_default().into();
        // A swarm that is made anew waits for the old one's managers first.
        let request = Request::post(&["swarm", "init"]).json(&body).timeout(LEAVING);
        self.engine.send(request).await.doing(|| "starting a swarm".to_owned())?;
        let swarm = self.until("start its swarm", |swarm| swarm.swarm().is_some()).await?;
        let id = swarm.swarm().map(|swarm| swarm.id.clone()).unwrap_or_default();
        self.returned.set("actions", [format!("New Swarm cluster created: {id}")]);
        let role = NodeRole::Manager;
        self.returned.set("swarm", json!({"id": id, "node_id": swarm.node_id, "role": role}));
        Ok(())
    }

    async fn join(&mut self, join: Join) -> Result<(), Failure> {
        let Join { at, remote_addrs, ticket } = join;
        let (manager, role) = match ticket {
            Ticket::Token(token) => {
                let addresses = remote_addrs.unwrap_or_default();
                self.knock(&addresses).await?;
                self.join_with(&at, &addresses, &token).await.doing(joining)?;
                let swarm = self.until("join the swarm", Membership::is_member).await?;
                self.returned.set("swarm", json!({"node_id": swarm.node_id}));
                return Ok(());
            }
            Ticket::Of { manager, role } => (manager, role),
        };
        let engine = self.engine_of(&manager).await?;
        let swarm = self.until_started(&manager, &engine).await?;
        let addresses = remote_addrs.unwrap_or_else(|| swarm_addresses(&swarm));
        self.knock(&addresses).await?;
        let token = self.token(&engine, role).await?;
        let mut joined = self.join_with(&at, &addresses, &token).await;
        if joined.as_ref().is_err_and(is_about_the_token) {
            // Somebody has renewed it meanwhile.
            let token = self.token(&engine, role).await?;
            joined = self.join_with(&at, &addresses, &token).await;
        }
        if let Err(error) = joined {
            // What did not come about in time is not left to come about later.
            if error.to_string().contains("will continue in the background") {
                self.leave(true).await?;
            }
            return Err(error).doing(joining);
        }
        let own = self.until("join the swarm", Membership::is_member).await?;
        self.until_ready(&manager, &engine, &own.node_id, role).await?;
        let id = swarm.swarm().map(|swarm| &swarm.id);
        self.returned.set("swarm", json!({"id": id, "node_id": own.node_id, "role": role}));
        Ok(())
    }

    async fn join_with(
        &self,
        at: &Addresses,
        managers: &[String],
        token: &Secret,
    ) -> Result<(), EngineError> {
        let mut body = at.body();
        body["RemoteAddrs"] = json!(managers);
        body["JoinToken"] = token.reveal().as_str().into();
        self.engine.post(&["swarm", "join"], &body).await.map(drop)
    }

    /// Makes sure that a manager takes connections: the Engine itself says only after 20 seconds
    /// that something is wrong, and not what.
    async fn knock(&self, managers: &[String]) -> Result<(), Failure> {
        let mut reasons = vec![];
        for manager in managers {
            let (address, port) = manager
                .rsplit_once(':')
                .and_then(|(address, port)| Some((address, port.parse().ok()?)))
                .unwrap_or((manager, 2377));
            let address = address.trim_start_matches('[').trim_end_matches(']');
            match self.host.observer().port(address, port, KNOCKING).await? {
                Port::Open | Port::Unknown => return Ok(()),
                Port::Closed(reason) => reasons.push(format!("{address}:{port} ({reason})")),
            }
        }
        Err(Failure::new(format!(
            "this host reaches no manager of the swarm: {}",
            reasons.join(", ")
        ))
        .help("open TCP port 2377 between the hosts (and 7946 TCP and UDP, 4789 UDP), or set `advertise_addr`"))
    }

    /// The join token of a role, at this moment.
    async fn token(&self, manager: &DockerWriter, role: NodeRole) -> Result<Secret, Failure> {
        Ok(self.host.observer().join_tokens(manager).await?.of(role))
    }

    async fn set_role(&mut self, through: &str, node: &str, role: NodeRole) -> Result<(), Failure> {
        let manager = self.engine_of(through).await?;
        manager
            .revise(&["nodes", node], &[], |spec| spec["Role"] = json!(role))
            .await
            .doing(|| format!("making the node a {}", crate::sdk::Choice::word(role)))?;
        let is = |swarm: &Membership| swarm.control_available == (role == NodeRole::Manager);
        self.until("take up its new role", is).await?;
        self.until_ready(through, &manager, node, role).await
    }

    async fn remove_node(
        &self,
        through: &str,
        node: &str,
        demote: bool,
        force: bool,
    ) -> Result<(), Failure> {
        let manager = self.engine_of(through).await?;
        let doing = || format!("removing the node {node}");
        if demote {
            let worker = |spec: &mut Value| spec["Role"] = json!(NodeRole::Worker);
            manager.revise(&["nodes", node], &[], worker).await.doing(doing)?;
        }
        let query: &[(&str, &str)] = if force { &[("force", "true")] } else { &[] };
        let mut clock = Clock::new(self.patience);
        loop {
            match manager.remove(&["nodes", node], query).await {
                // The managers take a moment to agree that it is one no more.
                Err(error) if error.to_string().contains("demoted") && clock.goes_on() => {
                    clock.tick().await;
                }
                result => return result.doing(doing).map(drop),
            }
        }
    }

    /// Returns the join tokens, and the key where there is one. Nobody sees them printed.
    async fn tell_tokens(&mut self) -> Result<(), Failure> {
        let host = self.host.observer();
        let facts = host.swarm_facts_with_key(&self.engine).await?;
        self.returned.set("swarm_facts", facts);
        Ok(())
    }

    /// The Engine of a host of the inventory.
    async fn engine_of(&self, name: &str) -> Result<DockerWriter, Failure> {
        if name == self.host.controller().hostname() {
            return Ok(self.engine.clone());
        }
        let peer = self.host.controller().peer(name).await?;
        self.host.at(&peer).docker(self.docker)
    }
}

impl Addresses {
    fn body(&self) -> Value {
        json!({
            "ListenAddr": self.listen,
            "AdvertiseAddr": self.advertise.as_deref().unwrap_or_default(),
            "DataPathAddr": self.data_path.as_deref().unwrap_or_default(),
        })
    }
}

fn joining() -> String {
    "joining the swarm".to_owned()
}

/// Where a swarm is joined: the manager that was asked first, then those that it knows.
fn swarm_addresses(manager: &Membership) -> Vec<String> {
    let is_own = |id: &str| id == manager.node_id;
    let known = &manager.remote_managers;
    let own = known.iter().filter(|other| is_own(&other.node_id));
    let others = known.iter().filter(|other| !is_own(&other.node_id));
    own.chain(others).map(|other| other.addr.clone()).collect()
}

/// Whether joining failed for a token that is no longer, or not at all, the swarm's.
fn is_about_the_token(error: &EngineError) -> bool {
    let said = error.to_string();
    said.contains("join token") || said.contains("does not match fingerprint")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::docker::swarm::RemoteManager;

    #[test]
    fn the_manager_that_was_asked_is_joined_first() {
        let remote = |id: &str, addr: &str| RemoteManager { node_id: id.into(), addr: addr.into() };
        let manager = Membership {
            node_id: "b".to_owned(),
            remote_managers: vec![remote("a", "10.0.0.1:2377"), remote("b", "10.0.0.2:2377")],
            ..Membership::default()
        };
        assert_eq!(swarm_addresses(&manager), ["10.0.0.2:2377", "10.0.0.1:2377"]);
    }

    #[test]
    fn knows_a_token_that_was_renewed_by_the_engines_words() {
        let said = |message: &str| {
            is_about_the_token(&EngineError::Status { status: 503, message: message.to_owned() })
        };
        assert!(said("rpc error: desc = A valid join token is necessary to join this cluster"));
        assert!(said("remote CA does not match fingerprint. Expected: aa"));
        assert!(!said("This node is already part of a swarm."));
    }
}
