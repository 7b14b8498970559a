//! The Engine's daemon as a program of the host: whether it answers, and what its log says.

mod engine;

pub use engine::{EngineVersion, wait_for_engine};
