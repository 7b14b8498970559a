//! Faults of playbooks that can be seen before any host is reached, beside those of loading.

use std::collections::{BTreeMap, BTreeSet};

use super::handlers::instead_of;
use crate::base::{Diagnostic, Span, did_you_mean};
use crate::playbook::{Block, Item, Keywords, Loop, Play, Playbook, Task};
use crate::template::Templar;
use crate::value::{Data, Layer, Node, Variable};

/// The faults in all plays.
pub(super) fn playbooks(playbooks: &[Playbook], templar: &Templar) -> Vec<Diagnostic> {
    let mut check = Check { templar, faults: vec![], dynamic: false, notified: vec![] };
    for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
        check.play(play);
    }
    // Of each older spelling, one notice is enough.
    let mut noticed = BTreeSet::new();
    check
        .faults
        .retain(|fault| fault.code != "older-spelling" || noticed.insert(fault.message.clone()));
    check.faults
}

/// The faults in tasks that are included.
pub(super) fn items(items: &[Item], templar: &Templar) -> Vec<Diagnostic> {
    let mut check = Check { templar, faults: vec![], dynamic: false, notified: vec![] };
    check.items(items);
    check.faults
}

/// Keywords whose text is an expression without braces.
const CONDITIONS: &[&str] = &["when", "changed_when", "failed_when", "until"];

struct Check<'a> {
    templar: &'a Templar,
    faults: Vec<Diagnostic>,
    /// Whether handlers may come from where the files alone do not tell.
    dynamic: bool,
    /// The handlers that tasks of the play notify.
    notified: Vec<(String, Node)>,
}

impl Check<'_> {
    fn play(&mut self, play: &Play) {
        self.dynamic = false;
        self.notified.clear();
        self.templates(&play.hosts);
        self.keywords(&play.keywords);
        self.layer(&play.vars);
        for items in [&play.pre_tasks, &play.tasks, &play.post_tasks, &play.handlers] {
            self.items(items);
        }
        if !self.dynamic {
            self.handlers(play);
        }
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Task(task) => self.task(task),
                Item::Block(block) => self.block(block),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.keywords(&block.keywords);
        self.layer(&block.vars);
        let before = self.faults.len();
        self.items(&block.tasks);
        if !block.rescue.is_empty() {
            self.soften(before);
        }
        self.items(&block.rescue);
        self.items(&block.always);
        if block.keywords.may_fail() {
            self.soften(before);
        }
    }

    /// Makes warnings of the faults since then: the playbook may mean these tasks to fail.
    fn soften(&mut self, since: usize) {
        let faults = self.faults.split_off(since);
        self.faults.extend(faults.into_iter().map(Diagnostic::later));
    }

    fn task(&mut self, task: &Task) {
        let before = self.faults.len();
        self.task_itself(task);
        if task.keywords.may_fail() {
            self.soften(before);
        }
    }

    fn task_itself(&mut self, task: &Task) {
        if let Some(name) = &task.name {
            self.templates(name);
        }
        self.keywords(&task.keywords);
        self.layer(&task.vars);
        if let Some(splat) = &task.action.splat {
            self.templates(splat);
        }
        match task.action.name {
            "assert" => {
                for condition in task.action.args.get("that").into_iter().flat_map(each) {
                    self.faults.extend(self.templar.check_condition(condition));
                }
            }
            "include_role" | "include_tasks" | "import_tasks" | "import_role" => {
                self.dynamic = true;
                self.templates(&task.action.args);
            }
            _ => self.templates(&task.action.args),
        }
        let Some(looped) = &task.looped else { return };
        self.templates(&looped.terms);
        self.bare(looped);
        if let Some(lookup) = &looped.lookup
            && !self.templar.has_lookup(lookup)
        {
            let help = did_you_mean(lookup, Templar::lookups(), "use `loop`");
            self.faults.push(
                Diagnostic::error(
                    "unknown-lookup",
                    format!("`with_{lookup}` is not known: there is no lookup `{lookup}`"),
                    looped.terms.span,
                    "looped over here",
                )
                .help(help),
            );
        }
    }

    /// Notices a variable that `with_…` names without braces.
    fn bare(&mut self, looped: &Loop) {
        if let (Some(name), Some(lookup)) = (looped.bare_variable(), &looped.lookup) {
            let message = format!(
                "`with_{lookup}: {name}` is read as the variable, where there is one: today that \
                 is written `\"{{{{ {name} }}}}\"`"
            );
            let at = looped.terms.span;
            self.faults.push(
                Diagnostic::error("older-spelling", message, at, "an older spelling").warning(),
            );
        }
    }

    fn keywords(&mut self, keywords: &Keywords) {
        for (name, node) in keywords.iter() {
            if CONDITIONS.contains(&name) {
                for condition in each(node) {
                    self.faults.extend(self.templar.check_condition(condition));
                }
            } else {
                self.templates(node);
            }
            if name == "become_method"
                && let Some(method) = node.as_str().filter(|_| !node.is_template())
                && let Err(fault) = super::login::method_of(method)
            {
                self.faults.push(fault.also(node.span, "not a method of this program"));
            }
            if name == "notify" {
                for part in each(node) {
                    match part.as_str() {
                        Some(text) if !part.is_template() => {
                            self.notified.push((text.to_owned(), part.clone()));
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    fn layer(&mut self, layer: &Layer) {
        for variable in layer.values() {
            if let Variable::Written(node) = variable {
                self.templates(node);
            }
        }
    }

    /// The faults of every template in a value.
    fn templates(&mut self, node: &Node) {
        match &node.data {
            Data::List(items) => items.iter().for_each(|item| self.templates(item)),
            Data::Map(pairs) => pairs.values().for_each(|item| self.templates(item)),
            Data::Text(_) if node.is_template() => self.faults.extend(self.templar.check(node)),
            _ => {}
        }
    }

    /// Handlers that are notified and do not exist.
    fn handlers(&mut self, play: &Play) {
        let mut names = BTreeMap::new();
        if !handler_names(&play.handlers, &mut names) {
            return;
        }
        for (name, node) in std::mem::take(&mut self.notified) {
            if names.contains_key(&name) {
                continue;
            }
            let help = instead_of(&name, &names, &self.templar.settings().sources);
            self.faults.push(
                Diagnostic::error(
                    "unknown-handler",
                    format!("`notify: {name}` has no handler"),
                    node.span,
                    "no handler of this name",
                )
                .help(help),
            );
        }
    }
}

/// Collects what handlers answer to; false when a name is only known in the run.
fn handler_names(items: &[Item], names: &mut BTreeMap<String, Span>) -> bool {
    items.iter().all(|item| match item {
        Item::Block(block) => handler_names(&block.tasks, names),
        Item::Task(task) => {
            let at = task.name.as_ref().map_or(task.at, |name| name.span);
            names.extend(task.keywords.words("listen").into_iter().map(|topic| (topic, at)));
            let dynamic = task.action.name.starts_with("include_");
            match &task.name {
                Some(name) if name.is_template() => return false,
                Some(name) => {
                    let name = name.as_str().unwrap_or_default();
                    if let Some(role) = &task.origin.role {
                        names.insert(format!("{} : {name}", role.name), at);
                    }
                    names.insert(name.to_owned(), at);
                }
                None => {
                    names.insert(task.action.written.clone(), at);
                }
            }
            !dynamic
        }
    })
}

/// The items of a list, or the one value.
fn each(node: &Node) -> impl Iterator<Item = &Node> {
    match &node.data {
        Data::List(items) => items.iter(),
        _ => std::slice::from_ref(node).iter(),
    }
}
