//! The modules and actions that tasks may name.

use std::collections::BTreeMap;
use std::fmt;

use super::Library;
use crate::base::Diagnostic;
use crate::spec::Spec;
use crate::value::Node;

/// Finds the faults of a task's arguments.
pub type Check = Box<dyn Fn(&Node) -> Vec<Diagnostic> + Send + Sync>;

/// One module or action, as far as loading needs to know it.
pub struct Described {
    /// Its name, without a collection.
    pub name: &'static str,
    /// What it takes.
    pub spec: Spec,
    /// Finds the faults of arguments as written.
    pub check: Check,
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Described").field(&self.name).finish()
    }
}

/// The collections whose modules are found here under their bare name.
const COLLECTIONS: &[&str] = &[
    "ansible.builtin",
    "ansible.legacy",
    "ansible.posix",
    "community.general",
    "community.docker",
    "community.crypto",
    "rplay.docker",
];

/// Names that stand for another one.
const ALIASES: &[(&str, &str)] = &[
    ("systemd_service", "systemd"),
    ("gather_facts", "setup"),
    ("docker_image_facts", "docker_image_info"),
    ("docker_facts", "docker_host_info"),
];

/// The modules of ansible-core that are not found here.
const ELSEWHERE: &[&str] = &[
    "apt_key",
    "apt_repository",
    "async_wrapper",
    "cron",
    "deb822_repository",
    "debconf",
    "dnf",
    "dnf5",
    "dpkg_selections",
    "expect",
    "git",
    "hostname",
    "iptables",
    "known_hosts",
    "mount_facts",
    "package_facts",
    "reboot",
    "rpm_key",
    "service_facts",
    "subversion",
    "sysvinit",
    "yum",
    "yum_repository",
];

/// Every module and action, by name.
#[derive(Debug, Default)]
pub struct Catalogue {
    own: BTreeMap<&'static str, Described>,
    /// Where modules of the user's own are found.
    pub library: Library,
}

impl Catalogue {
    /// Adds one.
    pub fn add(&mut self, described: Described) {
        self.own.insert(described.name, described);
    }

    /// Finds one by the name written in a task: bare, or with a collection known here.
    pub fn get(&self, written: &str) -> Option<&Described> {
        let bare = Self::bare(written)?;
        let alias = ALIASES.iter().find(|(alias, _)| *alias == bare).map(|(_, name)| *name);
        self.own.get(bare).or_else(|| self.own.get(alias?))
    }

    /// Whether a name that is not found here may well be that of a module: one of ansible-core's,
    /// or of a collection.
    pub fn is_elsewhere(written: &str) -> bool {
        let bare = Self::bare(written).unwrap_or(written);
        let word =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
        ELSEWHERE.contains(&bare)
            || (written.split('.').count() > 2 && written.split('.').all(word))
    }

    /// The name without its collection; `None` for a collection not known here.
    pub fn bare(written: &str) -> Option<&str> {
        match written.rsplit_once('.') {
            None => Some(written),
            Some((collection, name)) => COLLECTIONS.contains(&collection).then_some(name),
        }
    }

    /// Every name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.own.keys().copied()
    }
}
