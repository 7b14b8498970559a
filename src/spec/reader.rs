//! Takes arguments out of a mapping and notes every fault in them.

use indexmap::IndexMap;

use super::msg;
use super::rules::Given;
use super::{Argument, Parameter, Spec};
use crate::base::{Diagnostic, Redactor, Span, did_you_mean};
use crate::value::{Data, Key, Node, coerce};

/// Reads one mapping of arguments: a task's, or that of an option with settings of its own.
///
/// It reads in one of two ways. *Rendered*: every value is final, and is taken. *Written*: the
/// file is checked before the run; whatever still holds a template is passed over.
#[derive(Debug)]
pub struct Reader<'a, 'f> {
    path: String,
    span: Span,
    found: IndexMap<&'static str, (&'a Key, &'a Node)>,
    /// Keys the module does not name; only where its spec is open.
    rest: Vec<(&'a Key, &'a Node)>,
    redactor: Option<&'a Redactor>,
    faults: &'f mut Vec<Diagnostic>,
}

impl<'a, 'f> Reader<'a, 'f> {
    /// Reads arguments whose templates were rendered.
    pub fn rendered(
        module: &str,
        spec: &Spec,
        node: &'a Node,
        redactor: &'a Redactor,
        faults: &'f mut Vec<Diagnostic>,
    ) -> Self {
        Self::open(module.to_owned(), spec, node, Some(redactor), faults)
    }

    /// Reads arguments as they stand in the file.
    pub fn written(
        module: &str,
        spec: &Spec,
        node: &'a Node,
        faults: &'f mut Vec<Diagnostic>,
    ) -> Self {
        Self::open(module.to_owned(), spec, node, None, faults)
    }

    fn open(
        path: String,
        spec: &Spec,
        node: &'a Node,
        redactor: Option<&'a Redactor>,
        faults: &'f mut Vec<Diagnostic>,
    ) -> Self {
        let span = node.span;
        let mut reader =
            Self { path, span, found: IndexMap::new(), rest: vec![], redactor, faults };
        match &node.data {
            Data::Map(pairs) => {
                for (key, value) in pairs {
                    reader.sort_in(spec, key, value);
                }
                reader.apply_rules(spec);
            }
            Data::Null => reader.apply_rules(spec),
            _ => reader.fault(
                "argument-type",
                format!("`{}` takes a mapping of arguments", reader.path),
                node.span,
                format!("this is {}", node.shown()),
            ),
        }
        reader
    }

    fn sort_in(&mut self, spec: &Spec, key: &'a Key, value: &'a Node) {
        let name = key.text.as_str();
        let known = |p: &&Parameter| p.name == name || p.aliases.contains(&name);
        if let Some(parameter) = spec.parameters.iter().find(known) {
            if let Some((first, _)) = self.found.insert(parameter.name, (key, value)) {
                let diagnostic = Diagnostic::error(
                    "argument-twice",
                    format!("`{}.{}` is given twice", self.path, parameter.name),
                    key.span,
                    "here again",
                );
                self.faults.push(diagnostic.also(first.span, "first here"));
            }
        } else if spec.open {
            self.rest.push((key, value));
        } else {
            let names = spec.parameters.iter().flat_map(|p| p.aliases.iter().chain([&p.name]));
            let module = self.path.split('.').next().unwrap_or_default();
            let help = did_you_mean(
                name,
                names.copied(),
                format!("`rplay doc {module}` lists its arguments"),
            );
            self.faults.push(
                Diagnostic::error(
                    "unknown-argument",
                    format!("`{}` has no argument `{name}`", self.path),
                    key.span,
                    "not an argument of this module",
                )
                .help(help),
            );
        }
    }

    fn apply_rules(&mut self, spec: &Spec) {
        let value = |name: &str| match self.found.get(name) {
            Some((_, node)) if node.data != Data::Null => given(node),
            _ => Given::No,
        };
        let default = |name: &str| {
            let mut named = spec.parameters.iter().filter(|p| p.name == name);
            let default = named.next().map_or("", |p| p.default);
            if default.is_empty() { Given::No } else { Given::As(default.to_owned()) }
        };
        let of = |rule: &super::Rule| match rule {
            super::Rule::If(deciding, ..) | super::Rule::IfAny(deciding, ..) => {
                rule.fault(|name| match value(name) {
                    Given::No if name == *deciding => default(name),
                    other => other,
                })
            }
            _ => rule.fault(value),
        };
        let faults: Vec<String> = spec.rules.iter().filter_map(of).collect();
        for rule in faults {
            let message = format!("`{}`: {rule}", self.path);
            let fault = Diagnostic::error("argument-rule", message, self.span, "in this task");
            self.faults.push(fault.msg(self.in_context(rule)));
        }
    }

    /// Takes one argument, or its default; `None` after noting a fault, or when it is not known
    /// yet. An argument that is null counts as not given, unless its type takes null.
    pub fn take<T: Argument>(&mut self, name: &'static str, default: Option<T>) -> Option<T> {
        match self.found.get(name).copied() {
            Some((_, node)) if node.data != Data::Null || T::TAKES_NULL => self.value(name, node),
            _ if default.is_some() => default,
            _ => {
                let message = format!("`{}` needs the argument `{name}`", self.path);
                let msg = self.in_context(format!("{}{name}", msg::MISSING));
                let label = "it is not given here";
                let fault = Diagnostic::error("argument-missing", message, self.span, label);
                self.faults.push(fault.msg(msg));
                None
            }
        }
    }

    /// The arguments no parameter names, in the order written.
    pub fn rest(&self) -> &[(&'a Key, &'a Node)] {
        &self.rest
    }

    /// Reads one value, of an argument or inside one; `name` is what messages call it.
    pub fn value<T: Argument>(&mut self, name: &str, node: &Node) -> Option<T> {
        if self.is_written() && (node.is_template() || matches!(node.data, Data::Vault(_))) {
            return None;
        }
        T::from_node(name, node, self)
    }

    /// Whether values are read as they stand in the file: templates are passed over, and what is
    /// left was written so.
    pub fn is_written(&self) -> bool {
        self.redactor.is_none()
    }

    /// Opens the mapping of an option that has settings of its own and reads it.
    pub fn nested<T: super::Arguments>(&mut self, name: &str, node: &Node) -> Option<T> {
        let path = format!("{}.{name}", self.path);
        let before = self.faults.len();
        let mut inner = Reader::open(path, &T::SPEC, node, self.redactor, self.faults);
        let read = T::read(&mut inner);
        read.filter(|_| self.faults.len() == before)
    }

    /// Notes that a value is not of its type.
    pub fn wrong_type(&mut self, name: &str, node: &Node, wanted: &str) {
        let message = format!("`{}.{name}` must be {wanted}", self.path);
        self.fault("argument-type", message, node.span, format!("this is {}", node.shown()));
    }

    /// Notes a fault with a help line of its own.
    pub fn note(&mut self, diagnostic: Diagnostic) {
        self.faults.push(diagnostic);
    }

    /// The argument as messages name it: `copy.mode`.
    pub fn path_of(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    /// A sentence that playbooks match on, with the option whose own settings it is about.
    pub fn in_context(&self, sentence: String) -> String {
        match self.path.split_once('.') {
            Some((_, options)) => {
                format!("{sentence}{}{}", msg::FOUND_IN, options.replace('.', " -> "))
            }
            None => sentence,
        }
    }

    /// Makes a value known as a secret.
    pub fn hide(&self, secret: &str) {
        if let Some(redactor) = self.redactor {
            redactor.add(secret);
        }
    }

    fn fault(&mut self, code: &'static str, message: String, span: Span, label: impl Into<String>) {
        self.faults.push(Diagnostic::error(code, message, span, label));
    }
}

/// What the rules know of an argument that stands there.
fn given(node: &Node) -> Given {
    if !node.is_template() {
        return Given::As(coerce::to_text(&node.to_value()));
    }
    let may_be_omitted = node.as_str().is_some_and(|text| text.contains("omit"));
    if may_be_omitted { Given::Perhaps } else { Given::As(String::new()) }
}
