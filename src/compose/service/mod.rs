//! One service of a project.

mod build;
mod deploy;
mod files;
mod mount;
mod networking;
mod process;
mod resources;

use indexmap::IndexMap;

pub use build::Build;
pub use deploy::{
    Deploy, DeviceRequest, Placement, Preference, ResourcePolicy, Resources, RestartPolicy,
    UpdatePolicy,
};
pub use files::FileMount;
pub use mount::{Bind, Mount, MountKind, Recursive};
pub use networking::{Hosts, Membership, Networking, Networks};
pub use process::{EnvFile, EnvFiles, Healthcheck, Hook, Logging, Process};
pub use resources::{BlockIo, DeviceRate, Limits};

use self::build::BuildForm;
use self::files::FileMounts;
use self::mount::Mounts;
use super::form::{Pairs, Strings};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node, Value};

/// One service of a project.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Service {
    /// The image its containers are made of.
    pub image: Option<String>,
    /// How the image is built: a folder, or a mapping.
    #[arg(default)]
    build: BuildForm,
    /// When the image is pulled: `always`, `never`, `missing`, `build`, `daily`, `weekly`.
    pub pull_policy: Option<String>,
    /// Platform of the image.
    pub platform: Option<String>,
    /// Name of its only container.
    pub container_name: Option<String>,
    /// How many containers it has.
    pub scale: Option<u64>,
    /// The profiles it belongs to; without one it always does.
    #[arg(default)]
    pub profiles: Strings,
    /// The services that must be there before it.
    #[arg(default)]
    pub depends_on: DependsOn,
    /// When it is started again.
    pub restart: Option<String>,
    /// How it is run in a swarm.
    pub deploy: Option<Deploy>,
    /// What it keeps its data in.
    #[arg(default)]
    volumes: Mounts,
    /// Services or containers (`container:NAME`) whose volumes it has, too.
    #[arg(default)]
    pub volumes_from: Vec<String>,
    /// Driver of its volumes.
    pub volume_driver: Option<String>,
    /// Folders that are kept in memory.
    #[arg(default)]
    pub tmpfs: Strings,
    /// Secrets it is given.
    #[arg(default)]
    secrets: FileMounts,
    /// Configs it is given.
    #[arg(default)]
    configs: FileMounts,
    /// Labels of its containers.
    #[arg(default)]
    pub labels: Pairs,
    /// Files with more of them.
    #[arg(default)]
    pub label_file: Strings,
    /// What stands for it in the specification of an OCI runtime.
    #[arg(default)]
    pub annotations: Pairs,
    /// What runs in its containers.
    #[arg(flatten)]
    pub process: Process,
    /// What they may use and do.
    #[arg(flatten)]
    pub limits: Limits,
    /// How they are reached.
    #[arg(flatten)]
    pub networking: Networking,
    /// Whether its output is shown by those who attach.
    #[arg(name = "attach")]
    _attach: Option<bool>,
    /// How development tools watch its sources.
    #[arg(name = "develop")]
    _develop: Option<Value>,
    /// Models it uses.
    pub models: Option<Value>,
    /// A program that provides it in place of containers.
    pub provider: Option<Value>,
    /// Whether the Engine's socket and logins are given to it.
    pub use_api_socket: Option<bool>,
}

impl Service {
    /// How the image is built, where it is.
    pub fn build(&self) -> Option<&Build> {
        self.build.0.as_ref()
    }

    /// What it keeps its data in, `tmpfs` not counted.
    pub fn mounts(&self) -> &[Mount] {
        &self.volumes.0
    }

    /// The secrets it is given.
    pub fn secrets(&self) -> &[FileMount] {
        &self.secrets.0
    }

    /// The configs it is given.
    pub fn configs(&self) -> &[FileMount] {
        &self.configs.0
    }

    /// How many containers it has.
    pub fn replicas(&self) -> u64 {
        let deploy = self.deploy.as_ref().and_then(|deploy| deploy.replicas);
        self.scale.or(deploy).unwrap_or(1)
    }

    /// The services it needs, with what it waits for: those it names, and those whose volumes,
    /// namespaces or links it uses.
    pub fn needs(&self) -> IndexMap<String, Dependency> {
        let mut all = self.depends_on.0.clone();
        let modes = [
            self.networking.network_mode.as_deref(),
            self.limits.ipc.as_deref(),
            self.limits.pid.as_deref(),
        ];
        let named = modes.into_iter().flatten().filter_map(|mode| mode.strip_prefix("service:"));
        let linked = self.networking.links.iter().map(|l| l.split(':').next().unwrap_or(l));
        let volumes = self.volumes_from.iter().filter(|from| !from.starts_with("container:"));
        let volumes = volumes.map(|from| from.split(':').next().unwrap_or(from));
        for name in named.chain(linked).chain(volumes) {
            all.entry(name.to_owned()).or_default();
        }
        all
    }
}

/// What a service waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, rplay_derive::Choice)]
pub enum DependencyCondition {
    /// That the other one is started.
    #[default]
    #[choice("service_started")]
    Started,
    /// That its health check says that it is well.
    #[choice("service_healthy")]
    Healthy,
    /// That it has come to a good end.
    #[choice("service_completed_successfully")]
    Completed,
}

/// How a service needs another one.
#[derive(Debug, Clone, rplay_derive::Arguments)]
pub struct Dependency {
    /// What it waits for.
    #[arg(default)]
    pub condition: DependencyCondition,
    /// Whether it is started again when the other one is.
    #[arg(default)]
    pub restart: bool,
    /// Whether it cannot do without.
    #[arg(default = true)]
    pub required: bool,
}

impl Default for Dependency {
    fn default() -> Self {
        Self { condition: DependencyCondition::Started, restart: false, required: true }
    }
}

/// The services that must be there before one: a list of names, or a mapping.
#[derive(Debug, Clone, Default)]
pub struct DependsOn(pub IndexMap<String, Dependency>);

impl Argument for DependsOn {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Data::Map(pairs) = &node.data else {
            let Strings(names) = Strings::from_node(name, node, reader)?;
            let all = names.into_iter().map(|name| (name, Dependency::default()));
            return Some(Self(all.collect()));
        };
        let read = pairs.iter().map(|(key, value)| {
            let needs = match value.data {
                Data::Null => Dependency::default(),
                _ => reader.nested(&format!("{name}.{}", key.text), value)?,
            };
            Some((key.text.clone(), needs))
        });
        read.collect::<Option<_>>().map(Self)
    }
}
