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
/// ten sessions that sshd allows. So few are open at a time, and fewer are kept.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<Vec<(Sender, Instant)>>,
    permits: Arc<Semaphore>,
}

/// One connection in use. Dropped, it is closed; [`Pool::give_back`] keeps it.
pub(super) struct Lease {
    pub(super) sender: Sender,
    /// Whether requests went over it before, so that it may have been closed meanwhile.
    pub(super) reused: bool,
    permit: OwnedSemaphorePermit,
}

impl Lease {
    /// Closes the connection and gives its place to another.
    pub(super) fn into_permit(self) -> OwnedSemaphorePermit {
        self.permit
    }
}

impl Pool {
    const OPEN: usize = 4;
    const IDLE: usize = 2;
    const IDLE_FOR: Duration = Duration::from_mins(1);

    pub(super) fn new() -> Self {
        Self { idle: Mutex::default(), permits: Arc::new(Semaphore::new(Self::OPEN)) }
    }

    /// Waits until one more connection may be used.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }

    /// A connection that was kept, if one is still open.
    pub(super) fn take(&self, permit: OwnedSemaphorePermit) -> Result<Lease, OwnedSemaphorePermit> {
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
        permit: OwnedSemaphorePermit,
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
