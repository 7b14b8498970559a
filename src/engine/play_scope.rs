//! What names stand for in a play's own keywords, before it has a host.

use std::path::PathBuf;
use std::sync::Arc;

use super::include::vars_files;
use super::play::PlayRun;
use super::run::Run;
use super::scope::HostScope;
use crate::playbook::{Origin, Play};
use crate::value::{Layer, Scope, Variable};

/// The scope of a play's own keywords, before it has a host.
#[derive(Clone)]
pub(super) struct PlayScope {
    run: Arc<Run>,
    play: Arc<Play>,
    /// What is stronger than the variables of the play; the weakest first.
    layers: Vec<Arc<Layer>>,
}

impl PlayScope {
    /// The scope of a play that has asked for nothing and read nothing.
    pub(super) fn new(run: &Arc<Run>, play: &Arc<Play>) -> Self {
        Self { run: Arc::clone(run), play: Arc::clone(play), layers: vec![] }
    }

    /// The scope of a play that runs.
    pub(super) fn of(run: &Arc<Run>, play: &PlayRun) -> Self {
        let scope = Self::new(run, &play.play).with(Arc::clone(&play.prompted));
        scope.with(Arc::clone(&play.files))
    }

    /// The same scope with variables stronger than those it has.
    pub(super) fn with(mut self, layer: Arc<Layer>) -> Self {
        self.layers.push(layer);
        self
    }

    /// The `vars_files` that can be read: what is wrong with the others is told for each host.
    pub(super) fn files(self) -> Arc<Layer> {
        let origin = Origin::of_playbook(self.play.directory.clone());
        let mut layer = Layer::new();
        for entry in &self.play.vars_files {
            let scope = self.clone().with(Arc::new(layer.clone())).shared();
            let read = vars_files(&self.run, std::slice::from_ref(entry), &origin, &scope);
            layer.extend(read.unwrap_or_default());
        }
        Arc::new(layer)
    }

    pub(super) fn shared(self) -> Arc<dyn Scope> {
        Arc::new(self)
    }
}

impl Scope for PlayScope {
    fn lookup(&self, name: &str) -> Option<Variable> {
        let own = || self.layers.iter().rev().find_map(|layer| layer.get(name));
        let written = self.run.extra.get(name).or_else(own).or_else(|| self.play.vars.get(name));
        // `groups`, `hostvars` and what else does not depend on the host.
        written.cloned().or_else(|| HostScope::of_host(&self.run, "localhost").magic(name))
    }

    fn names(&self) -> Vec<String> {
        let layers = self.layers.iter().flat_map(|layer| layer.keys());
        self.run.extra.keys().chain(layers).chain(self.play.vars.keys()).cloned().collect()
    }

    fn directories(&self) -> Vec<PathBuf> {
        vec![self.play.directory.clone()]
    }
}
