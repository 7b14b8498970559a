//! One task: its action among its keywords; imports are resolved in place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{
    Action, Block, Catalogue, Item, KEYWORDS, Keywords, Late, Loop, Origin, Place, Task,
};
use super::arguments::arguments;
use super::around::Around;
use super::{Diagnostic, Loader, closest};
use crate::base::Span;
use crate::value::{Data, Key, Mapping, Node};

/// A key that may be the task's action.
struct Candidate<'n> {
    key: &'n Key,
    node: &'n Node,
}

impl Loader<'_> {
    /// A task, or what a static import puts in its place.
    pub(super) fn task_or_import(
        &mut self,
        node: &Node,
        origin: &Arc<Origin>,
        place: Place,
    ) -> Vec<Item> {
        let Some(task) = self.task(node, origin, place) else { return vec![] };
        match task.action.name {
            "import_tasks" => self.import_tasks(task, place),
            "import_role" => self.import_role(&task),
            _ => vec![Item::Task(Arc::new(task))],
        }
    }

    fn task(&mut self, node: &Node, origin: &Arc<Origin>, place: Place) -> Option<Task> {
        let written = node.as_map()?;
        let today = self.without_include(written);
        let pairs = today.as_ref().unwrap_or(written);
        let mut candidates = vec![];
        let mut looped: Option<(&Key, Loop)> = None;
        let mut keywords = self.keywords(pairs, place, |loader, key, node| {
            if let Some(lookup) = key.text.strip_prefix("with_") {
                let this =
                    Loop { lookup: Some(lookup.to_owned()), terms: node.clone(), control: None };
                if let Some((first, _)) = looped.replace((key, this)) {
                    loader.fault(two_loops(key, first));
                }
            } else {
                candidates.push(Candidate { key, node });
            }
        });
        let vars = self.vars(&mut keywords);
        let looped = self.task_loop(pairs, &mut keywords, looped);
        self.check_register(&keywords);
        let outer = self.around;
        self.around = outer.inside(&keywords);
        let action = self.action(node.span, &candidates, &mut keywords, place);
        self.around = outer;
        self.check_end_role(action.as_ref(), origin, place);
        Some(Task {
            name: keywords.take("name"),
            action: action?,
            keywords,
            vars,
            looped,
            at: node.span,
            origin: Arc::clone(origin),
        })
    }

    fn task_loop(
        &mut self,
        pairs: &crate::value::Mapping,
        keywords: &mut Keywords,
        with: Option<(&Key, Loop)>,
    ) -> Option<Loop> {
        let control = keywords.take("loop_control");
        let terms = keywords.take("loop");
        if let (Some(_), Some((key, _))) = (&terms, &with)
            && let Some((first, _)) = pairs.get_key_value("loop")
        {
            self.fault(two_loops(key, first));
        }
        let looped = match (terms, with) {
            (Some(terms), _) => {
                if matches!(terms.data, Data::Map(_))
                    || (terms.as_str().is_some() && !terms.is_template())
                {
                    self.fault(
                        Diagnostic::error(
                            "loop-shape",
                            "`loop` must be a list",
                            terms.span,
                            format!("this is {}", terms.shown()),
                        )
                        .help("for a mapping: loop: \"{{ mapping | dict2items }}\""),
                    );
                }
                Loop { lookup: None, terms, control }
            }
            (None, Some((_, looped))) => Loop { control, ..looped },
            (None, None) => return None,
        };
        Some(looped)
    }

    /// `meta: end_role` means nothing outside of a role's tasks.
    fn check_end_role(&mut self, action: Option<&Action>, origin: &Origin, place: Place) {
        let word = action.filter(|action| action.name == "meta");
        let Some(word) = word.and_then(|action| action.args.get("free_form")) else { return };
        if word.as_str() != Some("end_role") {
            return;
        }
        let from = match (place, &origin.role) {
            (Place::Handler, _) => "from a handler",
            (_, None) => "from outside of a role",
            _ => return,
        };
        let message = format!("Cannot execute 'end_role' {from}");
        self.fault(Diagnostic::error("meta", message, word.span, "ends the tasks of a role"));
    }

    fn check_register(&mut self, keywords: &Keywords) {
        let Some(node) = keywords.get("register") else { return };
        let name = node.as_str().unwrap_or_default();
        let mut letters = name.chars();
        let starts = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        let named = starts && letters.all(|c| c.is_alphanumeric() || c == '_');
        if !named && !node.is_template() {
            self.fault(
                Diagnostic::error(
                    "register-name",
                    format!("Invalid variable name in 'register' specified: {}", node.shown()),
                    node.span,
                    "not the name of a variable",
                )
                .help("letters, digits and `_`, not beginning with a digit"),
            );
        }
    }

    /// The one action of a task.
    fn action(
        &mut self,
        task: Span,
        candidates: &[Candidate<'_>],
        keywords: &mut Keywords,
        place: Place,
    ) -> Option<Action> {
        let extra = keywords.take("args");
        if let Some(node) = keywords.take("local_action") {
            let here = Node { data: Data::Text("localhost".to_owned()), span: node.span };
            keywords.set("delegate_to", here);
            return self.written_action(&node, extra.as_ref());
        }
        if let Some(node) = keywords.take("action") {
            return self.written_action(&node, extra.as_ref());
        }
        let known: Vec<&Candidate<'_>> =
            candidates.iter().filter(|c| self.is_module(&c.key.text)).collect();
        let chosen = match (known.as_slice(), candidates) {
            ([one], _) => one,
            ([], []) => {
                let message = format!("{} needs a module: what it does", place.noun());
                self.fault(Diagnostic::error("no-action", message, task, "names no module"));
                return None;
            }
            ([], [one]) if self.bears(&one.key.text) => {
                return Some(self.without_module(one.key, place));
            }
            ([], _) => {
                for candidate in candidates {
                    self.unknown_action(candidate.key, place);
                }
                return None;
            }
            ([first, second, ..], _) => {
                let (one, two) = (&first.key.text, &second.key.text);
                self.fault(
                    Diagnostic::error(
                        "two-actions",
                        format!("a task has one module, this one has two: `{one}` and `{two}`"),
                        second.key.span,
                        "the second",
                    )
                    .also(first.key.span, "the first")
                    .help("make two tasks of them"),
                );
                return None;
            }
        };
        for other in candidates.iter().filter(|c| c.key.text != chosen.key.text) {
            self.unknown_beside(other.key, chosen.key, place);
        }
        let (name, span) = (chosen.key.text.clone(), chosen.key.span);
        self.action_of(&name, span, chosen.node, extra.as_ref())
    }

    /// Whether a task may name a module that is not found here: it may never be reached.
    fn bears(&self, written: &str) -> bool {
        let Around { tolerant, conditional, .. } = self.around;
        (tolerant || conditional) && Catalogue::is_elsewhere(written)
    }

    /// An action that fails when it is reached, since there is no such module.
    fn without_module(&mut self, key: &Key, place: Place) -> Action {
        let fault = Self::no_such_module(self.catalogue, key, place);
        self.fault(fault.clone().later());
        late(&key.text, key.span, Late::Fault(Box::new(fault)))
    }

    /// Notes a key that is neither a keyword nor a module.
    fn unknown_action(&mut self, key: &Key, place: Place) {
        self.fault(Self::no_such_module(self.catalogue, key, place));
    }

    fn no_such_module(catalogue: &Catalogue, key: &Key, place: Place) -> Diagnostic {
        let bare = Catalogue::bare(&key.text).unwrap_or(&key.text);
        let names: Vec<&str> = KEYWORDS
            .iter()
            .filter(|keyword| keyword.fits(place))
            .map(|keyword| keyword.name)
            .chain(catalogue.names())
            .collect();
        let diagnostic = Diagnostic::error(
            "unknown-module",
            format!("unknown module or keyword `{}`", key.text),
            key.span,
            "neither a module nor a keyword of a task",
        );
        let help = closest(bare, names).map_or_else(
            || "`rplay doc` lists the modules".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        diagnostic.help(help)
    }

    /// Notes an unknown key in a task that has its module.
    fn unknown_beside(&mut self, key: &Key, action: &Key, place: Place) {
        let names = KEYWORDS.iter().filter(|keyword| keyword.fits(place)).map(|k| k.name);
        let diagnostic = Diagnostic::error(
            "unknown-keyword",
            format!("unknown task keyword or module `{}`", key.text),
            key.span,
            "not known here",
        )
        .also(action.span, "the task already has this module");
        let help = match closest(&key.text, names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => {
                format!("an argument of `{}` stands indented below it", action.text)
            }
        };
        self.fault(diagnostic.help(help));
    }

    /// `action: copy src=a dest=b`, or `action: {module: copy, …}`.
    fn written_action(&mut self, node: &Node, extra: Option<&Node>) -> Option<Action> {
        let Data::Map(pairs) = &node.data else {
            let text = node.as_str().unwrap_or_default().trim_start();
            let (name, rest) = name_and_rest(text);
            let args = Node { data: Data::Text(rest.trim().to_owned()), span: node.span };
            let named = Node { data: Data::Text(name.to_owned()), span: node.span };
            if named.is_template() {
                return Some(late_named(named, args, extra));
            }
            return self.action_of(name, node.span, &args, extra);
        };
        let mut pairs = pairs.clone();
        let Some(module) = pairs.shift_remove("module") else {
            let message = "`action` needs `module`";
            self.fault(Diagnostic::error("no-action", message, node.span, "not given here"));
            return None;
        };
        let args = Node { data: Data::Map(pairs), span: node.span };
        if module.is_template() {
            return Some(late_named(module, args, extra));
        }
        let name = module.as_str().unwrap_or_default().to_owned();
        self.action_of(&name, module.span, &args, extra)
    }

    /// An action of the command line: its name and the text of its arguments.
    pub fn named_action(&mut self, name: &str, at: Span, args: &Node) -> Option<Action> {
        self.action_of(name, at, args, None)
    }

    fn action_of(
        &mut self,
        written: &str,
        at: Span,
        args: &Node,
        extra: Option<&Node>,
    ) -> Option<Action> {
        if let Some(module) = self.library_module(written, at) {
            return self.library_action(module, written, at, args, extra);
        }
        let Some(described) = self.catalogue.get(written) else {
            let key = Key { text: written.to_owned(), span: at };
            if self.bears(written) {
                return Some(self.without_module(&key, Place::Task));
            }
            self.unknown_action(&key, Place::Task);
            return None;
        };
        let args = match arguments(&described.spec, args, extra, at) {
            Ok(args) => args,
            Err(fault) if self.around.tolerant => {
                self.fault(fault.clone().later());
                return Some(late(written, at, Late::Fault(fault)));
            }
            Err(fault) => {
                self.fault(*fault);
                return None;
            }
        };
        if described.name == "set_fact" {
            args.as_map().into_iter().flat_map(Mapping::keys).for_each(|key| self.check_name(key));
        }
        let mut faults = (described.check)(&args);
        // What is missing may be what is misspelt, or come from defaults around it.
        let misspelt = faults.iter().any(|fault| fault.code == "unknown-argument");
        if self.around.defaults || misspelt {
            faults.retain(|fault| !matches!(fault.code, "argument-missing" | "argument-rule"));
        }
        // A template as the whole of the arguments is not known before it is rendered.
        if !args.is_template() {
            let tolerant = self.around.tolerant;
            let soften = |fault: Diagnostic| if tolerant { fault.later() } else { fault };
            self.faults.extend(faults.into_iter().map(soften));
        }
        let written = written.to_owned();
        Some(Action { name: described.name, written, args, library: None, late: None, at })
    }

    fn import_tasks(&mut self, task: Task, place: Place) -> Vec<Item> {
        let file = task.action.args.get("file");
        let Some((name, span)) = file.and_then(|file| Some((file.as_str()?.to_owned(), file.span)))
        else {
            return vec![];
        };
        if file.is_some_and(Node::is_template) {
            // Its name depends on variables: resolved when it is reached, inherited all the same.
            return vec![Item::Task(Arc::new(task))];
        }
        let Some(path) = find_tasks(&name, &task.origin) else {
            self.fault(
                Diagnostic::error(
                    "import-missing",
                    format!("`{name}` not found"),
                    span,
                    "imported here",
                )
                .help(searched(&task_folders(&task.origin))),
            );
            return vec![];
        };
        let items = self.tasks_file(&path, &task.origin, place, Some(span));
        vec![import_block(task, items)]
    }
}

/// The name an action's text begins with, a template as a whole, and what follows it.
fn name_and_rest(text: &str) -> (&str, &str) {
    let end = match text.strip_prefix("{{").and_then(|rest| rest.find("}}")) {
        Some(close) => close + 4,
        None => text.find(char::is_whitespace).unwrap_or(text.len()),
    };
    text.split_at(end)
}

/// An action whose module is known when it is reached; till then its arguments stay as they are.
fn late_named(name: Node, args: Node, extra: Option<&Node>) -> Action {
    let written = name.as_str().unwrap_or_default().to_owned();
    let args = match (args.data, extra.and_then(Node::as_map)) {
        (Data::Map(pairs), Some(more)) => {
            let mut all = more.clone();
            all.extend(pairs);
            Node { data: Data::Map(all), span: args.span }
        }
        (Data::Text(text), Some(more)) if text.is_empty() => {
            Node { data: Data::Map(more.clone()), span: args.span }
        }
        (data, _) => Node { data, span: args.span },
    };
    let at = name.span;
    Action { name: "", written, args, library: None, late: Some(Late::Name(name)), at }
}

/// An action of which something is only known, or told, when it is reached.
pub(super) fn late(written: &str, at: Span, late: Late) -> Action {
    let args = Node { data: Data::Map(Mapping::default()), span: at };
    Action { name: "", written: written.to_owned(), args, library: None, late: Some(late), at }
}

/// A file of tasks named in a task: beside it, in the role's `tasks/`, beside the playbook.
pub(crate) fn find_tasks(name: &str, origin: &Origin) -> Option<PathBuf> {
    if Path::new(name).is_absolute() {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    task_folders(origin).into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The folders that a task file is looked for in.
pub(crate) fn task_folders(origin: &Origin) -> Vec<PathBuf> {
    let mut folders = vec![origin.directory.clone()];
    if let Some(role) = &origin.role {
        folders.push(role.path.join("tasks"));
        folders.push(role.path.clone());
    }
    folders.push(origin.playbook.join("tasks"));
    folders.push(origin.playbook.clone());
    unique(folders)
}

/// The help line of a file that is in none of the folders.
pub(crate) fn searched(folders: &[PathBuf]) -> String {
    let shown = folders.iter().map(|folder| {
        if folder.as_os_str().is_empty() { ".".to_owned() } else { folder.display().to_string() }
    });
    format!("searched: {}", shown.collect::<Vec<_>>().join(", "))
}

/// The folders in their order, each once.
pub(crate) fn unique(folders: Vec<PathBuf>) -> Vec<PathBuf> {
    folders.into_iter().collect::<indexmap::IndexSet<_>>().into_iter().collect()
}

/// The block that a static import becomes: its keywords hold for all in it.
pub(super) fn import_block(task: Task, tasks: Vec<Item>) -> Item {
    Item::Block(Arc::new(Block {
        name: task.name,
        keywords: task.keywords,
        vars: task.vars,
        tasks,
        rescue: vec![],
        always: vec![],
        role: None,
        import: true,
        at: task.at,
    }))
}

fn two_loops(second: &Key, first: &Key) -> Diagnostic {
    Diagnostic::error(
        "two-loops",
        format!("a task has one loop, this one has two: `{}` and `{}`", first.text, second.text),
        second.span,
        "the second",
    )
    .also(first.span, "the first")
}
