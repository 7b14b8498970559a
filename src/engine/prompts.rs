//! `vars_prompt`: what a play asks the user before it begins.

use std::sync::Arc;

use super::run::Run;
use crate::base::Diagnostic;
use crate::playbook::Play;
use crate::value::{Layer, Node, Scope, Value, coerce};

/// Asks for the variables of a play; one that `--extra-vars` sets is not asked for.
pub(super) fn ask(run: &Run, play: &Play, scope: &Arc<dyn Scope>) -> Result<Layer, Diagnostic> {
    let mut layer = Layer::new();
    let Some(prompts) = play.keywords.get("vars_prompt").and_then(Node::as_list) else {
        return Ok(layer);
    };
    for prompt in prompts {
        let setting = |name: &str| match prompt.get(name) {
            Some(node) => run.templar.evaluate(node, scope),
            None => Ok(None),
        };
        let flag = |name: &str, otherwise: bool| -> Result<bool, Diagnostic> {
            Ok(setting(name)?.and_then(|value| coerce::to_bool(&value)).unwrap_or(otherwise))
        };
        let Some(name) = prompt.get("name").and_then(Node::as_str) else {
            return Err(fault("an entry of `vars_prompt` needs `name`", prompt));
        };
        if run.extra.contains_key(name) {
            continue;
        }
        if prompt.get("encrypt").is_some() {
            return Err(fault("`vars_prompt` does not encrypt answers", prompt)
                .help("use the filter `password_hash` where the variable is used"));
        }
        let text = setting("prompt")?.map_or_else(|| name.to_owned(), |v| coerce::to_text(&v));
        let default = setting("default")?;
        let private = flag("private", true)?;
        let answer = ask_one(run, &text, private, flag("confirm", false)?, prompt)?;
        let value = match (answer.filter(|text| !text.is_empty()), default) {
            (Some(answer), _) => Value::from(answer),
            // An answer is always text.
            (None, Some(default)) => coerce::to_text(&default).into(),
            (None, None) => {
                return Err(fault(&format!("nobody can be asked for `{name}`"), prompt)
                    .help(format!("give it with --extra-vars {name}=…")));
            }
        };
        if private {
            run.redactor.add(&coerce::to_text(&value));
        }
        layer.insert(name.to_owned(), value.into());
    }
    Ok(layer)
}

fn ask_one(
    run: &Run,
    text: &str,
    private: bool,
    confirm: bool,
    at: &Node,
) -> Result<Option<String>, Diagnostic> {
    let answer = (run.options.asking)(text, private);
    if confirm
        && answer.is_some()
        && (run.options.asking)(&format!("again: {text}"), private) != answer
    {
        return Err(fault("the two answers differ", at));
    }
    Ok(answer)
}

fn fault(message: &str, at: &Node) -> Diagnostic {
    Diagnostic::error("vars-prompt", message, at.span, "asked for here")
}
