#![doc = include_str!("README.md")]

pub mod base;
pub mod event;
pub mod remote;
pub mod spec;
pub mod value;
