//! How an image is built or pulled.

use crate::sdk::docker::{Build, Texts};
use crate::sdk::{Argument, Arguments, Failure, Kind, Node, Reader, coerce};

/// How an image is built.
#[derive(Debug, Arguments)]
pub(super) struct BuildOptions {
    /// The folder on the host.
    path: String,
    /// The file that says how, in the folder.
    dockerfile: Option<String>,
    /// Values for the file's `ARG`s.
    #[arg(default)]
    args: Texts,
    /// Labels of the image.
    #[arg(default)]
    labels: Texts,
    /// Whether steps are done anew although nothing changed.
    #[arg(default)]
    nocache: bool,
    /// Whether newer images are pulled for its `FROM`s.
    #[arg(default)]
    pull: bool,
    /// Whether containers of steps are removed.
    #[arg(default = true)]
    rm: bool,
    /// The stage to build.
    target: Option<String>,
    /// The network that its steps see.
    network: Option<String>,
    /// The platform to build for.
    platform: Option<String>,
    /// Images whose layers may be used again.
    #[arg(default)]
    cache_from: Vec<String>,
    /// Names and addresses that its steps know.
    #[arg(default)]
    etc_hosts: Texts,
    /// Size of `/dev/shm` in its steps.
    shm_size: Option<String>,
    /// Limits of its steps.
    container_limits: Option<Limits>,
    /// Taken for compatibility: a build may take as long as it tells of progress.
    #[arg(name = "http_timeout")]
    _http_timeout: Option<u64>,
    /// Taken for compatibility: proxies are given in `args`.
    #[arg(name = "use_config_proxy")]
    _use_config_proxy: Option<bool>,
}

/// Limits of a build's steps.
#[derive(Debug, Arguments)]
struct Limits {
    /// Most memory.
    memory: Option<String>,
    /// Memory and swap together.
    memswap: Option<String>,
    /// Share of processor time.
    cpushares: Option<i64>,
    /// Processors to run on.
    cpusetcpus: Option<String>,
}

/// How an image is pulled; old playbooks have yes or no there, for a build.
#[derive(Debug)]
pub(super) enum Pulling {
    /// Whether newer images are pulled for a build.
    Asked(bool),
    /// How.
    Options(PullOptions),
}

/// How an image is pulled.
#[derive(Debug, Arguments)]
pub(super) struct PullOptions {
    /// Platform of the image: `os[/arch[/variant]]`.
    platform: Option<String>,
}

impl Argument for Pulling {
    const KIND: Kind = <PullOptions as Argument>::KIND;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        match coerce::to_bool(&node.to_value()) {
            Some(asked) => Some(Self::Asked(asked)),
            None => reader.nested(name, node).map(Self::Options),
        }
    }
}

impl Pulling {
    pub(super) fn platform(&self) -> Option<&str> {
        if let Self::Options(options) = self { options.platform.as_deref() } else { None }
    }

    pub(super) fn is_asked(&self) -> bool {
        matches!(self, Self::Asked(true))
    }
}

impl BuildOptions {
    /// The build of an image with this name.
    pub(super) fn build(&self, image: &str) -> Result<Build, Failure> {
        let bytes = |name: &str, text: &str| {
            coerce::to_bytes(text).ok_or_else(|| {
                Failure::new(format!("`build.{name}`: `{text}` is no size such as 64M"))
            })
        };
        let mut limits = Texts::default();
        if let Some(given) = &self.container_limits {
            for (name, text) in [("memory", &given.memory), ("memswap", &given.memswap)] {
                if let Some(text) = text {
                    limits.insert(name.to_owned(), bytes(name, text)?.to_string());
                }
            }
            let rest = [
                ("cpushares", given.cpushares.map(|shares| shares.to_string())),
                ("cpusetcpus", given.cpusetcpus.clone()),
            ];
            limits
                .extend(rest.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))));
        }
        Ok(Build {
            path: self.path.clone(),
            dockerfile: self.dockerfile.clone(),
            image: image.to_owned(),
            args: self.args.clone(),
            labels: self.labels.clone(),
            no_cache: self.nocache,
            pull: self.pull,
            keep_containers: !self.rm,
            target: self.target.clone(),
            network: self.network.clone(),
            platform: self.platform.clone(),
            cache_from: self.cache_from.clone(),
            etc_hosts: self.etc_hosts.clone(),
            shm_size: self.shm_size.as_ref().map(|text| bytes("shm_size", text)).transpose()?,
            limits,
            ..Build::default()
        })
    }
}
