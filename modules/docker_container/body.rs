//! A container's configuration: as the Engine takes it and as it shows it.

use indexmap::IndexMap;
use serde::Serialize;

use crate::sdk::{Fields, Value};

/// A container's configuration in the Engine's terms: what belongs to the container, and what to
/// the host it runs on.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    config: Fields,
    host: Fields,
}

impl Body {
    /// Sets what belongs to the container, where it is given.
    pub(super) fn config(&mut self, name: &str, value: Option<impl Serialize>) {
        set(&mut self.config, name, value);
    }

    /// Sets what belongs to the host, where it is given.
    pub(super) fn host(&mut self, name: &str, value: Option<impl Serialize>) {
        set(&mut self.host, name, value);
    }

    /// The configuration of a container that the Engine shows.
    pub(super) fn seen(container: &Value) -> Self {
        let fields = |name: &str| container[name].as_object().cloned().unwrap_or_default();
        Self { config: fields("Config"), host: fields("HostConfig") }
    }

    /// The configuration that an image brings.
    pub(super) fn of_image(image: &Value) -> Self {
        let config = image["Config"].as_object().cloned().unwrap_or_default();
        Self { config, host: Fields::new() }
    }

    /// What the container has under a name.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.config.get(name).cloned()
    }

    /// What the host has under a name.
    pub(super) fn get_host(&self, name: &str) -> Option<Value> {
        self.host.get(name).cloned()
    }

    /// Names other containers by their ids, as the Engine shows them.
    pub(super) fn resolve_peers(&mut self, peers: &IndexMap<String, String>) {
        for name in ["NetworkMode", "IpcMode", "PidMode"] {
            let peer = self.host.get(name).and_then(Value::as_str);
            let id = peer.and_then(|mode| peers.get(mode.strip_prefix("container:")?));
            if let Some(id) = id {
                let mode = format!("container:{id}");
                self.host(name, Some(mode));
            }
        }
    }

    /// The whole as the Engine takes it.
    pub(super) fn into_value(self) -> Value {
        let mut whole = self.config;
        whole.insert("HostConfig".to_owned(), Value::Object(self.host));
        Value::Object(whole)
    }
}

fn set(fields: &mut Fields, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
    }
}
