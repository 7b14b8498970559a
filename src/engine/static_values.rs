//! Faults that the variables of the hosts show before any host is reached: names that are defined
//! nowhere, variables that refer to each other, texts where a truth is needed.
//!
//! Only what a task is bound to look at counts, and only names that no task may define: what would
//! work is never refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::files;
use super::static_around::Around;
use super::static_names::made;
use super::static_play::StaticPlay;
use super::tags::TagChoice;
use crate::base::{Diagnostic, Sources, Span, did_you_mean};
use crate::inventory::{Inventory, Pattern};
use crate::playbook::{Block, Item, Play, Playbook, Task};
use crate::sdk::Search;
use crate::template::{Demand, Templar};
use crate::value::vault::Keyring;
use crate::value::{Data, Layer, Level, Node, Variable, Vars, coerce};

/// What the variables are taken from.
pub(super) struct Values<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) limit: Option<&'a Pattern>,
    pub(super) templar: &'a Templar,
    pub(super) keyring: &'a Keyring,
    pub(super) extra: &'a Arc<Layer>,
    pub(super) tags: &'a TagChoice,
}

/// How many hosts of a play are looked at.
const MOST_HOSTS: usize = 100;

/// How many variables are followed from one to the next.
const DEEPEST: usize = 20;

/// Names that are defined for every host beside those that begin with `ansible_`.
const MAGIC: [&str; 13] = [
    "environment",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "play_hosts",
    "playbook_dir",
    "role_name",
    "role_path",
    "vars",
];

impl Values<'_> {
    /// The faults of all plays; none where tasks may define any name.
    pub(super) fn faults(&self, playbooks: &[Playbook]) -> Vec<Diagnostic> {
        let Some(made) = made(playbooks) else { return vec![] };
        let mut faults = vec![];
        for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
            let Some(hosts) = self.hosts(play) else { continue };
            let seen = BTreeSet::new();
            let mut check = Check { values: self, made: &made, hosts, faults, seen, ended: false };
            let around = Around { tags: vec![], certain: true }.inside(&play.keywords);
            for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
                check.items(items, &around);
            }
            faults = check.faults;
        }
        faults
    }

    /// The hosts of a play and their variables; none where the files do not tell them.
    fn hosts(&self, play: &Play) -> Option<Vec<(String, Vars)>> {
        if play.keywords.get("vars_prompt").is_some() {
            return None;
        }
        let Self { inventory, templar, keyring, extra, .. } = *self;
        let known = StaticPlay { play, inventory, templar, keyring, extra };
        let pattern = known.hosts()?.ok()?;
        let (files, true) = known.files() else { return None };
        let hosts = self.inventory.select(&pattern, self.limit).0.into_iter().take(MOST_HOSTS);
        Some(hosts.map(|host| (host.name.clone(), self.vars(&host.name, play, &files))).collect())
    }

    fn vars(&self, host: &str, play: &Play, files: &[Arc<Layer>]) -> Vars {
        let mut vars = Vars::default();
        for (level, layer) in self.inventory.layers(host, Some(&play.directory)).0 {
            vars.push(level, layer);
        }
        vars.push(Level::Play, Arc::clone(&play.vars));
        for layer in files {
            vars.push(Level::PlayFiles, Arc::clone(layer));
        }
        vars.push(Level::Extra, Arc::clone(self.extra));
        vars
    }
}

struct Check<'a> {
    values: &'a Values<'a>,
    made: &'a BTreeSet<String>,
    hosts: Vec<(String, Vars)>,
    faults: Vec<Diagnostic>,
    seen: BTreeSet<(String, u32)>,
    /// Whether the play may have ended.
    ended: bool,
}

impl Check<'_> {
    fn items(&mut self, items: &[Item], around: &Around) {
        for item in items {
            match item {
                Item::Task(task) => self.task(task, around),
                Item::Block(block) => self.block(block, &around.inside(&block.keywords)),
            }
        }
    }

    fn block(&mut self, block: &Block, around: &Around) {
        let rescued = Around { certain: false, ..around.clone() };
        let inside = if block.rescue.is_empty() { around } else { &rescued };
        self.items(&block.tasks, inside);
        self.items(&block.always, inside);
    }

    fn task(&mut self, task: &Task, around: &Around) {
        self.ended |= matches!(task.action.name, "meta" | "fail");
        let inside = around.inside(&task.keywords);
        let delegated = task.keywords.get("delegate_to").is_some();
        if self.ended || delegated || !self.values.tags.takes(&inside.tags) {
            return;
        }
        if around.certain
            && !task.keywords.may_fail()
            && let Some(when) = task.keywords.get("when")
            && task.looped.is_none()
        {
            let first = when.as_list().map_or(Some(when), <[Node]>::first);
            if let Some(condition) = first {
                self.condition(condition);
            }
        }
        if inside.certain && task.looped.is_none() && task.action.name != "assert" {
            self.need(self.values.templar.demands(&task.action.args));
            if task.action.name == "template" {
                self.template(task);
            }
        }
    }

    fn template(&mut self, task: &Task) {
        let args = &task.action.args;
        let syntax = |name: &str| name.ends_with("_string");
        let usual = args.as_map().is_some_and(|pairs| !pairs.keys().any(|key| syntax(&key.text)));
        let Some(name) = args.get("src").filter(|node| usual && !node.is_template()) else {
            return;
        };
        let path = files::find(&task.origin, Search::Templates, name.as_str().unwrap_or_default());
        if let Ok(path) = path
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            self.need(self.values.templar.demands_of_file(&path, &text));
        }
    }

    /// A condition that is nothing but a name must not name a text that says `false`.
    fn condition(&mut self, condition: &Node) {
        self.need(self.values.templar.demands_of_condition(condition));
        let Some(name) = condition.as_str().map(str::trim).filter(|name| self.is_fixed(name))
        else {
            return;
        };
        let says_false = |node: &&Arc<Node>| match &node.data {
            Data::Text(text) => coerce::to_bool(&text.as_str().into()) == Some(false),
            _ => false,
        };
        let found = self.hosts.iter().find_map(|(_, vars)| match vars.get(name) {
            Some(Variable::Written(node)) => Some(node).filter(|node| says_false(&node)),
            _ => None,
        });
        if let Some(node) = found {
            let text = coerce::to_text(&node.to_value());
            let message = format!("`when` must be true or false, `{name}` is the text '{text}'");
            self.fault(
                Diagnostic::error("condition-type", message, condition.span, "a text")
                    .also(node.span, "the value comes from here")
                    .help(format!("write it there without quotes, or here `{name} | bool`")),
            );
        }
    }

    /// Whether a name stands for the same all through the play.
    fn is_fixed(&self, name: &str) -> bool {
        !name.starts_with("ansible_") && !MAGIC.contains(&name) && !self.made.contains(name)
    }

    fn need(&mut self, demands: Vec<Demand>) {
        for demand in demands {
            let place = (demand.name.clone(), demand.at.start);
            if self.is_fixed(&demand.name) && self.seen.insert(place) {
                self.look_up(&demand);
            }
        }
    }

    /// Looks a name up for every host, and what its value refers to; the first fault is told.
    fn look_up(&mut self, demand: &Demand) {
        let mut fault = None;
        for (host, vars) in &self.hosts {
            fault = self.follow(demand, host, vars, &mut vec![]);
            if fault.is_some() {
                break;
            }
        }
        if let Some(fault) = fault {
            self.fault(fault);
        }
    }

    fn fault(&mut self, fault: Diagnostic) {
        // A loop is the same one wherever it is entered.
        if !self.faults.iter().any(|known| known.message == fault.message) {
            self.faults.push(fault);
        }
    }

    fn follow(
        &self,
        demand: &Demand,
        host: &str,
        vars: &Vars,
        chain: &mut Vec<(String, Span)>,
    ) -> Option<Diagnostic> {
        let Some(variable) = vars.get(&demand.name) else {
            return Some(self.undefined(demand, host, vars));
        };
        let Variable::Written(node) = variable else { return None };
        if let Some(at) = chain.iter().position(|(name, _)| *name == demand.name) {
            return Some(crate::template::recursion(&chain[at..], self.sources()));
        }
        if chain.len() >= DEEPEST || node.as_str().is_none() {
            return None;
        }
        chain.push((demand.name.clone(), node.span));
        let inner = self.values.templar.demands(&node);
        let mut inner = inner.iter().filter(|demand| self.is_fixed(&demand.name));
        let found = inner.find_map(|demand| self.follow(demand, host, vars, chain));
        chain.pop();
        found
    }

    fn undefined(&self, demand: &Demand, host: &str, vars: &Vars) -> Diagnostic {
        let name = &demand.name;
        let defined = self.hosts.iter().find_map(|(other, vars)| match vars.get(name)? {
            Variable::Written(node) if node.span.is_somewhere() => {
                Some(format!("{other} in {}", self.sources().line(node.span)))
            }
            _ => Some(other.clone()),
        });
        let defined = defined.map(|place| format!(" (defined for {place})")).unwrap_or_default();
        let names = vars.names();
        let otherwise = format!("define it, or say what holds without it: `{name} | default(…)`");
        let help = did_you_mean(name, names.iter().map(String::as_str), otherwise);
        let message = format!("'{name}' is undefined for host {host}{defined}");
        Diagnostic::error("undefined-variable", message, demand.at, "not defined here").help(help)
    }

    fn sources(&self) -> &Sources {
        &self.values.templar.settings().sources
    }
}
