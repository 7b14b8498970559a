#![doc = include_str!("README.md")]
#![cfg_attr(
    test,
    expect(clippy::needless_pass_by_value, reason = "tests hand over what they have just made")
)]

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
