//! What is seen of a name: its objects, and the services that use them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::key::{self, STAND_IN};
use super::{Keyed, KeyedKind};
use crate::base::Secret;
use crate::sdk::docker::{DockerReader, Texts};
use crate::sdk::{Failure, Observer, Probe};
use crate::spec::Presence;
use crate::value::Value;

/// Prints a file.
const FILE: Probe = Probe("cat -- \"$1\"");

/// What is seen of a name.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyedState {
    /// The objects of the name, its versions and copies that stand in for it.
    pub objects: Vec<KeyedObject>,
    /// The services that use one of them.
    pub users: Vec<KeyedUser>,
    /// The content of `data_src`, in base64.
    pub source: Option<Secret>,
}

/// A secret or a config.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyedObject {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    /// What it is.
    pub spec: KeyedSpec,
}

/// What a secret or a config is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct KeyedSpec {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Texts,
    /// What it holds, in base64; a secret does not show it.
    #[serde(skip_serializing)]
    pub data: Option<String>,
    /// What expands templates in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templating: Option<Templating>,
}

/// What expands templates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Templating {
    /// The driver's name.
    pub name: String,
}

/// A service that uses objects of the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedUser {
    /// The service's id.
    pub id: String,
    /// The service's name.
    pub name: String,
    /// The ids of the objects.
    pub uses: Vec<String>,
}

impl Keyed<'_> {
    /// Looks at a manager and, for `data_src`, at the host's files.
    pub async fn look(&self, host: &Observer<'_>) -> Result<KeyedState, Failure> {
        let docker = host.docker(&self.options.docker)?;
        let mut state = KeyedState::default();
        if self.options.state == Presence::Present {
            state.source = self.source(host).await?;
        }
        let Some(objects) = self.objects(&docker).await? else { return Ok(state) };
        state.objects = objects;
        if !state.objects.is_empty() {
            let services: Vec<Value> = docker.list(&["services"], &[]).await?;
            let users = services.iter().filter_map(|service| self.user(&state.objects, service));
            state.users = users.collect();
        }
        Ok(state)
    }

    /// The content of the host's file.
    async fn source(&self, host: &Observer<'_>) -> Result<Option<Secret>, Failure> {
        if let (Some(text), KeyedKind::Secret, true) =
            (self.data, self.kind, self.options.data_is_b64)
        {
            let decoded = super::decode(text)?;
            host.hide(std::str::from_utf8(&decoded).unwrap_or_default());
        }
        let Some(path) = &self.options.data_src else { return Ok(None) };
        let output = host.probe(FILE, [path]).await?;
        if !output.success() {
            return Err(Failure::of_program(&format!("reading {path}"), &output));
        }
        if self.kind == KeyedKind::Secret {
            host.hide(std::str::from_utf8(&output.stdout).unwrap_or_default());
        }
        Ok(Some(Secret::new(STANDARD.encode(&output.stdout))))
    }

    /// The objects that the name is about; `None` where the host is in no swarm.
    async fn objects(&self, docker: &DockerReader) -> Result<Option<Vec<KeyedObject>>, Failure> {
        let (path, name) = (self.kind.path(), self.options.name.as_str());
        // The Engine gives all whose names begin so: versions and copies among them.
        let filters = json!({"name": [key::stem(name)]}).to_string();
        let module = format!("docker_{}", self.kind.word());
        let found = docker.manager_list(&[path], &[("filters", &filters)], &module).await?;
        let Some(mut objects): Option<Vec<KeyedObject>> = found else { return Ok(None) };
        objects.retain(|object| {
            object.spec.name == name
                || object.stands_in_for(name)
                || object.version_of(name).is_some()
        });
        objects.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Some(objects))
    }

    /// The service as a user of objects, if it uses one.
    fn user(&self, objects: &[KeyedObject], service: &Value) -> Option<KeyedUser> {
        let referred = self.kind.used_by(&service["Spec"]);
        let ids = objects.iter().map(|object| &object.id);
        let uses: Vec<String> = ids.filter(|id| referred.contains(&id.as_str())).cloned().collect();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (!uses.is_empty()).then(|| KeyedUser {
            id: text(&service["ID"]),
            name: text(&service["Spec"]["Name"]),
            uses,
        })
    }
}

impl KeyedKind {
    /// The ids of the objects that a service's `Spec` refers to.
    fn used_by(self, spec: &Value) -> Vec<&str> {
        let container = &spec["TaskTemplate"]["ContainerSpec"];
        let files = container[format!("{}s", self.key())].as_array();
        let key = format!("{}ID", self.key());
        let mut used: Vec<&str> =
            files.into_iter().flatten().filter_map(|file| file[&key].as_str()).collect();
        if self == Self::Config {
            used.extend(container["Privileges"]["CredentialSpec"]["Config"].as_str());
        }
        used
    }
}

impl KeyedObject {
    /// Whether it is a copy that stands in for the object of this name.
    pub fn stands_in_for(&self, name: &str) -> bool {
        self.spec.labels.get(STAND_IN).is_some_and(|other| other == name)
    }

    /// Which version of a name it is.
    pub fn version_of(&self, name: &str) -> Option<u64> {
        let number = self.spec.name.strip_prefix(name)?.strip_prefix("_v")?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_of_the_name_are_versions() {
        let version = |name: &str| {
            let spec = KeyedSpec { name: name.to_owned(), ..KeyedSpec::default() };
            KeyedObject { id: String::new(), spec }.version_of("db")
        };
        assert_eq!(version("db_v12"), Some(12));
        for other in ["db", "db_v", "db_very", "db_v1b", "db_v+1", "xdb_v1"] {
            assert_eq!(version(other), None, "{other}");
        }
    }

    #[test]
    fn a_config_may_be_a_credential_too() {
        let spec = json!({"TaskTemplate": {"ContainerSpec": {
            "Configs": [{"ConfigID": "c1"}], "Privileges": {"CredentialSpec": {"Config": "c2"}},
            "Secrets": [{"SecretID": "s1"}],
        }}});
        assert_eq!(KeyedKind::Config.used_by(&spec), ["c1", "c2"]);
        assert_eq!(KeyedKind::Secret.used_by(&spec), ["s1"]);
        assert!(KeyedKind::Secret.used_by(&Value::Null).is_empty());
    }
}
