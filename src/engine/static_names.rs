//! The variables that a run itself may make: of those the files cannot say what they are.

use std::collections::BTreeSet;

use crate::playbook::{Block, Item, Play, Playbook, Role, Task};
use crate::value::{Data, Node, has_template};

/// Actions after which any name may be defined.
const DYNAMIC: [&str; 8] = [
    "add_host",
    "getent",
    "group_by",
    "import_role",
    "import_tasks",
    "include_role",
    "include_tasks",
    "include_vars",
];

/// The names that roles, blocks and tasks of playbooks define; none where a task may define any.
pub(super) fn made(playbooks: &[Playbook]) -> Option<BTreeSet<String>> {
    let mut made = Made { names: BTreeSet::new(), any: false };
    for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
        made.play(play);
    }
    (!made.any).then_some(made.names)
}

struct Made {
    names: BTreeSet<String>,
    /// Whether there may be others.
    any: bool,
}

impl Made {
    fn play(&mut self, play: &Play) {
        play.roles.iter().for_each(|role| self.role(role));
        for items in [&play.pre_tasks, &play.tasks, &play.post_tasks, &play.handlers] {
            self.items(items);
        }
    }

    fn role(&mut self, role: &Role) {
        for layer in [&role.defaults, &role.vars, &role.parameters] {
            self.names.extend(layer.keys().cloned());
        }
        role.dependencies.iter().for_each(|role| self.role(role));
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
        self.names.extend(block.vars.keys().cloned());
        block.role.iter().for_each(|role| self.role(role));
        for items in [&block.tasks, &block.rescue, &block.always] {
            self.items(items);
        }
    }

    fn task(&mut self, task: &Task) {
        let action = &task.action;
        self.any |= DYNAMIC.contains(&action.name) || action.library.is_some();
        self.any |= action.late.is_some();
        self.names.extend(task.vars.keys().cloned());
        if let Some(role) = &task.origin.role {
            self.role(role);
        }
        if let Some(name) = task.keywords.get("register") {
            self.name(name);
        }
        if action.name == "set_fact" {
            match &action.args.data {
                Data::Map(pairs) => {
                    self.any |= pairs.keys().any(|key| has_template(&key.text));
                    self.names.extend(pairs.keys().map(|key| key.text.clone()));
                }
                _ => self.any = true,
            }
        }
        if let Some(looped) = &task.looped {
            self.names.insert("item".to_owned());
            let control = looped.control.iter().filter_map(Node::as_map).flatten();
            control.for_each(|(_, node)| self.name(node));
        }
    }

    fn name(&mut self, node: &Node) {
        self.any |= node.is_template();
        self.names.extend(node.as_str().map(str::to_owned));
    }
}
