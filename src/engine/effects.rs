//! What a task does to the run beside what it returns.

use super::include::Include;
use crate::value::{Fields, Layer};

/// What a task does to the run beside what it returns.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    /// Variables set as by `set_fact`.
    pub(super) set: Fields,
    /// Variables read as by `include_vars`.
    pub(super) vars: Layer,
    /// Facts learnt.
    pub(super) facts: Fields,
    /// Tasks to go on with.
    pub(super) include: Option<Include>,
    /// The host that the work was done on, where it is another one.
    pub(super) delegate: Option<String>,
}
