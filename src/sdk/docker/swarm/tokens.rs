//! What lets nodes into a swarm.

use serde::Deserialize;

use super::NodeRole;
use crate::base::Secret;
use crate::sdk::docker::DockerReader;
use crate::sdk::{Failure, Observer};
use crate::value::Fields;

/// The tokens that let nodes into a swarm.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct JoinTokens {
    worker: Secret,
    manager: Secret,
}

impl JoinTokens {
    /// The token for a role.
    pub fn of(self, role: NodeRole) -> Secret {
        match role {
            NodeRole::Worker => self.worker,
            NodeRole::Manager => self.manager,
        }
    }
}

impl Observer<'_> {
    /// The join tokens of the swarm that an Engine manages, as they are now.
    pub async fn join_tokens(&self, docker: &DockerReader) -> Result<JoinTokens, Failure> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Swarm {
            join_tokens: JoinTokens,
        }
        let Swarm { join_tokens: tokens } = docker.ask(&["swarm"], &[]).await?;
        self.hide(tokens.worker.reveal());
        self.hide(tokens.manager.reveal());
        Ok(tokens)
    }

    /// All that an Engine tells of the swarm it manages. The join tokens are part of it; they are
    /// masked wherever they are shown.
    pub async fn swarm_facts(&self, docker: &DockerReader) -> Result<Fields, Failure> {
        let facts: Fields = docker.ask(&["swarm"], &[]).await?;
        let tokens = facts.get("JoinTokens").and_then(|tokens| tokens.as_object());
        for token in tokens.into_iter().flat_map(|tokens| tokens.values()) {
            self.hide(token.as_str().unwrap_or_default());
        }
        Ok(facts)
    }

    /// The same with the key that unlocks managers after a restart, null where there is none.
    pub async fn swarm_facts_with_key(&self, docker: &DockerReader) -> Result<Fields, Failure> {
        let mut facts = self.swarm_facts(docker).await?;
        let key = self.unlock_key(docker).await?;
        let key = key.map(|key| key.reveal().as_str().to_owned());
        facts.insert("UnlockKey".to_owned(), key.into());
        Ok(facts)
    }

    /// The key that unlocks managers after a restart, where the swarm has one.
    pub async fn unlock_key(&self, docker: &DockerReader) -> Result<Option<Secret>, Failure> {
        let answer: serde_json::Value = docker.ask(&["swarm", "unlockkey"], &[]).await?;
        let key = answer["UnlockKey"].as_str().filter(|key| !key.is_empty());
        Ok(key.map(|key| {
            self.hide(key);
            Secret::new(key.to_owned())
        }))
    }
}
