//! Packages: one way to look, plan and act for every package manager.
//!
//! A [`PackageRequest`] is looked at in one round trip, planned from what was seen alone, and
//! carried out. With apt the plan comes from `apt-get --simulate`, so that it holds everything
//! that will happen, dependencies and removals included. The other managers are asked what is
//! installed and what is out of date; their dependencies are not in the plan.

mod packages;
mod request;
mod transaction;

pub use packages::{Lists, PackageStep, Packages};
pub use request::{PackageManager, PackageRequest, PackageVerb, Refresh};
pub use transaction::Transaction;
