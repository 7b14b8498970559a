//! Copying a directory with all that is in it.
//!
//! A [`Tree`] is what was seen: what the directory holds, and what stands where that goes. A
//! [`WantedTree`] decides on it; its [`TreeChange`] has everything made complete, in a directory
//! of its own on the host, and then put in place.

mod archive;
mod change;
mod direction;
mod entry;
mod excerpts;
mod local;
mod manifest;
mod tree;
mod wanted;

pub(super) use change::TreeChange;
pub(super) use direction::Direction;
pub(super) use tree::Tree;
pub(super) use wanted::WantedTree;
