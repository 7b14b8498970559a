//! What a module found out it has to do.

use serde::Serialize;

use super::Returned;
use crate::base::Diff;

/// What stands between the host as it is and the host as it must be.
///
/// A change without a diff cannot be expressed.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan<C> {
    /// Nothing to do; what the task returns.
    Keep(Returned),
    /// Something to do, decided in full.
    Change {
        /// What `apply` will do; it asks nothing anew.
        change: C,
        /// What it will look like.
        diffs: Vec<Diff>,
        /// What the task returns, as far as it is known; `apply` lays its own values over it.
        returned: Returned,
    },
}

impl<C> Plan<C> {
    /// Nothing to do, nothing to return.
    pub fn keep() -> Self {
        Self::Keep(Returned::new())
    }

    /// Something to do.
    pub fn change(change: C, diff: Diff) -> Self {
        Self::Change { change, diffs: vec![diff], returned: Returned::new() }
    }

    /// Nothing to do when `now` equals `wanted`; else the change that `decide` makes of them.
    pub fn between<S: Serialize + PartialEq>(
        subject: impl Into<String>,
        now: &S,
        wanted: &S,
        decide: impl FnOnce() -> C,
    ) -> Self {
        if now == wanted {
            return Self::keep();
        }
        Self::change(decide(), Diff::fields(subject, now, wanted))
    }

    /// Adds another diff to a change.
    #[must_use]
    pub fn diff(mut self, diff: Diff) -> Self {
        if let Self::Change { diffs, .. } = &mut self {
            diffs.push(diff);
        }
        self
    }

    /// Lays return values over those it has.
    #[must_use]
    pub fn returning(mut self, more: Returned) -> Self {
        match &mut self {
            Self::Keep(returned) | Self::Change { returned, .. } => {
                *returned = std::mem::take(returned).and(more);
            }
        }
        self
    }

    /// The same plan with its change made into another.
    pub fn map<D>(self, make: impl FnOnce(C) -> D) -> Plan<D> {
        match self {
            Self::Keep(returned) => Plan::Keep(returned),
            Self::Change { change, diffs, returned } => {
                Plan::Change { change: make(change), diffs, returned }
            }
        }
    }

    /// Whether there is something to do.
    pub fn is_change(&self) -> bool {
        matches!(self, Self::Change { .. })
    }
}
