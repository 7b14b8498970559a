//! Compose projects on a host: their files, and what the Engine has of them.

mod files;

pub use files::ComposeFiles;

pub use crate::compose::*;
