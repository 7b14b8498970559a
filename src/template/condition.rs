//! Conditions: `when`, `until`, `failed_when`, `changed_when`, and what `assert` asserts.

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};

use super::Templar;
use super::context::Context;
use super::python;
use crate::base::{Diagnostic, Span};
use crate::value::{Data, Node, Scope, Value as Json, Variable, coerce};

/// What became of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether it holds.
    pub value: bool,
    /// The part that does not, as it is written.
    pub failing: Option<Json>,
}

impl Condition {
    pub(super) fn of(value: bool, written: impl Into<Json>) -> Self {
        Self { value, failing: (!value).then(|| written.into()) }
    }

    /// One that asks for nothing.
    pub(super) fn holds() -> Self {
        Self { value: true, failing: None }
    }
}

impl Templar {
    /// Evaluates a condition: true or false, an expression, or a list of which all must hold.
    pub fn condition(&self, node: &Node, scope: &Arc<dyn Scope>) -> Result<Condition, Diagnostic> {
        let context = &Context::begin(self, scope).0;
        let held = if self.settings().strict_conditions {
            self.strictly_holds(node, context)
        } else {
            self.holds(node, context)
        };
        held.map_err(|fault| fault.during("Error while evaluating conditional"))
    }

    fn holds(&self, node: &Node, context: &Arc<Context>) -> Result<Condition, Diagnostic> {
        match &node.data {
            Data::Text(text) if crate::value::has_template(text) => {
                match self.named(node, &context.scope) {
                    Some(named) if is_condition(&named) => self.holds(&named, context),
                    _ => self.expression_holds(text, node.span, context),
                }
            }
            Data::Text(text) => self.expression_holds(text, node.span, context),
            Data::Verbatim(text) => Err(untrusted(text, node.span)),
            Data::List(parts) => {
                for part in parts {
                    let condition = self.holds(part, context)?;
                    if !condition.value {
                        return Ok(condition);
                    }
                }
                Ok(Condition::holds())
            }
            Data::Bool(flag) => Ok(Condition::of(*flag, *flag)),
            Data::Int(number) => Ok(Condition::of(*number != 0, *number)),
            Data::Null => Ok(Condition::holds()),
            _ => Err(Diagnostic::error(
                "condition-type",
                format!("a condition must be an expression, this is {}", node.kind()),
                node.span,
                "not a condition",
            )),
        }
    }

    fn expression_holds(
        &self,
        text: &str,
        at: Span,
        context: &Arc<Context>,
    ) -> Result<Condition, Diagnostic> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Condition::holds());
        }
        let rendered = text.starts_with("{{") && text.ends_with("}}");
        let result = if !crate::value::has_template(text) {
            self.expression(context, text, at)
        } else if let Some(expression) = without_delimiters(text) {
            self.expression(context, &expression, at)
        } else {
            self.text(context, text, at)
        };
        let value = result.map_err(|error| Self::told(&error, at))?;
        if let Some(said) = value.as_str().filter(|said| rendered && is_prose(said)) {
            return Err(untrusted(said, at));
        }
        let truth = truth(&value)
            .ok_or_else(|| self.told_origin(not_a_truth(&value, at), text, context))?;
        Ok(Condition::of(truth, text))
    }
}

impl Templar {
    /// The message about a condition that is the name of a variable, with where that was set.
    pub(super) fn told_origin(
        &self,
        fault: Diagnostic,
        text: &str,
        context: &Context,
    ) -> Diagnostic {
        let name = text.trim_start_matches("{{").trim_end_matches("}}").trim();
        let Some(Variable::Written(node)) = context.scope.lookup(name) else { return fault };
        if !node.span.is_somewhere() {
            return fault;
        }
        let place = self.settings().sources.place(node.span);
        let help = match node.as_str().map(|text| coerce::to_bool(&text.into())) {
            Some(Some(_)) => format!("write it there without quotes, or here `{name} | bool`"),
            _ => fault.help.clone().unwrap_or_default(),
        };
        let help = format!("the value comes from {place}: {help}");
        fault.also(node.span, "the value comes from here").help(help)
    }
}

/// A condition such as `{{ a }} == 1 and "{{ b }}" in c` as one expression.
///
/// Older playbooks are written so. Ansible used to render such a condition and to read the result
/// as an expression; here the parts are put into the expression itself, so that what a host
/// returned is never read as one.
pub(super) fn without_delimiters(text: &str) -> Option<String> {
    if text.contains("{%") || text.contains("{#") {
        return None;
    }
    let (mut expression, mut rest, mut quote) = (String::new(), text, None);
    while let Some(c) = rest.chars().next() {
        if let Some(inner) = rest.strip_prefix("{{") {
            let end = inner.find("}}")?;
            let part = inner[..end].trim().trim_matches('-').trim();
            let (before, after) = match quote {
                Some(sign) => (format!("{sign} ~ ("), format!(") ~ {sign}")),
                None => ("(".to_owned(), ")".to_owned()),
            };
            expression.extend([before.as_str(), part, after.as_str()]);
            rest = &inner[end + 2..];
            continue;
        }
        match quote {
            Some(sign) if c == sign => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        expression.push(c);
        rest = &rest[c.len_utf8()..];
    }
    minijinja::machinery::parse_expr(&expression).is_ok().then_some(expression)
}

/// Whether a result counts as true: booleans, and what is empty or not. A text that says `false`
/// would count as true: it is refused.
fn truth(value: &Value) -> Option<bool> {
    if value.kind() != ValueKind::String {
        return Some(value.is_true());
    }
    match value.as_str().unwrap_or_default().trim() {
        "" => Some(false),
        "True" | "true" => Some(true),
        text => match coerce::to_bool(&text.into()) {
            Some(false) => None,
            _ => Some(true),
        },
    }
}

/// Whether a text says something else than true or false.
fn is_prose(text: &str) -> bool {
    !text.trim().is_empty() && coerce::to_bool(&text.into()).is_none()
}

/// Whether what the user wrote behind a name is an expression, or several.
fn is_condition(node: &Node) -> bool {
    match &node.data {
        Data::Text(text) => is_prose(text) && !crate::value::has_template(text),
        Data::Verbatim(_) | Data::List(_) => true,
        _ => false,
    }
}

/// A text that did not come out of the user's files, where an expression is needed.
pub(super) fn untrusted(text: &str, at: Span) -> Diagnostic {
    let shown = python::repr(&Value::from(text)).unwrap_or_default();
    Diagnostic::error(
        "condition-type",
        format!("Encountered untrusted template or expression: {shown}"),
        at,
        "this is data and no expression",
    )
    .help("a condition is written out, or it is a name for one that is written out in a file")
}

fn not_a_truth(value: &Value, at: Span) -> Diagnostic {
    let shown = python::repr(value).unwrap_or_default();
    Diagnostic::error(
        "condition-type",
        format!(
            "Conditional result (True) was derived from value of type 'str': a condition must be \
             true or false, this is the text {shown}"
        ),
        at,
        "a text is true unless it is empty, whatever it says",
    )
    .help("write `… | bool` to read the text as true or false")
}
