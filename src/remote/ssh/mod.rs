//! Reaching a host by SSH.

mod algorithms;
mod auth;
mod client;
mod config;
mod connection;
mod dial;
mod host_key;
mod identity;
mod known_hosts;
mod link;
mod options;
mod pattern;
mod pool;
mod proxy;
mod quick_ack;
mod short_scalar;

pub use config::SshConfig;
pub use connection::SshConnection;
pub use options::{HostKeyChecking, SshOptions};
pub use pool::SshPool;
