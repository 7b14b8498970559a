//! `debug`.

use super::{Action, ActionCall, Done};
use crate::engine::connections::reference;
use crate::engine::work::template;
use crate::sdk::{Failure, Returned};
use crate::spec::Rule;
use crate::value::{Node, Value};

/// Shows a message or the value of a variable.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(rules = &[Rule::Exclusive(&["msg", "var"])])]
pub(crate) struct Args {
    /// What is shown.
    msg: Option<Value>,
    /// The variable, or expression, whose value is shown.
    #[arg(default)]
    var: Var,
    /// Shown only from this many `-v` on.
    #[arg(default = 0)]
    verbosity: i64,
}

/// An expression as it is written.
#[derive(Debug, Default)]
pub(crate) struct Var(Option<Node>);

impl crate::spec::Argument for Var {
    const KIND: crate::spec::Kind = crate::spec::Kind::Text;
    fn from_node(_: &str, node: &Node, _: &mut crate::spec::Reader<'_, '_>) -> Option<Self> {
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
        done.outcome.returned = if let Some(node) = self.var.0 {
            let name = node.as_str().unwrap_or_default().to_owned();
            show(&name, &node, call)?
        } else {
            let message = self.msg.unwrap_or_else(|| "Hello world!".into());
            Returned::new().with("msg", message)
        };
        Ok(done)
    }
}

/// The value of the expression, or that it is undefined.
fn show(name: &str, node: &Node, call: &ActionCall<'_>) -> Result<Returned, Failure> {
    let templar = &call.step.run.templar;
    let expression = match node.as_str() {
        Some(text) if !node.is_template() => reference(text, node.span),
        _ => node.clone(),
    };
    match templar.evaluate(&expression, call.scope) {
        Ok(value) => Ok(Returned::new().with(name, value.unwrap_or(Value::Null))),
        Err(fault) if fault.code == "undefined-variable" => {
            let shown = format!("<< error 1 - {} >>", fault.message);
            let warning = format!("a template error in what is shown: {}", fault.message);
            Ok(Returned::new().with(name, shown).with("warnings", vec![warning]))
        }
        Err(fault) => Err(template(fault)),
    }
}
