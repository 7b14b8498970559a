//! `docker_image_export`: see [`Args`], which is also what `rplay doc docker_image_export` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::docker::{ApiVersion, ArchivedImage, DockerOptions, ImageName};
use crate::sdk::{
    Arguments, Diff, Failure, Module, Observer, Operator, Plan, Returned, Side, Value,
};

/// Ensures that an archive on the host holds images of the host.
///
/// An archive that holds just these images, under these names, is left as it is. Needs the
/// command `docker` on the host.
///
/// Returns `images`, as `docker image inspect` shows them.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Names or ids of the images.
    #[arg(alias = "name")]
    names: Vec<String>,
    /// Tag, for names that have none.
    #[arg(default = "latest")]
    tag: String,
    /// The platform to export, such as `linux/arm64`, of images that are there for several. Their
    /// archive has other ids than the host: it is written anew each time.
    platform: Option<String>,
    /// The archive on the host.
    path: String,
    /// Whether to write the archive although it holds the images.
    #[arg(default)]
    force: bool,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The images, and those in the archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    /// The images in the task's order; null where the host has none.
    images: Vec<Option<Value>>,
    archived: Vec<ArchivedImage>,
}

/// The archive to write.
#[derive(Debug, Serialize)]
pub struct Change {
    path: String,
    names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(skip)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        if self.platform.is_some() {
            docker.require(ApiVersion::new(1, 48), "`platform`").await?;
        }
        let mut images = vec![];
        for name in self.all() {
            images.push(docker.image(&name).await?);
        }
        Ok(State { images, archived: host.archived_images(&self.path).await? })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let mut wanted: Vec<ArchivedImage> = vec![];
        for (name, image) in self.all().zip(&now.images) {
            let image = image.as_ref().ok_or_else(|| {
                Failure::new(format!("Image {name} not found")).help("pull, build or load it first")
            })?;
            let text = name.to_string();
            let names = if ImageName::is_id(&text) { vec![] } else { vec![text] };
            let image = ArchivedImage::of(image, names);
            match wanted.iter_mut().find(|known| known.id == image.id) {
                Some(known) => known.names.extend(image.names),
                None => wanted.push(image),
            }
        }
        let returned = Returned::new().with("images", &now.images);
        if !self.force && is_same(&wanted, &now.archived) {
            return Ok(Plan::Keep(returned));
        }
        let side = |images: &[ArchivedImage]| match images {
            [] => Side::Absent,
            images => Side::Fields(images.iter().map(ArchivedImage::shown).collect()),
        };
        let diff = if self.force && is_same(&wanted, &now.archived) {
            Diff::state(&self.path, "present", "written anew")
        } else {
            let subject = self.path.clone();
            Diff { subject, before: side(&now.archived), after: side(&wanted) }
        };
        let names = self.all().map(|name| name.to_string()).collect();
        let change = Change {
            path: self.path.clone(),
            names,
            platform: self.platform.clone(),
            docker: self.docker.clone(),
        };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let Change { path, names, platform, docker } = &change;
        host.save_images(docker, path, names, platform.as_deref()).await?;
        Ok(Returned::new())
    }
}

impl Args {
    fn all(&self) -> impl Iterator<Item = ImageName> {
        self.names.iter().map(|name| ImageName::with_tag(name, &self.tag))
    }
}

/// Whether two archives hold the same, in whatever order.
fn is_same(wanted: &[ArchivedImage], archived: &[ArchivedImage]) -> bool {
    wanted.len() == archived.len()
        && wanted.iter().all(|image| {
            archived.iter().any(|other| {
                other.id == image.id
                    && other.names.len() == image.names.len()
                    && image.names.iter().all(|name| {
                        let name = ImageName::parse(name);
                        other.names.iter().any(|other| ImageName::parse(other).is_same(&name))
                    })
            })
        })
}
