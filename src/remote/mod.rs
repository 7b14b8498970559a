//! Reaching a host: running programs on it, moving content to it, opening streams from it.

mod capture;
mod connection;
pub mod docker;
mod fd_limit;
mod frame;
mod local;
mod login;
mod process;
mod production;
mod program;
mod quote;
mod shell;
mod shells;
mod ssh;
mod worker;

pub use connection::{
    Become, BecomeMethod, Connection, ConnectionError, Exec, Later, Output, Produce, Stdin, Stream,
    Target,
};
pub use fd_limit::raise_fd_limit;
pub use local::LocalConnection;
pub(crate) use quote::quote;
pub use ssh::{HostKeyChecking, SshConfig, SshConnection, SshOptions, SshPool};
