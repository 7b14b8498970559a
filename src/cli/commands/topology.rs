//! `rplay topology`: how the hosts make up a cluster.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::args::{TaskArgs, TopologyArgs};
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{Exit, colour, execute, tell, wanted};
use crate::base::{Redactor, replace_file};
use crate::engine::What;
use crate::event::{Event, EventKind, HostResult, Shown, Status};
use crate::report::Reporter;
use crate::report::topology::{Place, Topology};

/// The module that looks at a host.
const MODULE: &str = "docker_topology_info";

pub(crate) fn run(
    args: &TopologyArgs,
    config: &Config,
    redactor: &Redactor,
) -> Result<Exit, Fault> {
    let common = &args.common;
    let what = What::AdHoc {
        pattern: args.pattern.clone(),
        module: MODULE.to_owned(),
        background: None,
        directory: config.path("playbook_dir").unwrap_or_else(|| PathBuf::from(".")),
        args: String::new(),
    };
    tell::settings(config, common.output.verbose)?;
    let settings = wanted::settings(what, &common.hosts, &common.secrets, config, redactor)?;
    let project = execute::load(wanted::for_run(settings, common), config)?;
    let options = wanted::options(common, &TaskArgs::default(), config)?;
    let seen = Gather::default();
    let exit = execute::run_with(project, options, common, seen.clone())?;
    let topology = seen.topology();
    if topology.hosts.is_empty() {
        return Ok(exit);
    }
    if let Some(path) = &args.svg {
        let title = args.title.clone().unwrap_or_else(|| format!("Cluster: {}", args.pattern));
        replace_file(path, topology.svg(&title).as_bytes(), 0o666)
            .map_err(|error| Fault::other(format!("cannot write {}: {error}", path.display())))?;
        return Ok(exit);
    }
    let stdout = io::stdout();
    let columns = console::Term::stdout().size_checked().map_or(80, |(_, columns)| columns.into());
    let coloured = colour::wanted(common.output.color, config, &stdout)?;
    stdout.lock().write_all(topology.text(columns, coloured).as_bytes())?;
    Ok(exit)
}

/// Keeps what each host tells; a clone shares it.
#[derive(Clone, Default)]
struct Gather(Arc<Mutex<Topology>>);

impl Gather {
    fn topology(&self) -> Topology {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, host: &str, result: &HostResult) {
        let told = result.returned.get("topology").cloned();
        let view = match (result.status, told) {
            (Status::Failed | Status::Unreachable, _) => Err(result.message.clone()),
            (_, Some(told)) => serde_json::from_value(told).map_err(|error| error.to_string()),
            (_, None) => Err("it tells nothing".to_owned()),
        };
        let mut topology = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = topology.hosts.iter_mut().find(|place| place.name == host) {
            place.view = view;
        }
    }
}

impl Reporter for Gather {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        match &event.kind {
            EventKind::PlayStarted { hosts, .. } => {
                let mut topology = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                topology.hosts.extend(hosts.iter().map(|name| Place {
                    name: name.clone(),
                    view: Err("it was not asked".to_owned()),
                }));
            }
            EventKind::HostFinished { host, result, .. } => self.put(host, result),
            _ => {}
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}
