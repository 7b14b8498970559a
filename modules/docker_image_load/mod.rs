//! `docker_image_load`: see [`Args`], which is also what `rplay doc docker_image_load` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::{ArchivedImage, DockerOptions, ImageName};
use crate::sdk::{
    Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Side, Value,
};

/// Ensures that the host has the images of an archive on the host.
///
/// An archive whose images the host has, under the same names, is not loaded again. Needs the
/// command `docker` on the host.
///
/// Returns `image_names`, `images` as `docker image inspect` shows them, and `stdout`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The archive on the host.
    path: String,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The images of the archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    archived: Vec<ArchivedImage>,
    /// Whether the host has them all.
    is_loaded: bool,
    /// The images as the host has them.
    #[serde(default)]
    images: Vec<Value>,
}

/// The archive to load.
#[derive(Debug, Serialize)]
pub struct Change {
    path: String,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        let archived = host.archived_images(&self.path).await?;
        let is_loaded = host.has_all(&docker, &archived).await?;
        let mut images = vec![];
        for image in archived.iter().filter(|_| is_loaded) {
            images.extend(docker.image(&ImageName::with_tag(&image.id, "")).await?);
        }
        Ok(State { archived, is_loaded, images })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let names = |image: &ArchivedImage| {
            if image.names.is_empty() { vec![image.id.clone()] } else { image.names.clone() }
        };
        let names: Vec<String> = now.archived.iter().flat_map(names).collect();
        let returned = Returned::new().with("image_names", names).with("images", &now.images);
        if now.is_loaded {
            return Ok(Plan::Keep(returned.with("stdout", "")));
        }
        let shown: Value = now.archived.iter().map(ArchivedImage::shown).collect();
        let subject = format!("images of {}", self.path);
        let diff = Diff { subject, before: Side::Absent, after: Side::Fields(shown) };
        let change = Change { path: self.path.clone(), docker: self.docker.clone() };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let (names, stdout) = host.load_images(&change.docker, &change.path).await?;
        let docker = host.docker(&change.docker)?;
        let mut images = vec![];
        for name in &names {
            images.extend(docker.image(&ImageName::with_tag(name, ImageName::LATEST)).await?);
        }
        let returned = Returned::new().with("image_names", names).with("images", images);
        Ok(returned.with("stdout", stdout.trim_end()))
    }
}
