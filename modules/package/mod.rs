//! `package`: see [`Args`], which is also what `rplay doc package` prints.

use crate::sdk::package::{
    PackageManager, PackageRequest, PackageVerb, Packages, Refresh, Transaction,
};
use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, Returned, did_you_mean,
};

/// Ensures that packages are there, are the newest, or are not there, with the package manager
/// that the host has: apt, dnf, yum, zypper, apk or pacman.
///
/// Names differ between distributions; this module passes them on as they are. With apt the
/// diff holds everything that will happen; with the others, what was asked for. Only apt has
/// been tried on real hosts; the commands for the others follow their manuals.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Packages, as the manager names them.
    #[arg(alias = "pkg")]
    name: Vec<String>,
    /// Whether they must be there, be the newest, or not be there.
    #[arg(default)]
    state: State,
    /// The package manager; the one that is found on the host unless one is named.
    #[arg(default = "auto", name = "use")]
    manager: String,
    /// Whether the package lists are refreshed first, where that can make a difference.
    #[arg(alias = "update-cache")]
    update_cache: Option<bool>,
    /// How many seconds old apt's lists may be before `update_cache` refreshes them.
    cache_valid_time: Option<u64>,
    /// Whether configuration goes as well when packages are removed (apt, apk, pacman).
    #[arg(default)]
    purge: bool,
    /// Whether packages that are needed no more are removed too (apt).
    #[arg(default)]
    autoremove: bool,
    /// Whether recommended packages come too (apt).
    install_recommends: Option<bool>,
    /// Whether a version older than the installed one may be installed (apt).
    #[arg(default)]
    allow_downgrade: bool,
    /// Whether packages whose signature cannot be checked may be installed (apt).
    #[arg(default)]
    allow_unauthenticated: bool,
    /// Repositories that are used besides the enabled ones (dnf, yum).
    #[arg(default)]
    enablerepo: Vec<String>,
    /// Repositories that are not used (dnf, yum).
    #[arg(default)]
    disablerepo: Vec<String>,
    /// Packages that are left alone (dnf, yum).
    #[arg(default)]
    exclude: Vec<String>,
    /// Whether signatures are not checked (dnf, yum).
    #[arg(default)]
    disable_gpg_check: bool,
    /// How many seconds another process that holds the lock is waited for (apt).
    #[arg(default = 60_u32)]
    lock_timeout: u32,
}

/// What is to be with the packages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum State {
    /// There.
    #[default]
    #[choice("present", "installed")]
    Present,
    /// There, and the newest.
    Latest,
    /// Not there.
    #[choice("absent", "removed")]
    Absent,
}

impl Module for Args {
    type State = Packages;
    type Change = Transaction;

    async fn observe(&self, host: &Observer<'_>) -> Result<Packages, Failure> {
        self.request()?.look(host).await
    }

    fn plan(&self, now: &Packages) -> Result<Plan<Transaction>, Failure> {
        self.request()?.plan(now)
    }

    async fn apply(change: Transaction, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn request(&self) -> Result<PackageRequest, Failure> {
        let verb = match self.state {
            State::Present => PackageVerb::Present,
            State::Latest => PackageVerb::Latest,
            State::Absent if self.purge => PackageVerb::Purge,
            State::Absent => PackageVerb::Absent,
        };
        let names: Vec<String> =
            self.name.iter().map(|name| name.trim().to_owned()).filter(|n| !n.is_empty()).collect();
        Ok(PackageRequest {
            manager: self.manager()?,
            verbs: if names.is_empty() { vec![] } else { vec![verb] },
            names,
            refresh: match (self.update_cache, self.cache_valid_time) {
                (Some(false), _) | (None, None) => Refresh::Never,
                (_, seconds) => Refresh::OlderThan(seconds.unwrap_or(0)),
            },
            options: self.options(),
            lock_timeout: self.lock_timeout,
            policy: None,
        })
    }

    /// The manager that `use` names.
    fn manager(&self) -> Result<Option<PackageManager>, Failure> {
        let name = self.manager.rsplit('.').next().unwrap_or_default();
        if name == "auto" {
            return Ok(None);
        }
        let known = PackageManager::WORDS.iter().find(|(word, _)| *word == name);
        known.map(|(_, manager)| Some(*manager)).ok_or_else(|| {
            let words = PackageManager::NAMES.iter().copied();
            Failure::new(format!("`use` names no package manager rplay knows: `{name}`")).help(
                did_you_mean(
                    name,
                    words,
                    format!("known are {}", PackageManager::NAMES.join(", ")),
                ),
            )
        })
    }

    fn options(&self) -> Vec<(PackageManager, String)> {
        let mut options = vec![];
        let mut apt = |word: String| options.push((PackageManager::Apt, word));
        apt("-oDpkg::Options::=--force-confdef".to_owned());
        apt("-oDpkg::Options::=--force-confold".to_owned());
        if let Some(recommends) = self.install_recommends {
            apt(format!("-oAPT::Install-Recommends={recommends}"));
        }
        let flags = [
            (self.autoremove, "--auto-remove"),
            (self.allow_downgrade, "--allow-downgrades"),
            (self.allow_unauthenticated, "--allow-unauthenticated"),
        ];
        flags.iter().filter(|(on, _)| *on).for_each(|(_, flag)| apt((*flag).to_owned()));
        for manager in [PackageManager::Dnf, PackageManager::Yum] {
            let lists = [
                ("enablerepo", &self.enablerepo),
                ("disablerepo", &self.disablerepo),
                ("exclude", &self.exclude),
            ];
            for (option, values) in lists {
                options.extend(values.iter().map(|value| (manager, format!("--{option}={value}"))));
            }
            if self.disable_gpg_check {
                options.push((manager, "--nogpgcheck".to_owned()));
            }
        }
        options
    }
}
