//! `rplay -i INVENTORY PLAYBOOK`: running playbooks.

use std::path::PathBuf;

use super::super::args::{self, CommonArgs, PlaybookArgs};
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{Exit, execute, tell, wanted};
use super::list;
use crate::base::{Redactor, closest};
use crate::engine::{FileScope, Project, Settings, What};

pub(crate) fn run(
    args: &PlaybookArgs,
    config: &Config,
    redactor: &Redactor,
) -> Result<Exit, Fault> {
    refuse_misspelt_command(&args.playbooks, config)?;
    let what = What::Playbooks(args.playbooks.clone());
    let (common, tasks) = (&args.common, &args.tasks);
    tell::settings(config, common.output.verbose)?;
    let settings = wanted::settings(what, &common.hosts, &common.secrets, config, redactor)?;
    let settings = wanted::for_run(settings, common);
    let settings = Settings { start_at: tasks.start_at_task.clone(), ..settings };
    let listing = list::Listing {
        hosts: common.hosts.list_hosts,
        tasks: tasks.list_tasks,
        tags: tasks.list_tags,
    };
    if tasks.syntax_check || listing.is_wanted() {
        let project = execute::load(settings, config)?;
        check_hosts(&project, common, config)?;
        list::show(&project, listing, common.hosts.limit.as_deref(), tasks)?;
        return Ok(Exit::Ok);
    }
    let options = wanted::options(common, tasks, config)?;
    let local = options.connection.kind.as_deref() == Some("local");
    let files = FileScope { tags: wanted::chosen_tags(tasks, config), local, values: false };
    let checked = tasks.start_at_task.is_none() && !settings.late_faults;
    let files = Some(files).filter(|_| checked);
    let project = execute::load(Settings { files, ..settings }, config)?;
    check_hosts(&project, common, config)?;
    if !common.hosts.allow_empty && !config.persona.is_ansible() {
        list::check_tags(&project, tasks)?;
    }
    let names = tasks.start_at_task.as_ref().map(|_| list::task_names(&project));
    match execute::run(project, options, common, None, config)? {
        Exit::NothingMatched => Err(match &tasks.start_at_task {
            Some(wanted) => list::no_such_task(&names.unwrap_or_default(), wanted),
            None if config.persona.is_ansible() => Fault::silent(Exit::NothingMatched),
            None => execute::nobody(),
        }),
        exit => Ok(exit),
    }
}

/// Refuses a word that is nearly a command and no file.
fn refuse_misspelt_command(playbooks: &[PathBuf], config: &Config) -> Result<(), Fault> {
    let Some(word) = playbooks.first().filter(|path| !path.exists()) else { return Ok(()) };
    let names = args::command_names();
    let shown = word.display().to_string();
    match closest(&shown, names.iter().map(String::as_str)) {
        Some(name) if !config.persona.is_ansible() => {
            let fault = Fault::usage(format!("there is no command and no playbook `{shown}`"));
            Err(fault.help(format!("did you mean `rplay {name}`?")))
        }
        _ => Ok(()),
    }
}

/// Refuses a limit that leaves no host, where Ansible does.
fn check_hosts(project: &Project, common: &CommonArgs, config: &Config) -> Result<(), Fault> {
    if !config.persona.is_ansible() {
        return Ok(());
    }
    list::check_hosts(project, "all", common.hosts.limit.as_deref(), config)
}
