//! What was seen of a host's packages.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::sdk::{Choice as _, Sections};

use super::{PackageManager, PackageVerb};

/// The packages of a host, as far as a request asked for them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Packages {
    /// The host's package manager; `None` where none is known.
    pub manager: Option<PackageManager>,
    /// The packages asked for that are installed, and their versions.
    pub installed: IndexMap<String, String>,
    /// The names asked for that nothing installed satisfies.
    pub missing: Vec<String>,
    /// How old the package lists are.
    pub lists: Lists,
    /// What apt's simulation of each verb said.
    pub simulations: IndexMap<String, Simulation>,
    /// Newer versions, where the manager has no simulation.
    pub updates: Vec<PackageStep>,
    /// The versions apt knows of names that ask for one it does not know.
    pub versions: Vec<String>,
    /// The package in the file asked for.
    pub deb: Option<Deb>,
}

/// Times of the package lists, in seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lists {
    /// When they were refreshed; `None` where there are none.
    pub refreshed: Option<u64>,
    /// The host's clock.
    pub now: u64,
}

impl Lists {
    /// How old they are, in seconds.
    pub fn age(&self) -> Option<u64> {
        self.refreshed.map(|time| self.now.saturating_sub(time))
    }
}

/// What a dry run said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Simulation {
    /// Its exit status.
    pub status: i32,
    /// Its output.
    pub said: String,
}

/// The package in a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deb {
    /// Its fields `Package`, `Version` and, where it is installed in any version, `Installed`.
    pub fields: IndexMap<String, String>,
    /// What was said instead.
    pub trouble: String,
}

/// One package from one version to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageStep {
    /// The package.
    pub name: String,
    /// The version that is installed.
    pub before: Option<String>,
    /// The version that will be.
    pub after: Option<String>,
}

impl Packages {
    /// Reads the parts that `look_packages` printed; `None` where it did not come to its end.
    pub fn read(parts: &Sections) -> Option<Self> {
        if !parts.has("missing") {
            return None;
        }
        let manager = word_of(parts.word("manager"));
        let lines = |name: &str| parts.get(name).lines().filter(|line| !line.is_empty());
        let times = parts.get("lists").lines().filter_map(|line| line.parse().ok());
        Some(Self {
            manager,
            installed: lines("installed").filter_map(installed).collect(),
            missing: lines("missing").map(str::to_owned).collect(),
            lists: Lists {
                refreshed: times.max(),
                now: parts.word("now").parse().unwrap_or_default(),
            },
            simulations: parts
                .iter()
                .filter_map(|(name, said)| {
                    let verb = name.strip_prefix("plan:")?;
                    let status = parts.word(&format!("status:{verb}")).parse().unwrap_or_default();
                    Some((verb.to_owned(), Simulation { status, said: said.to_owned() }))
                })
                .collect(),
            updates: manager.map_or_else(Vec::new, |m| updates(m, parts.get("updates"))),
            versions: lines("versions").filter_map(version).collect(),
            deb: parts.has("deb").then(|| Deb::read(parts.get("deb"))),
        })
    }

    /// What a verb's simulation would do; nothing where there was no need for one.
    pub fn steps(&self, verb: PackageVerb) -> Vec<PackageStep> {
        let simulation = self.simulations.get(verb.word());
        simulation.map_or_else(Vec::new, |s| s.said.lines().filter_map(step).collect())
    }
}

impl Deb {
    fn read(said: &str) -> Self {
        let (fields, other): (Vec<_>, Vec<_>) =
            said.lines().partition(|line| line.starts_with(|c: char| c.is_uppercase()));
        let pairs = fields.into_iter().filter_map(|line| line.split_once(": "));
        Self {
            fields: pairs.map(|(key, value)| (key.to_owned(), value.trim().to_owned())).collect(),
            trouble: other.join("\n"),
        }
    }
}

fn word_of(word: &str) -> Option<PackageManager> {
    PackageManager::WORDS.iter().find(|(known, _)| *known == word).map(|(_, manager)| *manager)
}

/// `curl installed 7.88.1-10`, without the second line that names the architecture.
fn installed(line: &str) -> Option<(String, String)> {
    let mut words = line.split(' ');
    let (name, state, version) = (words.next()?, words.next()?, words.next()?);
    (state == "installed" && !name.contains(':')).then(|| (name.to_owned(), version.to_owned()))
}

/// `jq | 1.6-2.1 | http://…`
fn version(line: &str) -> Option<String> {
    let mut fields = line.split('|').map(str::trim);
    Some(format!("{}={}", fields.next()?, fields.next()?))
}

/// A line of apt's simulation: `Inst curl [7.1] (7.2 Debian:12 [amd64])`, `Remv curl [7.1]`.
fn step(line: &str) -> Option<PackageStep> {
    let (verb, rest) = line.split_once(' ')?;
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let before = rest.strip_prefix('[').and_then(|rest| rest.split(']').next()).map(str::to_owned);
    let after = rest.split_once('(').and_then(|(_, rest)| rest.split(' ').next());
    let name = name.to_owned();
    match verb {
        "Inst" => Some(PackageStep { name, before, after: after.map(str::to_owned) }),
        "Remv" | "Purg" => Some(PackageStep { name, before, after: None }),
        "Del" => Some(PackageStep { name: line[4..].to_owned(), before: None, after: None }),
        _ => None,
    }
}

/// The newer versions that managers without a simulation tell of.
fn updates(manager: PackageManager, text: &str) -> Vec<PackageStep> {
    let one = |name: &str, before: Option<&str>, after: &str| PackageStep {
        name: name.to_owned(),
        before: before.map(str::to_owned),
        after: Some(after.to_owned()),
    };
    let read = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (manager, &words[..]) {
            // curl.x86_64  7.2-1.el9  baseos
            (PackageManager::Dnf | PackageManager::Yum, [name, version, _]) => {
                Some(one(name.rsplit_once('.')?.0, None, version))
            }
            // curl-8.5.0-r0 < 8.6.0-r0
            (PackageManager::Apk, [full, "<", version]) => {
                let (name, before) = split_apk(full)?;
                Some(one(name, Some(before), version))
            }
            // curl 8.5.0-1 -> 8.6.0-1
            (PackageManager::Pacman, [name, before, "->", version, ..]) => {
                Some(one(name, Some(before), version))
            }
            // v | repo | curl | 8.0-1 | 8.6-1 | x86_64
            (PackageManager::Zypper, ["v", ..]) => {
                let fields: Vec<&str> = line.split('|').map(str::trim).collect();
                let [_, _, name, before, version, _] = fields[..] else { return None };
                Some(one(name, Some(before), version))
            }
            _ => None,
        }
    };
    text.lines().filter_map(read).collect()
}

/// `curl-8.5.0-r0`: name, and version with revision.
fn split_apk(full: &str) -> Option<(&str, &str)> {
    let at = full.match_indices('-').map(|(at, _)| at).rev().nth(1)?;
    Some((&full[..at], &full[at + 1..]))
}

#[cfg(test)]
mod tests;
