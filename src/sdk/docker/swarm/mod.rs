//! The swarm that an Engine is in, and its nodes: what the swarm modules have in common.

mod membership;
mod node;
mod revise;
mod tokens;

pub use membership::{Cluster, LocalState, Membership, RemoteManager};
pub use node::{Availability, Node, NodeRole, NodeSpec, Quorum, may_go};
pub use revise::out_of_sequence;
pub use tokens::JoinTokens;
