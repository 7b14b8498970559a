//! HTTP connections to one Engine, kept open between requests.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::remote::Stream;

/// The sending half of an HTTP connection.
pub(super) type Sender = SendRequest<UnsyncBoxBody<Bytes, io::Error>>;

/// HTTP connections to one Engine.
///
/// Each is a stream of the host's connection; where that runs a program, it takes one of the
/// ten sessions that sshd allows. So few are open at a time, and fewer are kept. What takes as long
/// as the work of a command or a build is counted apart: it must not keep others from being asked
/// whether it is done.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<Vec<(Sender, Instant)>>,
    answers: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

/// What a connection is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An answer as a whole.
    Answer,
    /// An answer in parts, or a command's input and output: for as long as they go on.
    Stream,
}

/// The right to use one more connection.
#[derive(Debug)]
pub(super) struct Permit(
    #[expect(dead_code, reason = "it counts while it is held")] OwnedSemaphorePermit,
);

/// One connection in use. Dropped, it is closed; [`Pool::give_back`] keeps it.
pub(super) struct Lease {
    pub(super) sender: Sender,
    /// Whether requests went over it before, so that it may have been closed meanwhile.
    pub(super) reused: bool,
    permit: Permit,
}

impl Lease {
    /// Closes the connection and gives its place to another.
    pub(super) fn into_permit(self) -> Permit {
        self.permit
    }
}

impl Pool {
    const ANSWERS: usize = 4;
    const STREAMS: usize = 3;
    const IDLE: usize = 2;
    const IDLE_FOR: Duration = Duration::from_mins(1);

    pub(super) fn new() -> Self {
        let permits = |count| Arc::new(Semaphore::new(count));
        let (answers, streams) = (permits(Self::ANSWERS), permits(Self::STREAMS));
        Self { idle: Mutex::default(), answers, streams }
    }

    /// Waits until one more connection may be used.
    pub(super) async fn permit(&self, purpose: Purpose) -> Option<Permit> {
        let permits = match purpose {
            Purpose::Answer => &self.answers,
            Purpose::Stream => &self.streams,
        };
        Arc::clone(permits).acquire_owned().await.ok().map(Permit)
    }

    /// A connection that was kept, if one is still open.
    pub(super) fn take(&self, permit: Permit) -> Result<Lease, Permit> {
        let mut idle = self.lock();
        idle.retain(|(sender, since)| !sender.is_closed() && since.elapsed() < Self::IDLE_FOR);
        // One that still takes up its last answer is not ready; it comes round again.
        match idle.iter().rposition(|(sender, _)| sender.is_ready()) {
            Some(at) => Ok(Lease { sender: idle.swap_remove(at).0, reused: true, permit }),
            None => Err(permit),
        }
    }

    /// Speaks HTTP over a new stream.
    pub(super) async fn start(
        stream: Box<dyn Stream>,
        permit: Permit,
    ) -> Result<Lease, hyper::Error> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends by itself when the sender is dropped; what goes wrong in it, the sender tells.
        // It may be taken over by a command, see `Engine::attach`.
        tokio::spawn(connection.with_upgrades());
        Ok(Lease { sender, reused: false, permit })
    }

    /// Keeps a connection whose last answer was read to its end.
    pub(super) fn give_back(&self, lease: Lease) {
        let mut idle = self.lock();
        if !lease.sender.is_closed() && idle.len() < Self::IDLE {
            idle.push((lease.sender, Instant::now()));
        }
    }

    /// Closes what is kept.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Sender, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
