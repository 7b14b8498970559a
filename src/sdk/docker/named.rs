//! Containers and networks by their names.

use serde_json::Value;

use super::DockerReader;
use crate::remote::docker::EngineError;

/// How much of an id is needed at least: what Docker's own lists show.
const SHORT_ID: usize = 12;

impl DockerReader {
    /// The container with a name or an id.
    pub async fn container(&self, name: &str) -> Result<Option<Value>, EngineError> {
        let found: Option<Value> = self.get(&["containers", name, "json"]).await?;
        Ok(found.filter(|container| is_called(container, name)))
    }

    /// The network with a name or an id.
    pub async fn network(&self, name: &str) -> Result<Option<Value>, EngineError> {
        let found: Option<Value> = self.get(&["networks", name]).await?;
        Ok(found.filter(|network| is_called(network, name)))
    }
}

/// Whether an object has this name or id. The Engine also finds objects by the beginning of their
/// id, however short: `db` is one.
fn is_called(object: &Value, name: &str) -> bool {
    let text = |field: &str| object[field].as_str().unwrap_or_default();
    let by_id = name.len() >= SHORT_ID && text("Id").starts_with(name);
    by_id || text("Name").trim_start_matches('/') == name.trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_beginning_of_an_id_is_no_name() {
        let container = json!({"Name": "/web", "Id": "db0123456789abcdef"});
        for (name, is_it) in
            [("web", true), ("/web", true), ("db", false), ("db0123456789", true), ("we", false)]
        {
            assert_eq!(is_called(&container, name), is_it, "{name}");
        }
        assert!(is_called(&json!({"Name": "front", "Id": "aa"}), "front"));
    }
}
