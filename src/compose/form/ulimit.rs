//! Limits of a process.

use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node};

/// A limit: one number for both, or a mapping with `soft` and `hard`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ulimit {
    /// What a process has unless it asks for more.
    pub soft: i64,
    /// The most that it can ask for.
    pub hard: i64,
}

impl Argument for Ulimit {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Data::Map(pairs) = &node.data else {
            return i64::from_node(name, node, reader).map(|both| Self { soft: both, hard: both });
        };
        let mut part = |key: &str| {
            if let Some(value) = pairs.get(key) {
                return reader.value(&format!("{name}.{key}"), value);
            }
            reader.wrong_type(name, node, "a number, or a mapping with `soft` and `hard`");
            None
        };
        Some(Self { soft: part("soft")?, hard: part("hard")? })
    }
}
