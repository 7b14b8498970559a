//! The hosts and groups of a run, and the variables they come with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::vars_files::{Subject, VarsFiles};
use super::{Group, Host, playbook_python};
use crate::base::{Diagnostics, Sources};
use crate::value::vault::Keyring;
use crate::value::{Layer, Level, Value};

/// The group of all hosts.
pub(super) const ALL: &str = "all";
/// The group of the hosts that are in no other.
pub(super) const UNGROUPED: &str = "ungrouped";
/// The names of this machine, which need not be listed.
const LOCALHOST: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Whether a name means the machine that runs rplay.
pub fn is_localhost(name: &str) -> bool {
    LOCALHOST.contains(&name)
}

/// Hosts and groups, in the order they were written.
#[derive(Debug)]
pub struct Inventory {
    pub(super) hosts: IndexMap<String, Host>,
    pub(super) groups: IndexMap<String, Group>,
    /// This machine, by each of its names.
    implicit: IndexMap<String, Host>,
    /// Where `group_vars/` and `host_vars/` are looked for, beside the inventory.
    pub(super) directories: IndexSet<PathBuf>,
    pub(super) files: VarsFiles,
    /// Whether mappings of the same name are merged, not replaced.
    pub(super) merging: bool,
    /// What a run has added.
    additions: Vec<Addition>,
}

/// A host that a run adds, or adds to (`add_host`, `group_by`).
#[derive(Debug, Clone)]
pub struct Addition {
    /// Its name.
    pub host: String,
    /// The groups it is put into.
    pub groups: Vec<String>,
    /// The variables it gets.
    pub vars: Layer,
    /// Whether it was there before.
    pub known: bool,
}

impl Inventory {
    /// An inventory of nothing but this machine.
    pub(super) fn new(sources: &Sources, keyring: &Keyring) -> Self {
        let local: Value = "local".into();
        let python: Value = playbook_python().into();
        let vars = Arc::new(Layer::from([
            ("ansible_connection".to_owned(), local.into()),
            ("ansible_python_interpreter".to_owned(), python.into()),
        ]));
        let implicit = LOCALHOST.map(|name| {
            let host = Host { implicit: true, vars: Arc::clone(&vars), ..Host::new(name, None) };
            (name.to_owned(), host)
        });
        let mut all = Group::new(ALL);
        all.depth = 0;
        let groups = [(ALL.to_owned(), all), (UNGROUPED.to_owned(), Group::new(UNGROUPED))];
        let mut inventory = Self {
            hosts: IndexMap::new(),
            groups: groups.into(),
            implicit: implicit.into(),
            directories: IndexSet::new(),
            files: VarsFiles::new(sources.clone(), keyring.clone()),
            merging: false,
            additions: vec![],
        };
        inventory.connect(0, 1);
        inventory
    }

    /// Every host that is listed, in the order of the files.
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = &Host> {
        self.hosts.values()
    }

    /// A host by name; this machine also where nobody listed it.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.get(name).or_else(|| self.implicit.get(name))
    }

    /// A host by its place among all that are listed.
    pub(super) fn host_at(&self, index: usize) -> Option<&Host> {
        self.hosts.get_index(index).map(|(_, host)| host)
    }

    /// A group by name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// Each group's hosts, its own first, then those of its children: the variable `groups`.
    pub fn groups(&self) -> IndexMap<&str, Vec<&str>> {
        let names =
            |index| self.members(index).into_iter().map(|host| self.hosts[host].name.as_str());
        let groups = self.groups.values().enumerate();
        groups.map(|(index, group)| (group.name.as_str(), names(index).collect())).collect()
    }

    /// The groups a host is in, sorted, without `all`: the variable `group_names`.
    pub fn host_groups(&self, host: &str) -> Vec<&str> {
        let groups = self.hosts.get(host).map(|host| self.ancestors(host)).unwrap_or_default();
        let mut names: Vec<&str> =
            groups.into_iter().filter(|group| *group != 0).map(|group| self.name(group)).collect();
        names.sort_unstable();
        names
    }

    /// The variables a host comes with, the weakest first: those of the inventory's files, and
    /// those of `group_vars/` and `host_vars/` beside the inventory and beside the playbook.
    ///
    /// Variable files are read when a host first needs them, and once. What is wrong with them
    /// comes with the layers, for every host that needs them.
    pub fn layers(
        &self,
        host: &str,
        playbook: Option<&Path>,
    ) -> (Vec<(Level, Arc<Layer>)>, Diagnostics) {
        let (mut layers, mut faults) = (vec![], Diagnostics::default());
        let Some(host) = self.host(host) else { return (layers, faults) };
        let mut groups = self.ancestors(host);
        if !groups.contains(&0) {
            groups.push(0);
        }
        let mut groups: Vec<&Group> = groups.into_iter().map(|index| &self.groups[index]).collect();
        groups.sort_by_key(|group| (group.depth, group.priority, &group.name));
        for group in &groups {
            layers.push((Level::InventoryGroup, Arc::clone(&group.vars)));
        }
        let mut read = |directory: &Path, subject, level| {
            let (layer, found) = self.files.read(directory, subject);
            faults.extend(found.iter().cloned());
            layers.extend(layer.map(|layer| (level, layer)));
        };
        let beside = self.directories.iter().map(|directory| (directory.as_path(), false));
        for (directory, playbook) in beside.chain(playbook.map(|directory| (directory, true))) {
            for group in &groups {
                let level = match (playbook, group.name == ALL) {
                    (false, true) => Level::InventoryGroupVarsAll,
                    (true, true) => Level::PlaybookGroupVarsAll,
                    (false, false) => Level::InventoryGroupVars,
                    (true, false) => Level::PlaybookGroupVars,
                };
                read(directory, Subject::Group(&group.name), level);
            }
            let level = if playbook { Level::PlaybookHostVars } else { Level::InventoryHostVars };
            read(directory, Subject::Host(&host.name), level);
        }
        layers.push((Level::InventoryHost, Arc::clone(&host.vars)));
        layers.retain(|(_, layer)| !layer.is_empty());
        layers.sort_by_key(|(level, _)| *level);
        (layers, faults)
    }

    /// Adds a host, or groups and variables to one, while a run is under way (`add_host`,
    /// `group_by`). Groups that are new become children of `all`.
    pub fn add_host<'g>(
        &mut self,
        name: &str,
        groups: impl IntoIterator<Item = &'g str>,
        vars: Layer,
    ) {
        let groups: Vec<&str> = groups.into_iter().collect();
        self.additions.push(Addition {
            host: name.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            vars: vars.clone(),
            known: self.hosts.contains_key(name),
        });
        let host = self.declare_host(name, None);
        Arc::make_mut(&mut self.hosts[host].vars).extend(vars);
        for group in groups {
            let group = self.declare_group(group);
            self.join(group, host);
            if self.groups[group].parents.is_empty() && group != 0 {
                self.connect(0, group);
            }
        }
        self.settle_ungrouped(host);
    }

    /// What was added while a run is under way, in that order.
    pub fn additions(&self) -> &[Addition] {
        &self.additions
    }

    /// Makes one group a child of another, both of them new or not (`group_by` with `parents`).
    /// Nothing happens where that would close a loop.
    pub fn add_child(&mut self, parent: &str, child: &str) {
        let (parent, child) = (self.declare_group(parent), self.declare_group(child));
        let mut above = vec![parent];
        self.climb(&mut above);
        if above.contains(&child) {
            return;
        }
        if self.groups[parent].parents.is_empty() && parent != 0 {
            self.connect(0, parent);
        }
        self.connect(parent, child);
        self.settle_depths();
    }

    /// The place of a host, listed now if it was not.
    pub(super) fn declare_host(&mut self, name: &str, file: Option<&Path>) -> usize {
        if let Some(index) = self.hosts.get_index_of(name) {
            return index;
        }
        let host = Host::new(name, file.map(Path::to_path_buf));
        self.hosts.insert_full(name.to_owned(), host).0
    }

    /// The place of a group, made now if there was none.
    pub(super) fn declare_group(&mut self, name: &str) -> usize {
        if let Some(index) = self.groups.get_index_of(name) {
            return index;
        }
        self.groups.insert_full(name.to_owned(), Group::new(name)).0
    }

    /// Puts a host into a group.
    pub(super) fn join(&mut self, group: usize, host: usize) {
        if self.groups[group].hosts.insert(host) {
            self.hosts[host].groups.push(group);
        }
    }

    /// Puts a group under another; the caller sees to it that no loop comes of it.
    pub(super) fn connect(&mut self, parent: usize, child: usize) {
        if self.groups[parent].children.insert(child) {
            self.groups[child].parents.push(parent);
        }
    }

    /// Puts a host into `ungrouped` exactly where it is in no group but `all`.
    pub(super) fn settle_ungrouped(&mut self, host: usize) {
        const OWN: [usize; 2] = [0, 1];
        if self.hosts[host].groups.iter().all(|group| OWN.contains(group)) {
            self.join(OWN[1], host);
        } else if self.groups[OWN[1]].hosts.shift_remove(&host) {
            self.hosts[host].groups.retain(|group| *group != OWN[1]);
        }
    }

    /// Sets the depth of every group, from `all` down.
    pub(super) fn settle_depths(&mut self) {
        let mut parents: Vec<usize> =
            self.groups.values().map(|group| group.parents.len()).collect();
        // While files are still being read, not every group is under `all` already.
        let roots = parents
            .iter()
            .enumerate()
            .filter(|(_, parents)| **parents == 0)
            .map(|(group, _)| group);
        let mut ready: Vec<usize> = roots.collect();
        while let Some(group) = ready.pop() {
            let depth = self.groups[group].depth + 1;
            for child in self.groups[group].children.clone() {
                let known = &mut self.groups[child].depth;
                *known = depth.max(*known);
                parents[child] -= 1;
                if parents[child] == 0 {
                    ready.push(child);
                }
            }
        }
    }

    /// A group's hosts, each once: its own first, then those of its children, then of theirs.
    pub(super) fn members(&self, group: usize) -> IndexSet<usize> {
        let mut groups = IndexSet::from([group]);
        let mut members = IndexSet::new();
        let mut next = 0;
        while let Some(group) = groups.get_index(next) {
            let group = &self.groups[*group];
            groups.extend(&group.children);
            members.extend(&group.hosts);
            next += 1;
        }
        members
    }

    /// The groups a host is in, and theirs.
    fn ancestors(&self, host: &Host) -> Vec<usize> {
        // They are few: looking through them costs less than hashing.
        let mut groups = host.groups.clone();
        self.climb(&mut groups);
        groups
    }

    fn climb(&self, groups: &mut Vec<usize>) {
        let mut next = 0;
        while let Some(group) = groups.get(next) {
            for parent in &self.groups[*group].parents {
                if !groups.contains(parent) {
                    groups.push(*parent);
                }
            }
            next += 1;
        }
    }

    fn name(&self, group: usize) -> &str {
        &self.groups[group].name
    }
}

#[cfg(test)]
mod tests;
