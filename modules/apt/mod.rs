//! `apt`: see [`Args`], which is also what `rplay doc apt` prints.

use crate::sdk::package::{
    PackageManager, PackageRequest, PackageVerb, Packages, Refresh, Transaction,
};
use crate::sdk::{Arguments, Choice, Failure, Module, Observer, Operator, Plan, Returned, Rule};

/// Ensures that Debian packages are there, in a version, up to date, or not there.
///
/// What will happen is what `apt-get --simulate` says, so that check mode and diff show every
/// package that comes, goes or changes its version, dependencies included.
///
/// Package lists are refreshed only where that can make a difference: when something has to be
/// installed, when the newest version is wanted, or when a task asks for nothing else. So a
/// task whose packages are there changes nothing, whatever `update_cache` says.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// Packages: `name`, `name=version` (which may end with `*`), `name/release`, `name:arch`,
    /// or a pattern. `*` with `state: latest` stands for `upgrade: safe`.
    #[arg(alias = "package", alias = "pkg", default)]
    name: Vec<String>,
    /// Whether the packages must be there, be the newest, or not be there; `build-dep` is for
    /// what building them needs, `fixed` for mending broken dependencies.
    #[arg(default)]
    state: State,
    /// Whether the package lists are refreshed first, where that can make a difference.
    #[arg(alias = "update-cache")]
    update_cache: Option<bool>,
    /// How many seconds old the lists may be before `update_cache` refreshes them; given alone,
    /// it implies `update_cache`.
    cache_valid_time: Option<u64>,
    /// Upgrades every package: `safe` (or `yes`) without removing any, `dist` or `full` also by
    /// removing some.
    upgrade: Option<Upgrade>,
    /// A package file instead of names: a path on the host, or a URL that the host fetches.
    deb: Option<String>,
    /// Whether configuration files of removed packages go as well.
    #[arg(default)]
    purge: bool,
    /// Whether packages that were brought in by others, and are needed no more, are removed.
    #[arg(alias = "auto-remove", default)]
    autoremove: bool,
    /// Whether package files that can no longer be fetched are removed from the cache.
    #[arg(default)]
    autoclean: bool,
    /// Whether all package files are removed from the cache.
    #[arg(default)]
    clean: bool,
    /// Whether recommended packages come too; as the host is configured when not given.
    #[arg(alias = "install-recommends")]
    install_recommends: Option<bool>,
    /// The release packages are taken from, such as `bookworm-backports`.
    #[arg(alias = "default-release")]
    default_release: Option<String>,
    /// Options of dpkg without their `--`, separated by commas.
    #[arg(default = "force-confdef,force-confold")]
    dpkg_options: String,
    /// Whether packages may be changed that only an upgrade of what is installed would touch:
    /// nothing new is installed.
    #[arg(default)]
    only_upgrade: bool,
    /// Whether it fails when installing would remove packages.
    #[arg(default)]
    fail_on_autoremove: bool,
    /// Whether a version older than the installed one may be installed.
    #[arg(
        alias = "allow-downgrade",
        alias = "allow_downgrades",
        alias = "allow-downgrades",
        default
    )]
    allow_downgrade: bool,
    /// Whether packages whose signature cannot be checked may be installed.
    #[arg(alias = "allow-unauthenticated", default)]
    allow_unauthenticated: bool,
    /// Whether packages on hold may be changed.
    #[arg(default)]
    allow_change_held_packages: bool,
    /// Whether all that apt would refuse is allowed: downgrades, unsigned packages, changes to
    /// held packages, the removal of what the system needs.
    #[arg(default)]
    force: bool,
    /// How many seconds another process that holds the lock is waited for.
    #[arg(default = 60_u32)]
    lock_timeout: u32,
    /// What services that their packages start are told by `policy-rc.d` meanwhile: 101 keeps
    /// them down.
    policy_rc_d: Option<i32>,
    /// How often apt tries again to fetch a file.
    update_cache_retries: Option<u32>,
    /// The most seconds between two such tries.
    update_cache_retry_max_delay: Option<u32>,
    /// Taken for compatibility: `apt-get` is always what is used.
    #[arg(default)]
    #[expect(dead_code, reason = "it says nothing that could be done otherwise")]
    force_apt_get: bool,
    /// Taken for compatibility: no Python is needed on the host.
    #[arg(default)]
    #[expect(dead_code, reason = "there is nothing to install")]
    auto_install_module_deps: bool,
}

const RULES: &[Rule] = &[
    Rule::Exclusive(&["deb", "name", "upgrade"]),
    Rule::OneOf(&[
        "name",
        "upgrade",
        "deb",
        "update_cache",
        "cache_valid_time",
        "autoremove",
        "autoclean",
        "clean",
        "state",
    ]),
];

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
    /// What building them needs is there.
    #[choice("build-dep")]
    BuildDep,
    /// No broken dependencies.
    Fixed,
}

/// How far an upgrade goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
enum Upgrade {
    /// No upgrade.
    No,
    /// Without removals.
    #[choice("safe", "yes")]
    Safe,
    /// With removals.
    #[choice("dist", "full")]
    Dist,
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
        let everything = self.name.iter().any(|name| name == "*");
        if everything && (self.name.len() > 1 || self.state != State::Latest) {
            return Err(Failure::new("`*` as a name stands alone and needs `state: latest`"));
        }
        let names = match &self.deb {
            Some(file) => vec![file.clone()],
            None if everything => vec![],
            None => self
                .name
                .iter()
                .map(|name| name.trim().to_owned())
                .filter(|n| !n.is_empty())
                .collect(),
        };
        Ok(PackageRequest {
            manager: Some(PackageManager::Apt),
            verbs: self.verbs(&names, everything),
            names,
            refresh: self.refresh(),
            options: self.options().into_iter().map(|o| (PackageManager::Apt, o)).collect(),
            lock_timeout: self.lock_timeout,
            policy: self.policy_rc_d,
        })
    }

    fn verbs(&self, names: &[String], everything: bool) -> Vec<PackageVerb> {
        let upgrade = match self.upgrade {
            None | Some(Upgrade::No) => everything.then_some(PackageVerb::Upgrade),
            Some(Upgrade::Safe) => Some(PackageVerb::Upgrade),
            Some(Upgrade::Dist) => Some(PackageVerb::DistUpgrade),
        };
        let of_names = match self.state {
            State::Present => PackageVerb::Present,
            State::Latest => PackageVerb::Latest,
            State::Absent if self.purge => PackageVerb::Purge,
            State::Absent => PackageVerb::Absent,
            State::BuildDep => PackageVerb::BuildDep,
            State::Fixed => PackageVerb::Fixed,
        };
        let main = if self.deb.is_some() {
            Some(PackageVerb::Deb)
        } else if upgrade.is_some() {
            upgrade
        } else {
            (!names.is_empty() || self.state == State::Fixed).then_some(of_names)
        };
        // With packages, the option --auto-remove does it.
        let alone = main.is_none();
        let autoremove = (self.autoremove && alone).then_some(PackageVerb::Autoremove);
        let autoclean = (self.autoclean && alone).then_some(PackageVerb::Autoclean);
        let clean = self.clean.then_some(PackageVerb::Clean);
        [clean, main, autoclean, autoremove].into_iter().flatten().collect()
    }

    fn refresh(&self) -> Refresh {
        match (self.update_cache, self.cache_valid_time) {
            (Some(false), _) | (None, None) => Refresh::Never,
            (_, seconds) => Refresh::OlderThan(seconds.unwrap_or(0)),
        }
    }

    /// The options of apt-get.
    fn options(&self) -> Vec<String> {
        let mut options: Vec<String> = self
            .dpkg_options
            .split(',')
            .map(str::trim)
            .filter(|option| !option.is_empty())
            .map(|option| format!("-oDpkg::Options::=--{option}"))
            .collect();
        if let Some(recommends) = self.install_recommends {
            options.push(format!("-oAPT::Install-Recommends={recommends}"));
        }
        if let Some(release) = &self.default_release {
            options.push(format!("-oAPT::Default-Release={release}"));
        }
        if let Some(times) = self.update_cache_retries {
            options.push(format!("-oAcquire::Retries={times}"));
        }
        if let Some(seconds) = self.update_cache_retry_max_delay {
            options.push(format!("-oAcquire::Retries::Delay::Maximum={seconds}"));
        }
        let flags = [
            (self.autoremove, "--auto-remove"),
            (self.only_upgrade, "--only-upgrade"),
            (self.fail_on_autoremove, "--no-remove"),
            (self.allow_downgrade || self.force, "--allow-downgrades"),
            (self.allow_unauthenticated || self.force, "--allow-unauthenticated"),
            (self.allow_change_held_packages || self.force, "--allow-change-held-packages"),
            (self.force, "--allow-remove-essential"),
            (self.purge && self.autoremove, "--purge"),
        ];
        options.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()));
        options
    }
}
