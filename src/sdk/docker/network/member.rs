//! A container connected to a network.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::{DockerReader, EngineError};
use crate::value::Value;

/// A container connected to the network.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its end of the connection, as the Engine shows it.
    #[serde(default)]
    pub endpoint: Value,
    /// Its labels.
    #[serde(default)]
    pub labels: Value,
}

impl Member {
    /// Whether it is the container with this name or id.
    pub fn is(&self, asked: &str) -> bool {
        let asked = asked.trim_start_matches('/');
        self.name == asked || (asked.len() >= 12 && self.id.starts_with(asked))
    }
}

/// The containers connected to a network, running or not: those that do not run, too, would
/// look in vain for a network that was replaced.
pub async fn members(
    docker: &DockerReader,
    network: &str,
    with_endpoints: bool,
) -> Result<Vec<Member>, EngineError> {
    let filters = json!({"network": [network]}).to_string();
    let query = [("all", "1"), ("filters", &filters)];
    let listed: Vec<Value> = docker.list(&["containers", "json"], &query).await?;
    let mut members = vec![];
    for container in listed {
        // The Engine finds networks by the beginning of an id, too.
        if container["NetworkSettings"]["Networks"][network].is_null() {
            continue;
        }
        let id = container["Id"].as_str().unwrap_or_default().to_owned();
        let name = container["Names"][0].as_str().unwrap_or(&id);
        let name = name.trim_start_matches('/').to_owned();
        let mut endpoint = Value::Null;
        if with_endpoints
            && let Some(seen) = docker.get::<Value>(&["containers", &id, "json"]).await?
        {
            endpoint = seen["NetworkSettings"]["Networks"][network].clone();
        }
        let labels = container["Labels"].clone();
        members.push(Member { id, name, endpoint, labels });
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}
