//! Names that variables should not have.

use super::KEYWORDS;
use crate::base::{Diagnostic, Span};

/// What templates know under a name of its own.
const GLOBALS: &[&str] = &[
    "cycler",
    "dict",
    "joiner",
    "lipsum",
    "lookup",
    "namespace",
    "now",
    "omit",
    "q",
    "query",
    "range",
    "undef",
];

/// What to say of an argument that has the name of what Ansible's own parts tell each other.
pub(super) fn inner_argument(name: &str, at: Span) -> Option<Diagnostic> {
    name.starts_with("_ansible_").then(|| {
        let message = format!(
            "there is no argument `{name}`: the prefix `_ansible_` is reserved for internal use only"
        );
        Diagnostic::error("reserved-argument", message, at, "choose another name")
    })
}

/// What the name of a variable is made of.
pub(super) const VARIABLE_NAME: &str = "letters, digits and `_`, not beginning with a digit";

/// Whether a template could name a variable so.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    starts && letters.all(|c| c.is_alphanumeric() || c == '_')
}

/// What to say of a variable whose name has a meaning already; such a variable may not be seen.
pub fn reserved_name(name: &str, at: Span) -> Option<Diagnostic> {
    let keyword = name != "vars" && KEYWORDS.iter().any(|keyword| keyword.name == name);
    (keyword || GLOBALS.contains(&name)).then(|| {
        let message = format!("Found variable using reserved name '{name}'");
        let what = if keyword { "a keyword" } else { "a function of templates" };
        Diagnostic::error("reserved-name", message, at, format!("{what} has this name")).warning()
    })
}
