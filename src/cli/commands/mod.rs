//! What each command does.

pub(super) mod adhoc;
pub(super) mod check;
pub(super) mod completions;
pub(super) mod config;
pub(super) mod doc;
pub(super) mod install;
pub(super) mod inventory;
mod list;
pub(super) mod playbook;
pub(super) mod replay;
pub(super) mod schema;
pub(super) mod topology;
pub(super) mod vault;
