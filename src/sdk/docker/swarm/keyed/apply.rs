//! Doing what there is to do about a name.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::json;

use super::key::{self, OWN};
use super::{KeyedKind, KeyedUser};
use crate::sdk::docker::swarm::Convergence;
use crate::sdk::docker::{DockerOptions, DockerWriter, Doing, Texts};
use crate::sdk::{Failure, Operator, Returned};
use crate::value::Value;

/// What there is to do about a name, in the order in which it is done.
#[derive(Debug, Serialize)]
pub struct KeyedChange {
    /// Which of the two it is about.
    pub kind: KeyedKind,
    /// The name.
    pub name: String,
    /// The labels that an object gets.
    pub relabel: Option<Relabel>,
    /// The copy that stands in while the name is free; its name is completed by a random number.
    pub stand_in: Option<KeyedCreate>,
    /// The services that are pointed to it.
    pub away: Vec<KeyedUser>,
    /// The ids of the objects that are removed then.
    pub remove: Vec<String>,
    /// The object that is made then.
    pub create: Option<KeyedCreate>,
    /// The id of the object that stays, where none is made.
    pub known: Option<String>,
    /// The services that are pointed to the one or the other.
    pub back: Vec<KeyedUser>,
    /// The ids of the objects that are removed at the end.
    pub clear: Vec<String>,
    /// How many seconds to wait for a service each time.
    pub wait: u64,
    /// What the objects hold.
    #[serde(skip)]
    pub(super) data: Data,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// Labels for an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Relabel {
    /// The object's id.
    pub id: String,
    /// All its labels.
    pub labels: Texts,
}

/// An object to be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyedCreate {
    /// Its name.
    pub name: String,
    /// Its labels, without the one that is made of a random number.
    pub labels: Texts,
    /// What expands templates in it.
    pub template_driver: Option<&'static str>,
}

/// Bytes that are not shown.
#[derive(Default)]
pub(super) struct Data(Vec<u8>);

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// An object that services are pointed to.
struct Target<'t> {
    id: &'t str,
    name: &'t str,
}

impl KeyedChange {
    pub(super) fn is_nothing(&self) -> bool {
        self.relabel.is_none()
            && self.create.is_none()
            && [&self.remove, &self.clear].iter().all(|ids| ids.is_empty())
            && self.back.is_empty()
    }

    /// Does it.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        docker.must_be_manager(&format!("docker_{}", self.kind.word())).await?;
        if let Some(Relabel { id, labels }) = &self.relabel {
            let path = [self.kind.path(), id.as_str()];
            let edit = |spec: &mut Value| spec["Labels"] = json!(labels);
            docker.revise(&path, &[], edit).await.doing(|| self.doing("changing the labels of"))?;
        }
        let mut clear = self.clear.clone();
        if let Some(copy) = &self.stand_in {
            let mut copy = copy.clone();
            copy.name = completed(&copy.name)?;
            let id = self.make(&docker, &copy).await?;
            let target = Target { id: &id, name: &copy.name };
            self.point(&docker, &self.away, &self.remove, &target).await?;
            clear.push(id);
        }
        for id in &self.remove {
            let path = [self.kind.path(), id.as_str()];
            docker.delete(&path).await.doing(|| self.doing("removing"))?;
        }
        let id = match &self.create {
            Some(create) => Some(self.make(&docker, create).await?),
            None => self.known.clone(),
        };
        if let Some(id) = &id {
            let from = [&clear[..], &self.remove].concat();
            self.point(&docker, &self.back, &from, &Target { id, name: &self.name }).await?;
        }
        for id in &clear {
            let path = [self.kind.path(), id.as_str()];
            docker.delete(&path).await.doing(|| self.doing("removing what is left over of"))?;
        }
        Ok(match (id, &self.create) {
            (Some(id), Some(_)) => Returned::new().with(&format!("{}_id", self.kind.word()), id),
            _ => Returned::new(),
        })
    }

    /// Makes an object; gives its id.
    async fn make(&self, docker: &DockerWriter, create: &KeyedCreate) -> Result<String, Failure> {
        let mut labels = create.labels.clone();
        if self.kind == KeyedKind::Secret {
            labels.insert(OWN.to_owned(), key::salted(&self.data.0)?);
        }
        let mut body = json!({
            "Name": create.name, "Labels": labels, "Data": STANDARD.encode(&self.data.0),
        });
        if let Some(driver) = create.template_driver {
            body["Templating"] = json!({"Name": driver});
        }
        let answer = docker
            .post(&[self.kind.path(), "create"], &body)
            .await
            .doing(|| self.doing("creating"))?;
        Ok(answer["ID"].as_str().unwrap_or_default().to_owned())
    }

    /// Points services to an object, one after the other; each must run before the next.
    async fn point(
        &self,
        docker: &DockerWriter,
        users: &[KeyedUser],
        from: &[String],
        to: &Target<'_>,
    ) -> Result<(), Failure> {
        const AGAIN: &str = "run the task again when that is put right: it goes on from here";
        for KeyedUser { id, name, .. } in users {
            docker
                .revise(&["services", id], &[], |spec| self.kind.point(spec, from, to))
                .await
                .doing(|| format!("giving service {name} its {}", self.kind.word()))
                .map_err(|failure| failure.help(AGAIN))?;
            let wait = Convergence::of(docker, [(name.as_str(), id.as_str())]);
            let patience = Duration::from_secs(self.wait);
            wait.until_converged(patience).await.map_err(|failure| {
                let with = self.kind.word();
                failure.then(&format!("it was given the {with} {}", self.name)).help(AGAIN)
            })?;
        }
        Ok(())
    }

    fn doing(&self, what: &str) -> String {
        format!("{what} the {} {}", self.kind.word(), self.name)
    }
}

impl KeyedKind {
    /// Points the references of a service's `Spec` to another object; they keep their files.
    fn point(self, spec: &mut Value, from: &[String], to: &Target<'_>) {
        let is_old = |id: &Value| id.as_str().is_some_and(|id| from.iter().any(|old| old == id));
        let key = self.key();
        let (id_key, name_key) = (format!("{key}ID"), format!("{key}Name"));
        let container = &mut spec["TaskTemplate"]["ContainerSpec"];
        if let Some(files) = container.get_mut(format!("{key}s")).and_then(Value::as_array_mut) {
            for file in files.iter_mut().filter(|file| is_old(&file[&id_key])) {
                file[&id_key] = to.id.into();
                file[&name_key] = to.name.into();
            }
        }
        let credential = container.pointer_mut("/Privileges/CredentialSpec/Config");
        if let Some(config) = credential.filter(|config| self == Self::Config && is_old(config)) {
            *config = to.id.into();
        }
    }
}

/// A name with a random number behind it.
fn completed(name: &str) -> Result<String, Failure> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::new(format!("no random numbers: {error}")))?;
    Ok(format!("{name}{:016x}", u64::from_ne_bytes(random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_reference_changes() {
        let file = json!({"Name": "/run/x", "UID": "1", "GID": "2", "Mode": 256});
        let spec = |id: &str, name: &str| {
            json!({"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "x", "Secrets": [
                {"File": file, "SecretID": id, "SecretName": name},
                {"File": file, "SecretID": "other", "SecretName": "o"},
            ]}}})
        };
        let mut now = spec("s1", "db");
        let to = Target { id: "s2", name: "db.rplay-1" };
        KeyedKind::Secret.point(&mut now, &["s1".to_owned()], &to);
        assert_eq!(now, spec("s2", "db.rplay-1"));
        KeyedKind::Config.point(&mut now, &["s2".to_owned()], &to);
        assert_eq!(now, spec("s2", "db.rplay-1"), "a config is no secret");
    }
}
