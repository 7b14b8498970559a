//! What a directory holds.

use serde::{Deserialize, Serialize};

use crate::sdk::file::{Permissions, Source};

/// Something in a directory that is copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its path below the directory. Bytes that are not UTF-8 stand in it as those of a
    /// [`Content`](crate::sdk::file::Content) do.
    pub(super) path: String,
    /// What it is.
    #[serde(flatten)]
    pub(super) kind: EntryKind,
}

/// The kinds of entry that can be copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EntryKind {
    /// A directory.
    Directory {
        /// Its permissions.
        mode: Permissions,
    },
    /// A file, or what a symbolic link leads to.
    File(Source),
    /// A symbolic link that is copied as such.
    Link {
        /// The path it holds.
        target: String,
    },
}
