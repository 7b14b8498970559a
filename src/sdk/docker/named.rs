//! Objects by their names.

use super::DockerReader;
use crate::remote::docker::EngineError;
use crate::value::Value;

/// How many digits of an id Docker's own tools show.
const SHORT: usize = 12;

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

/// Whether an object has this name or id, or an id that is shown like this.
///
/// The Engine also finds what has an id with such a beginning, however short: a service `x` where
/// there is none of that name, but one whose id begins with an `x`.
pub fn is_called(object: &Value, asked: &str) -> bool {
    let asked = asked.trim_start_matches('/');
    let mut names = [&object["Name"], &object["Spec"]["Name"], &object["Description"]["Hostname"]]
        .into_iter()
        .filter_map(Value::as_str);
    let mut ids = [&object["Id"], &object["ID"]].into_iter().filter_map(Value::as_str);
    names.any(|name| name.trim_start_matches('/') == asked)
        || ids.any(|id| id == asked || (asked.len() >= SHORT && id.starts_with(asked)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_beginning_of_an_id_is_no_name() {
        let service = json!({"ID": "x000pxutuomm2h3k4l5m6n7p8", "Spec": {"Name": "web"}});
        assert!(is_called(&service, "web"));
        assert!(is_called(&service, "x000pxutuomm"));
        assert!(!is_called(&service, "x"));
        assert!(!is_called(&service, "x000"));
        let container = json!({"Id": "beef", "Name": "/db"});
        assert!(is_called(&container, "db") && is_called(&container, "/db"));
        assert!(!is_called(&container, "be"));
    }
}
