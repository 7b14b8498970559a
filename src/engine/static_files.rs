//! Faults that the files named in tasks show before any host is reached: files that are missing,
//! templates that cannot be rendered, included tasks that do not hold together.
//!
//! A file is only looked for where the task is bound to run as it is written, and nothing before
//! it may make the file: playbooks that would work are never refused.

use std::path::Path;

use super::files;
use super::include::{find_vars, missing, missing_tasks, missing_vars, vars_folders};
use super::project::FileScope;
use super::static_around::Around;
use super::static_check;
use super::tags::TagChoice;
use crate::base::Diagnostic;
use crate::playbook::{Block, Item, Loader, Origin, Place, Play, Task, find_tasks};
use crate::sdk::Search;
use crate::template::Templar;
use crate::value::{Node, vault};

/// The hosts of a play, as far as they matter here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PlayHosts {
    /// Whether there are any.
    pub(super) any: bool,
    /// Whether this machine is among them.
    pub(super) local: bool,
}

/// Looks at the files that plays name.
pub(super) struct FileCheck<'a> {
    pub(super) loader: Loader<'a>,
    pub(super) templar: &'a Templar,
    pub(super) tags: &'a TagChoice,
    pub(super) faults: Vec<Diagnostic>,
    /// Whether tasks so far may have made files on this machine, or have ended the play.
    pub(super) unsure: bool,
    /// Whether earlier plays may have made files on this machine.
    pub(super) made: bool,
}

impl<'a> FileCheck<'a> {
    /// Nothing has been looked at so far.
    pub(super) fn new(loader: Loader<'a>, templar: &'a Templar, scope: &'a FileScope) -> Self {
        let (tags, unsure) = (&scope.tags, scope.local);
        Self { loader, templar, tags, faults: vec![], unsure, made: false }
    }
}

impl FileCheck<'_> {
    /// How deep included files are followed.
    const DEEPEST: usize = 20;

    /// Looks at a play with these hosts.
    pub(super) fn play(&mut self, play: &Play, hosts: PlayHosts) {
        let outside = Around { tags: vec![], certain: hosts.any };
        let around = outside.inside(&play.keywords);
        self.unsure |= hosts.local || play.keywords.get("connection").is_some();
        if around.certain && !self.made {
            self.vars_files(play);
        }
        for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
            self.items(items, &around, 0);
        }
        self.made |= self.unsure;
    }

    /// Files of variables are read before any task of the play runs.
    fn vars_files(&mut self, play: &Play) {
        let origin = Origin::of_playbook(play.directory.clone());
        for entry in play.vars_files.iter().filter(|entry| !entry.is_unknown()) {
            let choices = entry.as_list().unwrap_or(std::slice::from_ref(entry));
            let names: Vec<&str> = choices.iter().filter_map(Node::as_str).collect();
            let found = names.iter().any(|name| find_vars(name, &origin).is_some());
            if !found {
                let shown = names.join("` or `");
                self.faults.push(missing(&shown, &vars_folders(&origin), entry.span));
            }
        }
    }

    fn items(&mut self, items: &[Item], around: &Around, depth: usize) {
        for item in items {
            match item {
                Item::Task(task) => self.task(task, &around.inside(&task.keywords), depth),
                Item::Block(block) => self.block(block, &around.inside(&block.keywords), depth),
            }
        }
    }

    fn block(&mut self, block: &Block, around: &Around, depth: usize) {
        let rescued = Around { certain: false, ..around.clone() };
        let inside = if block.rescue.is_empty() { around } else { &rescued };
        self.items(&block.tasks, inside, depth);
        self.items(&block.rescue, &rescued, depth);
        self.items(&block.always, inside, depth);
    }

    fn task(&mut self, task: &Task, around: &Around, depth: usize) {
        let elsewhere = ["delegate_to", "connection"];
        let dynamic = ["meta", "include_role"].contains(&task.action.name);
        self.unsure |= dynamic || elsewhere.iter().any(|name| task.keywords.get(name).is_some());
        let bound = around.certain && task.looped.is_none() && self.tags.takes(&around.tags);
        if self.unsure || !bound {
            self.unsure |= task.action.name == "include_tasks";
            return;
        }
        let args = &task.action.args;
        match task.action.name {
            "include_tasks" => self.included(task, around, depth),
            "include_vars" => {
                if let Some(name) = literal(args, "file")
                    && find_vars(text(name), &task.origin).is_none()
                {
                    self.faults.push(missing_vars(text(name), &task.origin, name.span));
                }
            }
            "copy" if args.get("remote_src").is_none() => {
                if let Some(name) = literal(args, "src")
                    && let Err(missing) = files::find(&task.origin, Search::Files, text(name))
                {
                    self.faults.push(missing.diagnostic(name.span));
                }
            }
            "template" => {
                if let Some(name) = literal(args, "src") {
                    match files::find(&task.origin, Search::Templates, text(name)) {
                        Ok(path) => self.template(&path, args),
                        Err(missing) => self.faults.push(missing.diagnostic(name.span)),
                    }
                }
            }
            _ => {}
        }
    }

    /// Looks into a file of tasks as if it stood in the task's place.
    fn included(&mut self, task: &Task, around: &Around, depth: usize) {
        let Some(name) = literal(&task.action.args, "file") else {
            self.unsure = true;
            return;
        };
        let Some(path) = find_tasks(text(name), &task.origin) else {
            self.faults.push(missing_tasks(text(name), &task.origin, name.span));
            return;
        };
        if depth == Self::DEEPEST {
            return;
        }
        let items = self.loader.tasks_file(&path, &task.origin, Place::Task, Some(name.span));
        self.faults.extend(self.loader.take_faults().into_vec());
        self.faults.extend(static_check::items(&items, self.templar));
        // The tags of an include choose the include alone.
        self.items(&items, &Around { tags: vec![], ..around.clone() }, depth + 1);
    }

    /// The faults of a template file in the usual syntax.
    fn template(&mut self, path: &Path, args: &Node) {
        const SYNTAX: [&str; 6] = [
            "block_start_string",
            "block_end_string",
            "variable_start_string",
            "variable_end_string",
            "comment_start_string",
            "comment_end_string",
        ];
        if SYNTAX.iter().any(|name| args.get(name).is_some()) {
            return;
        }
        match std::fs::read_to_string(path) {
            Ok(text) if !vault::is_vault(&text) => {
                self.faults.extend(self.templar.check_file(path, &text));
            }
            _ => {}
        }
    }
}

/// An argument that means what it says: a text that is no template.
fn literal<'n>(args: &'n Node, name: &str) -> Option<&'n Node> {
    args.get(name).filter(|node| !node.is_template() && node.as_str().is_some())
}

fn text(node: &Node) -> &str {
    node.as_str().unwrap_or_default()
}
