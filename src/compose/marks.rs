//! Values of a file that take the place of those below, whatever these are: the tags `!reset`
//! and `!override`.

use crate::base::Span;
use crate::value::{Data, Node};

/// A value that is not there in the end.
const RESET: &str = "!reset";
/// A value that is not laid over another one, but takes its place.
const OVERRIDE: &str = "!override";

/// Where such values stand.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<(&'static str, Span)>);

impl Marks {
    /// The tags.
    pub(super) const TAGS: &'static [&'static str] = &[RESET, OVERRIDE];

    /// Adds those of a file.
    pub(super) fn add(&mut self, marks: Vec<(&'static str, Span)>) {
        self.0.extend(marks);
    }

    /// Whether a value takes the place of whatever is below.
    pub(super) fn replaces(&self, node: &Node) -> bool {
        self.0.iter().any(|(_, span)| *span == node.span)
    }

    /// Whether a value is not there in the end.
    pub(super) fn resets(&self, node: &Node) -> bool {
        self.0.contains(&(RESET, node.span))
    }

    /// A tree without the values that are not there in the end.
    pub(super) fn applied(&self, node: &Node) -> Node {
        let data = match &node.data {
            Data::List(items) => Data::List(
                items
                    .iter()
                    .filter(|item| !self.resets(item))
                    .map(|item| self.applied(item))
                    .collect(),
            ),
            Data::Map(pairs) => Data::Map(
                pairs
                    .iter()
                    .filter(|(_, value)| !self.resets(value))
                    .map(|(key, value)| (key.clone(), self.applied(value)))
                    .collect(),
            ),
            other => other.clone(),
        };
        Node { data, span: node.span }
    }
}
