//! Durations and sizes.

use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node, coerce};

/// A duration in nanoseconds, written as `1m30s`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Time(pub i64);

impl Argument for Time {
    const KIND: Kind = Kind::Text;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let text = String::from_node(name, node, reader)?;
        let read = coerce::to_nanoseconds(&text).map(Self);
        if read.is_none() {
            reader.wrong_type(name, node, "a duration such as `1m30s`");
        }
        read
    }
}

impl Time {
    /// Whole seconds, rounded up.
    pub fn seconds(self) -> i64 {
        self.0 / 1_000_000_000 + i64::from(self.0 % 1_000_000_000 > 0)
    }
}

/// A size in bytes, written as a number or as `512M`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size(pub i64);

impl Argument for Size {
    const KIND: Kind = Kind::Text;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let read = match &node.data {
            Data::Int(bytes) => Some(*bytes),
            _ => coerce::to_bytes(&String::from_node(name, node, reader)?),
        };
        if read.is_none() {
            reader.wrong_type(name, node, "a size such as `512M`");
        }
        read.map(Self)
    }
}
