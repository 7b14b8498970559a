//! `docker_image_build`: see [`Args`], which is also what `rplay doc docker_image_build` prints.

mod buildx;
mod options;

use serde::{Deserialize, Serialize};

use buildx::Buildx;
use options::{Output, OutputType, Secret, SecretType};

use crate::sdk::docker::{Build, DockerOptions, ImageName, Texts};
use crate::sdk::{
    Arguments, Choice, Diff, Failure, Module, Observer, Operator, Plan, Probe, Returned, Sections,
    Side, Value, coerce,
};

/// Builds an image from a folder of the host.
///
/// Where the host's `docker` has buildx, that builds; else the Engine's own builder does, which
/// needs nothing on the host. What only buildx can do is refused without it before anything is
/// built: `secrets`, several platforms, caches with a `type`, and `outputs` other than the image
/// itself.
///
/// An image that has the name is left alone unless `rebuild` says otherwise; then the task has
/// changed something if another image came of it.
///
/// Returns `image`, as `docker image inspect` shows it, `stdout` and `stderr` of the build, and
/// `command`, the words after `docker`, where buildx was used.
#[derive(Debug, Arguments)]
#[expect(clippy::struct_field_names, reason = "the names are those of playbooks")]
pub struct Args {
    /// Name of the image, with or without a tag.
    name: String,
    /// Tag of the image, where its name has none.
    #[arg(default = "latest")]
    tag: String,
    /// The folder on the host.
    path: String,
    /// The file that says how, relative to the folder; else `Dockerfile`.
    dockerfile: Option<String>,
    /// When an image that has the name is built anew.
    #[arg(default)]
    rebuild: Rebuild,
    /// Images whose layers may be used again; with buildx also caches, as `type=…`.
    #[arg(default)]
    cache_from: Vec<String>,
    /// Whether newer images are pulled for its `FROM`s.
    #[arg(default)]
    pull: bool,
    /// The network that its steps see.
    network: Option<String>,
    /// Whether steps are done anew although nothing changed.
    #[arg(default)]
    nocache: bool,
    /// Names and addresses that its steps know.
    #[arg(default)]
    etc_hosts: Texts,
    /// Values for the file's `ARG`s.
    #[arg(default)]
    args: Texts,
    /// The stage to build.
    target: Option<String>,
    /// The platforms to build for: `os[/arch[/variant]]`.
    #[arg(default)]
    platform: Vec<String>,
    /// Size of `/dev/shm` in its steps.
    shm_size: Option<String>,
    /// Labels of the image.
    #[arg(default)]
    labels: Texts,
    /// Secrets that its steps see as `/run/secrets/ID`.
    #[arg(default)]
    secrets: Vec<Secret>,
    /// What comes of the build; else the image, in the Engine. The image is made in any case.
    #[arg(default)]
    outputs: Vec<Output>,
    /// The command `docker`, where buildx is asked for; else what the PATH finds.
    docker_cli: Option<String>,
    /// The context of that command that buildx uses.
    cli_context: Option<String>,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// When an image that has the name is built anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Rebuild {
    /// Never.
    #[default]
    Never,
    /// At every run.
    Always,
}

/// What is seen of the host.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The image that has the name.
    image: Option<Value>,
    /// The version of buildx, where there is one.
    buildx: Option<String>,
    /// Whether the folder is one.
    folder: bool,
    /// Whether the file that says how is there.
    dockerfile: bool,
}

/// What was decided.
#[derive(Debug, Serialize)]
pub struct Change {
    name: String,
    how: How,
    /// The id of the image that is there.
    before: Option<String>,
    #[serde(skip)]
    docker: DockerOptions,
}

/// What builds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum How {
    /// The Engine's own builder.
    Engine(Box<Build>),
    /// The command.
    Buildx(Buildx),
}

/// Tells what buildx there is, and whether the folder and its file are there.
const LOOK: Probe = Probe(include_str!("look.sh"));

impl Module for Args {
    type State = Seen;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        let image = host.docker(&self.docker)?.image(&self.name()?).await?;
        let asked = [self.cli(), &self.path, &self.file()];
        let told = Sections::parse(&host.probe(LOOK, asked).await?);
        Ok(Seen {
            image,
            buildx: buildx::version(told.get("plugins")),
            folder: told.has("folder"),
            dockerfile: told.has("dockerfile"),
        })
    }

    fn plan(&self, now: &Seen) -> Result<Plan<Change>, Failure> {
        let name = self.name()?;
        let returned = Returned::new().with("image", &now.image).with("actions", [(); 0]);
        if now.image.is_some() && self.rebuild == Rebuild::Never {
            return Ok(Plan::Keep(returned));
        }
        for (there, path, what) in [
            (now.folder, self.path.clone(), "directory"),
            (now.dockerfile || self.dockerfile.is_none(), self.file(), "file"),
        ] {
            if !there {
                return Err(Failure::new(format!("\"{path}\" is not an existing {what}"))
                    .help("the folder is one of the host; `copy` or `git` brings it there"));
            }
        }
        let how = match &now.buildx {
            Some(version) => How::Buildx(self.buildx(&name, version)?),
            None => How::Engine(Box::new(self.classic(&name)?)),
        };
        let returned = match &how {
            How::Buildx(buildx) => returned.with("command", &buildx.words),
            How::Engine(_) => returned,
        };
        let before = now.image.as_ref().and_then(|image| image["Id"].as_str()).map(str::to_owned);
        let side = |id: &str| Side::Fields(serde_json::json!({ "id": id }));
        let diff = Diff {
            subject: format!("image {name}"),
            before: before.as_deref().map_or(Side::Absent, side),
            after: side(&format!("built from {}", self.path)),
        };
        let change = Change { name: name.to_string(), how, before, docker: self.docker.clone() };
        Ok(Plan::change(change, diff).returning(returned))
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let returned = match &change.how {
            How::Engine(build) => {
                let (_, printed) = build.run(host, &change.docker).await?;
                Returned::new().with("stdout", printed).with("stderr", "")
            }
            How::Buildx(buildx) => buildx.run(host, &change.docker, &change.name).await?,
        };
        let name = ImageName::parse(&change.name);
        let image = host.docker(&change.docker)?.image(&name).await?;
        // What goes elsewhere leaves no image behind that could be compared.
        let same =
            image.as_ref().is_some_and(|image| image["Id"].as_str() == change.before.as_deref());
        let only_image = matches!(&change.how, How::Engine(_)) || !change.has_outputs();
        let returned = returned.with("image", image);
        Ok(if same && only_image { returned.with("changed", false) } else { returned })
    }
}

impl Change {
    fn has_outputs(&self) -> bool {
        matches!(&self.how, How::Buildx(buildx) if buildx.words.iter().any(|word| word == "--output"))
    }
}

impl Args {
    fn name(&self) -> Result<ImageName, Failure> {
        let name = ImageName::with_tag(&self.name, &self.tag);
        if name.digest.is_some() || ImageName::is_id(&self.name) {
            return Err(Failure::new("Image name must not be a digest"));
        }
        Ok(name)
    }

    fn cli(&self) -> &str {
        self.docker_cli.as_deref().unwrap_or("docker")
    }

    /// The path of the file that says how.
    fn file(&self) -> String {
        let folder = self.path.trim_end_matches('/');
        match self.dockerfile.as_deref().unwrap_or("Dockerfile") {
            absolute if absolute.starts_with('/') => absolute.to_owned(),
            name => format!("{folder}/{name}"),
        }
    }

    fn shm_size(&self) -> Result<Option<i64>, Failure> {
        let bytes = |text: &String| {
            coerce::to_bytes(text).ok_or_else(|| {
                Failure::new(format!("Failed to convert shm_size to bytes: `{text}`"))
                    .help("write a size such as 64M")
            })
        };
        self.shm_size.as_ref().map(bytes).transpose()
    }

    /// The build by the Engine's own builder, where that can do all that is asked for.
    fn classic(&self, name: &ImageName) -> Result<Build, Failure> {
        let own = name.to_string();
        let is_image = |output: &Output| {
            let names = output.name.iter().flatten();
            output.kind == OutputType::Image && !output.push && names.into_iter().all(|n| *n == own)
        };
        let needs = [
            (!self.secrets.is_empty(), "`secrets`"),
            (!self.outputs.iter().all(is_image), "these `outputs`"),
            (self.platform.len() > 1, "several platforms"),
            (self.cache_from.iter().any(|from| from.contains("type=")), "a cache with a `type`"),
        ];
        let needs: Vec<&str> =
            needs.into_iter().filter(|(needed, _)| *needed).map(|(_, what)| what).collect();
        if !needs.is_empty() {
            return Err(Failure::new(format!(
                "the host's docker has no buildx, which is needed for {}",
                needs.join(", ")
            ))
            .help("install it: package docker-buildx-plugin, docker-buildx or the like"));
        }
        Ok(Build {
            path: self.path.clone(),
            dockerfile: self.dockerfile.clone(),
            image: own,
            args: self.args.clone(),
            labels: self.labels.clone(),
            no_cache: self.nocache,
            pull: self.pull,
            target: self.target.clone(),
            network: self.network.clone(),
            platform: self.platform.first().cloned(),
            cache_from: self.cache_from.clone(),
            etc_hosts: self.etc_hosts.clone(),
            shm_size: self.shm_size()?,
            ..Build::default()
        })
    }
}
