//! `rplay adhoc`: one module on the hosts of a pattern.

use std::path::PathBuf;

use super::super::args::{AdhocArgs, TaskArgs};
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::reports::AdhocLook;
use super::super::{Exit, execute, tell, wanted};
use super::list;
use crate::base::Redactor;
use crate::engine::{Background, What};

pub(crate) fn run(args: &AdhocArgs, config: &Config, redactor: &Redactor) -> Result<Exit, Fault> {
    let directory = args.playbook_dir.clone().or_else(|| config.path("playbook_dir"));
    let what = What::AdHoc {
        pattern: args.pattern.clone(),
        module: args.module.clone(),
        background: background(args, config)?,
        directory: directory.unwrap_or_else(|| PathBuf::from(".")),
        args: match config.text("module_args") {
            Some(set) if args.args.is_empty() => set.to_owned(),
            _ => args.args.clone(),
        },
    };
    let (common, tasks) = (&args.common, TaskArgs::default());
    tell::settings(config, common.output.verbose)?;
    let mut settings = wanted::settings(what, &common.hosts, &common.secrets, config, redactor)?;
    settings = wanted::for_run(settings, common);
    if let Some(seconds) = args.task_timeout {
        settings.defaults.retain(|(keyword, _)| *keyword != "timeout");
        settings.defaults.push(("timeout", seconds.into()));
    }
    let project = execute::load(settings, config)?;
    let limit = common.hosts.limit.as_deref();
    if config.persona.is_ansible() {
        list::check_hosts(&project, &args.pattern, limit, config)?;
    }
    if common.hosts.list_hosts {
        list::show_hosts(&project, &args.pattern, limit)?;
        return Ok(Exit::Ok);
    }
    let options = wanted::options(common, &tasks, config)?;
    let one_line = args.one_line || config.text("stdout_callback").is_some_and(is_oneline);
    let look = AdhocLook { grouped: args.group_output, one_line, tree: args.tree.as_deref() };
    execute::run(project, options, common, Some(look), config)
}

/// How long it may go on in the background and how often it is looked at, where it does.
fn background(args: &AdhocArgs, config: &Config) -> Result<Option<Background>, Fault> {
    let Some(seconds) = args.background.filter(|seconds| *seconds > 0) else { return Ok(None) };
    let poll = match args.poll {
        Some(poll) => Some(poll),
        None => config.number("poll_interval")?,
    };
    Ok(Some(Background { seconds, poll }))
}

/// Whether a callback plugin is the one that writes each result on one line.
fn is_oneline(name: &str) -> bool {
    name.rsplit('.').next() == Some("oneline")
}
