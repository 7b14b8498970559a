#![doc = include_str!("README.md")]
#![cfg_attr(
    test,
    expect(
        clippy::format_collect,
        clippy::format_push_string,
        clippy::needless_for_each,
        clippy::needless_pass_by_value,
        clippy::print_stderr,
        clippy::type_complexity,
        clippy::cloned_ref_to_slice_refs,
        reason = "tests are written to be read, and say when they do not run"
    )
)]

pub mod base;
pub mod cli;
pub mod compose;
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
