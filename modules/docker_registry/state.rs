//! What is seen of a host, and of the registry it serves or is to trust.

use std::net::IpAddr;
use std::time::SystemTime;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::files;
use super::{Args, Https};
use crate::sdk::docker::{ImageName, PullPolicy, SeenImage};
use crate::sdk::file::Algorithm;
use crate::sdk::tls::{Authority, Certificate};
use crate::sdk::{Failure, Observer, Presence, Probe, Search, Secret, Sections, Value, coerce};

/// Prints what a server has in its folder.
const SERVED: Probe = Probe(include_str!("served.sh"));
/// Prints what the host's Engines trust.
const TRUSTED: Probe = Probe(include_str!("trusted.sh"));

/// What is seen of a host, and of the registry it serves or is to trust.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The host's name in the inventory.
    pub(super) host: String,
    /// The name of the host that serves.
    pub(super) server: String,
    /// The names that the registry is reached by.
    pub(super) names: Vec<String>,
    /// Seconds since 1970.
    pub(super) clock: u64,
    /// The registry's files, on the host that serves.
    pub(super) served: Sections,
    /// The certificate that is given, where one is.
    pub(super) given: Option<Given>,
    /// What the host trusts: content by path.
    pub(super) trusted: IndexMap<String, String>,
    /// The image, on the host that serves.
    pub(super) image: SeenImage,
    /// The container, likewise.
    pub(super) container: Option<Value>,
    /// What the container's image brings into its environment.
    pub(super) image_env: Vec<String>,
    /// Whether there is a volume with the images.
    pub(super) volume: bool,
}

/// A certificate that is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Given {
    /// The certificate, PEM.
    pub(super) certificate: String,
    /// Its key, PEM.
    pub(super) key: Secret,
    /// The SHA-256 of the key.
    pub(super) key_sha256: String,
    /// The authority, PEM, where it is to be trusted.
    #[serde(default)]
    pub(super) authority: Option<String>,
}

impl State {
    /// Whether the host is the one that serves.
    pub(super) fn serves(&self) -> bool {
        self.host == self.server
    }
}

impl Args {
    pub(super) async fn look(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let controller = host.controller();
        let own = controller.hostname();
        let server = match &self.server {
            None => own.to_owned(),
            Some(name) => {
                let found = controller.hosts_of(name).and_then(|hosts| hosts.into_iter().next());
                found.ok_or_else(|| {
                    Failure::new(format!("`server`: `{name}` is no host or group of the inventory"))
                })?
            }
        };
        let names = self.names(host, &server)?;
        let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut state = State {
            host: own.to_owned(),
            server,
            names,
            clock: clock.as_secs(),
            ..State::default()
        };
        let asked = [self.folder(), self.storage()];
        state.served = if state.serves() {
            Sections::parse(&host.probe(SERVED, &asked).await?)
        } else if self.state == Presence::Present && self.https() == Https::Generated {
            let peer = controller.peer(&state.server).await?;
            Sections::parse(&host.at(&peer).probe(SERVED, &asked).await?)
        } else {
            Sections::default()
        };
        state.trusted = self.trusted(host, &state).await?;
        if self.https() == Https::Given && self.state == Presence::Present {
            state.given = Some(self.given(host)?);
        }
        if state.serves() {
            self.look_at_engine(host, &mut state).await?;
        }
        Ok(state)
    }

    /// What the host trusts under the registry's names. Where the registry goes, also what it
    /// trusts under names that the registry had before: they have the same authority.
    async fn trusted(
        &self,
        host: &Observer<'_>,
        state: &State,
    ) -> Result<IndexMap<String, String>, Failure> {
        let paths: Vec<String> =
            state.names.iter().map(|name| files::trust(&self.address(name))).collect();
        let files = Sections::parse(&host.probe(TRUSTED, [] as [&str; 0]).await?);
        let subject = Authority::subject(&files::authority_name(&self.name, &state.server));
        let is_own = |path: &str, pem: &str| {
            paths.iter().any(|own| own == path)
                || (self.state == Presence::Absent
                    && Certificate::read(pem).is_some_and(|pem| pem.subject == subject))
        };
        let files = files.iter().filter(|(path, pem)| is_own(path, pem));
        Ok(files.map(|(path, pem)| (path.to_owned(), pem.to_owned())).collect())
    }

    async fn look_at_engine(&self, host: &Observer<'_>, state: &mut State) -> Result<(), Failure> {
        let docker = host.docker(&self.docker)?;
        state.container = docker.container(&self.name).await?;
        if self.state == Presence::Absent {
            if !self.keep_data && !self.storage().starts_with('/') {
                let volume: Option<Value> = docker.get(&["volumes", &self.storage()]).await?;
                state.volume = volume.is_some();
            }
            return Ok(());
        }
        let always = self.pull == PullPolicy::Always;
        state.image = host.image(&docker, &ImageName::parse(&self.image), always).await?;
        if let Some(id) = state.container.as_ref().and_then(|container| container["Image"].as_str())
        {
            let image: Option<Value> = docker.get(&["images", id, "json"]).await?;
            let env = image.map(|image| image["Config"]["Env"].clone()).unwrap_or_default();
            state.image_env = serde_json::from_value(env).unwrap_or_default();
        }
        Ok(())
    }

    /// The names that the registry is reached by. They become parts of paths.
    fn names(&self, host: &Observer<'_>, server: &str) -> Result<Vec<String>, Failure> {
        let names = if let Some(names) = &self.names {
            names.clone()
        } else {
            let address = host.controller().variable_of(server, "ansible_host")?;
            vec![address.map_or_else(|| server.to_owned(), |value| coerce::to_text(&value))]
        };
        let plain = |name: &String| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            name.parse::<IpAddr>().is_ok()
                || (name.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && name.chars().all(is_name))
        };
        match names.iter().find(|name| !plain(name)) {
            Some(name) => Err(Failure::new(format!("`names`: `{name}` is no name of a host"))
                .help("write names and addresses without port and path")),
            None if names.is_empty() => Err(Failure::new("`names` is empty")
                .help("leave it out for the server's own address, or name one")),
            None => Ok(names),
        }
    }

    /// Reads the certificate that is given.
    fn given(&self, host: &Observer<'_>) -> Result<Given, Failure> {
        let controller = host.controller();
        let read = |name: &String| -> Result<String, Failure> {
            let bytes = controller.read(&controller.find(Search::Files, name)?)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let certificate = self.certificate.as_ref().map(read).transpose()?.unwrap_or_default();
        let key = self.key.as_ref().map(read).transpose()?.unwrap_or_default();
        for (text, mark, name) in
            [(&certificate, "CERTIFICATE", "certificate"), (&key, "PRIVATE KEY", "key")]
        {
            if !text.contains(mark) {
                return Err(Failure::new(format!("`{name}`: the file holds no PEM of a {name}"))
                    .help("it has lines that begin with `-----BEGIN`"));
            }
        }
        host.hide(&key);
        Ok(Given {
            certificate,
            key_sha256: Algorithm::Sha256.sum(key.as_bytes()),
            key: Secret::new(key),
            authority: self.authority.as_ref().map(read).transpose()?,
        })
    }
}
