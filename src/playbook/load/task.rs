//! One task: its action among its keywords; imports are resolved in place.

use std::sync::Arc;

use super::super::{
    Action, Item, Keywords, Loop, Origin, Place, Task, VARIABLE_NAME, is_variable_name,
};
use super::action::Candidate;
use super::{Diagnostic, Loader};
use crate::value::{Data, Key, Mapping, Node};

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
        let origin = &origin.searching(&keywords);
        let looped = self.task_loop(pairs, &mut keywords, looped);
        self.check_register(&keywords);
        let outer = self.around;
        self.around = outer.inside(&keywords);
        let action = self.action(node.span, &candidates, &mut keywords, place, origin);
        self.around = outer;
        self.check_end_role(action.as_ref(), origin, place);
        self.check_handler(action.as_ref(), place);
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
        pairs: &Mapping,
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
                    let fault = Diagnostic::error(
                        "loop-shape",
                        "`loop` must be a list",
                        terms.span,
                        format!("this is {}", terms.shown()),
                    )
                    .help("for a mapping: loop: \"{{ mapping | dict2items }}\"");
                    self.fault(if self.around.tolerant { fault.later() } else { fault });
                }
                Loop { lookup: None, terms, control }
            }
            (None, Some((_, looped))) => Loop { control, ..looped },
            (None, None) => return None,
        };
        Some(looped)
    }

    /// `meta: end_role` means nothing outside of a role's tasks.
    pub(super) fn check_end_role(
        &mut self,
        action: Option<&Action>,
        origin: &Origin,
        place: Place,
    ) {
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

    /// What no handler can be: a role, or what runs the handlers.
    fn check_handler(&mut self, action: Option<&Action>, place: Place) {
        let Some(action) = action.filter(|_| place == Place::Handler) else { return };
        let word = action.args.get("free_form").and_then(Node::as_str);
        let message = match (action.name, word) {
            ("include_role" | "import_role", _) => {
                format!("Using '{}' as a handler is not supported", action.written)
            }
            ("meta", Some("flush_handlers")) => {
                "flush_handlers cannot be used as a handler".to_owned()
            }
            _ => return,
        };
        let fault = Diagnostic::error("handler-shape", message, action.at, "not as a handler");
        self.fault(fault.help("let the handler include a file of tasks"));
    }

    fn check_register(&mut self, keywords: &Keywords) {
        let Some(node) = keywords.get("register") else { return };
        if !is_variable_name(node.as_str().unwrap_or_default()) && !node.is_template() {
            self.fault(
                Diagnostic::error(
                    "register-name",
                    format!("Invalid variable name in 'register' specified: {}", node.shown()),
                    node.span,
                    "not the name of a variable",
                )
                .help(VARIABLE_NAME),
            );
        }
    }
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
