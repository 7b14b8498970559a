//! `rplay check`: every fault that files can show.

use std::io::{self, Write};

use super::super::args::CheckArgs;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{execute, tell, wanted};
use crate::base::Redactor;
use crate::engine::{FileScope, Settings, What};

pub(crate) fn run(args: &CheckArgs, config: &Config, redactor: &Redactor) -> Result<(), Fault> {
    let what = What::Playbooks(args.playbooks.clone());
    let settings = wanted::settings(what, &args.hosts, &args.secrets, config, redactor)?;
    let cached = config.text("fact_caching").is_some_and(|plugin| plugin != "memory");
    let files = Some(FileScope { values: !cached, ..FileScope::default() });
    let project = execute::load(Settings { files, ..settings }, config)?;
    let plays: usize = project.playbooks.iter().map(|playbook| playbook.plays.len()).sum();
    let hosts = project.inventory.hosts().len();
    tell::diagnostics(&project.picked.notes, &project.sources, &project.redactor);
    if !project.picked.any && plays > 0 && !args.hosts.allow_empty {
        return Err(execute::nobody());
    }
    Ok(writeln!(io::stdout().lock(), "no fault found: plays={plays} hosts={hosts}")?)
}
