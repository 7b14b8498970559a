//! Every module, by name. `UPDATE=1 cargo test` rewrites this file from the folders beside it.

use crate::sdk::Entry;

pub mod ping;
pub mod setup;

/// Every module, in the order of their names.
#[rustfmt::skip]
pub static REGISTRY: &[Entry] = &[
    Entry::new::<ping::Args>("ping"),
    Entry::new::<setup::Args>("setup"),
];
