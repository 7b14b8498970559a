//! Commands and lists of text.

use super::scalar;
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node, coerce};

/// A command: a list of words, or text that is split into words as a shell does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub Vec<String>);

impl Argument for Words {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        match &node.data {
            Data::List(items) => {
                let words = items.iter().map(scalar).collect::<Option<Vec<_>>>();
                if words.is_none() {
                    reader.wrong_type(name, node, "text or a list of words");
                }
                words.map(Self)
            }
            Data::Map(_) => {
                reader.wrong_type(name, node, "text or a list of words");
                None
            }
            _ => {
                let words = coerce::to_words(&scalar(node)?);
                if words.is_none() {
                    reader.wrong_type(name, node, "a command whose quotes are closed");
                }
                words.map(Self)
            }
        }
    }
}

/// A list of text, or one text alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings(pub Vec<String>);

impl Argument for Strings {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let items = node.as_list().unwrap_or(std::slice::from_ref(node));
        let texts = items.iter().map(scalar).collect::<Option<Vec<_>>>();
        if texts.is_none() {
            reader.wrong_type(name, node, "text or a list of texts");
        }
        texts.map(Self)
    }
}
