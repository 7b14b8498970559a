//! `docker_image`: see [`Args`], which is also what `rplay doc docker_image` prints.

mod options;
mod steps;

use serde::{Deserialize, Serialize};

use self::options::{BuildOptions, Pulling};
use self::steps::{Change, Make};
use crate::sdk::docker::{
    ArchivedImage, Build, Differences, DockerOptions, ImageName, PullPolicy, Push, SeenImage, Texts,
};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Presence, Returned,
};

/// Ensures that the host has an image, or that it does not: builds, pulls or loads it, names it,
/// pushes it, writes it to a file.
///
/// An image that is there is not built or pulled again unless `force_source` says so. With
/// `source: pull` and `force_source` the registry is asked, and the image is pulled only if that
/// has another one. A build takes a folder of the host; it goes through this machine to the
/// Engine's own builder, without what its `.dockerignore` leaves out; what needs `BuildKit` is
/// refused by it.
///
/// Returns `image`, as `docker image inspect` shows it, `actions`, and `stdout` of a build.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the image, with or without a tag, or its id.
    name: String,
    /// Tag, where the name has none.
    #[arg(default = "latest")]
    tag: String,
    /// Whether the image must be there.
    #[arg(default)]
    state: Presence,
    /// Where it comes from.
    source: Option<Source>,
    /// How it is built.
    build: Option<BuildOptions>,
    /// How it is pulled.
    pull: Option<Pulling>,
    /// Archive on the host that it is loaded from.
    load_path: Option<String>,
    /// Archive on the host that it is written to.
    archive_path: Option<String>,
    /// Another name it must have: a repository, with or without a tag.
    repository: Option<String>,
    /// Whether to push it, by the name in `repository` if that is given.
    #[arg(default)]
    push: bool,
    /// Whether to build, pull or load it although it is there.
    #[arg(default)]
    force_source: bool,
    /// Whether to give it the other name although another image has it.
    #[arg(default)]
    force_tag: bool,
    /// Whether to remove it although stopped containers use it, or it has other names.
    #[arg(default)]
    force_absent: bool,
    /// Old way to write all three of these.
    #[arg(default)]
    force: bool,
    /// Old way to write `build.path`.
    path: Option<String>,
    /// Old way to write `build.dockerfile`.
    dockerfile: Option<String>,
    /// Old way to write `build.args`.
    #[arg(default)]
    buildargs: Texts,
    /// Old way to write `build.nocache`.
    #[arg(default)]
    nocache: bool,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// Where an image comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
enum Source {
    /// A folder of the host.
    Build,
    /// An archive of the host.
    Load,
    /// A registry.
    Pull,
    /// It must be there.
    Local,
}

/// The image, and what is done with it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    #[serde(default)]
    image: SeenImage,
    /// The id of the image that has the other name.
    #[serde(default)]
    named: Option<String>,
    /// Whether the registry has it.
    #[serde(default)]
    is_pushed: bool,
    #[serde(skip)]
    push: Option<Push>,
    /// What the archive holds.
    #[serde(default)]
    archived: Vec<ArchivedImage>,
}

impl Module for Args {
    type State = Seen;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        self.check_names()?;
        let docker = host.docker(&self.docker)?;
        let name = self.name();
        if self.state == Presence::Absent {
            return Ok(Seen {
                image: SeenImage::of(docker.image(&name).await?),
                ..Seen::default()
            });
        }
        let pulls = self.source() == Some(Source::Pull);
        let image = if pulls {
            host.image(&docker, &name, self.is_forced()).await?
        } else {
            SeenImage::of(docker.image(&name).await?)
        };
        let mut seen = Seen { image, ..Seen::default() };
        if let Some(other) = self.other_name() {
            let named = docker.image(&other).await?;
            seen.named = named.and_then(|image| image["Id"].as_str().map(str::to_owned));
        }
        if self.push {
            let target = self.other_name().unwrap_or(name);
            // What is about to be made, the registry cannot have yet.
            let made = self.make(&seen)?.is_some();
            let local = seen.image.local.as_ref().filter(|_| !made);
            seen.push = host.push(&docker, &target, local).await?;
            seen.is_pushed = seen.push.is_none();
        }
        if let Some(path) = &self.archive_path {
            seen.archived = host.archived_images(path).await?;
        }
        Ok(seen)
    }

    fn plan(&self, now: &Seen) -> Result<Plan<Change>, Failure> {
        let subject = format!("image {}", self.name());
        let mut change = Change::new(&self.name(), &self.docker);
        change.before = now.image.id().map(str::to_owned);
        if self.state == Presence::Absent {
            let Some(image) = &now.image.local else { return Ok(Plan::keep()) };
            change.remove = true;
            change.force = self.force_absent || self.force;
            let diff = Diff::fields(subject, &serde_json::json!({"id": image["Id"]}), &None::<()>);
            return Ok(Plan::change(change, diff).returning(Returned::new().with("image", image)));
        }
        let mut differences = Differences::default();
        change.make = self.make(now)?;
        if let Some(make) = &change.make {
            differences.add("id", now.image.id(), make.shown());
        }
        let id = if change.make.is_some() { None } else { now.image.id() };
        let other = self.other_name().filter(|_| self.takes_name(now, id));
        if let Some(other) = other {
            differences.add(&format!("name {other}"), &now.named, id.unwrap_or("the new image"));
            change.tag = Some(other.to_string());
        }
        if self.push && !now.is_pushed {
            let target = self.other_name().unwrap_or_else(|| self.name());
            differences.add(&format!("in the registry {}", target.registry()), false, true);
            change.push.clone_from(&now.push);
            change.pushes = true;
        }
        if let Some(path) = self.archive_path.as_ref().filter(|_| !self.is_archived(now, id)) {
            differences.add(path, &now.archived, id.unwrap_or("the new image"));
            change.archive = Some(path.clone());
        }
        let returned = Returned::new().with("image", &now.image.local);
        if differences.is_empty() {
            return Ok(Plan::Keep(returned.with("actions", [(); 0])));
        }
        Ok(Plan::change(change, differences.diff(subject)).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn name(&self) -> ImageName {
        ImageName::with_tag(&self.name, &self.tag)
    }

    /// The other name it must have.
    fn other_name(&self) -> Option<ImageName> {
        self.repository.as_ref().map(|name| ImageName::with_tag(name, &self.tag))
    }

    /// Refuses ids where only names will do.
    fn check_names(&self) -> Result<(), Failure> {
        let refuse = |message: String| Err(Failure::new(message).help("give a name with a tag"));
        if self.state == Presence::Absent {
            return Ok(());
        }
        if self.repository.as_deref().is_some_and(ImageName::is_id) {
            return refuse("`repository` must not be an image ID".to_owned());
        }
        if !ImageName::is_id(&self.name) {
            return ImageName::with_valid_tag(&self.name, &self.tag).map(drop);
        }
        if self.push && self.repository.is_none() {
            return refuse("Cannot push an image by ID".to_owned());
        }
        match self.source() {
            Some(source @ (Source::Pull | Source::Build)) => {
                refuse(format!("Image name must not be an image ID for source={}", source.word()))
            }
            _ => Ok(()),
        }
    }

    fn is_forced(&self) -> bool {
        self.force_source || self.force
    }

    /// Where it comes from; old playbooks leave that to `path` and the like.
    fn source(&self) -> Option<Source> {
        let built = self.build.is_some() || self.path.is_some();
        let from_file = self.load_path.as_ref().map(|_| Source::Load);
        self.source.or(if built { Some(Source::Build) } else { from_file })
    }

    /// What makes the image; `None` where it is there and that is enough.
    fn make(&self, now: &Seen) -> Result<Option<Make>, Failure> {
        let name = self.name();
        let is_there = now.image.local.is_some();
        if is_there && !self.is_forced() {
            return Ok(None);
        }
        let needs = |what: &str, given: &str| {
            Failure::new(format!("source is {given} but all of the following are missing: {what}"))
        };
        match self.source() {
            Some(Source::Local) | None if is_there => Ok(None),
            Some(Source::Local) => {
                Err(Failure::new(format!("Cannot find the image {name} locally."))
                    .help("build, load or pull it first"))
            }
            Some(Source::Build) => {
                let build = self.build.as_ref().map(|build| build.build(&name.to_string()));
                let build = build.transpose()?.or_else(|| self.old_build());
                build.map(Make::Build).map(Some).ok_or_else(|| needs("build", "build"))
            }
            Some(Source::Load) => {
                let path = self.load_path.clone().ok_or_else(|| needs("load_path", "load"))?;
                Ok(Some(Make::Load { path }))
            }
            Some(Source::Pull) => {
                let platform = self.pull.as_ref().and_then(Pulling::platform);
                let pull = now.image.pull(&name, PullPolicy::Always, platform);
                Ok(pull.map(Make::Pull))
            }
            // What `docker_image: name=x` meant before there was `source`.
            None => Ok(now.image.pull(&name, PullPolicy::Missing, None).map(Make::Pull)),
        }
    }

    /// A build as old playbooks write it.
    fn old_build(&self) -> Option<Build> {
        let path = self.path.clone()?;
        Some(Build {
            path,
            dockerfile: self.dockerfile.clone(),
            image: self.name().to_string(),
            args: self.buildargs.clone(),
            no_cache: self.nocache,
            pull: self.pull.as_ref().is_some_and(Pulling::is_asked),
            ..Build::default()
        })
    }

    /// Whether the other name has to be given to the image with this id, `None` for a new one.
    fn takes_name(&self, now: &Seen, id: Option<&str>) -> bool {
        match (&now.named, id) {
            (None, _) | (_, None) => true,
            (Some(owner), Some(id)) => {
                owner != id && (self.force_tag || self.force || self.is_forced())
            }
        }
    }

    /// Whether the archive holds the image with this id, `None` for a new one.
    fn is_archived(&self, now: &Seen, id: Option<&str>) -> bool {
        let name = self.name();
        let has_name = |image: &ArchivedImage| {
            image.names.iter().any(|other| ImageName::parse(other).is_same(&name))
                || ImageName::is_id(&self.name)
        };
        matches!(now.archived.as_slice(), [image] if Some(image.id.as_str()) == id && has_name(image))
    }
}
