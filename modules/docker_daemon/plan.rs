//! From the options that are wanted to what is done for them.

use super::apply::{Action, Change};
use super::edit::{self, Edits};
use super::state::State;
use super::{Args, Target, flags, keys, shown};
use crate::sdk::service::ServiceManager;
use crate::sdk::{Diff, Failure, Fields, Plan, Returned, Value, did_you_mean};

/// Where a daemon listens that is told nothing else.
const USUAL_SOCKET: &str = "unix:///var/run/docker.sock";

impl Args {
    pub(super) fn decide(&self, now: &State) -> Result<Plan<Change>, Failure> {
        let wanted = self.daemon.wanted()?;
        check_options(&wanted, now)?;
        let mut edits = match self.target {
            Target::DaemonJson => edit::daemon_json(now, &wanted, self.purge),
            Target::Unit => edit::unit(now, &wanted, self.purge),
            Target::DefaultFile => edit::default_file(now, &wanted, self.purge),
        }?;
        let after = self.options_after(now, &edits, &wanted);
        check_versions(&after, now)?;
        check_swarm(&after, now)?;
        check_log_driver(&wanted, now)?;
        let moves = edits.changed.iter().any(|name| name == "hosts");
        let address = self.address_after(&after, moves)?;
        let needed = needed_action(now, &wanted, &edits);
        let action = if self.restart { needed } else { Action::None };
        if action != Action::None {
            edits.diffs.push(Diff::state("docker daemon", "running", action.done()));
        }
        let returned = Returned::new()
            .with("path", edits.files.first().map_or(&now.path, |file| &file.path))
            .with("changed_options", &edits.changed)
            .with("action", action.word())
            .with("restart_required", action != needed)
            .with("options", &after)
            .with("version", &now.version);
        if edits.files.is_empty() && action == Action::None {
            return Ok(Plan::Keep(returned));
        }
        let checks: Fields = wanted.into_iter().filter(|(_, value)| !value.is_null()).collect();
        let change = Change {
            files: edits.files,
            action,
            manager: now.service.manager.unwrap_or(ServiceManager::Sysvinit),
            address,
            patience: self.wait_timeout,
            validator: if now.validates() { now.dockerd.clone() } else { String::new() },
            backup: self.backup,
            checks,
        };
        Ok(Plan::Change { change, diffs: edits.diffs, returned })
    }

    /// Every option the daemon will have, from its file and its command line.
    fn options_after(&self, now: &State, edits: &Edits, wanted: &Fields) -> Fields {
        let mut after = edits.file.clone();
        if self.target == Target::DaemonJson {
            for (flag, _) in now.next_flags() {
                if let Some(key) = flag.key {
                    after.entry(key.name).or_insert_with(|| flag.value.clone().into());
                }
            }
        } else {
            let flags: Vec<_> = now.next_flags().into_iter().map(|(flag, _)| flag).collect();
            for key in flags.iter().filter_map(|flag| flag.key) {
                let named = wanted.contains_key(key.name);
                if !named && !self.purge {
                    after.insert(key.name.to_owned(), flags::values(&flags, key.name).into());
                }
            }
            let set = wanted.iter().filter(|(_, value)| !value.is_null());
            after.extend(set.map(|(name, value)| (name.clone(), value.clone())));
        }
        after
    }

    /// Where the daemon will answer; `moves` tells whether that is another place than now.
    fn address_after(&self, after: &Fields, moves: bool) -> Result<String, Failure> {
        let hosts: Vec<&str> = match after.get("hosts") {
            Some(Value::Array(hosts)) => hosts.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(host)) => vec![host],
            _ => vec![],
        };
        if hosts.is_empty() || hosts.iter().any(|host| host.starts_with("fd://")) {
            return Ok(if moves { USUAL_SOCKET } else { &self.address }.to_owned());
        }
        if let Some(unix) = hosts.iter().find(|host| host.starts_with("unix://")) {
            let bare = unix.trim_end_matches('/') == "unix:";
            return Ok(if bare { USUAL_SOCKET } else { unix }.to_owned());
        }
        let on =
            |name: &str| after.get(name).is_some_and(|value| *value == true || *value == "true");
        let tcp = hosts.iter().find_map(|host| host.strip_prefix("tcp://"));
        match tcp {
            Some(tcp) if !on("tls") && !on("tlsverify") => {
                let (host, port) = tcp.rsplit_once(':').unwrap_or((tcp, "2375"));
                let host = if matches!(host, "" | "0.0.0.0" | "[::]") { "127.0.0.1" } else { host };
                Ok(format!("tcp://{host}:{port}"))
            }
            _ => Err(Failure::new("`hosts` has no address at which rplay could see the daemon")
                .help("keep unix:///var/run/docker.sock among them")),
        }
    }
}

/// Refuses names and types that dockerd would refuse.
fn check_options(wanted: &Fields, now: &State) -> Result<(), Failure> {
    for (name, value) in wanted {
        keys::check_name(name, now.validates())?;
        if let Some(key) = keys::find(name).filter(|_| !value.is_null()) {
            key.check_type(value)?;
        }
    }
    Ok(())
}

/// Refuses options that this Engine does not have, those that stand there already included: it
/// would not start with them.
fn check_versions(after: &Fields, now: &State) -> Result<(), Failure> {
    let known = after.keys().filter_map(|name| keys::find(name));
    known.into_iter().try_for_each(|key| key.check_version(now.numbers(), &now.version))
}

/// Refuses what cannot go together with swarm mode.
fn check_swarm(after: &Fields, now: &State) -> Result<(), Failure> {
    let Some(state) = now.swarm_state() else { return Ok(()) };
    let store = ["cluster-store", "cluster-advertise"].into_iter().find(|n| after.contains_key(*n));
    let live = after.get("live-restore").filter(|value| **value == true || **value == "true");
    let name = match (store, live) {
        (Some(name), _) => name,
        (None, Some(_)) => "live-restore",
        (None, None) => return Ok(()),
    };
    Err(Failure::new(format!(
        "this host is in a swarm (state: {state}), and `{name}` cannot go together with that"
    ))
    .help(format!(
        "leave the swarm first, with `docker_swarm` and `state: absent`; or leave `{name}` out"
    )))
}

/// Refuses a logging driver that the Engine does not have: it would start, and no container would.
///
/// Those of plugins, `vendor/name:tag`, may be installed later.
fn check_log_driver(wanted: &Fields, now: &State) -> Result<(), Failure> {
    let Some(driver) = wanted.get("log-driver").and_then(Value::as_str) else { return Ok(()) };
    let Some(known) = now.info["Plugins"]["Log"].as_array() else { return Ok(()) };
    let known: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
    if driver == "none" || driver.contains(['/', ':']) || known.contains(&driver) {
        return Ok(());
    }
    let otherwise = format!("it has {}", known.join(", "));
    Err(Failure::new(format!("`log_driver`: this Engine has no logging driver `{driver}`"))
        .help(did_you_mean(driver, known, otherwise)))
}

/// What the daemon needs to take over what changes, or what it does not show yet.
fn needed_action(now: &State, wanted: &Fields, edits: &Edits) -> Action {
    if !now.runs() {
        return Action::None;
    }
    let set: Fields = wanted
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let stale = if now.info.is_null() { vec![] } else { shown::not_shown(&now.info, &set) };
    if edits.files.is_empty() && stale.is_empty() {
        return Action::None;
    }
    let reloads = |name: &String| keys::find(name).is_some_and(|key| key.reloads);
    let in_file = edits.files.iter().all(|file| file.path == now.path);
    let stale_reload = stale.iter().all(|name| reloads(name) && edits.file.contains_key(name));
    if edits.reloads && in_file && stale_reload && !now.info.is_null() {
        Action::Reload
    } else {
        Action::Restart
    }
}
