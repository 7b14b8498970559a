//! The swarm that an Engine is in, and its nodes: what the swarm modules have in common.

mod convergence;
pub mod keyed;
mod membership;
mod node;
mod progress;
mod revise;
mod service_mode;
mod stall;
mod tokens;

pub use convergence::Convergence;
pub use keyed::{KeyedKind, KeyedObject, key_label, keyed_holds};
pub use membership::{Cluster, LocalState, Membership, RemoteManager};
pub use node::{Availability, Node, NodeRole, NodeSpec, Quorum, may_go};
pub use revise::out_of_sequence;
pub use service_mode::ServiceMode;
pub use stall::{Stalls, stalled};
pub use tokens::JoinTokens;
