//! Networks: what they are made with, and how one takes the place of another.

mod change;
mod member;
mod settings;

pub use change::{Connect, NetworkChange, settled};
pub use member::{Member, members};
pub use settings::{NetworkSettings, Subnet};
