//! How an image is built.

use crate::compose::form::{Pairs, Size, Strings, Ulimit};
use crate::compose::paths::is_elsewhere;
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node, Value};
use indexmap::IndexMap;

/// How an image is built.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Build {
    /// Folder or address of the sources.
    #[arg(default = ".")]
    pub context: String,
    /// The Dockerfile, below the folder.
    pub dockerfile: Option<String>,
    /// The Dockerfile itself.
    pub dockerfile_inline: Option<String>,
    /// Arguments of the Dockerfile.
    #[arg(default)]
    pub args: Pairs,
    /// Labels of the image.
    #[arg(default)]
    pub labels: Pairs,
    /// The stage to build.
    pub target: Option<String>,
    /// Network of its commands.
    pub network: Option<String>,
    /// Images whose layers may be used.
    #[arg(default)]
    pub cache_from: Strings,
    /// Where layers are kept.
    #[arg(default)]
    pub cache_to: Strings,
    /// Further hosts and their addresses.
    #[arg(default)]
    pub extra_hosts: super::networking::Hosts,
    /// Size of `/dev/shm`.
    pub shm_size: Option<Size>,
    /// Further names of the image.
    #[arg(default)]
    pub tags: Strings,
    /// Platforms to build for.
    #[arg(default)]
    pub platforms: Strings,
    /// Whether nothing that was built before is used.
    pub no_cache: Option<bool>,
    /// Whether the base images are pulled.
    pub pull: Option<bool>,
    /// Further folders and images by name.
    #[arg(default)]
    pub additional_contexts: Pairs,
    /// Secrets the build is given.
    pub secrets: Option<Value>,
    /// Agents or keys the build is given.
    pub ssh: Option<Value>,
    /// Rights the build is given.
    #[arg(default)]
    pub entitlements: Strings,
    /// Whether it may do anything.
    pub privileged: Option<bool>,
    /// How it is isolated from others.
    pub isolation: Option<String>,
    /// Limits of its processes.
    #[arg(default)]
    pub ulimits: IndexMap<String, Ulimit>,
    /// Whether its origin is recorded.
    pub provenance: Option<Value>,
    /// Whether a bill of materials is made.
    pub sbom: Option<Value>,
}

impl Build {
    /// Whether its sources are in a folder of the host that nobody says the beginning of.
    pub fn lacks_folder(&self) -> bool {
        !self.context.starts_with('/') && !is_elsewhere(&self.context)
    }

    /// What of it the Engine's own builder cannot do, by its key.
    pub fn needs_buildx(&self) -> Option<&'static str> {
        [
            ("platforms", self.platforms.0.len() > 1),
            ("additional_contexts", !self.additional_contexts.0.is_empty()),
            ("secrets", self.secrets.is_some()),
            ("ssh", self.ssh.is_some()),
            ("entitlements", !self.entitlements.0.is_empty()),
            ("privileged", self.privileged == Some(true)),
            ("cache_to", !self.cache_to.0.is_empty()),
            ("provenance", is_asked(self.provenance.as_ref())),
            ("sbom", is_asked(self.sbom.as_ref())),
        ]
        .into_iter()
        .find_map(|(key, given)| given.then_some(key))
    }
}

/// Whether something is wanted, by `true` or by settings.
fn is_asked(given: Option<&Value>) -> bool {
    given.is_some_and(|given| !matches!(given, Value::Bool(false) | Value::Null))
}

/// How an image is built, if it is: the folder alone, or a mapping.
#[derive(Debug, Clone, Default)]
pub(super) struct BuildForm(pub(super) Option<Build>);

impl Argument for BuildForm {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        if let Data::Map(_) = &node.data {
            return reader.nested(name, node).map(|build| Self(Some(build)));
        }
        let context = String::from_node(name, node, reader)?;
        Some(Self(Some(Build { context, ..Build::default() })))
    }
}
