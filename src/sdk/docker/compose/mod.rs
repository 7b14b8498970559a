//! Compose projects on a host: their files, and what the Engine has of them.

mod command;
mod container;
mod files;
mod host_config;
mod inject;
pub mod labels;
mod mounts;
mod objects;
mod options;
mod pull_error;
mod refused;
mod up;

pub use command::{COMMAND_RULES, ComposeCommand};
pub use container::{Blueprint, Injected};
pub use files::ComposeFiles;
pub use inject::put_files;
pub use objects::{network_body, volume_body};
pub use options::ComposeOptions;
pub use pull_error::OfImage;
pub use up::{Building, ProjectChange, ProjectState, UpOptions};

pub use crate::compose::*;
