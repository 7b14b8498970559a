//! A task's action: which key it is, and its arguments.

use super::super::reserved::inner_argument;
use super::super::{Action, Catalogue, KEYWORDS, Keywords, Late, Origin, Place};
use super::arguments::arguments;
use super::around::Around;
use super::{Diagnostic, Loader, closest};
use crate::base::Span;
use crate::value::{Data, Key, Mapping, Node};

/// A key that may be the task's action.
pub(super) struct Candidate<'n> {
    pub(super) key: &'n Key,
    pub(super) node: &'n Node,
}

impl Loader<'_> {
    /// The one action of a task.
    pub(super) fn action(
        &mut self,
        task: Span,
        candidates: &[Candidate<'_>],
        keywords: &mut Keywords,
        place: Place,
        origin: &Origin,
    ) -> Option<Action> {
        let extra = keywords.take("args");
        if let Some(node) = keywords.take("local_action") {
            let here = Node { data: Data::Text("localhost".to_owned()), span: node.span };
            keywords.set("delegate_to", here);
            return self.written_action(&node, extra.as_ref(), origin);
        }
        if let Some(node) = keywords.take("action") {
            return self.written_action(&node, extra.as_ref(), origin);
        }
        let known: Vec<&Candidate<'_>> =
            candidates.iter().filter(|c| self.is_module(&c.key.text, origin)).collect();
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
        self.action_of(&name, span, (chosen.node, extra.as_ref()), origin)
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
        let (message, label) = if Catalogue::is_elsewhere(&key.text) {
            (format!("rplay has no module `{}`", key.text), "one of ansible-core or a collection")
        } else {
            let message = format!("unknown module or keyword `{}`", key.text);
            (message, "neither a module nor a keyword of a task")
        };
        let diagnostic = Diagnostic::error("unknown-module", message, key.span, label);
        let help = match (Catalogue::instead(&key.text), closest(bare, names)) {
            (Some(advice), _) => advice.to_owned(),
            (None, Some(name)) => format!("did you mean `{name}`?"),
            (None, None) => "`rplay doc` lists the modules".to_owned(),
        };
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
    fn written_action(
        &mut self,
        node: &Node,
        extra: Option<&Node>,
        origin: &Origin,
    ) -> Option<Action> {
        let Data::Map(pairs) = &node.data else {
            let text = node.as_str().unwrap_or_default().trim_start();
            let (name, rest) = name_and_rest(text);
            let args = Node { data: Data::Text(rest.trim().to_owned()), span: node.span };
            let named = Node { data: Data::Text(name.to_owned()), span: node.span };
            if named.is_template() {
                return Some(late_named(named, args, extra));
            }
            return self.action_of(name, node.span, (&args, extra), origin);
        };
        let mut pairs = pairs.clone();
        if let Some(Node { data: Data::Map(more), .. }) = pairs.shift_remove("args") {
            pairs.extend(more);
        }
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
        self.action_of(&name, module.span, (&args, extra), origin)
    }

    /// An action of the command line: its name and the text of its arguments.
    pub fn named_action(
        &mut self,
        name: &str,
        at: Span,
        args: &Node,
        origin: &Origin,
    ) -> Option<Action> {
        let action = self.action_of(name, at, (args, None), origin);
        self.check_end_role(action.as_ref(), origin, Place::Task);
        action
    }

    fn action_of(
        &mut self,
        written: &str,
        at: Span,
        (args, extra): (&Node, Option<&Node>),
        origin: &Origin,
    ) -> Option<Action> {
        if let Some(module) = self.library_module(written, at, origin) {
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
        let (extra, splat) = sort_out(args, extra);
        let args = match arguments(&described.spec, args, extra, at, self.sources) {
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
        let args = self.without_docker(written, args, at);
        let names = args.as_map().into_iter().flat_map(Mapping::keys);
        if let Some(fault) = names.clone().find_map(|key| inner_argument(&key.text, key.span)) {
            self.fault(fault);
            return None;
        }
        if described.name == "set_fact" {
            names.for_each(|key| self.check_name(key));
        }
        let mut faults = (described.check)(&args);
        // What is missing may be what is misspelt, or come from defaults around it.
        let misspelt = faults.iter().any(|fault| fault.code == "unknown-argument");
        if self.around.defaults || misspelt || splat.is_some() {
            faults.retain(|fault| !matches!(fault.code, "argument-missing" | "argument-rule"));
        }
        // A template as the whole of the arguments is not known before it is rendered.
        if !args.is_template() {
            let tolerant = self.around.tolerant;
            let soften = |fault: Diagnostic| if tolerant { fault.later() } else { fault };
            self.faults.extend(faults.into_iter().map(soften));
        }
        let written = written.to_owned();
        Some(Action { name: described.name, written, args, splat, library: None, late: None, at })
    }
}

/// What `args:` says: arguments that are known, and a template of a mapping of more.
pub(super) fn sort_out<'n>(
    args: &Node,
    extra: Option<&'n Node>,
) -> (Option<&'n Node>, Option<Node>) {
    match extra {
        Some(node) if node.is_template() && !is_empty(args) => (None, Some(node.clone())),
        known => (known, None),
    }
}

/// Whether nothing stands behind an action's name.
fn is_empty(args: &Node) -> bool {
    match &args.data {
        Data::Null => true,
        Data::Text(text) => text.trim().is_empty(),
        Data::Map(pairs) => pairs.is_empty(),
        _ => false,
    }
}

/// The name an action's text begins with, the templates in it as a whole, and what follows it.
fn name_and_rest(text: &str) -> (&str, &str) {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        match rest[..word].find("{{").and_then(|open| Some(open + rest[open..].find("}}")? + 2)) {
            Some(close) => end += close,
            None => return text.split_at(end + word),
        }
    }
}

/// An action whose module is known when it is reached; till then its arguments stay as they are.
fn late_named(name: Node, args: Node, extra: Option<&Node>) -> Action {
    let written = name.as_str().unwrap_or_default().to_owned();
    let (extra, splat) = sort_out(&args, extra);
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
    Action { name: "", written, args, splat, library: None, late: Some(Late::Name(name)), at }
}

/// An action of which something is only known, or told, when it is reached.
pub(super) fn late(written: &str, at: Span, late: Late) -> Action {
    let args = Node { data: Data::Map(Mapping::default()), span: at };
    let written = written.to_owned();
    Action { name: "", written, args, splat: None, library: None, late: Some(late), at }
}
