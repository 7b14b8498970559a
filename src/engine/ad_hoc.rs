//! The playbook of an ad-hoc command: one module on the hosts of a pattern.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::{Sources, Span};
use crate::playbook::{Action, Item, Keywords, Loader, Origin, Play, Playbook, Task};
use crate::value::{Data, Fields, Node, yaml};

/// How the module of an ad-hoc command goes on in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Background {
    /// How many seconds it may take.
    pub seconds: u32,
    /// How many seconds pass between two looks at it, as with `poll`; 0 to leave it alone.
    pub poll: Option<u32>,
}

impl Background {
    fn keywords(self, at: Span) -> Keywords {
        let mut keywords = Keywords::default();
        let number = |number: u32| Node { data: Data::Int(number.into()), span: at };
        keywords.set("async", number(self.seconds));
        if let Some(poll) = self.poll {
            keywords.set("poll", number(poll));
        }
        keywords
    }
}

/// A playbook of one play with one task, for an ad-hoc command.
pub(super) fn ad_hoc(
    loader: &mut Loader<'_>,
    sources: &Sources,
    [pattern, module, args]: [&str; 3],
    background: Option<Background>,
    directory: &Path,
) -> Option<Playbook> {
    loader.look_beside(directory);
    let source = sources.add("command line", format!("{pattern} -m {module} -a {args}"));
    let text = |text: &str, start: usize| {
        let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let span = Span { source, start: at(start), end: at(start + text.len()) };
        Node { data: Data::Text(text.to_owned()), span }
    };
    let module_at = pattern.len() + " -m ".len();
    let args = json_args(sources, args)
        .unwrap_or_else(|| text(args, module_at + module.len() + " -a ".len()));
    let directory = directory.to_owned();
    let origin = Arc::new(Origin::of_playbook(directory.clone()));
    let action: Action =
        loader.named_action(module, text(module, module_at).span, &args, &origin)?;
    let at = text(module, module_at).span;
    // An included role is no work of its own: what it includes is.
    let background = background.filter(|_| action.name != "include_role");
    let task = Task {
        name: None,
        action,
        keywords: background.map_or_else(Keywords::default, |background| background.keywords(at)),
        vars: Arc::default(),
        looped: None,
        at,
        origin,
    };
    let mut keywords = Keywords::default();
    keywords.set("gather_facts", Node { data: Data::Bool(false), span: at });
    let play = Play {
        name: Some(Node { data: Data::Verbatim(format!("ad hoc: {module}")), span: at }),
        hosts: Node { data: Data::Verbatim(pattern.to_owned()), span: text(pattern, 0).span },
        keywords,
        vars: Arc::default(),
        vars_files: vec![],
        roles: vec![],
        pre_tasks: vec![],
        tasks: vec![Item::Task(Arc::new(task))],
        post_tasks: vec![],
        handlers: vec![],
        at,
        directory,
    };
    Some(Playbook { path: PathBuf::from("ad-hoc"), plays: vec![play] })
}

/// Arguments that were given as a JSON object.
fn json_args(sources: &Sources, args: &str) -> Option<Node> {
    serde_json::from_str::<Fields>(args.trim()).ok()?;
    yaml::parse(sources, sources.add("command line", args)).ok()?.single().ok()
}
