//! `debug`.

use super::{Action, ActionCall, Done};
use crate::engine::connections::reference;
use crate::engine::work::template;
use crate::sdk::{Failure, Returned};
use crate::spec::{Argument, Kind, Reader, Rule};
use crate::value::{Data, Node, Value};

/// Shows a message or the value of a variable.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(rules = &[Rule::Exclusive(&["msg", "var"])])]
pub(crate) struct Args {
    /// What is shown.
    #[arg(default)]
    msg: Message,
    /// The variable, or expression, whose value is shown.
    #[arg(default)]
    var: Var,
    /// Shown only from this many `-v` on.
    #[arg(default = 0)]
    verbosity: i64,
}

/// Anything, null as well.
#[derive(Debug)]
pub(crate) struct Message(Value);

impl Default for Message {
    fn default() -> Self {
        Self("Hello world!".into())
    }
}

impl Argument for Message {
    const KIND: Kind = Kind::Any;
    const TAKES_NULL: bool = true;
    fn from_node(_: &str, node: &Node, _: &mut Reader<'_, '_>) -> Option<Self> {
        Some(Self(node.to_value()))
    }
}

/// An expression as it is written.
#[derive(Debug, Default)]
pub(crate) struct Var(Option<Node>);

impl Argument for Var {
    const KIND: Kind = Kind::Text;
    fn from_node(_: &str, node: &Node, _: &mut Reader<'_, '_>) -> Option<Self> {
        Some(Self(Some(node.clone())))
    }
}

impl Action for Args {
    const UNRENDERED: &'static [&'static str] = &["var"];

    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let run = &call.step.run;
        let mut done = Done { verbose: true, ..Done::default() };
        if self.verbosity > i64::from(run.options.verbosity) {
            done.outcome.skipped = Some("verbosity threshold not met".to_owned());
            done.verbose = false;
            return Ok(done);
        }
        let shown = match &self.var.0 {
            Some(node) => expression(node, call)?,
            None => None,
        };
        done.outcome.returned = if let Some(node) = shown {
            show(&node, call)?
        } else {
            Returned::new().with("msg", self.msg.0)
        };
        Ok(done)
    }
}

/// The expression to show: what is written, or what is written behind the name in `{{ }}`. `None`
/// where it is `omit`.
fn expression(written: &Node, call: &ActionCall<'_>) -> Result<Option<Node>, Failure> {
    let templar = &call.step.run.templar;
    let node = templar.named(written, call.scope).filter(|named| named.as_str().is_some());
    let node = node.as_ref().unwrap_or(written);
    match &node.data {
        Data::Text(_) if !node.is_template() => return Ok(Some(node.clone())),
        Data::Text(_) => {}
        Data::Verbatim(_) => return Err(untrusted()),
        _ => {
            let kind = node.kind();
            return Err(Failure::new(format!(
                "argument 'var' is {kind}: it is not a string and conversion is not allowed"
            )));
        }
    }
    match templar.evaluate(node, call.scope) {
        Ok(None) => Ok(None),
        Ok(Some(Value::String(_))) => Err(untrusted()),
        // Anything else is shown under the text of its template.
        _ => Ok(Some(node.clone())),
    }
}

fn untrusted() -> Failure {
    Failure::new("Encountered untrusted template or expression in 'var'")
        .help("`var` takes an expression as it is written; `msg` shows a text")
}

/// The value of the expression, or that it is undefined.
fn show(node: &Node, call: &ActionCall<'_>) -> Result<Returned, Failure> {
    let templar = &call.step.run.templar;
    let name = node.as_str().unwrap_or_default();
    let expression = match node.as_str() {
        Some(text) if !node.is_template() => reference(text, node.span),
        _ => node.clone(),
    };
    match templar.evaluate(&expression, call.scope) {
        Ok(Some(value)) => Ok(Returned::new().with(name, value)),
        Ok(None) => {
            let warning = format!("the value of {name} could not be omitted");
            Ok(Returned::new().with(name, "<<Omit>>").with("warnings", vec![warning]))
        }
        Err(fault) if fault.code == "undefined-variable" => {
            let shown = format!("<< error 1 - {} >>", fault.message);
            let warning = format!("a template error in what is shown: {}", fault.message);
            Ok(Returned::new().with(name, shown).with("warnings", vec![warning]))
        }
        Err(fault) => Err(template(fault)),
    }
}
