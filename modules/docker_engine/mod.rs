//! `docker_engine`: see [`Args`], which is also what `rplay doc docker_engine` prints.

mod engine;
mod repository;

use std::time::Duration;

use serde::Serialize;

use engine::State;
use repository::{FilesChange, Repository};

use crate::sdk::dockerd::wait_for_engine;
use crate::sdk::package::{PackageManager, PackageRequest, PackageVerb, Refresh, Transaction};
use crate::sdk::service::{ServiceRequest, ServiceState};
use crate::sdk::{
    Arguments, Choice, Diff, Exec, Failure, Module, Observer, Operator, Plan, Probe, Returned,
    Sections,
};

/// Ensures that a Docker Engine is installed, runs and answers; or that none is installed.
///
/// The packages are those of the distribution (`docker.io`), or those of `repository`
/// (`docker-ce` and what belongs to it). An engine from elsewhere is not replaced unasked. The
/// data in `/var/lib/docker` are never removed. How the engine is configured is the business of
/// `docker_daemon`.
///
/// It works on hosts with apt. On others, the module `package` installs the engine by the name it
/// has there.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Whether an engine must be there, be the newest, or not be there.
    #[arg(default)]
    state: Wish,
    /// The version, or its beginning: `20.10`, `27.3.1`. Any if not given.
    version: Option<String>,
    /// Where the packages come from; the distribution if not given.
    repository: Option<Repository>,
    /// The packages, where they are not the usual ones; the version is that of the first.
    packages: Option<Vec<String>>,
    /// Users who may use the engine: they are added to the group docker, which makes them as
    /// mighty as root.
    #[arg(default)]
    users: Vec<String>,
    /// Whether the engine runs.
    #[arg(default = true)]
    started: bool,
    /// Whether the engine is started with the host.
    #[arg(default = true)]
    enabled: bool,
    /// How many seconds the engine may take to answer.
    #[arg(default = 60_u64)]
    wait_timeout: u64,
    /// Where it answers; it is not waited for where this is empty.
    #[arg(default = "/var/run/docker.sock")]
    socket: String,
    /// Whether an engine that is there from elsewhere is replaced.
    #[arg(default)]
    replace: bool,
    /// Whether an older version may take the place of a newer one.
    #[arg(default)]
    allow_downgrade: bool,
    /// Whether recommended packages come too; as the host is configured when not given.
    install_recommends: Option<bool>,
    /// How many seconds old the package lists may be when something has to be installed.
    #[arg(default = 3600_u64)]
    cache_valid_time: u64,
    /// How many seconds another process that holds apt's lock is waited for.
    #[arg(default = 60_u32)]
    lock_timeout: u32,
    /// Whether the packages' configuration goes as well when they are removed.
    #[arg(default)]
    purge: bool,
}

/// What is to be with the engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Wish {
    /// There.
    #[default]
    Present,
    /// There, and the newest.
    Latest,
    /// Not there.
    Absent,
}

/// Every package that is an engine or a part of one.
const ENGINES: &[&str] = &[
    "docker.io",
    "docker-ce",
    "docker-ce-cli",
    "docker-ce-rootless-extras",
    "docker-buildx-plugin",
    "docker-compose-plugin",
    "containerd.io",
    "docker-engine",
    "moby-engine",
    "moby-cli",
];

/// What is done, in this order.
#[derive(Debug, Serialize)]
pub struct Change {
    files: FilesChange,
    packages: Option<Transaction>,
    /// What the service is to be afterwards.
    service: Option<ServiceRequest>,
    /// Who is added to the group.
    users: Vec<String>,
    /// Where and how many seconds the engine is waited for.
    wait: Option<(String, u64)>,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        const PROBE: Probe = Probe(concat!(
            include_str!("../../src/sdk/sections.sh"),
            include_str!("../../src/sdk/package/look.sh"),
            include_str!("../../src/sdk/service/look.sh"),
            include_str!("../../src/sdk/dockerd/ask.sh"),
            include_str!("probe.sh"),
        ));
        let (mut source, mut keyring, mut key) = (String::new(), String::new(), None);
        if let Some(repository) = &self.repository {
            repository.check()?;
            source = repository.source_path();
            keyring = repository.keyring_path();
            key = repository.key(host)?;
        }
        let own = [source, keyring, self.socket.clone(), self.users.join("\n")];
        let packages = self.request(&State::default(), false).arguments()?;
        let output = host.probe(PROBE, own.into_iter().chain(packages)).await?;
        let state = State::read(&Sections::parse(&output))
            .ok_or_else(|| Failure::of_program("looking for the engine", &output))?;
        Ok(State { key, ..state })
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        if let Some(repository) = &self.repository {
            repository.check()?;
        }
        let manager = now.packages.manager;
        if manager != Some(PackageManager::Apt) {
            let found = manager.map_or("none that is known", Choice::word);
            return Err(Failure::new(format!(
                "docker_engine installs with apt; the package manager of this host is {found}"
            ))
            .help("install the engine with the module `package`, by the name it has there"));
        }
        let (files, mut diffs) = self.files(now);
        let (packages, transaction) = self.transaction(now, !files.is_empty())?;
        diffs.extend(packages);
        let service = self.service(now, transaction.is_some(), &mut diffs)?;
        let users = self.new_users(now, &mut diffs);
        let returned = if self.state == Wish::Absent { Returned::new() } else { returned(now) };
        if diffs.is_empty() {
            return self.check_answers(now).map(|()| Plan::Keep(returned));
        }
        let waits = self.state != Wish::Absent && self.started && !self.socket.is_empty();
        let wait = waits.then(|| (self.socket.clone(), self.wait_timeout));
        let change = Change { files, packages: transaction, service, users, wait };
        Ok(Plan::Change { change, diffs, returned })
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        let mut returned = Returned::new();
        change.files.apply(host).await?;
        if let Some(packages) = change.packages {
            returned = packages.apply(host).await?;
        }
        if let Some(service) = change.service {
            // Packages start their services, or not: that shows only now.
            let seen = service.look(&host.observer()).await?;
            if let Plan::Change { change, .. } = service.plan(&seen)? {
                change.apply(host).await?;
            }
        }
        for user in &change.users {
            let exec = Exec::program(["usermod", "-a", "-G", "docker", "--", user]);
            host.must(&format!("adding `{user}` to the group docker"), exec).await?;
        }
        if let Some((socket, seconds)) = change.wait {
            let engine =
                wait_for_engine(host, &format!("unix://{socket}"), Duration::from_secs(seconds))
                    .await?;
            returned.set("version", &engine.version);
            returned.set("api_version", &engine.api_version);
            returned.set("engine", engine);
        }
        Ok(returned)
    }
}

impl Args {
    /// The packages that make the engine.
    fn names(&self) -> Vec<String> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut names: Vec<String> = match (&self.packages, &self.repository) {
            (Some(packages), _) => packages.clone(),
            (None, None) => owned(&["docker.io"]),
            (None, Some(_)) => owned(&[
                "docker-ce",
                "docker-ce-cli",
                "containerd.io",
                "docker-buildx-plugin",
                "docker-compose-plugin",
            ]),
        };
        if let Some(version) = &self.version {
            for (index, name) in names.iter_mut().enumerate() {
                if index == 0 || name == "docker-ce-cli" {
                    // Docker's own packages have an epoch before their version.
                    let epoch = name.starts_with("docker-ce") && !version.contains(':');
                    let epoch = if epoch { "5:" } else { "" };
                    *name = format!("{name}={epoch}{}*", version.trim_end_matches('*'));
                }
            }
        }
        names
    }

    /// What the package manager is asked for.
    fn request(&self, now: &State, new_source: bool) -> PackageRequest {
        let apt = |words: &[&str]| -> Vec<(PackageManager, String)> {
            words.iter().map(|word| (PackageManager::Apt, (*word).to_owned())).collect()
        };
        let mut options =
            apt(&["-oDpkg::Options::=--force-confdef", "-oDpkg::Options::=--force-confold"]);
        if let Some(recommends) = self.install_recommends {
            options.extend(apt(&[&format!("-oAPT::Install-Recommends={recommends}")]));
        }
        if self.allow_downgrade {
            options.extend(apt(&["--allow-downgrades"]));
        }
        let (verb, names) = match self.state {
            Wish::Present => (PackageVerb::Present, self.names()),
            Wish::Latest => (PackageVerb::Latest, self.names()),
            Wish::Absent => {
                let verb = if self.purge { PackageVerb::Purge } else { PackageVerb::Absent };
                let others = self.packages.iter().flatten().cloned();
                (verb, ENGINES.iter().map(|name| (*name).to_owned()).chain(others).collect())
            }
        };
        PackageRequest {
            manager: now.packages.manager,
            verbs: vec![verb],
            names,
            refresh: Refresh::OlderThan(if new_source { 0 } else { self.cache_valid_time }),
            options,
            lock_timeout: self.lock_timeout,
            policy: None,
        }
    }

    fn files(&self, now: &State) -> (FilesChange, Vec<Diff>) {
        match &self.repository {
            None => (FilesChange::default(), vec![]),
            Some(repository) if self.state == Wish::Absent => repository.plan_removal(&now.files()),
            Some(repository) => repository.plan(&now.files()),
        }
    }

    fn transaction(
        &self,
        now: &State,
        new_source: bool,
    ) -> Result<(Vec<Diff>, Option<Transaction>), Failure> {
        let request = self.request(now, new_source);
        let (change, diffs) = match request.plan(&now.packages)? {
            Plan::Keep(_) => return Ok((vec![], None)),
            Plan::Change { change, diffs, .. } => (change, diffs),
        };
        let verb = request.verbs[0];
        let replaced = now
            .packages
            .steps(verb)
            .into_iter()
            .find(|step| step.after.is_none() && ENGINES.contains(&step.name.as_str()));
        if let Some(step) = replaced.filter(|_| self.state != Wish::Absent && !self.replace) {
            let version = step.before.unwrap_or_default();
            return Err(Failure::new(format!(
                "the host has an engine from elsewhere, {} {version}, which would be removed",
                step.name
            ))
            .help("`replace: true` replaces it; its containers and images stay"));
        }
        Ok((diffs, Some(change)))
    }

    /// What the service is to be, if it is not so already.
    fn service(
        &self,
        now: &State,
        installs: bool,
        diffs: &mut Vec<Diff>,
    ) -> Result<Option<ServiceRequest>, Failure> {
        if self.state == Wish::Absent || !(self.started || self.enabled) {
            return Ok(None);
        }
        let request = ServiceRequest {
            name: "docker".to_owned(),
            state: self.started.then_some(ServiceState::Started),
            enabled: self.enabled.then_some(true),
            runlevel: "default".to_owned(),
            ..ServiceRequest::default()
        };
        if !now.service.exists && installs {
            diffs.push(Diff::state(
                "service docker",
                "absent",
                if self.started { "started" } else { "enabled" },
            ));
            return Ok(Some(request));
        }
        match request.plan(&now.service)? {
            Plan::Change { diffs: more, .. } => diffs.extend(more),
            Plan::Keep(_) if !installs => return Ok(None),
            Plan::Keep(_) => {}
        }
        Ok(Some(request))
    }

    fn new_users(&self, now: &State, diffs: &mut Vec<Diff>) -> Vec<String> {
        if self.state == Wish::Absent {
            return vec![];
        }
        let is_member = |user: &&String| {
            let groups = now.users.get(*user).into_iter().flatten();
            now.members.contains(user) || groups.into_iter().any(|group| group == "docker")
        };
        let new: Vec<String> = self.users.iter().filter(|user| !is_member(user)).cloned().collect();
        if !new.is_empty() {
            let after: Vec<&String> = now.members.iter().chain(&new).collect();
            let (before, after) = (member_list(&now.members), member_list(&after));
            diffs.push(Diff::fields("group docker", &before, &after));
        }
        new
    }

    /// An engine that is as it must be has to answer, too.
    fn check_answers(&self, now: &State) -> Result<(), Failure> {
        let silent = now.engine.is_none() && !self.socket.is_empty();
        if self.state == Wish::Absent || !self.started || !silent {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the service docker runs, but no engine answers on {}",
            self.socket
        ))
        .help("its log may say why; `socket` names another place, or none to look at"))
    }
}

fn member_list(names: &impl Serialize) -> serde_json::Value {
    serde_json::json!({ "members": names })
}

fn returned(now: &State) -> Returned {
    let mut returned = Returned::new();
    if let Some(engine) = &now.engine {
        returned.set("version", &engine.version);
        returned.set("api_version", &engine.api_version);
        returned.set("engine", engine);
    }
    returned.set("packages", &now.packages.installed);
    returned
}
