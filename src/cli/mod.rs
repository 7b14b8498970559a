//! The command line: what is typed becomes settings, a command, and an exit code.

mod args;
mod colour;
mod commands;
mod config;
mod crash;
mod execute;
mod exit;
mod fact_caching;
mod fault;
mod install;
mod log;
mod markdown;
mod persona;
mod program;
mod prompt;
mod reports;
mod secrets;
mod setting;
mod signals;
mod tell;
mod toml;
mod version;
mod wanted;

pub use exit::{Exit, RunKind};
pub use program::main;
