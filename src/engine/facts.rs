//! Gathering facts at the beginning of a play.

use std::sync::Arc;

use super::context::Context;
use super::run::Run;
use super::task::run_task;
use crate::base::Span;
use crate::playbook::{Action, Keywords, Task};
use crate::value::{Data, Key, Layer, Mapping, Node};

/// Gathers the facts of the hosts, unless the play says not to.
pub(super) async fn gather(run: &Arc<Run>, context: &Context, hosts: &[String]) {
    let play = &context.play.play;
    let mut all_tags = context.keywords.words("tags");
    all_tags.push("always".to_owned());
    if !context.play.gathers
        || !run.options.tags.takes(&all_tags)
        || run.options.start_at_task.is_some()
    {
        return;
    }
    // Where they are gathered once, hosts whose facts are known are left alone.
    let unknown = |host: &&String| run.board.get(host).facts.get("module_setup").is_none();
    let missing: Vec<String>;
    let hosts = if run.options.gather_once {
        missing = hosts.iter().filter(unknown).cloned().collect();
        if missing.is_empty() {
            return;
        }
        missing.as_slice()
    } else {
        hosts
    };
    let task = Arc::new(task(context, play.at));
    let inner = context.enter_task(&task);
    run_task(run, &inner, &task, hosts, "Gathering Facts".to_owned()).await;
}

fn task(context: &Context, at: Span) -> Task {
    let keywords = &context.play.play.keywords;
    let mut args = Mapping::new();
    for name in ["gather_subset", "gather_timeout", "fact_path"] {
        if let Some(node) = keywords.get(name) {
            args.insert(Key { text: name.to_owned(), span: at }, node.clone());
        }
    }
    Task {
        name: None,
        action: Action {
            name: "setup",
            written: "setup".to_owned(),
            args: Node { data: Data::Map(args), span: at },
            library: None,
            late: None,
            at,
        },
        keywords: Keywords::default(),
        vars: Arc::new(Layer::new()),
        looped: None,
        at,
        origin: context.play.origin(),
    }
}
