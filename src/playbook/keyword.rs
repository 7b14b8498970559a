//! Every keyword of plays, blocks, tasks, handlers and roles, in one table.

use indexmap::IndexMap;

use crate::value::{Data, Node, coerce};

/// Where a keyword may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A play.
    Play,
    /// A block.
    Block,
    /// A task.
    Task,
    /// A handler.
    Handler,
    /// An entry of `roles:`.
    Role,
    /// An `import_playbook`.
    Import,
}

impl Place {
    /// What messages call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Play => "a play",
            Self::Block => "a block",
            Self::Task => "a task",
            Self::Handler => "a handler",
            Self::Role => "a role",
            Self::Import => "an import of a playbook",
        }
    }

    /// The same as ansible-core writes it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Play => "a Play",
            Self::Block => "a Block",
            Self::Task => "a Task",
            Self::Handler => "a Handler",
            Self::Role => "a RoleInclude",
            Self::Import => "a PlaybookInclude",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What a keyword's value must be, as far as a file can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A list, or one item for a list of one.
    List,
    /// A mapping.
    Map,
    /// A condition: an expression, or a list of them.
    Condition,
    /// Anything.
    Any,
}

/// One keyword.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// Its name.
    pub name: &'static str,
    /// What its value must be.
    pub shape: Shape,
    /// Whether tasks take it over from the block, role or play around them.
    pub inherited: bool,
    places: u8,
}

impl Keyword {
    /// Whether it may stand there.
    pub fn fits(&self, place: Place) -> bool {
        self.places & place.bit() != 0
    }
}

const PLAY: u8 = Place::Play.bit();
const BLOCK: u8 = Place::Block.bit();
const TASK: u8 = Place::Task.bit() | Place::Handler.bit();
const HANDLER: u8 = Place::Handler.bit();
const ROLE: u8 = Place::Role.bit();
const IMPORT: u8 = Place::Import.bit();
const ALL: u8 = PLAY | BLOCK | TASK | ROLE | IMPORT;

const fn keyword(name: &'static str, shape: Shape, places: u8) -> Keyword {
    Keyword { name, shape, inherited: false, places }
}

const fn inherited(name: &'static str, shape: Shape, places: u8) -> Keyword {
    Keyword { name, shape, inherited: true, places }
}

/// Every keyword.
pub const KEYWORDS: &[Keyword] = &[
    inherited("any_errors_fatal", Shape::Bool, ALL),
    inherited("become", Shape::Bool, ALL),
    inherited("become_exe", Shape::Text, ALL),
    inherited("become_flags", Shape::Text, ALL),
    inherited("become_method", Shape::Text, ALL),
    inherited("become_user", Shape::Text, ALL),
    inherited("check_mode", Shape::Bool, ALL),
    inherited("collections", Shape::List, ALL),
    inherited("connection", Shape::Text, ALL),
    inherited("debugger", Shape::Text, ALL),
    inherited("diff", Shape::Bool, ALL),
    inherited("environment", Shape::Any, ALL),
    inherited("ignore_errors", Shape::Bool, ALL),
    inherited("ignore_unreachable", Shape::Bool, ALL),
    inherited("module_defaults", Shape::Any, ALL),
    inherited("no_log", Shape::Bool, ALL),
    inherited("port", Shape::Int, ALL),
    inherited("remote_user", Shape::Text, ALL),
    inherited("run_once", Shape::Bool, ALL),
    inherited("tags", Shape::List, ALL),
    inherited("throttle", Shape::Int, ALL),
    inherited("timeout", Shape::Int, ALL),
    inherited("when", Shape::Condition, BLOCK | TASK | ROLE | IMPORT),
    inherited("delegate_to", Shape::Text, BLOCK | TASK | ROLE),
    inherited("delegate_facts", Shape::Bool, BLOCK | TASK | ROLE),
    inherited("notify", Shape::List, BLOCK | TASK),
    keyword("name", Shape::Text, ALL),
    keyword("vars", Shape::Any, ALL),
    keyword("hosts", Shape::List, PLAY),
    keyword("gather_facts", Shape::Bool, PLAY),
    keyword("gather_subset", Shape::List, PLAY),
    keyword("gather_timeout", Shape::Int, PLAY),
    keyword("fact_path", Shape::Text, PLAY),
    keyword("force_handlers", Shape::Bool, PLAY),
    keyword("max_fail_percentage", Shape::Number, PLAY),
    keyword("order", Shape::Text, PLAY),
    keyword("serial", Shape::List, PLAY),
    keyword("strategy", Shape::Text, PLAY),
    keyword("vars_files", Shape::List, PLAY),
    keyword("vars_prompt", Shape::List, PLAY),
    keyword("pre_tasks", Shape::List, PLAY),
    keyword("roles", Shape::List, PLAY),
    keyword("tasks", Shape::List, PLAY),
    keyword("post_tasks", Shape::List, PLAY),
    keyword("handlers", Shape::List, PLAY),
    keyword("block", Shape::List, BLOCK),
    keyword("rescue", Shape::List, BLOCK),
    keyword("always", Shape::List, BLOCK),
    keyword("action", Shape::Any, TASK),
    keyword("local_action", Shape::Any, TASK),
    keyword("args", Shape::Any, TASK),
    keyword("async", Shape::Int, TASK),
    keyword("poll", Shape::Int, TASK),
    keyword("changed_when", Shape::Condition, TASK),
    keyword("failed_when", Shape::Condition, TASK),
    keyword("until", Shape::Condition, TASK),
    keyword("retries", Shape::Int, TASK),
    keyword("delay", Shape::Number, TASK),
    keyword("loop", Shape::Any, TASK),
    keyword("loop_control", Shape::Map, TASK),
    keyword("register", Shape::Text, TASK),
    keyword("listen", Shape::List, HANDLER),
    keyword("role", Shape::Text, ROLE),
    keyword("import_playbook", Shape::Text, IMPORT),
];

/// The keywords given in one place, in the order written.
#[derive(Debug, Clone, Default)]
pub struct Keywords {
    given: IndexMap<&'static str, Node>,
    /// What holds around those that are templates, the inner first: a template may come out as
    /// `omit`.
    outer: IndexMap<&'static str, Vec<Node>>,
}

impl Keywords {
    /// The value of one keyword.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.given.get(name).filter(|node| node.data != Data::Null)
    }

    /// What may stand for a keyword: its value, then those that hold where that is omitted.
    pub fn candidates(&self, name: &str) -> impl Iterator<Item = &Node> {
        self.get(name).into_iter().chain(self.outer.get(name).into_iter().flatten())
    }

    /// Sets one keyword.
    pub fn set(&mut self, name: &'static str, node: Node) {
        self.given.insert(name, node);
    }

    /// Takes one keyword out.
    pub fn take(&mut self, name: &str) -> Option<Node> {
        self.given.shift_remove(name).filter(|node| node.data != Data::Null)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Node)> {
        self.given.iter().map(|(name, node)| (*name, node))
    }

    /// Whether a failure inside something with these keywords may be meant: it is ignored, or
    /// judged by the playbook.
    pub fn may_fail(&self) -> bool {
        ["ignore_errors", "failed_when"].iter().any(|name| self.get(name).is_some())
    }

    /// The words of a keyword that is a list, or text with commas; empty when it is not given.
    pub fn words(&self, name: &str) -> Vec<String> {
        fn words(node: &Node, out: &mut Vec<String>) {
            match &node.data {
                Data::List(items) => items.iter().for_each(|item| words(item, out)),
                Data::Null | Data::Map(_) => {}
                _ => out.extend(
                    coerce::to_text(&node.to_value())
                        .split(',')
                        .map(|word| word.trim().to_owned())
                        .filter(|word| !word.is_empty()),
                ),
            }
        }
        let mut out = vec![];
        if let Some(node) = self.get(name) {
            words(node, &mut out);
        }
        out
    }

    /// What a task inside takes over: these, the inner ones over the outer ones. Conditions,
    /// tags, environments and module defaults add up, the outer ones first.
    #[must_use]
    pub fn around(&self, inner: &Self) -> Self {
        let mut merged = Self::default();
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.inherited) {
            let both = (self.get(keyword.name), inner.get(keyword.name));
            let node = match both {
                (Some(outer), Some(inner)) if adds_up(keyword.name) => join(outer, inner),
                (Some(_), Some(inner)) if inner.is_template() => {
                    let around = self.candidates(keyword.name).cloned().collect();
                    merged.outer.insert(keyword.name, around);
                    inner.clone()
                }
                (_, Some(inner)) => inner.clone(),
                (Some(outer), None) => outer.clone(),
                (None, None) => continue,
            };
            merged.set(keyword.name, node);
        }
        for (name, node) in &inner.given {
            merged.given.entry(name).or_insert_with(|| node.clone());
        }
        merged
    }
}

/// Whether an inner keyword adds to an outer one instead of replacing it.
fn adds_up(name: &str) -> bool {
    matches!(name, "when" | "tags" | "environment" | "module_defaults" | "notify")
}

fn join(outer: &Node, inner: &Node) -> Node {
    let items = |node: &Node| match &node.data {
        Data::List(items) => items.clone(),
        _ => vec![node.clone()],
    };
    let all = items(outer).into_iter().chain(items(inner)).collect();
    Node { data: Data::List(all), span: inner.span }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Span;

    fn text(text: &str) -> Node {
        Node { data: Data::Text(text.to_owned()), span: Span::NOWHERE }
    }

    #[test]
    fn conditions_add_up_and_settings_are_replaced() {
        let (mut outer, mut inner) = (Keywords::default(), Keywords::default());
        outer.set("when", text("a"));
        outer.set("become_user", text("root"));
        outer.set("register", text("not inherited"));
        inner.set("when", text("b"));
        inner.set("become_user", text("app"));
        let merged = outer.around(&inner);
        assert_eq!(merged.words("when"), ["a", "b"]);
        assert_eq!(merged.get("become_user"), Some(&text("app")));
        assert_eq!(merged.get("register"), None);
    }

    #[test]
    fn tags_are_lists_or_text_with_commas() {
        let mut keywords = Keywords::default();
        keywords.set("tags", text("a, b"));
        assert_eq!(keywords.words("tags"), ["a", "b"]);
    }
}
