//! `rplay adhoc`: one module on the hosts of a pattern.

use std::path::PathBuf;

use super::super::args::{AdhocArgs, TaskArgs};
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::reports::AdhocLook;
use super::super::{Exit, execute, tell, wanted};
use super::list::{self, Listing};
use crate::base::Redactor;
use crate::engine::What;

pub(crate) fn run(args: &AdhocArgs, config: &Config, redactor: &Redactor) -> Result<Exit, Fault> {
    let directory = args.playbook_dir.clone().or_else(|| config.path("playbook_dir"));
    let what = What::AdHoc {
        pattern: args.pattern.clone(),
        module: args.module.clone(),
        directory: directory.unwrap_or_else(|| PathBuf::from(".")),
        args: match config.text("module_args") {
            Some(set) if args.args.is_empty() => set.to_owned(),
            _ => args.args.clone(),
        },
    };
    let (common, tasks) = (&args.common, TaskArgs::default());
    tell::passed_over(config, common.output.verbose)?;
    let mut settings = wanted::settings(what, &common.hosts, &common.secrets, config, redactor)?;
    settings = wanted::with_module_path(settings, common);
    if let Some(seconds) = args.task_timeout {
        settings.defaults.retain(|(keyword, _)| *keyword != "timeout");
        settings.defaults.push(("timeout", seconds.into()));
    }
    if common.hosts.list_hosts {
        let project = execute::load(settings)?;
        let listing = Listing { hosts: true, ..Listing::default() };
        list::show(&project, listing, common.hosts.limit.as_deref(), &tasks)?;
        return Ok(Exit::Ok);
    }
    let options = wanted::options(common, &tasks, config)?;
    let look = AdhocLook { grouped: args.group_output, one_line: args.one_line };
    execute::run(execute::load(settings)?, options, common, Some(look), config)
}
