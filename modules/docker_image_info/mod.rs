//! `docker_image_info`: see [`Args`], which is also what `rplay doc docker_image_info` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::{DockerOptions, ImageName};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// Returns what images a host has.
///
/// Returns `images`, each as `docker image inspect` shows it. Those that the host does not have
/// are left out.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Names or ids of images; all that the host has when not given.
    name: Option<Vec<String>>,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The images, as the Engine shows them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Vec<Value>);

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let names = if let Some(names) = &self.name {
            names.clone()
        } else {
            let listed: Vec<Value> = docker.list(&["images", "json"], &[]).await?;
            listed.iter().filter_map(|image| image["Id"].as_str()).map(str::to_owned).collect()
        };
        let mut images = vec![];
        for name in names {
            let name = ImageName::with_tag(&name, ImageName::LATEST);
            images.extend(docker.image(&name).await?);
        }
        Ok(State(images))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        Ok(Plan::Keep(Returned::new().with("images", &now.0)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
