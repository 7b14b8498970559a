//! `include_tasks` and `import_tasks`.

use std::sync::Arc;

use super::{Action, ActionCall, Done};
use crate::engine::include::{Include, What, missing_tasks};
use crate::engine::work::template;
use crate::playbook::{KEYWORDS, Keywords, find_tasks};
use crate::sdk::{Failure, Returned};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Layer, Node};

/// Goes on with the tasks of a file, when it is reached.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(free_form = "file")]
pub(crate) struct Args {
    /// The file.
    file: String,
    /// Keywords that hold for every task in it.
    #[arg(default)]
    apply: Apply,
}

/// Keywords as they are written.
#[derive(Debug, Default)]
pub(crate) struct Apply(pub(crate) Keywords);

impl Argument for Apply {
    const KIND: Kind = Kind::Map(&Kind::Any);
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Some(pairs) = node.as_map() else {
            reader.wrong_type(name, node, "a mapping of keywords");
            return None;
        };
        let mut keywords = Keywords::default();
        for (key, value) in pairs {
            if let Some(keyword) = KEYWORDS.iter().find(|keyword| keyword.name == key.text) {
                keywords.set(keyword.name, value.clone());
            }
        }
        Some(Self(keywords))
    }
}

impl Action for Args {
    const UNRENDERED: &'static [&'static str] = &["apply"];

    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        going_on(&self.file, false, self.apply.0, call)
    }
}

/// Stands for the tasks of a file, as if they were written in its place.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(free_form = "file")]
pub(crate) struct Import {
    /// The file.
    file: String,
}

impl Action for Import {
    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        going_on(&self.file, true, Keywords::default(), call)
    }
}

fn going_on(
    name: &str,
    import: bool,
    apply: Keywords,
    call: &ActionCall<'_>,
) -> Result<Done, Failure> {
    let (origin, at) = (&call.step.task.origin, call.step.task.action.at);
    let path = find_tasks(name, origin).ok_or_else(|| template(missing_tasks(name, origin, at)))?;
    let mut done = Done::default();
    done.outcome.returned = Returned::new().with("include", name);
    done.effects.include =
        Some(Include::read(call.step, What::Tasks { path, import }, apply, handed_on(call), at)?);
    Ok(done)
}

/// The variables an include hands on: the task's own.
pub(super) fn handed_on(call: &ActionCall<'_>) -> Arc<Layer> {
    Arc::clone(&call.step.task.vars)
}
