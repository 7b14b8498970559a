//! Hosts and groups as the files of an inventory declare them, until they hold together.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use super::Inventory;
use super::host::{name_fault, user_fault};
use super::model::{ALL, UNGROUPED};
use super::range::{expand, port};
use super::reading::{OddNames, ReadingOptions};
use crate::base::{Diagnostic, Diagnostics, Severity, Sources, Span, did_you_mean};
use crate::value::vault::Keyring;
use crate::value::{Data, Node, Variable, coerce, extend};

/// The most faults that are shown.
const MOST: usize = 100;
/// The most groups that a help line lists.
const SUGGESTED: usize = 20;

/// A name with the place it was written at.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) text: String,
    pub(super) span: Span,
}

/// An inventory under way.
pub(super) struct Builder {
    inventory: Inventory,
    /// The groups that were defined, not only mentioned.
    defined: HashSet<String>,
    /// Groups that were mentioned, and in what role.
    mentions: Vec<(Named, &'static str)>,
    /// Parents and children, in the order written.
    edges: Vec<(usize, usize, Span)>,
    faults: Diagnostics,
    count: usize,
    errors: usize,
    /// The texts that are read.
    pub(super) sources: Sources,
    /// The file that is being read.
    pub(super) file: Option<PathBuf>,
    odd_names: OddNames,
    /// Whether any group had an odd name.
    odd: bool,
}

impl Builder {
    pub(super) fn new(sources: &Sources, keyring: &Keyring, options: &ReadingOptions) -> Self {
        let mut inventory = Inventory::new(sources, keyring);
        inventory.merging = options.merge_hashes;
        Self {
            inventory,
            defined: HashSet::from([ALL.to_owned(), UNGROUPED.to_owned()]),
            mentions: vec![],
            edges: vec![],
            faults: Diagnostics::default(),
            count: 0,
            errors: 0,
            sources: sources.clone(),
            file: None,
            odd_names: options.odd_names,
            odd: false,
        }
    }

    /// Notes what is wrong; a file that is no inventory at all has something on every line.
    pub(super) fn fault(&mut self, fault: Diagnostic) {
        self.count += 1;
        self.errors += usize::from(fault.severity == Severity::Error);
        if self.count <= MOST {
            self.faults.push(fault);
        } else if self.count == MOST + 1 {
            let message = format!("there are more than {MOST} faults: the rest is not shown");
            self.faults.push(Diagnostic::plain("inventory-faults", message));
        }
    }

    /// Looks for `group_vars/` and `host_vars/` in a directory.
    pub(super) fn vars_beside(&mut self, directory: &Path) {
        self.inventory.directories.insert(directory.to_path_buf());
    }

    /// How many faults were noted that are no warnings.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    /// What was read by now.
    pub(super) fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Defines a group.
    pub(super) fn group(&mut self, name: &str) -> usize {
        if let Some(index) = self.inventory.groups.get_index_of(name)
            && self.defined.contains(name)
        {
            return index;
        }
        let name = self.safe(name);
        let index = self.inventory.declare_group(&name);
        self.defined.insert(name);
        index
    }

    /// The name that a group gets.
    fn safe(&mut self, name: &str) -> String {
        let (name, odd) = self.odd_names.apply(name);
        self.odd |= odd;
        name
    }

    /// Mentions a group that must be defined somewhere, in one of the roles below.
    pub(super) fn mention(&mut self, mut name: Named, role: &'static str) -> usize {
        name.text = self.safe(&name.text);
        let group = self.inventory.declare_group(&name.text);
        self.mentions.push((name, role));
        group
    }

    /// Puts a group under another.
    pub(super) fn child(&mut self, parent: usize, child: usize, span: Span) {
        self.edges.push((parent, child, span));
    }

    /// Lists the hosts of an expression in a group.
    pub(super) fn hosts(&mut self, group: usize, expression: &Named, vars: &[(String, Variable)]) {
        let control = expression.text.chars().find(|c| c.is_control());
        let expanded = match control {
            Some(control) => Err(format!("a name must not hold `{}`", control.escape_default())),
            None => expand(&expression.text),
        };
        let expanded = match expanded {
            Ok(expanded) => expanded,
            Err(why) => return self.bad_host(expression, &why),
        };
        let port = expanded.port.map(|port| {
            let node = Node { data: Data::Int(port), span: expression.span };
            ("ansible_port".to_owned(), node.into())
        });
        for name in &expanded.names {
            if let Some(why) = name_fault(name) {
                return self.bad_host(expression, &why);
            }
            self.host(group, name, port.iter().chain(vars));
        }
        self.check_connection(vars);
    }

    /// Lists one host in a group.
    pub(super) fn host<'v>(
        &mut self,
        group: usize,
        name: &str,
        vars: impl IntoIterator<Item = &'v (String, Variable)>,
    ) {
        let host = self.inventory.declare_host(name, self.file.as_deref());
        self.inventory.join(group, host);
        let merging = self.inventory.merging;
        let known = Arc::make_mut(&mut self.inventory.hosts[host].vars);
        extend(known, vars.into_iter().cloned(), merging);
    }

    /// Sets variables of a host that is listed; others are ignored, as no group holds them.
    pub(super) fn vars_of(&mut self, host: &Named, vars: &[(String, Variable)]) {
        if let Some(host) = self.inventory.hosts.get_mut(&host.text) {
            let merging = self.inventory.merging;
            extend(Arc::make_mut(&mut host.vars), vars.iter().cloned(), merging);
            self.check_connection(vars);
        }
    }

    /// Sets a variable of a group, or its priority.
    pub(super) fn group_var(&mut self, group: usize, name: String, value: Node) {
        if name == "ansible_group_priority" {
            return match coerce::to_int(&value.to_value()) {
                Some(priority) => self.inventory.groups[group].priority = priority,
                None => self.fault(Diagnostic::error(
                    "inventory-variable",
                    format!("expected a whole number for `{name}`, found {}", value.shown()),
                    value.span,
                    "not a whole number",
                )),
            };
        }
        let vars = [(name, value.into())];
        self.check_connection(&vars);
        let merging = self.inventory.merging;
        extend(Arc::make_mut(&mut self.inventory.groups[group].vars), vars, merging);
    }

    /// Refuses a name that could mean something on a command line.
    fn bad_host(&mut self, expression: &Named, why: &str) {
        let message = format!("invalid host `{}`: {why}", expression.text.escape_debug());
        self
            .fault(Diagnostic::error("inventory-host", message, expression.span, "not a host").help(
            "write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon",
        ));
    }

    /// Checks the variables that say how a host is reached, where they are plain values.
    fn check_connection(&mut self, vars: &[(String, Variable)]) {
        for (name, value) in vars {
            let check = match name.as_str() {
                "ansible_port" | "ansible_ssh_port" => |text: &str| port(text.trim()).err(),
                "ansible_host" | "ansible_ssh_host" => name_fault,
                "ansible_user" | "ansible_ssh_user" => user_fault,
                _ => continue,
            };
            let Variable::Written(value) = value else { continue };
            let text = coerce::to_text(&value.to_value());
            if value.is_unknown() || text.is_empty() {
                continue;
            }
            if let Some(why) = check(&text) {
                let message = format!("invalid `{name}`: {why}");
                let label = "cannot be used to reach the host";
                self.fault(Diagnostic::error("inventory-variable", message, value.span, label));
            }
        }
    }

    /// Puts the groups of the sources read by now under one another.
    pub(super) fn settle(&mut self) {
        self.report_undefined();
        self.connect();
        self.inventory.settle_depths();
    }

    /// Checks that everything mentioned is defined and that no group holds itself.
    pub(super) fn finish(mut self) -> (Inventory, Diagnostics) {
        self.report_undefined();
        self.connect();
        for index in 2..self.inventory.groups.len() {
            if self.inventory.groups[index].parents.is_empty() {
                self.inventory.connect(0, index);
            }
        }
        self.inventory.settle_depths();
        for host in 0..self.inventory.hosts.len() {
            self.inventory.settle_ungrouped(host);
        }
        self.warn_of_shared_names();
        self.warn_of_odd_names();
        (self.inventory, self.faults)
    }

    fn report_undefined(&mut self) {
        let known: Vec<String> = {
            let names = self.inventory.groups.keys();
            names.filter(|name| self.defined.contains(*name)).cloned().collect()
        };
        let names = known.iter().map(String::as_str).take(SUGGESTED);
        let listed = names.collect::<Vec<_>>().join(", ");
        let mut mentions = std::mem::take(&mut self.mentions);
        mentions.retain(|(name, _)| !self.defined.contains(&name.text));
        for (name, role) in mentions.iter().take(MOST + 1) {
            let help = did_you_mean(
                &name.text,
                known.iter().map(String::as_str),
                format!("define it with `[{}]`; groups: {listed}", name.text),
            );
            let message = format!("the group `{}` {role} but is not defined", name.text);
            self.fault(
                Diagnostic::error("inventory-group", message, name.span, "not a group").help(help),
            );
        }
    }

    /// Puts children under parents, all but those that would close a loop.
    fn connect(&mut self) {
        for (parent, child, span) in std::mem::take(&mut self.edges) {
            // Every group is under `all` in the end.
            let path = if child == 0 { Some(vec![0, parent]) } else { self.path(child, parent) };
            match path {
                None => self.inventory.connect(parent, child),
                Some(path) => {
                    let name = |group: &usize| self.inventory.groups[*group].name.clone();
                    let names: Vec<String> =
                        std::iter::once(&parent).chain(&path).map(name).collect();
                    let message = format!("groups hold each other: {}", names.join(" -> "));
                    self.fault(
                        Diagnostic::error("inventory-loop", message, span, "closes the loop")
                            .help("remove one of these children"),
                    );
                }
            }
        }
    }

    /// The way down from one group to another.
    fn path(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut came_from: IndexMap<usize, usize> = IndexMap::from([(from, from)]);
        let mut next = 0;
        while let Some((group, _)) = came_from.get_index(next) {
            let group = *group;
            if group == to {
                let mut path = vec![to];
                while let Some(last) = path.last().copied().filter(|last| *last != from) {
                    path.push(came_from[&last]);
                }
                path.reverse();
                return Some(path);
            }
            for child in &self.inventory.groups[group].children {
                came_from.entry(*child).or_insert(group);
            }
            next += 1;
        }
        None
    }

    fn warn_of_odd_names(&mut self) {
        // Scripts look for these sentences.
        let message = match self.odd_names {
            OddNames::Warn if self.odd => {
                "Invalid characters were found in group names but not replaced"
            }
            OddNames::ReplaceAndWarn if self.odd => {
                "Invalid characters were found in group names and automatically replaced"
            }
            _ => return,
        };
        self.fault(Diagnostic::plain("inventory-name", message).warning());
    }

    fn warn_of_shared_names(&mut self) {
        let names = self.inventory.hosts.keys();
        let shared = names.filter(|name| self.inventory.groups.contains_key(*name));
        for name in shared.cloned().collect::<Vec<_>>() {
            let message = format!("`{name}` is both a host and a group: a pattern means the group");
            self.fault(Diagnostic::plain("inventory-name", message).warning());
        }
    }
}

/// The role of a group that is listed under another.
pub(super) const CHILD: &str = "is listed as a child";
/// The role of a group that variables are set for.
pub(super) const VARIABLES: &str = "gets variables";
