#![doc = include_str!("README.md")]

pub mod base;
pub mod cli;
pub mod engine;
pub mod event;
pub mod inventory;
#[path = "../modules/mod.rs"]
pub mod modules;
pub mod playbook;
pub mod remote;
pub mod report;
pub mod sdk;
pub mod spec;
pub mod template;
pub mod value;
