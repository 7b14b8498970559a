//! Doing what there is to do about a plugin.

use serde::Serialize;

use crate::sdk::docker::{
    Credentials, DockerOptions, DockerWriter, Doing, ImageName, Request, Texts,
};
use crate::sdk::{Failure, Operator, Returned, Value};

/// What there is to do about a plugin, in the order in which it is done.
#[derive(Debug, Serialize)]
pub struct Change {
    /// Its name on the host.
    pub(super) name: String,
    pub(super) remove: bool,
    /// Whether it is removed although it is in use.
    pub(super) force: bool,
    pub(super) install: Option<Install>,
    pub(super) disable: bool,
    /// The options that are set.
    pub(super) set: Texts,
    pub(super) enable: bool,
    pub(super) enable_timeout: u64,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// Where a plugin is pulled from.
#[derive(Debug, Serialize)]
pub struct Install {
    pub(super) remote: String,
}

impl Change {
    pub(super) async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let docker = host.docker(&self.docker)?;
        let name = self.name.as_str();
        if self.remove {
            let force = if self.force { "1" } else { "0" };
            let removed = docker.remove(&["plugins", name], &[("force", force)]).await;
            removed.doing(|| format!("removing plugin {name}"))?;
            return Ok(Returned::new());
        }
        if let Some(Install { remote }) = &self.install {
            self.pull(host, &docker, remote).await?;
        }
        if self.disable {
            let done = docker.act(&["plugins", name, "disable"], &[]).await;
            done.doing(|| format!("disabling plugin {name}"))?;
        }
        let set = self.set(&docker).await;
        if self.enable {
            let timeout = self.enable_timeout.to_string();
            let query = [("timeout", timeout.as_str())];
            let done = docker.act(&["plugins", name, "enable"], &query).await;
            // Also where an option is refused: it is enabled again as it was.
            let done = done.doing(|| format!("enabling plugin {name}"));
            set.and(done)?;
        } else {
            set?;
        }
        let plugin: Option<Value> = docker.get(&["plugins", name, "json"]).await?;
        Ok(Returned::new().with("plugin", plugin))
    }

    async fn set(&self, docker: &DockerWriter) -> Result<(), Failure> {
        if self.set.is_empty() {
            return Ok(());
        }
        let options = self.set.iter().map(|(name, value)| format!("{name}={value}"));
        let options: Vec<String> = options.collect();
        let done = docker.post(&["plugins", &self.name, "set"], &options).await;
        done.doing(|| format!("setting options of plugin {}", self.name)).map(drop)
    }

    async fn pull(
        &self,
        host: &Operator<'_>,
        docker: &DockerWriter,
        remote: &str,
    ) -> Result<(), Failure> {
        let registry = ImageName::parse(remote);
        let login = host.observer().registry_login(registry.registry()).await?;
        let header = docker.header(login.as_ref());
        let doing = || format!("installing plugin {remote}");
        let asks = Request::get(&["plugins", "privileges"])
            .query("remote", remote)
            .header(Credentials::HEADER, header.clone());
        let privileges: Value = docker.send(asks).await.doing(doing)?.json()?;
        let pull = Request::post(&["plugins", "pull"])
            .query("remote", remote)
            .query("name", &self.name)
            .header(Credentials::HEADER, header)
            .json(&privileges);
        docker.transcript(pull).await.doing(doing).map(drop)
    }
}
