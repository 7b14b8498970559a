//! Reaching a host: running programs on it, moving content to it, opening streams from it.

mod connection;
pub mod docker;

pub use connection::{
    Become, BecomeMethod, Connection, ConnectionError, Exec, Later, Output, Stdin, Stream, Target,
};
