//! `validate_argument_spec`.

use super::{Action, ActionCall, Done};
use crate::base::Redactor;
use crate::engine::argument_spec::validate;
use crate::engine::work::template;
use crate::sdk::{Failure, Returned};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Fields, Mapping, Node, Value, coerce};

/// Holds variables against a specification of arguments. A role that has one begins with it.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// The arguments by name, each with its type and whatever else holds for it.
    argument_spec: Specification,
    /// Values that go before variables of the same names.
    #[arg(default)]
    provided_arguments: Given,
    /// What is checked, as the result tells it.
    #[arg(default)]
    validate_args_context: Given,
}

/// A specification as it is written.
#[derive(Debug)]
struct Specification(Node);

impl Argument for Specification {
    const KIND: Kind = Kind::Map(&Kind::Any);
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        if node.as_map().is_none() && !node.is_template() {
            reader.wrong_type(name, node, "a mapping of arguments");
            return None;
        }
        Some(Self(node.clone()))
    }
}

/// Values by name, in their order.
#[derive(Debug, Default)]
struct Given(Fields);

impl Argument for Given {
    const KIND: Kind = Kind::Map(&Kind::Any);
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Value::Object(fields) = node.to_value() else {
            reader.wrong_type(name, node, "a mapping");
            return None;
        };
        Some(Self(fields))
    }
}

impl Action for Args {
    const UNRENDERED: &'static [&'static str] = &["argument_spec"];

    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let Specification(written) = self.argument_spec;
        let rendered = rendered(&written, call)?;
        let Value::Object(spec) = rendered.to_value() else {
            let found = rendered.shown();
            return Err(Failure::new(format!("`argument_spec` is a mapping, this is {found}")));
        };
        let mut values = Fields::new();
        for name in spec.keys().filter(|name| call.scope.lookup(name).is_some()) {
            let templar = &call.step.run.templar;
            let value = templar.evaluate_expression(name, call.scope, written.span);
            if let Some(value) = value.map_err(template)? {
                values.insert(name.clone(), value);
            }
        }
        values.extend(self.provided_arguments.0);
        learn_secrets(&spec, &values, &call.step.run.redactor);
        let errors = validate(&spec, values);
        let returned = Returned::new().with("validate_args_context", self.validate_args_context.0);
        if !errors.is_empty() {
            let message = format!("Validation of arguments failed:\n{}", errors.join("\n"));
            let returned = returned
                .with("argument_errors", errors)
                .with("argument_spec_data", spec)
                .with("msg", &message);
            return Err(Failure::new(message).returning(returned));
        }
        let mut done = Done::default();
        done.outcome.returned = returned.with("msg", "The arg spec validation passed");
        Ok(done)
    }
}

/// A specification with its templates rendered, but for the descriptions of arguments, which may
/// show templates.
fn rendered(spec: &Node, call: &ActionCall<'_>) -> Result<Node, Failure> {
    let Data::Map(pairs) = &spec.data else {
        let rendered = call.step.run.templar.render(spec, call.scope).map_err(template)?;
        return Ok(rendered.unwrap_or(Node { data: Data::Null, span: spec.span }));
    };
    let mut all = Mapping::with_capacity(pairs.len());
    for (key, node) in pairs {
        let describes = key.text == "description" && node.as_map().is_none();
        let node = if describes { node.clone() } else { rendered(node, call)? };
        all.insert(key.clone(), node);
    }
    Ok(Node { data: Data::Map(all), span: spec.span })
}

/// Learns the values of arguments that are not to be shown.
fn learn_secrets(spec: &Fields, values: &Fields, redactor: &Redactor) {
    for (name, said) in spec.iter().filter_map(|(name, said)| Some((name, said.as_object()?))) {
        let Some(value) = values.get(name) else { continue };
        if said.get("no_log").and_then(coerce::to_bool) == Some(true) {
            texts(value, &mut |text| redactor.add(text));
        }
        let Some(options) = said.get("options").and_then(Value::as_object) else { continue };
        let elements = match value {
            Value::Array(elements) => elements.as_slice(),
            one => std::slice::from_ref(one),
        };
        let inner = elements.iter().filter_map(Value::as_object);
        inner.for_each(|inner| learn_secrets(options, inner, redactor));
    }
}

fn texts(value: &Value, told: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => told(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, told)),
        Value::Object(fields) => fields.values().for_each(|item| texts(item, told)),
        Value::Number(number) => told(&number.to_string()),
        Value::Bool(_) | Value::Null => {}
    }
}
