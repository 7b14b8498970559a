//! Conditions as ansible-core has taken them since 2.19: their result is true or false, or they
//! fail.

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};

use super::condition::{Condition, untrusted, without_delimiters};
use super::context::Context;
use super::{Templar, arguments};
use crate::base::{Diagnostic, Span};
use crate::value::{Data, Node, has_template};

impl Templar {
    /// Evaluates a condition, or a list of which all must hold, by the strict rules.
    pub(super) fn strictly_holds(
        &self,
        node: &Node,
        context: &Arc<Context>,
    ) -> Result<Condition, Diagnostic> {
        let Data::List(parts) = &node.data else {
            // A keyword that says nothing is one that is not given.
            let absent = matches!(node.data, Data::Null);
            return if absent { Ok(Condition::holds()) } else { self.part_holds(node, context) };
        };
        for part in parts {
            let condition = self.part_holds(part, context)?;
            if !condition.value {
                return Ok(condition);
            }
        }
        Ok(Condition::holds())
    }

    fn part_holds(&self, node: &Node, context: &Arc<Context>) -> Result<Condition, Diagnostic> {
        let at = node.span;
        match &node.data {
            Data::Bool(flag) => Ok(Condition::of(*flag, *flag)),
            Data::Null => Err(empty(at)),
            Data::Verbatim(text) => Err(untrusted(text, at)),
            Data::Text(text) if is_template_alone(text.trim()) => {
                self.template_holds(text.trim(), node, context)
            }
            Data::Text(text) => self.strict_expression(text.trim(), at, context),
            _ => Err(Diagnostic::error(
                "condition-type",
                format!("Conditional expressions must be strings; this is {}", node.kind()),
                at,
                "not an expression",
            )),
        }
    }

    /// A template stands for an expression that the user wrote behind a name, or for its value.
    fn template_holds(
        &self,
        text: &str,
        node: &Node,
        context: &Arc<Context>,
    ) -> Result<Condition, Diagnostic> {
        let at = node.span;
        match self.named(node, &context.scope).map(|named| named.data) {
            Some(Data::Text(named)) if !has_template(&named) => {
                return self.strict_expression(named.trim(), at, context);
            }
            Some(Data::Verbatim(named)) => return Err(untrusted(&named, at)),
            _ => {}
        }
        let value = self.text(context, text, at).map_err(|error| Self::told(&error, at))?;
        match value.as_str().map(str::trim) {
            Some("") => Err(empty(at)),
            Some(said) => Err(untrusted(said, at)),
            None if value.is_none() => Err(empty(at)),
            None => self.truth_of(&value, text, at, context),
        }
    }

    fn strict_expression(
        &self,
        text: &str,
        at: Span,
        context: &Arc<Context>,
    ) -> Result<Condition, Diagnostic> {
        if text.is_empty() {
            return Err(empty(at));
        }
        // Templates may stand in the texts of an expression, not beside them.
        let templates = has_template(text);
        if templates && minijinja::machinery::parse_expr(text).is_err() {
            return Err(delimited(text, at));
        }
        let inserted = if templates { without_delimiters(text) } else { None };
        let value = self
            .expression(context, inserted.as_deref().unwrap_or(text), at)
            .map_err(|error| Self::told(&error, at))?;
        self.truth_of(&value, text, at, context)
    }

    fn truth_of(
        &self,
        value: &Value,
        text: &str,
        at: Span,
        context: &Context,
    ) -> Result<Condition, Diagnostic> {
        if value.kind() == ValueKind::Bool {
            return Ok(Condition::of(value.is_true(), text));
        }
        let truth = if value.is_true() { "True" } else { "False" };
        let kind = arguments::type_name(value);
        let fault = Diagnostic::error(
            "condition-type",
            format!(
                "Conditional result ({truth}) was derived from value of type '{kind}'. \
                 Conditionals must have a boolean result."
            ),
            at,
            "this is neither true nor false",
        );
        let fault = fault.help(
            "compare it, as in `… | length > 0` or `… is defined`, or read it with `… | bool`; \
             `allow_broken_conditionals` in ansible.cfg accepts it",
        );
        Err(self.told_origin(fault, text, context))
    }
}

/// Whether a text is nothing but a template, or several.
fn is_template_alone(text: &str) -> bool {
    [("{{", "}}"), ("{%", "%}")]
        .iter()
        .any(|(start, end)| text.starts_with(start) && text.ends_with(end))
}

fn delimited(text: &str, at: Span) -> Diagnostic {
    let fault = Diagnostic::error(
        "condition-syntax",
        "Template delimiters are not supported in expressions",
        at,
        "this is an expression already",
    );
    match without_delimiters(text) {
        Some(today) => fault.help(format!("write `{today}`")),
        None => fault.help("write it without `{{ }}`"),
    }
}

fn empty(at: Span) -> Diagnostic {
    Diagnostic::error(
        "condition-type",
        "Empty conditional expressions are not allowed.",
        at,
        "nothing is asked here",
    )
    .help("write `true`, or leave the condition out")
}
