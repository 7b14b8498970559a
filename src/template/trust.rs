//! What a template names and nothing else, as the user wrote it.
//!
//! `that: "{{ checks }}"` means the conditions in the variable `checks`, where the user wrote them.
//! What a host returned is never read as one: it is data and has no node.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::machinery::parse_expr;
use minijinja::value::Value;

use super::{Templar, walk};
use crate::value::{Data, Node, Scope, Variable};

/// How far a name may stand for another one.
const DEEPEST: usize = 16;

impl Templar {
    /// What stands in the user's files behind a text such as `{{ checks }}` or `{{ item.when }}`.
    ///
    /// `None` where the text is more than a name, and where the name stands for data.
    pub fn named(&self, node: &Node, scope: &Arc<dyn Scope>) -> Option<Node> {
        find(node, scope, 0)
    }
}

fn find(node: &Node, scope: &Arc<dyn Scope>, depth: usize) -> Option<Node> {
    let Data::Text(text) = &node.data else { return None };
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    if depth > DEEPEST || inner.contains("{{") {
        return None;
    }
    let expression = parse_expr(inner.trim_matches('-').trim()).ok()?;
    let (root, steps) = walk::root(&expression)?;
    let Variable::Written(found) = scope.lookup(root)? else { return None };
    let mut found = Cow::Borrowed(found.as_ref());
    for step in steps {
        if let Some(named) = find(&found, scope, depth + 1) {
            found = Cow::Owned(named);
        }
        found = Cow::Owned(child(&found, &step?)?.clone());
    }
    find(&found, scope, depth + 1).or_else(|| Some(found.into_owned()))
}

fn child<'n>(node: &'n Node, step: &Value) -> Option<&'n Node> {
    match step.as_str() {
        Some(key) => node.get(key),
        None => node.as_list()?.get(step.as_usize()?),
    }
}

#[cfg(test)]
mod tests;
