//! Secrets and configs as a service is given them.

use crate::compose::form::scalar;
use crate::spec::{Argument, Kind, Mode, Reader};
use crate::value::{Data, Node};

/// A secret or config as a service is given it.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct FileMount {
    /// Its name in the project.
    pub source: String,
    /// The file it becomes in the container.
    pub target: Option<String>,
    /// Owner of the file.
    pub uid: Option<String>,
    /// Group of the file.
    pub gid: Option<String>,
    /// Mode of the file.
    pub mode: Option<Mode>,
}

/// The secrets or configs of a service: names, or mappings.
#[derive(Debug, Clone, Default)]
pub(super) struct FileMounts(pub(super) Vec<FileMount>);

impl Argument for FileMounts {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Data::List(items) = &node.data else {
            reader.wrong_type(name, node, "a list of names or mappings");
            return None;
        };
        let mut all = vec![];
        for (index, item) in items.iter().enumerate() {
            all.push(match scalar(item) {
                Some(source) => FileMount { source, ..FileMount::default() },
                None => reader.nested(&format!("{name}[{index}]"), item)?,
            });
        }
        Some(Self(all))
    }
}
