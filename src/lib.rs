#![doc = include_str!("README.md")]

pub mod base;
pub mod event;
#[path = "../modules/mod.rs"]
pub mod modules;
pub mod remote;
pub mod report;
pub mod sdk;
pub mod spec;
pub mod template;
pub mod value;
