//! What each command does.

pub(super) mod completions;
pub(super) mod doc;
pub(super) mod replay;
pub(super) mod vault;
