//! Gathering facts at the beginning of a play.

use std::sync::Arc;

use super::board::HostState;
use super::context::Context;
use super::run::Run;
use super::task::run_task;
use crate::base::Span;
use crate::playbook::{Action, Keywords, Task};
use crate::value::{Data, Fields, Key, Layer, Mapping, Node};

/// The fact that says that a host's facts were gathered, not just some learnt.
const GATHERED: &str = "_ansible_facts_gathered";

/// Takes the facts of a task into the books.
pub(super) fn learn(run: &Run, host: &str, task: &Task, mut facts: Fields) {
    let Action { name, written, .. } = &task.action;
    if *name == "setup" && written.rsplit('.').next() == Some("gather_facts") {
        facts.insert(GATHERED.to_owned(), true.into());
    }
    run.board.add_facts(host, facts);
}

impl Run {
    /// The facts of a host that are variables by themselves.
    pub(super) fn fact_variables(&self, state: &HostState) -> Arc<Layer> {
        if self.options.inject_facts {
            return Arc::clone(&state.injected);
        }
        let local = state.injected.get_key_value("ansible_local");
        Arc::new(local.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

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
    let unknown = |host: &&String| run.board.get(host).facts.get(GATHERED).is_none();
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
    let mut own = Keywords::default();
    // Whatever the play does once: every host has facts of its own.
    own.set("run_once", Node { data: Data::Bool(false), span: at });
    Task {
        name: None,
        action: Action {
            name: "setup",
            written: "gather_facts".to_owned(),
            args: Node { data: Data::Map(args), span: at },
            splat: None,
            library: None,
            late: None,
            at,
        },
        keywords: own,
        vars: Arc::new(Layer::new()),
        looped: None,
        at,
        origin: context.play.origin(),
    }
}
