//! Amounts of memory and stretches of time, as Docker's commands take them.

use crate::sdk::{Argument, Kind, Node, Reader, coerce};

/// An amount of bytes: `512M`, `1.5GiB`, `unlimited`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) i64);

/// A stretch of time in nanoseconds: `1m30s`, `500ms`, or a number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time(pub(super) i64);

impl Argument for Size {
    const KIND: Kind = Kind::Text;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let text = String::from_node(name, node, reader)?;
        let read = match text.trim() {
            "unlimited" | "-1" => Some(-1),
            text => coerce::to_bytes(text),
        };
        if read.is_none() {
            reader.wrong_type(name, node, "a size such as \"512M\" or \"1.5G\"");
        }
        read.map(Self)
    }
}

impl Argument for Time {
    const KIND: Kind = Kind::Text;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let text = String::from_node(name, node, reader)?;
        let read = coerce::to_nanoseconds(&text);
        if read.is_none() {
            reader.wrong_type(name, node, "a duration such as \"30s\" or \"1m30s\"");
        }
        read.map(Self)
    }
}
