//! A container that is made, alone or in the place of another one.

use serde::Serialize;
use serde_json::json;

use super::steps::{remove, run_hooks, stop};
use crate::sdk::docker::compose::{Blueprint, labels, put_files};
use crate::sdk::docker::{ContainerCommand, DockerWriter, Doing, ImageName, Request};
use crate::sdk::{Failure, Value};

/// A container to be made.
#[derive(Debug, Serialize)]
pub(super) struct Create {
    pub(super) name: String,
    pub(super) number: u64,
    pub(super) blueprint: Blueprint,
    /// Volumes without a name that go over from the old container.
    pub(super) kept: Vec<String>,
    /// The id of the container that it takes the place of.
    pub(super) replaces: Option<String>,
    /// The id of the image that the old container has: where the new image turns out to be the
    /// same one, it stays.
    pub(super) only_for_image: Option<String>,
    /// The services that it shares something with, where that is all there is to it: where none
    /// of them turns out to be made anew, it stays.
    pub(super) follows: Vec<String>,
    /// Whether the old container runs.
    pub(super) old_runs: bool,
    /// What is run in the old container before it is stopped.
    pub(super) hooks: Vec<ContainerCommand>,
    pub(super) timeout: Option<i64>,
}

impl Create {
    /// Whether nothing has come of what it is made for: the new image turns out to be the one that
    /// the old container has, and none of the services it follows was `remade`.
    pub(super) async fn is_needless(
        &self,
        docker: &DockerWriter,
        remade: &[&str],
    ) -> Result<bool, Failure> {
        if self.follows.iter().any(|service| remade.contains(&service.as_str())) {
            return Ok(false);
        }
        let Some(has) = &self.only_for_image else { return Ok(!self.follows.is_empty()) };
        let image = docker.image(&ImageName::parse(&self.blueprint.image)).await?;
        Ok(image.is_some_and(|image| image["Id"] == has.as_str()))
    }

    /// Makes the container. One that takes the place of another is made under a name of its own
    /// first, so that the old one is still there when that fails.
    pub(super) async fn run(&self, docker: &DockerWriter) -> Result<(), Failure> {
        let name = &self.name;
        let first = match &self.replaces {
            Some(old) => format!("{}_{name}", old.chars().take(12).collect::<String>()),
            None => name.clone(),
        };
        let doing = || format!("creating container {name}");
        let request = Request::post(&["containers", "create"]).query("name", &first);
        let made: Value = docker.send(request.json(&self.body())).await.doing(doing)?.json()?;
        let id = made["Id"].as_str().unwrap_or_default();
        if let Err(failure) = self.complete(docker, id).await {
            // It would be in the way of the next one; what failed is told all the same.
            let _ = remove(docker, id, name, true).await;
            return Err(failure);
        }
        if let Some(old) = &self.replaces {
            remove(docker, old, name, false).await?;
            let query = [("name", name.as_str())];
            docker.act(&["containers", id, "rename"], &query).await.doing(doing)?;
        }
        Ok(())
    }

    /// Gives the new container what it lacks, and stops the one that it takes the place of.
    async fn complete(&self, docker: &DockerWriter, id: &str) -> Result<(), Failure> {
        let name = &self.name;
        for (network, endpoint) in self.blueprint.networks.iter().skip(1) {
            let body = json!({"Container": id, "EndpointConfig": endpoint});
            let doing = || format!("connecting container {name} to network {network}");
            docker.post(&["networks", network, "connect"], &body).await.doing(doing)?;
        }
        put_files(docker, id, name, &self.blueprint.files).await?;
        if let Some(old) = &self.replaces {
            run_hooks(docker, name, &self.hooks).await?;
            stop(docker, old, name, self.timeout, "stop").await?;
        }
        Ok(())
    }

    fn body(&self) -> Value {
        let mut body = self.blueprint.body.clone();
        body["Labels"][labels::NUMBER] = self.number.to_string().into();
        if let Some(binds) = body["HostConfig"]["Binds"].as_array_mut() {
            binds.extend(self.kept.iter().map(|bind| json!(bind)));
        }
        if let Some((network, endpoint)) = self.blueprint.networks.first() {
            body["NetworkingConfig"] = json!({"EndpointsConfig": {network: endpoint}});
        }
        body
    }
}
