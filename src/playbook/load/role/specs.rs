//! A role's argument specification, and the task that holds it against what the role is given.

use std::path::Path;
use std::sync::Arc;

use super::files::role_file;
use super::spec_faults;
use super::usage::Usage;
use crate::base::Span;
use crate::playbook::load::Loader;
use crate::playbook::{Action, Item, Keywords, Origin, Task};
use crate::value::{Data, Key, Mapping, Node};

impl Loader<'_> {
    /// The first task of a role that says what it takes: the check of what it is given.
    pub(super) fn validation(
        &mut self,
        usage: &Usage,
        meta: Option<&Node>,
        origin: &Arc<Origin>,
    ) -> Option<Item> {
        let role = origin.role.as_ref().filter(|_| usage.validates)?;
        let specs = self.argument_specs(&role.path, meta)?;
        let entry = &usage.files.tasks;
        let spec = specs.get(entry).filter(|spec| spec.data != Data::Null)?;
        let faults = spec_faults::of_entry_point(entry, spec);
        let tolerant = self.around.tolerant;
        for fault in faults {
            self.fault(if tolerant { fault.later() } else { fault });
        }
        if spec.as_map()?.is_empty() {
            return None;
        }
        let at = spec.span;
        let context = [
            ("type", text("role", at)),
            ("name", text(role.bare_name(), at)),
            ("argument_spec_name", text(entry, at)),
            ("path", text(&from_root(&role.path), at)),
        ];
        let nothing = || mapping([], at);
        let args = mapping(
            [
                ("argument_spec", spec.get("options").cloned().unwrap_or_else(nothing)),
                ("provided_arguments", Node { data: Data::Map(usage.arguments.clone()), span: at }),
                ("validate_args_context", mapping(context, at)),
            ],
            at,
        );
        let mut keywords = Keywords::default();
        let always = Data::List(vec![text("always", at)]);
        keywords.set("tags", Node { data: always, span: at });
        Some(Item::Task(Arc::new(Task {
            name: Some(title(entry, spec)),
            action: Action {
                name: "validate_argument_spec",
                written: "ansible.builtin.validate_argument_spec".to_owned(),
                args,
                splat: None,
                library: None,
                late: None,
                at,
            },
            keywords,
            vars: Arc::default(),
            looped: None,
            at,
            origin: Arc::clone(origin),
        })))
    }

    /// The specifications of a role by entry point: those of a file of their own, else those in
    /// the role's `meta/main.yml`.
    fn argument_specs(&mut self, role: &Path, meta: Option<&Node>) -> Option<Node> {
        let specs = match role_file(&role.join("meta"), "argument_specs") {
            Some(own) => self.read(&own, None)?.get("argument_specs").cloned(),
            None => meta?.get("argument_specs").cloned(),
        };
        specs.inspect(|specs| self.faults.extend(spec_faults::of_specs(specs)))
    }
}

/// The name of the task.
fn title(entry: &str, spec: &Node) -> Node {
    let name = format!("Validating arguments against arg spec '{entry}'");
    match spec.get("short_description").and_then(|short| short.as_str().zip(Some(short.span))) {
        Some((short, span)) => Node { data: Data::Text(format!("{name} - {short}")), span },
        None => text(&name, spec.span),
    }
}

fn text(text: &str, span: Span) -> Node {
    Node { data: Data::Verbatim(text.to_owned()), span }
}

fn mapping<const N: usize>(pairs: [(&str, Node); N], span: Span) -> Node {
    let key = |name: &str| Key { text: name.to_owned(), span };
    let pairs: Mapping = pairs.into_iter().map(|(name, node)| (key(name), node)).collect();
    Node { data: Data::Map(pairs), span }
}

fn from_root(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
