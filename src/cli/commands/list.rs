//! `--list-hosts`, `--list-tasks`, `--list-tags`: what a run would be about.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::super::args::TaskArgs;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::{Exit, tell};
use crate::base::{Span, did_you_mean};
use crate::engine::{Project, Told};
use crate::inventory::{Pattern, is_localhost};
use crate::playbook::{Item, Keywords, Play, Task};
use crate::report::{Text, Tone};
use crate::template::python_repr;
use crate::value::{Node, Value, coerce};

/// What is listed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Listing {
    pub(crate) hosts: bool,
    pub(crate) tasks: bool,
    pub(crate) tags: bool,
}

impl Listing {
    /// Whether anything is.
    pub(crate) fn is_wanted(self) -> bool {
        self.hosts || self.tasks || self.tags
    }
}

/// Lists it, play by play, in the form that Ansible lists it in; reaches no host.
pub(crate) fn show(
    project: &Project,
    listing: Listing,
    limit: Option<&str>,
    tasks: &TaskArgs,
) -> Result<(), Fault> {
    let mut text = Text::default();
    let mut number = 0;
    for playbook in project.playbooks.iter().filter(|_| listing.is_wanted()) {
        text.end().plain(format!("playbook: {}", playbook.path.display())).end();
        for play in &playbook.plays {
            number += 1;
            self::play(&mut text, project, play, number, (listing, limit, tasks))?;
        }
    }
    Ok(io::stdout().lock().write_all(text.as_str().as_bytes())?)
}

/// Lists the hosts of one pattern.
pub(crate) fn show_hosts(
    project: &Project,
    pattern: &str,
    limit: Option<&str>,
) -> Result<(), Fault> {
    let hosts = matching(project, pattern, Span::NOWHERE, limit)?;
    let mut text = Text::default();
    text.plain(format!("  hosts ({}):", hosts.len())).end();
    text.block(4, Tone::Plain, &hosts.join("\n"));
    Ok(io::stdout().lock().write_all(text.as_str().as_bytes())?)
}

/// Refuses a pattern and a limit that leave nothing of an inventory that has hosts, as Ansible
/// does before a run.
pub(crate) fn check_hosts(
    project: &Project,
    pattern: &str,
    limit: Option<&str>,
    config: &Config,
) -> Result<(), Fault> {
    if project.inventory.hosts().len() == 0 {
        if !is_localhost(pattern) && config.flag("localhost_warning")?.unwrap_or(true) {
            tell::warning_as_ansible(
                "provided hosts list is empty, only localhost is available. Note that the \
                 implicit localhost does not match 'all'",
            );
        }
        return Ok(());
    }
    if matching(project, pattern, Span::NOWHERE, limit)?.is_empty() {
        // Scripts look for this sentence.
        return Err(Fault::other(
            "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.",
        ));
    }
    Ok(())
}

/// Refuses tags that choose no task at all. Tasks that are included while a run goes on are only
/// reached through one that is chosen.
pub(crate) fn check_tags(project: &Project, wanted: &TaskArgs) -> Result<(), Fault> {
    if wanted.tags.is_empty() && wanted.skip_tags.is_empty() {
        return Ok(());
    }
    let of = |wanted: &TaskArgs| {
        let mut tasks = vec![];
        for play in project.playbooks.iter().flat_map(|playbook| &playbook.plays) {
            let told = project.told(play);
            for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
                Walk { told: &told, wanted }.collect(items, &play.keywords, &mut tasks);
            }
        }
        tasks
    };
    // Tasks that always run do not make a misspelt tag a good one.
    let is_own = |tags: &[String]| {
        let by_name = tags.iter().any(|tag| wanted.tags.contains(tag));
        by_name || !tags.iter().any(|tag| tag == "always")
    };
    if of(wanted).iter().any(|(_, tags)| wanted.tags.is_empty() || is_own(tags)) {
        return Ok(());
    }
    let all = of(&TaskArgs::default());
    let known: BTreeSet<String> = all.into_iter().flat_map(|(_, tags)| tags).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let otherwise = match known.as_slice() {
        [] => "no task has tags".to_owned(),
        known => format!("tags: {}", known.join(", ")),
    };
    let fault = Fault::nothing_matched("no task is chosen by these tags");
    let help = match wanted.tags.as_slice() {
        [tag] => did_you_mean(tag, known, otherwise),
        _ => otherwise,
    };
    Err(fault.help(help))
}

/// Says that a run could not begin at the task it was to begin at, where no task has its name.
pub(crate) fn no_such_task(names: &[String], wanted: &str) -> Fault {
    let bare = |name: &str| name.rsplit(" : ").next() == Some(wanted);
    if names.iter().any(|name| name == wanted || bare(name)) {
        return Fault::silent(Exit::NothingMatched);
    }
    let help = did_you_mean(wanted, names.iter().map(String::as_str), "see --list-tasks");
    Fault::nothing_matched(format!("no task is called `{wanted}`")).help(help)
}

/// The names of all tasks that the files have.
pub(crate) fn task_names(project: &Project) -> Vec<String> {
    let mut tasks = vec![];
    for play in project.playbooks.iter().flat_map(|playbook| &playbook.plays) {
        let (told, wanted) = (project.told(play), &TaskArgs::default());
        for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
            Walk { told: &told, wanted }.collect(items, &play.keywords, &mut tasks);
        }
    }
    tasks.into_iter().map(|(task, _)| task_name(task)).collect()
}

fn play(
    text: &mut Text,
    project: &Project,
    play: &Play,
    number: usize,
    (listing, limit, wanted): (Listing, Option<&str>, &TaskArgs),
) -> Result<(), Fault> {
    let told = project.told(play);
    let shown = |node: &Node| told.value(node).unwrap_or_else(|| node.to_value());
    let patterns = words(&shown(&play.hosts));
    let pattern = patterns.join(",");
    let name = play.name.as_ref().map(|name| coerce::to_text(&shown(name)));
    let name = name.unwrap_or_else(|| pattern.clone());
    let tags = told.tags(&play.keywords).join(",");
    text.end().plain(format!("  play #{number} ({pattern}): {name}\tTAGS: [{tags}]")).end();
    if listing.hosts {
        self::hosts(
            text,
            project,
            play,
            told.value(&play.hosts).is_some().then_some(patterns),
            limit,
        )?;
    }
    let mut tasks = vec![];
    for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
        Walk { told: &told, wanted }.collect(items, &play.keywords, &mut tasks);
    }
    if listing.tasks {
        text.plain("    tasks:").end();
        for (task, tags) in &tasks {
            let tags: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
            let tags = tags.into_iter().collect::<Vec<_>>().join(", ");
            text.plain(format!("      {}\tTAGS: [{tags}]", task_name(task))).end();
        }
    }
    if listing.tags {
        let all: BTreeSet<String> = tasks.into_iter().flat_map(|(_, tags)| tags).collect();
        let all = all.into_iter().collect::<Vec<_>>().join(", ");
        text.plain(format!("      TASK TAGS: [{all}]")).end();
    }
    Ok(())
}

/// Lists the hosts of a play with these patterns; none where they depend on what the run finds.
fn hosts(
    text: &mut Text,
    project: &Project,
    play: &Play,
    patterns: Option<Vec<String>>,
    limit: Option<&str>,
) -> Result<(), Fault> {
    let Some(patterns) = patterns else {
        text.plain("    hosts: known only in the run").end();
        return Ok(());
    };
    let hosts = matching(project, &patterns.join(","), play.hosts.span, limit)?;
    text.plain(format!("    pattern: {}", python_repr(&patterns.into()))).end();
    text.plain(format!("    hosts ({}):", hosts.len())).end();
    text.block(6, Tone::Plain, &hosts.join("\n"));
    Ok(())
}

fn matching(
    project: &Project,
    pattern: &str,
    at: Span,
    limit: Option<&str>,
) -> Result<Vec<String>, Fault> {
    let read = |pattern: Result<Pattern, crate::base::Diagnostic>| {
        pattern.map_err(|fault| Fault::usage(fault.message))
    };
    let pattern = read(Pattern::parse(pattern, at))?;
    let limit = limit.map(|text| read(Pattern::parse_limit(text, &project.sources))).transpose()?;
    let (hosts, _) = project.inventory.select(&pattern, limit.as_ref());
    Ok(hosts.into_iter().map(|host| host.name.clone()).collect())
}

/// A walk through the tasks of a play.
#[derive(Clone, Copy)]
struct Walk<'w> {
    told: &'w Told<'w>,
    wanted: &'w TaskArgs,
}

impl Walk<'_> {
    /// Collects the tasks that the tags choose, each with its tags.
    fn collect<'p>(
        self,
        items: &'p [Item],
        around: &Keywords,
        tasks: &mut Vec<(&'p Task, Vec<String>)>,
    ) {
        for item in items {
            match item {
                Item::Task(task) => {
                    let tags = self.told.tags(&around.around(&task.keywords));
                    if self.wanted.choice().takes(&tags) {
                        tasks.push((task, tags));
                    }
                }
                Item::Block(block) => {
                    let keywords = around.around(&block.keywords);
                    for items in [&block.tasks, &block.rescue, &block.always] {
                        self.collect(items, &keywords, tasks);
                    }
                }
            }
        }
    }
}

/// A task's name as it is written, which is how Ansible lists it.
fn task_name(task: &Task) -> String {
    let Some(name) = task.name.as_ref().map(node_text) else { return task.action.written.clone() };
    match task.shown_role() {
        Some(role) => format!("{role} : {name}"),
        None => name,
    }
}

/// The patterns of `hosts`, which may be a list.
fn words(hosts: &Value) -> Vec<String> {
    match hosts {
        Value::Array(items) => items.iter().map(coerce::to_text).collect(),
        other => vec![coerce::to_text(other)],
    }
}

fn node_text(node: &Node) -> String {
    coerce::to_text(&node.to_value())
}
