//! What a package manager will do, and the doing of it.

use serde::Serialize;

use super::{PackageManager, PackageRequest, PackageStep, PackageVerb, Packages};
use crate::sdk::failure::{AS_ROOT, needs_root};
use crate::sdk::{
    Choice as _, Diff, Exec, Failure, Fields, Operator, Output, Plan, Returned, Value,
};

/// What a package manager will do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transaction {
    manager: PackageManager,
    /// Whether the package lists are refreshed first.
    refresh: bool,
    /// Verbs, each with the names it takes.
    work: Vec<(PackageVerb, Vec<String>)>,
    options: Vec<String>,
    lock_timeout: u32,
    policy: Option<i32>,
    /// Whether it is only known afterwards if anything was different.
    uncertain: bool,
}

impl Transaction {
    pub(super) fn plan(request: &PackageRequest, now: &Packages) -> Result<Plan<Self>, Failure> {
        request.check()?;
        let manager = request.manager.or(now.manager).ok_or_else(no_manager)?;
        let refresh = request.lists_are_old(now) && request.wants_lists();
        let (mut work, mut steps) = (vec![], vec![]);
        for verb in &request.verbs {
            let found = if manager == PackageManager::Apt {
                simulated(*verb, request, now, refresh)?
            } else {
                listed(*verb, manager, request, now)?
            };
            if !found.is_empty() || (refresh && verb.needs_newest()) {
                work.push((*verb, names(*verb, manager, request, now)));
            }
            steps.extend(found);
        }
        // Lists are refreshed for something: for its own sake, or for what is not there yet.
        let refresh = refresh && (request.verbs.is_empty() || !work.is_empty());
        let returned = returned(&steps, now);
        if work.is_empty() && !refresh {
            return Ok(Plan::Keep(returned));
        }
        let mut diffs = vec![];
        if refresh {
            diffs.push(Diff::state("package lists", age(now), "refreshed"));
        }
        if !steps.is_empty() {
            diffs.push(versions(&steps));
        }
        let uncertain = steps.is_empty() && !work.is_empty();
        let change = Self {
            manager,
            refresh,
            work,
            options: request
                .options
                .iter()
                .filter(|(of, _)| *of == manager)
                .map(|(_, word)| word.clone())
                .collect(),
            lock_timeout: request.lock_timeout,
            policy: request.policy,
            uncertain,
        };
        Ok(Plan::Change { change, diffs, returned })
    }

    /// Carries it out; what each program printed is returned.
    pub async fn apply(&self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let manager = self.manager.word();
        let lock = self.lock_timeout.to_string();
        let mut returned = Returned::new();
        if self.refresh {
            let exec = Exec::script(include_str!("refresh.sh")).args([
                manager,
                &lock,
                &self.options.join("\n"),
            ]);
            let output = host.run(exec).await?;
            if !output.success() {
                return Err(trouble("refreshing the package lists", &output));
            }
            returned.set("cache_updated", true);
            if let Ok(time) = output.stdout_text().trim().parse::<u64>() {
                returned.set("cache_update_time", time);
            }
        }
        let mut different = !self.uncertain;
        for (verb, names) in &self.work {
            let policy = self.policy.map_or_else(String::new, |code| code.to_string());
            let exec = Exec::script(include_str!("apply.sh"))
                .args([manager, verb.word(), &self.options.join("\n"), &lock, &policy])
                .args(names);
            let output = host.run(exec).await?;
            if !output.success() {
                return Err(trouble(doing(*verb), &output));
            }
            different |= changed_something(&output);
            returned = returned.and(Returned::of_output(&output));
        }
        if !different && !self.work.is_empty() {
            returned.set("changed", false);
        }
        Ok(returned)
    }
}

/// What apt's simulation of a verb found.
fn simulated(
    verb: PackageVerb,
    request: &PackageRequest,
    now: &Packages,
    refresh: bool,
) -> Result<Vec<PackageStep>, Failure> {
    if verb == PackageVerb::Deb {
        return deb(request, now);
    }
    let failed = now.simulations.get(verb.word()).filter(|simulation| simulation.status != 0);
    let Some(simulation) = failed else { return Ok(now.steps(verb)) };
    if refresh {
        // What the lists do not know yet may be in the new ones.
        let missing = now.missing.iter();
        return Ok(missing.map(|name| to_newest(name, now.installed.get(name))).collect());
    }
    Err(refusal(&simulation.said, now))
}

/// What has to be done to have the package of a file.
fn deb(request: &PackageRequest, now: &Packages) -> Result<Vec<PackageStep>, Failure> {
    let path = request.names.first().map_or("", String::as_str);
    let seen = now.deb.clone().unwrap_or_default();
    let (Some(name), Some(version)) = (seen.fields.get("Package"), seen.fields.get("Version"))
    else {
        let said = seen.trouble.trim();
        let failure = if said == "fetcher missing" {
            Failure::new(format!("fetching {path} needs `curl` or `wget` on the host"))
                .help("install one of them first, or copy the file to the host")
        } else if said.is_empty() {
            Failure::new(format!("{path} could not be fetched, or is no Debian package"))
        } else {
            Failure::new(format!("{path} cannot be read as a Debian package: {said}"))
        };
        return Err(failure);
    };
    let installed = seen.fields.get("Installed").and_then(|text| text.strip_prefix("installed "));
    if installed == Some(version) {
        return Ok(vec![]);
    }
    if let Some(failed) = now.simulations.get("deb").filter(|simulation| simulation.status != 0) {
        return Err(refusal(&failed.said, now));
    }
    let mut steps = now.steps(PackageVerb::Deb);
    if steps.is_empty() {
        steps.push(PackageStep {
            name: name.clone(),
            before: installed.map(str::to_owned),
            after: Some(version.clone()),
        });
    }
    Ok(steps)
}

/// What has to be done where the manager has no simulation.
fn listed(
    verb: PackageVerb,
    manager: PackageManager,
    request: &PackageRequest,
    now: &Packages,
) -> Result<Vec<PackageStep>, Failure> {
    let missing = || now.missing.iter().map(|name| to_newest(name, None));
    match verb {
        PackageVerb::Present => Ok(missing().collect()),
        PackageVerb::Latest => {
            let asked = |step: &&PackageStep| request.names.contains(&step.name);
            Ok(missing().chain(now.updates.iter().filter(asked).cloned()).collect())
        }
        PackageVerb::Absent | PackageVerb::Purge => Ok(there(request, now)
            .map(|(name, version)| PackageStep {
                name: name.clone(),
                before: Some(version.clone()),
                after: None,
            })
            .collect()),
        _ => {
            Err(Failure::new(format!("`{}` is not possible with {}", verb.word(), manager.word())))
        }
    }
}

/// The names of a request that are installed.
fn there<'a>(
    request: &'a PackageRequest,
    now: &'a Packages,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    now.installed.iter().filter(|(name, _)| request.names.contains(name))
}

/// The names that a verb is given: of what has to be there only what is missing, so that the
/// rest stays in its version.
fn names(
    verb: PackageVerb,
    manager: PackageManager,
    request: &PackageRequest,
    now: &Packages,
) -> Vec<String> {
    match verb {
        PackageVerb::Present => now.missing.clone(),
        PackageVerb::Latest | PackageVerb::BuildDep | PackageVerb::Deb => request.names.clone(),
        PackageVerb::Absent | PackageVerb::Purge if manager == PackageManager::Apt => {
            now.steps(verb).into_iter().map(|step| step.name).collect()
        }
        PackageVerb::Absent | PackageVerb::Purge => {
            there(request, now).map(|(name, _)| name.clone()).collect()
        }
        _ => vec![],
    }
}

fn to_newest(name: &str, before: Option<&String>) -> PackageStep {
    let (name, version) = name.split_once('=').unwrap_or((name, "newest"));
    PackageStep { name: name.to_owned(), before: before.cloned(), after: Some(version.to_owned()) }
}

/// The versions before and after.
fn versions(steps: &[PackageStep]) -> Diff {
    let side = |of: fn(&PackageStep) -> Option<&String>| -> Fields {
        let pairs =
            steps.iter().filter_map(|step| Some((step.name.clone(), of(step)?.as_str().into())));
        pairs.collect()
    };
    let (before, mut after) = (side(|s| s.before.as_ref()), side(|s| s.after.as_ref()));
    // Package files have no versions here: they are there, or not.
    let files: Vec<&PackageStep> =
        steps.iter().filter(|s| s.before.is_none() && s.after.is_none()).collect();
    if files.is_empty() {
        return Diff::fields("packages", &before, &after);
    }
    let kept: Fields = files.iter().map(|s| (s.name.clone(), Value::Bool(true))).collect();
    after.clear();
    Diff::fields("package files", &kept, &after)
}

fn returned(steps: &[PackageStep], now: &Packages) -> Returned {
    let mut returned = Returned::new().with("cache_updated", false).with("packages", steps);
    if let Some(time) = now.lists.refreshed {
        returned.set("cache_update_time", time);
    }
    returned
}

/// How old the lists are, in words.
fn age(now: &Packages) -> String {
    match now.lists.age() {
        None => "absent".to_owned(),
        Some(seconds) if seconds < 3600 => format!("{} min old", seconds / 60),
        Some(seconds) if seconds < 172_800 => format!("{} h old", seconds / 3600),
        Some(seconds) => format!("{} days old", seconds / 86_400),
    }
}

/// Whether apt did more than find that there was nothing to do.
fn changed_something(output: &Output) -> bool {
    !output.stdout_text().contains("\n0 upgraded, 0 newly installed, 0 to remove and ")
}

fn doing(verb: PackageVerb) -> &'static str {
    match verb {
        PackageVerb::Absent | PackageVerb::Purge | PackageVerb::Autoremove => "removing packages",
        PackageVerb::Upgrade | PackageVerb::DistUpgrade => "upgrading the packages",
        PackageVerb::Autoclean | PackageVerb::Clean => "removing package files",
        _ => "installing packages",
    }
}

fn no_manager() -> Failure {
    let known = PackageManager::NAMES.join(", ");
    Failure::new(format!("the host has none of the package managers {known}"))
        .help("`use` names one that is not found on the search path")
}

/// What apt does not do unasked: a part of what it says, what that means, and how to ask.
const UNASKED: &[(&str, &str, &str)] = &[
    ("Packages were downgraded", "a package would be downgraded", "allow_downgrade: true"),
    (
        "Held packages were changed",
        "a package would be changed that is held",
        "allow_change_held_packages: true",
    ),
    (
        "packages could not be authenticated",
        "the signature of a package cannot be checked",
        "allow_unauthenticated: true",
    ),
    (
        "Packages need to be removed but remove is disabled",
        "a package would be removed",
        "fail_on_autoremove: false",
    ),
    (
        "Essential packages were removed",
        "a package would be removed that the system needs",
        "force: true",
    ),
];

/// Why apt's simulation came to nothing, in a sentence.
fn refusal(said: &str, now: &Packages) -> Failure {
    let errors: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("E: ")).collect();
    let quoted = |text: &str| text.split('\'').nth(1).map(str::to_owned);
    for error in &errors {
        if let Some(name) = error.strip_prefix("Unable to locate package ") {
            return Failure::new(format!("no package `{name}` is in the host's package lists"))
                .help(format!(
                    "the lists are {}; `update_cache: true` refreshes them first",
                    age(now)
                ));
        }
        if error.starts_with("Version '")
            && let (Some(version), Some(name)) = (quoted(error), error.split('\'').nth(3))
        {
            let own = |known: &&String| known.split('=').next() == Some(name);
            let known: Vec<&str> = now.versions.iter().filter(own).map(String::as_str).collect();
            let failure = Failure::new(format!("no version `{version}` of `{name}` is to be had"));
            return if known.is_empty() {
                failure
            } else {
                failure.help(format!("known are {}", known.join(", ")))
            };
        }
    }
    for (part, meaning, argument) in UNASKED {
        if said.contains(part) {
            return Failure::new(format!("{meaning}: {}", announced(said)))
                .help(format!("`{argument}` lets apt do this"));
        }
    }
    let said = if errors.is_empty() { said.trim().to_owned() } else { errors.join("; ") };
    Failure::new(format!("apt cannot do this: {said}"))
}

/// The packages that apt announces last: `The following packages will be DOWNGRADED:` and
/// indented names.
fn announced(said: &str) -> String {
    let mut last = vec![];
    let mut lines = said.lines().peekable();
    while let Some(line) = lines.next() {
        if line.ends_with(':') && lines.peek().is_some_and(|next| next.starts_with("  ")) {
            last.clear();
            while let Some(names) = lines.next_if(|next| next.starts_with("  ")) {
                last.extend(names.split_whitespace());
            }
        }
    }
    last.join(", ")
}

/// What a manager said as it failed, without the noise around it.
fn trouble(doing: &str, output: &Output) -> Failure {
    let stderr = output.stderr_text();
    let errors: Vec<&str> = stderr.lines().filter_map(|line| line.strip_prefix("E: ")).collect();
    if errors.is_empty() {
        return Failure::of_program(doing, output);
    }
    let failure = Failure::new(format!("{doing} failed: {}", errors.join("; ")))
        .returning(Returned::of_output(output));
    if errors.iter().any(|error| error.contains("Could not get lock")) {
        return failure
            .help("another process holds the lock; `lock_timeout` says how long to wait");
    }
    if errors.iter().any(|error| needs_root(error)) { failure.help(AS_ROOT) } else { failure }
}

#[cfg(test)]
mod tests;
