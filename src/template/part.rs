//! A part of a variable, without a copy of it.

use std::sync::Arc;

use crate::value::{Data, Node, Value as Json};

/// One step into a container.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Key(Arc<str>),
    Index(usize),
}

/// Where a value stands inside shared data.
#[derive(Debug, Clone)]
pub(super) struct Branch<T> {
    root: Arc<T>,
    path: Vec<Step>,
}

/// A container among containers.
trait Tree {
    fn child(&self, step: &Step) -> Option<&Self>;
}

impl Tree for Node {
    fn child(&self, step: &Step) -> Option<&Self> {
        match step {
            Step::Key(key) => self.get(key),
            Step::Index(index) => self.as_list()?.get(*index),
        }
    }
}

impl Tree for Json {
    fn child(&self, step: &Step) -> Option<&Self> {
        match step {
            Step::Key(key) => self.get(key.as_ref()),
            Step::Index(index) => self.get(*index),
        }
    }
}

#[expect(private_bounds, reason = "only nodes and data are trees")]
impl<T: Tree> Branch<T> {
    pub(super) fn new(root: Arc<T>) -> Self {
        Self { root, path: vec![] }
    }

    /// The value itself.
    pub(super) fn get(&self) -> Option<&T> {
        self.path.iter().try_fold(self.root.as_ref(), |tree, step| tree.child(step))
    }

    /// The value one step further in, if there is one.
    pub(super) fn peek(&self, step: &Step) -> Option<&T> {
        self.get()?.child(step)
    }

    /// The branch one step further in.
    pub(super) fn join(&self, step: Step) -> Self {
        let mut path = Vec::with_capacity(self.path.len() + 1);
        path.extend_from_slice(&self.path);
        path.push(step);
        Self { root: Arc::clone(&self.root), path }
    }

    /// The steps as they are written in a template: `.interfaces[0]`.
    pub(super) fn shown(&self) -> String {
        self.path
            .iter()
            .map(|step| match step {
                Step::Key(key) => format!(".{key}"),
                Step::Index(index) => format!("[{index}]"),
            })
            .collect()
    }
}

/// A container out of the variables.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// As the user wrote it: its texts are rendered when they are used.
    Written {
        /// The variable it is part of, for messages.
        name: Arc<str>,
        branch: Branch<Node>,
    },
    /// Plain data.
    Known(Branch<Json>),
}

impl Part {
    /// The keys, where it is a mapping.
    pub(super) fn keys(&self) -> Vec<String> {
        match self {
            Self::Written { branch, .. } => match branch.get().map(|node| &node.data) {
                Some(Data::Map(pairs)) => pairs.keys().map(|key| key.text.clone()).collect(),
                _ => vec![],
            },
            Self::Known(branch) => match branch.get() {
                Some(Json::Object(fields)) => fields.keys().cloned().collect(),
                _ => vec![],
            },
        }
    }

    /// How many items or pairs it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Written { branch, .. } => match branch.get().map(|node| &node.data) {
                Some(Data::Map(pairs)) => pairs.len(),
                Some(Data::List(items)) => items.len(),
                _ => 0,
            },
            Self::Known(branch) => match branch.get() {
                Some(Json::Object(fields)) => fields.len(),
                Some(Json::Array(items)) => items.len(),
                _ => 0,
            },
        }
    }
}
