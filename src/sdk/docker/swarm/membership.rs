//! What an Engine tells of the swarm it is in.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::remote::docker::EngineError;
use crate::sdk::Failure;
use crate::sdk::docker::DockerReader;
use crate::value::Fields;

/// The status by which an Engine refuses what only managers answer.
const NO_MANAGER: u16 = 503;

/// How long a manager may be none in between.
const IN_BETWEEN: Duration = Duration::from_secs(5);
/// How long lies between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// How an Engine stands to swarms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LocalState {
    /// It is in no swarm.
    #[default]
    #[serde(alias = "")]
    Inactive,
    /// It is joining one, or has tried to and still tries.
    Pending,
    /// It is a member of one.
    Active,
    /// It is a member of one and cannot take part.
    Error,
    /// It is a manager that waits for the key to its data.
    Locked,
}

/// What an Engine tells of the swarm it is in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Membership {
    /// The Engine's id in the swarm; empty where it is in none.
    #[serde(rename = "NodeID")]
    pub node_id: String,
    /// The address it is known by to the other nodes.
    pub node_addr: String,
    /// How it stands to swarms.
    pub local_node_state: LocalState,
    /// Whether it is a manager that has taken up its work.
    pub control_available: bool,
    /// What keeps it from taking part, or a manager from answering; empty where nothing does.
    pub error: String,
    /// The managers it knows of, itself included where it is one.
    #[serde(deserialize_with = "null_is_empty")]
    pub remote_managers: Vec<RemoteManager>,
    /// The swarm, where the Engine is a manager of it.
    pub cluster: Option<Cluster>,
}

/// A manager, as another node knows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RemoteManager {
    /// Its id in the swarm; empty while joining.
    #[serde(rename = "NodeID")]
    pub node_id: String,
    /// Its address and port.
    pub addr: String,
}

/// A swarm, as its managers tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Cluster {
    /// Its id; empty where the manager could not ask the leader.
    #[serde(rename = "ID")]
    pub id: String,
    /// Its settings.
    pub spec: Fields,
}

impl Membership {
    /// Whether the Engine is a member of a swarm.
    pub fn is_member(&self) -> bool {
        self.local_node_state == LocalState::Active
    }

    /// Whether the Engine is a member of a swarm, or was one that now finds no manager.
    pub fn was_let_in(&self) -> bool {
        let pending = self.local_node_state == LocalState::Pending;
        self.is_member() || (pending && !self.node_id.is_empty())
    }

    /// Whether the Engine is a manager of a swarm.
    pub fn is_manager(&self) -> bool {
        self.is_member() && self.control_available
    }

    /// Whether the Engine knows itself as a manager, and cannot do a manager's work at this moment.
    fn is_manager_in_between(&self) -> bool {
        let is_own = |manager: &RemoteManager| manager.node_id == self.node_id;
        self.is_member() && !self.control_available && self.remote_managers.iter().any(is_own)
    }

    /// The swarm's id and settings, where the Engine is a manager and the swarm has a leader.
    pub fn swarm(&self) -> Option<&Cluster> {
        self.cluster.as_ref().filter(|cluster| self.is_manager() && !cluster.id.is_empty())
    }

    /// Refuses a host that is not a manager of a swarm; `module` is who asks.
    fn must_manage(&self, module: &str) -> Result<(), Failure> {
        if self.is_manager() {
            return Ok(());
        }
        let is = match self.local_node_state {
            LocalState::Inactive => "is in no swarm",
            LocalState::Pending => "has not joined its swarm yet",
            LocalState::Active => "is a worker",
            LocalState::Error => "cannot take part in its swarm",
            LocalState::Locked => "is locked",
        };
        // In the words that playbooks look for.
        Err(Failure::new("Error running docker swarm module: must run on swarm manager node").help(
            format!("this host {is}; run {module} on a manager, for example with `delegate_to`"),
        ))
    }

    /// The managers' addresses as one text.
    pub fn manager_addresses(&self) -> String {
        let addresses: Vec<&str> = self.remote_managers.iter().map(|m| m.addr.as_str()).collect();
        addresses.join(", ")
    }
}

/// An Engine and how it stands to swarms, out of `/info`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    name: String,
    #[serde(default)]
    swarm: Membership,
}

impl DockerReader {
    /// The host's name as its Engine gives it to other nodes, and how it stands to swarms.
    ///
    /// A host without an Engine has no name and is in no swarm. A manager that finds no leader
    /// takes 20 seconds to say so.
    pub async fn membership(&self) -> Result<(String, Membership), EngineError> {
        let info: Option<Info> = self.get(&["info"]).await?;
        Ok(info.map(|Info { name, swarm }| (name, swarm)).unwrap_or_default())
    }

    /// An object of a swarm, asked of the manager that this host is.
    ///
    /// `None` where the host is in no swarm: in check mode an earlier task may be about to start
    /// one. Refuses a host that is in a swarm and no manager of it; `module` is who asks.
    pub async fn manager_get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        module: &str,
    ) -> Result<Option<Option<T>>, Failure> {
        let mut answer = self.engine.find(self.request(path, &[])).await;
        if self.manages_again(&answer).await? {
            answer = self.engine.find(self.request(path, &[])).await;
        }
        self.as_manager(answer, module).await
    }

    /// Objects of a swarm, as [`Self::manager_get`] asks for one.
    pub async fn manager_list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        module: &str,
    ) -> Result<Option<Vec<T>>, Failure> {
        let mut answer = self.engine.list(self.request(path, query)).await;
        if self.manages_again(&answer).await? {
            answer = self.engine.list(self.request(path, query)).await;
        }
        self.as_manager(answer, module).await
    }

    /// Whether a manager has refused an answer as none, and is one now: right after it has started
    /// a swarm, its Engine loses sight of that for a moment.
    pub async fn manages_again<T>(
        &self,
        answer: &Result<T, EngineError>,
    ) -> Result<bool, EngineError> {
        let refused = answer.as_ref().err().is_some_and(|error| {
            error.status() == Some(NO_MANAGER) && error.to_string().contains("not a swarm manager")
        });
        Ok(refused && self.settled().await?.is_manager())
    }

    /// How the Engine stands to swarms, once it is no manager in between.
    async fn settled(&self) -> Result<Membership, EngineError> {
        let since = Instant::now();
        loop {
            let (_, membership) = self.membership().await?;
            if !membership.is_manager_in_between() || since.elapsed() > IN_BETWEEN {
                return Ok(membership);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks what the host is only where the answer is a refusal.
    async fn as_manager<T>(
        &self,
        answer: Result<T, EngineError>,
        module: &str,
    ) -> Result<Option<T>, Failure> {
        match answer {
            Ok(told) => Ok(Some(told)),
            Err(EngineError::Absent { .. }) => Ok(None),
            Err(error) if error.status() == Some(NO_MANAGER) => {
                let (_, membership) = self.membership().await?;
                if membership.local_node_state == LocalState::Inactive {
                    return Ok(None);
                }
                membership.must_manage(module)?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses a host that is not a manager of a swarm; `module` is who asks.
    pub async fn must_be_manager(&self, module: &str) -> Result<Membership, Failure> {
        let membership = self.settled().await?;
        membership.must_manage(module)?;
        Ok(membership)
    }
}

impl DockerReader {
    /// Refuses a host that is not a manager, in the words that Docker's own tool has for it, which
    /// playbooks look for; `module` is who asks.
    pub async fn must_manage_stacks(&self, module: &str) -> Result<(), Failure> {
        self.must_be_manager(module).await.map(drop).map_err(|failure| match failure {
            Failure::Task { message, help, returned } => Failure::Task {
                message: format!(
                    "Error response from daemon: This node is not a swarm manager: {message}"
                ),
                help,
                returned,
            },
            other => other,
        })
    }
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_engine_in_no_swarm_says_null_and_nothing() {
        let now: Membership = serde_json::from_value(json!({
            "NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive",
            "ControlAvailable": false, "Error": "", "RemoteManagers": null,
        }))
        .unwrap();
        assert_eq!(now, Membership::default());
    }

    #[test]
    fn a_manager_without_a_leader_knows_no_swarm() {
        let manager = |id: &str| -> Membership {
            serde_json::from_value(json!({
                "NodeID": "n1", "LocalNodeState": "active", "ControlAvailable": true,
                "Cluster": {"ID": id, "Spec": {"Labels": null}},
            }))
            .unwrap()
        };
        assert!(manager("").is_manager() && manager("").swarm().is_none());
        let mut between = Membership { control_available: false, ..manager("") };
        assert!(!between.is_manager_in_between(), "a worker");
        let own = RemoteManager { node_id: "n1".to_owned(), ..RemoteManager::default() };
        between.remote_managers.push(own);
        assert!(between.is_manager_in_between());
        assert_eq!(manager("c1").swarm().map(|swarm| swarm.id.as_str()), Some("c1"));
    }
}
