//! Objects that somebody else made.

use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node};

/// Whether an object was made by somebody else, and under which name: `true`, or a mapping with
/// `name`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct External {
    /// Whether it is there already, and not made nor removed.
    pub is: bool,
    /// Its name, where the older spelling gives one here.
    pub name: Option<String>,
}

impl Argument for External {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        if let Data::Map(pairs) = &node.data {
            let own = pairs.get("name").and_then(|value| reader.value(name, value));
            return Some(Self { is: true, name: own });
        }
        bool::from_node(name, node, reader).map(|is| Self { is, name: None })
    }
}
