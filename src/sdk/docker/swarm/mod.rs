//! The swarm that an Engine is in, and its nodes: what the swarm modules have in common.

mod membership;
mod node;
mod revise;

pub use membership::{Cluster, LocalState, Membership, RemoteManager};
pub use node::{Availability, Node, NodeRole, NodeSpec, Quorum};
pub use revise::out_of_sequence;
