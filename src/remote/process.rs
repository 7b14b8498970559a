//! Programs running on a host, whichever way they were started.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use tokio::io::AsyncWrite;

use super::{ConnectionError, Later};

/// A way to start programs on one host.
pub(super) trait Launcher: Send + Sync + 'static {
    /// Starts a command line, read by the login user's shell.
    fn start(&self, command: String) -> Later<'_, Process, StartError>;
}

/// Why a program did not start.
#[derive(Debug)]
pub(super) enum StartError {
    /// The host allows no further program beside those that run.
    Full(String),
    /// Another reason.
    Failed(ConnectionError),
}

/// A program on the host with its three standard streams.
///
/// Dropping it closes the streams. It must be read at all times: on one connection, what is not
/// read holds up everything else.
pub(super) struct Process {
    /// Its standard input.
    pub(super) input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What it prints and how it ends.
    pub(super) output: BoxStream<'static, Chunk>,
}

/// A piece of what comes from a running program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chunk {
    /// Bytes of its standard output.
    Out(Bytes),
    /// Bytes of its standard error.
    Err(Bytes),
    /// It ended with this status; output may still follow.
    Exit(i32),
    /// The connection broke, for this reason.
    Lost(String),
}
