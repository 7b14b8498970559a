//! `rplay adhoc`: one module on the hosts of a pattern.

use super::super::args::{AdhocArgs, TaskArgs};
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{Exit, execute, tell, wanted};
use super::list::{self, Listing};
use crate::base::Redactor;
use crate::engine::What;

pub(crate) fn run(args: &AdhocArgs, config: &Config, redactor: &Redactor) -> Result<Exit, Fault> {
    let what = What::AdHoc {
        pattern: args.pattern.clone(),
        module: args.module.clone(),
        args: args.args.clone(),
    };
    let (common, tasks) = (&args.common, TaskArgs::default());
    tell::passed_over(config, common.output.verbose)?;
    let settings = wanted::settings(what, &common.hosts, &common.secrets, config, redactor)?;
    let settings = wanted::with_module_path(settings, common);
    if common.hosts.list_hosts {
        let project = execute::load(settings)?;
        let listing = Listing { hosts: true, ..Listing::default() };
        list::show(&project, listing, common.hosts.limit.as_deref(), &tasks)?;
        return Ok(Exit::Ok);
    }
    let options = wanted::options(common, &tasks, config)?;
    execute::run(execute::load(settings)?, options, common, Some(args.group_output), config)
}
