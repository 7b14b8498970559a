//! What the files tell of a play before it has a host.

use std::cell::OnceCell;
use std::sync::Arc;

use serde_json::json;

use super::include::find_vars;
use super::keywords::collect_words;
use super::task::rendered_tags;
use crate::base::Diagnostic;
use crate::inventory::{Inventory, Pattern};
use crate::playbook::{Keywords, Known, Origin, Play, layer_of};
use crate::template::Templar;
use crate::value::vault::Keyring;
use crate::value::{Layer, Node, Scope, Value, Variable, yaml};

/// What a play is looked at with.
#[derive(Clone, Copy)]
pub(super) struct StaticPlay<'a> {
    pub(super) play: &'a Play,
    pub(super) inventory: &'a Inventory,
    pub(super) templar: &'a Templar,
    pub(super) keyring: &'a Keyring,
    pub(super) extra: &'a Layer,
}

impl StaticPlay<'_> {
    /// The variables that hold for the play's own keywords.
    pub(super) fn scope(&self) -> Arc<dyn Scope> {
        let (files, _) = self.files();
        Arc::new(self.known(&files))
    }

    /// The pattern of its hosts; `None` where it depends on more than the files.
    pub(super) fn hosts(&self) -> Option<Result<Pattern, Diagnostic>> {
        let mut patterns = vec![];
        collect_words(&self.rendered_hosts()?, &mut patterns);
        Some(Pattern::parse(&patterns.join(","), self.play.hosts.span))
    }

    fn rendered_hosts(&self) -> Option<Value> {
        let hosts = &self.play.hosts;
        if !hosts.is_unknown() {
            return Some(hosts.to_value());
        }
        let (files, all) = self.files();
        let scope: Arc<dyn Scope> = Arc::new(self.known(&files));
        self.templar.evaluate(hosts, &scope).ok().flatten().filter(|_| all)
    }

    /// The play's files of variables that can be read, and whether these are all.
    pub(super) fn files(&self) -> (Vec<Arc<Layer>>, bool) {
        let mut layers = vec![];
        let mut all = true;
        for entry in &self.play.vars_files {
            match self.file(entry, &layers) {
                Some(layer) => layers.push(Arc::new(layer)),
                None => all = false,
            }
        }
        (layers, all)
    }

    fn file(&self, entry: &Node, before: &[Arc<Layer>]) -> Option<Layer> {
        let choices = entry.as_list().unwrap_or(std::slice::from_ref(entry));
        let origin = Origin::of_playbook(self.play.directory.clone());
        let known = self.known(before);
        for choice in choices {
            let name = known.text(choice, self.templar)?;
            let Some(path) = find_vars(&name, &origin) else { continue };
            let sources = &self.templar.settings().sources;
            let source = self.keyring.read_file(sources, &path).ok()?;
            return Some(layer_of(&yaml::parse(sources, source).ok()?.single().ok()?));
        }
        None
    }

    fn known(&self, files: &[Arc<Layer>]) -> Known {
        let groups = Variable::Known(Arc::new(json!(self.inventory.groups())));
        let magic = Layer::from([("groups".to_owned(), groups)]);
        let mut vars = Layer::clone(&self.play.vars);
        for layer in files {
            vars.extend(layer.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        // What the user is going to answer is not known.
        let prompts = self.play.keywords.get("vars_prompt").and_then(Node::as_list);
        for prompt in prompts.unwrap_or_default() {
            if let Some(name) = prompt.get("name").and_then(Node::as_str) {
                vars.shift_remove(name);
            }
        }
        Known::of([&magic, &vars, self.extra])
    }
}

/// What the keywords of a play and of its tasks come out as, as far as the files tell.
pub struct Told<'a> {
    pub(super) play: StaticPlay<'a>,
    /// Made when the first template asks for it.
    pub(super) scope: OnceCell<Arc<dyn Scope>>,
}

impl Told<'_> {
    fn scope(&self) -> &Arc<dyn Scope> {
        self.scope.get_or_init(|| self.play.scope())
    }

    /// The tags that keywords give.
    pub fn tags(&self, keywords: &Keywords) -> Vec<String> {
        match keywords.get("tags") {
            None => vec![],
            Some(tags) if tags.is_unknown() => rendered_tags(self.play.templar, tags, self.scope()),
            Some(_) => keywords.words("tags"),
        }
    }

    /// A value; `None` where it depends on more than is known.
    pub fn value(&self, node: &Node) -> Option<Value> {
        if !node.is_unknown() {
            return Some(node.to_value());
        }
        self.play.templar.evaluate(node, self.scope()).ok().flatten()
    }
}
