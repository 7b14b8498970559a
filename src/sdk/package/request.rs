//! What a package manager is asked for.

use serde::{Deserialize, Serialize};

use super::{Packages, Transaction};
use crate::sdk::{Choice as _, Failure, Observer, Plan, Probe, Sections};

/// The package managers.
///
/// Only apt has been run on real hosts; the commands of the others follow their manuals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, rplay_derive::Choice)]
#[serde(rename_all = "snake_case")]
pub enum PackageManager {
    /// `apt-get` and `dpkg`
    Apt,
    /// `dnf`
    #[choice("dnf", "dnf5", "dnf4")]
    #[serde(alias = "dnf5")]
    Dnf,
    /// `yum`
    #[choice("yum", "yum4")]
    Yum,
    /// `zypper`
    Zypper,
    /// `apk`
    Apk,
    /// `pacman`
    Pacman,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, rplay_derive::Choice)]
#[serde(rename_all = "kebab-case")]
pub enum PackageVerb {
    /// The packages must be there, in any version unless one is named.
    Present,
    /// They must be there in the newest version.
    Latest,
    /// They must not be there.
    Absent,
    /// Nor their configuration.
    Purge,
    /// What building them needs must be there.
    #[choice("build-dep")]
    BuildDep,
    /// Broken dependencies must be mended.
    Fixed,
    /// Every package must be the newest that needs no removal.
    Upgrade,
    /// Every package must be the newest.
    #[choice("dist-upgrade")]
    DistUpgrade,
    /// What was brought in by others that are gone must go.
    Autoremove,
    /// Package files that can no longer be fetched must not be kept.
    Autoclean,
    /// No package files must be kept.
    Clean,
    /// The package of one file, by its path or URL, must be there.
    Deb,
}

impl PackageVerb {
    /// Whether newer package lists can make a difference to it.
    fn needs_lists(self) -> bool {
        !matches!(
            self,
            Self::Absent | Self::Purge | Self::Autoremove | Self::Autoclean | Self::Clean
        )
    }

    /// Whether lists that are out of date hide what it would do even where all seems well.
    pub(super) fn needs_newest(self) -> bool {
        matches!(self, Self::Latest | Self::Upgrade | Self::DistUpgrade)
    }
}

/// When package lists are refreshed before anything is installed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum Refresh {
    /// Never.
    #[default]
    Never,
    /// When they are older than so many seconds; zero is always.
    OlderThan(u64),
}

/// What a package manager is asked for.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PackageRequest {
    /// Which manager; the one the host has when not given.
    pub manager: Option<PackageManager>,
    /// What is to be done, one after the other.
    pub verbs: Vec<PackageVerb>,
    /// The packages: names, with apt also `name=version`, `name/release` and patterns.
    pub names: Vec<String>,
    /// Whether the lists are refreshed first.
    pub refresh: Refresh,
    /// Options of managers, each one word; those of the one that is used are passed to it.
    pub options: Vec<(PackageManager, String)>,
    /// How many seconds another process that holds the manager's lock is waited for.
    pub lock_timeout: u32,
    /// What services that their packages start are told, as `policy-rc.d` says it; 101 is no.
    pub policy: Option<i32>,
}

impl PackageRequest {
    /// The scripts that look, for a probe that asks for packages among other things: `concat!`
    /// them before a script that calls `look_packages` with [`PackageRequest::arguments`].
    pub const LOOK: &'static str = concat!(include_str!("../sections.sh"), include_str!("look.sh"));

    /// Looks at a host: one round trip.
    pub async fn look(&self, host: &Observer<'_>) -> Result<Packages, Failure> {
        const PROBE: Probe = Probe(concat!(
            include_str!("../sections.sh"),
            include_str!("look.sh"),
            "look_packages \"$@\"\n",
        ));
        let output = host.probe(PROBE, self.arguments()?).await?;
        Packages::read(&Sections::parse(&output))
            .ok_or_else(|| Failure::of_program("looking at the packages", &output))
    }

    /// The arguments of `look_packages`.
    pub fn arguments(&self) -> Result<Vec<String>, Failure> {
        self.check()?;
        let verbs: Vec<&str> = self.verbs.iter().map(|verb| verb.word()).collect();
        let manager = self.manager.map_or("auto", PackageManager::word);
        let options: Vec<String> =
            self.options.iter().map(|(of, word)| format!("{}:{word}", of.word())).collect();
        let own = [manager.to_owned(), verbs.join(" "), options.join("\n")];
        Ok(own.into_iter().chain(self.names.iter().cloned()).collect())
    }

    /// Decides what has to be done.
    pub fn plan(&self, now: &Packages) -> Result<Plan<Transaction>, Failure> {
        Transaction::plan(self, now)
    }

    /// Refuses names that a package manager would not take for names.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.names.iter().try_for_each(|name| check_name(name))
    }

    /// Whether the package lists are older than they may be.
    pub(super) fn lists_are_old(&self, now: &Packages) -> bool {
        let Refresh::OlderThan(seconds) = self.refresh else { return false };
        now.lists.age().is_none_or(|age| age >= seconds)
    }

    /// Whether it may be done with the lists as they are.
    pub(super) fn wants_lists(&self) -> bool {
        self.verbs.is_empty() || self.verbs.iter().any(|verb| verb.needs_lists())
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let wrong = if name.is_empty() {
        "is empty"
    } else if name.starts_with('-') {
        "begins with `-`, as options do"
    } else if name.ends_with('-') {
        "ends with `-`, which apt takes for a removal"
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        "holds blanks"
    } else {
        return Ok(());
    };
    let help = "write a list of names; a version follows its name after `=` and no blanks";
    Err(Failure::new(format!("`{name}` cannot be the name of a package: it {wrong}")).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_words_of_their_own() {
        let request = PackageRequest {
            manager: Some(PackageManager::Apt),
            verbs: vec![PackageVerb::Present],
            names: vec!["curl".to_owned(), "jq=1.6*".to_owned()],
            options: vec![(PackageManager::Apt, "-tsid".to_owned())],
            ..PackageRequest::default()
        };
        assert_eq!(
            request.arguments().unwrap(),
            ["apt", "present", "apt:-tsid", "curl", "jq=1.6*"]
        );
    }

    #[test]
    fn names_that_are_none_are_refused() {
        let refused = |name: &str| {
            let names = vec![name.to_owned()];
            let request = PackageRequest { names, ..PackageRequest::default() };
            request.arguments().unwrap_err().to_string()
        };
        insta::assert_snapshot!(refused("-oX=1"), @"`-oX=1` cannot be the name of a package: it begins with `-`, as options do");
        insta::assert_snapshot!(refused("a b"), @"`a b` cannot be the name of a package: it holds blanks");
        insta::assert_snapshot!(refused("foo-"), @"`foo-` cannot be the name of a package: it ends with `-`, which apt takes for a removal");
        insta::assert_snapshot!(refused(""), @"`` cannot be the name of a package: it is empty");
    }
}
