//! Regular expressions and replacements in Python's dialect, which playbooks are written in.

mod python;
mod replacement;
mod translate;

pub use python::{Captures, Regex, RegexOptions};
pub use replacement::Replacement;
