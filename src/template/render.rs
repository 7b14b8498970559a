//! Rendering a text that is ready.

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::compiler::{Generation, Prepared};
use super::context::{Context, LONGEST};
use super::environment::Emitted;
use super::fault::{self, Fault};
use super::python;
use crate::base::Span;

impl Generation {
    /// Renders a text that is ready. `at` is where it stands; a file's text knows that itself.
    pub(super) fn render(
        &self,
        prepared: &Prepared,
        context: &Arc<Context>,
        at: Span,
    ) -> Result<Value, Error> {
        self.unnamed(prepared, context).map_err(|error| {
            let diagnostic = fault::diagnose(&error, self, prepared, context, at);
            Fault::error(error.kind(), diagnostic)
        })
    }

    fn unnamed(&self, prepared: &Prepared, context: &Arc<Context>) -> Result<Value, Error> {
        let template = self.environment.get_template(&prepared.name)?;
        let mut captured = template.render_captured(context.root())?;
        let emitted = captured.with_state_mut(|state| {
            std::mem::take(state.get_or_insert_extension_with(Emitted::default))
        });
        if prepared.is_lone() {
            let value = emitted.last.unwrap_or_default();
            return match value.as_str() {
                Some(text) if value.kind() == ValueKind::String => Ok(ended(text, prepared)),
                _ if value.is_undefined() => {
                    Err(Error::new(ErrorKind::InvalidOperation, "the expression has no value here"))
                }
                _ => Ok(value),
            };
        }
        let output = captured.into_output();
        if output.len() > LONGEST {
            return Err(fault::too_much());
        }
        match emitted.last {
            None if output.is_empty() => Ok(Value::from(())),
            Some(value)
                if emitted.times == 1
                    && value.as_str().is_none()
                    && python::text(&value)? == output =>
            {
                Ok(value)
            }
            _ => Ok(ended(&output, prepared)),
        }
    }
}

/// A result with as many newlines at its end as the template has: the engine takes one off.
fn ended(text: &str, prepared: &Prepared) -> Value {
    let newlines = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let missing = newlines(&prepared.source).saturating_sub(newlines(text));
    if missing == 0 {
        Value::from(text)
    } else {
        Value::from(format!("{text}{}", "\n".repeat(missing)))
    }
}
