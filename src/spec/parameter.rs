//! The description of a module's arguments.

use super::{Reader, Rule};
use crate::base::{Diagnostic, Redactor};
use crate::value::Node;

/// One argument of a module.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name written in playbooks.
    pub name: &'static str,
    /// Other names it goes by.
    pub aliases: &'static [&'static str],
    /// Its doc comment.
    pub doc: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// The default as it is shown; empty where there is none worth showing.
    pub default: &'static str,
    /// What type it has.
    pub kind: Kind,
}

impl Parameter {
    /// Two lists as one; `N` is the sum of their lengths. Serves the derive's `flatten`.
    pub const fn join<const N: usize>(first: &[Self], second: &[Self]) -> [Self; N] {
        let mut all = [Self {
            name: "",
            aliases: &[],
            doc: "",
            required: false,
            default: "",
            kind: Kind::Any,
        }; N];
        let mut at = 0;
        while at < N {
            all[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
            at += 1;
        }
        all
    }
}

/// The type of an argument, for documentation and schema.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of one type.
    List(&'static Kind),
    /// A mapping of text to one type.
    Map(&'static Kind),
    /// A mapping with named settings of its own.
    Options(&'static [Parameter]),
    /// Text that is never shown.
    Secret,
    /// Anything.
    Any,
}

/// The whole description of what a module takes, its types erased.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The module's documentation, as Markdown.
    pub doc: &'static str,
    /// Every argument, in the order of the documentation.
    pub parameters: &'static [Parameter],
    /// What must hold between them.
    pub rules: &'static [Rule],
    /// The argument that takes the text of `module: text`, where there is one.
    pub free_form: Option<&'static str>,
    /// Whether arguments of any other name are taken too (`set_fact`).
    pub open: bool,
}

/// A module's arguments: derive it on a struct, whose doc comments become the documentation.
///
/// Every field needs a doc comment. Attributes of a field: `#[arg(alias = "other")]` (repeat for
/// more), `#[arg(default)]`, `#[arg(default = expression)]`, `#[arg(name = "type")]`, and
/// `#[arg(flatten)]` for a struct whose arguments stand beside the others. A field of
/// type `Option` may be left out; any other without a default is required. Attributes of the
/// struct: `#[arguments(free_form = "cmd", rules = RULES, rest = others)]`, where `others` is the
/// field of type `Fields` that takes arguments of any other name.
pub trait Arguments: Sized + Send + Sync {
    /// The description.
    const SPEC: Spec;

    /// Reads the arguments; `None` when one is at fault or not known yet.
    fn read(reader: &mut Reader<'_, '_>) -> Option<Self>;

    /// Reads a task's arguments after rendering, and reports every fault, not only the first.
    /// What is secret in them is made known to the redactor.
    fn decode(module: &str, node: &Node, redactor: &Redactor) -> Result<Self, Vec<Diagnostic>> {
        let mut faults = vec![];
        let mut reader = Reader::rendered(module, &Self::SPEC, node, redactor, &mut faults);
        match Self::read(&mut reader) {
            Some(args) if faults.is_empty() => Ok(args),
            _ => Err(faults),
        }
    }

    /// Finds every fault that can be seen before templates are rendered.
    fn check(module: &str, node: &Node) -> Vec<Diagnostic> {
        let mut faults = vec![];
        Self::read(&mut Reader::written(module, &Self::SPEC, node, &mut faults));
        faults
    }
}
