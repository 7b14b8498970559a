//! Sends one request over a connection that is there, or over a new one.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hyper::body::Incoming;

use super::pool::{Lease, Permit, Pool, Purpose};
use super::request::Nature;
use super::route::{Route, diagnose};
use super::{Address, ApiVersion, EngineError, Request};
use crate::remote::{Become, Connection, ConnectionError};

/// Carries requests to one Engine as one user.
pub(super) struct Exchange {
    pub(super) connection: Arc<dyn Connection>,
    pub(super) login: Option<Become>,
    pub(super) address: Address,
    pool: Pool,
    /// The way that worked.
    route: Mutex<Option<Route>>,
    /// How often a connection was found closed, so that the Engine may be another one now.
    broken: AtomicU64,
    sent: AtomicU64,
}

impl Exchange {
    pub(super) fn new(
        connection: Arc<dyn Connection>,
        login: Option<Become>,
        address: Address,
    ) -> Self {
        Self {
            connection,
            login,
            address,
            pool: Pool::new(),
            route: Mutex::default(),
            broken: AtomicU64::new(0),
            sent: AtomicU64::new(0),
        }
    }

    /// How many requests were sent.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How often a connection was found closed.
    pub(super) fn broken(&self) -> u64 {
        self.broken.load(Ordering::Relaxed)
    }

    /// Keeps a connection whose answer was read to its end.
    pub(super) fn give_back(&self, lease: Lease) {
        self.pool.give_back(lease);
    }

    /// Waits until a connection may be used. How long that takes is no matter of the Engine's: no
    /// request's time begins before.
    pub(super) async fn permit(&self, purpose: Purpose) -> Result<Permit, EngineError> {
        let gone = || EngineError::Answer("the connection was closed".to_owned());
        self.pool.permit(purpose).await.ok_or_else(gone)
    }

    /// Sends a request and waits for the head of the answer.
    ///
    /// A connection that was kept may have been closed meanwhile: then the request is sent anew,
    /// if it surely was not taken up or if asking twice does no harm.
    pub(super) async fn send(
        &self,
        request: &mut Request,
        version: Option<ApiVersion>,
        mut permit: Permit,
    ) -> Result<(Lease, hyper::Response<Incoming>), EngineError> {
        let started = Instant::now();
        let nature = request.nature();
        loop {
            let mut lease = self.lease(nature, permit).await?;
            self.sent.fetch_add(1, Ordering::Relaxed);
            let error = match lease.sender.send_request(request.outgoing(version)?).await {
                Ok(response) => return Ok((lease, response)),
                Err(error) => error,
            };
            if error.is_user() {
                // What was to be sent could not be read; the Engine has thrown the rest away.
                return Err(EngineError::failed(&reason(&error)));
            }
            if lease.reused {
                self.broken.fetch_add(1, Ordering::Relaxed);
                self.pool.clear();
                let untouched = error.is_canceled() && nature.repeatable;
                if untouched || nature.idempotent {
                    permit = lease.into_permit();
                    continue;
                }
            } else if nature.idempotent {
                return Err(self.explain(&reason(&error), started).await);
            }
            return Err(EngineError::lost(started.elapsed(), reason(&error)));
        }
    }

    /// A connection to send a request of this nature over.
    async fn lease(&self, nature: Nature, permit: Permit) -> Result<Lease, EngineError> {
        let permit = match self.pool.take(permit) {
            // What can be sent only once is not risked on a connection that may be closed.
            Ok(lease) if nature.repeatable => return Ok(lease),
            Ok(lease) => lease.into_permit(),
            Err(permit) => permit,
        };
        let known = self.route().clone();
        let routes = known.map_or_else(
            || Route::candidates(&self.address, self.login.as_ref()),
            |route| vec![route],
        );
        let mut refused = String::new();
        for route in routes {
            let login = route.login(self.login.as_ref());
            let stream = match self.connection.open(route.target(), login).await {
                Ok(stream) => stream,
                Err(ConnectionError::Refused(why)) => {
                    refused = why;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let started = Instant::now();
            let mut lease = match Pool::start(stream, permit).await {
                Ok(lease) => lease,
                Err(error) => return Err(self.explain(&reason(&error), started).await),
            };
            if route.is_program() && !nature.idempotent {
                self.prove(&mut lease).await?;
            }
            *self.route() = Some(route);
            return Ok(lease);
        }
        Err(self.explain(&refused, Instant::now()).await)
    }

    /// Makes sure that a program leads to the Engine, before it is trusted with a change: that it
    /// failed is seen only when no answer comes, and then a change might have been made.
    async fn prove(&self, lease: &mut Lease) -> Result<(), EngineError> {
        let started = Instant::now();
        self.sent.fetch_add(1, Ordering::Relaxed);
        let mut ping = Request::new(hyper::Method::HEAD, &["_ping"]);
        let answer = lease.sender.send_request(ping.outgoing(None)?).await;
        let ready = match answer {
            Ok(_) => lease.sender.ready().await,
            Err(error) => Err(error),
        };
        match ready {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explain(&reason(&error), started).await),
        }
    }

    /// Why a new connection led to no answer.
    async fn explain(&self, refused: &str, started: Instant) -> EngineError {
        *self.route() = None;
        match diagnose(&*self.connection, self.login.as_ref(), &self.address, refused).await {
            Ok(Some(error)) | Err(error) => error,
            Ok(None) => EngineError::lost(started.elapsed(), refused),
        }
    }

    fn route(&self) -> std::sync::MutexGuard<'_, Option<Route>> {
        self.route.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What went wrong on an HTTP connection, the cause included.
pub(super) fn reason(error: &hyper::Error) -> String {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return "the Docker Engine closed the connection".to_owned();
    }
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
