//! What holds at one place of a play: the keywords and variables of all that is around it.

use std::sync::Arc;

use super::play::PlayRun;
use crate::playbook::{Block, Keywords, Role, Task, layer_of};
use crate::value::{Layer, Level};

/// What holds at one place of a play. Going deeper makes a new one; nothing is changed in place.
#[derive(Clone)]
pub(super) struct Context {
    /// The play it lies in.
    pub(super) play: Arc<PlayRun>,
    /// The keywords of all around it and its own.
    pub(super) keywords: Arc<Keywords>,
    /// The keywords of all around a task, without its own: what its includes begin with.
    pub(super) around: Arc<Keywords>,
    /// The variables of all around it and its own, the outer ones first.
    pub(super) layers: Vec<(Level, Arc<Layer>)>,
    /// Whether it lies in a handler, or in what one includes.
    pub(super) handler: bool,
    /// How many includes it lies in.
    pub(super) depth: usize,
}

impl Context {
    /// What holds in a play outside of its blocks.
    pub(super) fn of_play(play: &Arc<PlayRun>) -> Self {
        let mut layers = vec![(Level::Play, Arc::clone(&play.play.vars))];
        for role in play.play.roles.iter().filter(|role| role.public) {
            layers.push((Level::RoleDefaults, Arc::clone(&role.defaults)));
            layers.push((Level::RoleVars, Arc::clone(&role.vars)));
        }
        let keywords = Keywords::default().around(&play.play.keywords);
        let keywords = Arc::new(keywords);
        let around = Arc::clone(&keywords);
        Self { play: Arc::clone(play), around, keywords, layers, handler: false, depth: 0 }
    }

    /// What holds inside a block.
    pub(super) fn enter_block(&self, block: &Block) -> Self {
        let mut inner = self.enter(&block.keywords);
        if let Some(role) = &block.role {
            inner.push_role(role);
        }
        let level = if block.import { Level::IncludeParameters } else { Level::Block };
        inner.push(level, &block.vars);
        inner
    }

    /// What holds for a task.
    pub(super) fn enter_task(&self, task: &Task) -> Self {
        let mut inner = self.enter(&task.keywords);
        if let Some(role) = &task.origin.role {
            inner.push_role(role);
        }
        inner.push(Level::Task, &task.vars);
        inner
    }

    /// What holds inside what a task includes: the keywords around the task, not its own; those
    /// the include applies; and the variables it hands on.
    pub(super) fn enter_include(&self, apply: &Keywords, vars: &Arc<Layer>) -> Self {
        let mut inner = Self { keywords: Arc::clone(&self.around), ..self.clone() }.enter(apply);
        if let Some(applied) = apply.get("vars") {
            inner.push(Level::Block, &Arc::new(layer_of(applied)));
        }
        inner.push(Level::IncludeParameters, vars);
        inner.depth += 1;
        inner
    }

    /// The same for an import whose file is only known now: the task's keywords hold too.
    pub(super) fn enter_import(&self) -> Self {
        let inner = self.enter(&Keywords::default());
        Self { depth: inner.depth + 1, ..inner }
    }

    fn enter(&self, keywords: &Keywords) -> Self {
        Self {
            play: Arc::clone(&self.play),
            keywords: Arc::new(self.keywords.around(keywords)),
            around: Arc::clone(&self.keywords),
            layers: self.layers.clone(),
            handler: self.handler,
            depth: self.depth,
        }
    }

    fn push_role(&mut self, role: &Arc<Role>) {
        for other in &role.dependencies {
            self.push(Level::RoleDefaults, &other.defaults);
            self.push(Level::RoleVars, &other.vars);
        }
        self.push(Level::RoleDefaults, &role.defaults);
        self.push(Level::RoleVars, &role.vars);
        self.push(Level::RoleParameters, &role.parameters);
    }

    fn push(&mut self, level: Level, layer: &Arc<Layer>) {
        if !layer.is_empty() {
            self.layers.push((level, Arc::clone(layer)));
        }
    }
}
