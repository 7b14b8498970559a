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
    ("docker", "docker_container"),
];

/// Further modules of ansible-core that are not found here.
const ELSEWHERE: &[&str] = &[
    "async_wrapper",
    "deb822_repository",
    "debconf",
    "dpkg_selections",
    "expect",
    "iptables",
    "known_hosts",
    "mount_facts",
    "package_facts",
    "rpm_key",
    "service_facts",
    "subversion",
    "sysvinit",
    "yum_repository",
];

/// Modules that are not found here, and what to do instead.
const INSTEAD: &[(&str, &str)] = &[
    (
        "apt_key",
        "put the key into /etc/apt/keyrings with `get_url` or `copy`, and name it with `signed-by`",
    ),
    ("apt_repository", "write the file in /etc/apt/sources.list.d with `copy`"),
    ("cron", "write a file in /etc/cron.d with `copy`"),
    ("dnf", "`package` installs with the package manager of the host"),
    ("dnf5", "`package` installs with the package manager of the host"),
    ("docker_compose", COMPOSE),
    ("docker_service", COMPOSE),
    ("git", "run `git` with `command`"),
    ("hostname", "run `hostnamectl hostname` with `command`"),
    ("reboot", "start it with `command` and wait with `wait_for_connection`"),
    ("yum", "`package` installs with the package manager of the host"),
];

const COMPOSE: &str = "`docker_compose_v2` brings the project up";

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
            || Self::instead(written).is_some()
            || (written.split('.').count() > 2 && written.split('.').all(word))
    }

    /// What to do instead of using a module that is not found here, where that is known.
    pub fn instead(written: &str) -> Option<&'static str> {
        let bare = Self::bare(written)?;
        INSTEAD.iter().find(|(name, _)| *name == bare).map(|(_, advice)| *advice)
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
