//! What the files alone tell, before any host has a say.

use std::path::PathBuf;
use std::sync::Arc;

use crate::template::Templar;
use crate::value::{Layer, Node, Scope, Variable, coerce};

/// The variables that hold whatever the host: those of the command line over those of a play.
#[derive(Debug, Clone, Default)]
pub struct Known(Layer);

impl Known {
    /// The variables of these layers, the weakest first.
    pub fn of<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Self {
        let all = layers.into_iter().flatten();
        Self(all.map(|(name, variable)| (name.clone(), variable.clone())).collect())
    }

    /// A name as it comes out; `None` where it depends on more than is known.
    pub fn text(&self, node: &Node, templar: &Templar) -> Option<String> {
        let scope: Arc<dyn Scope> = Arc::new(self.clone());
        templar.evaluate(node, &scope).ok().flatten().as_ref().map(coerce::to_text)
    }
}

impl Scope for Known {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn directories(&self) -> Vec<PathBuf> {
        vec![]
    }
}
