//! One Docker Engine.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::exchange::{Exchange, reason};
use super::pool::Purpose;
use super::progress::Lines;
use super::{Address, ApiVersion, EngineError, Request, Response, Transcript, Version};
use crate::remote::{Become, Connection};

/// One Docker Engine, as one user reaches it. A clone shares its connections.
///
/// The first use agrees on an API version, which every request names: the newest that both sides
/// have.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    exchange: Exchange,
    wanted: Option<ApiVersion>,
    /// What was agreed on, and how many connections had broken by then.
    version: Mutex<Option<(u64, Arc<Version>)>>,
}

impl Engine {
    /// The longest answer that is read whole, in bytes.
    const LONGEST: usize = 64 * 1024 * 1024;

    /// The Engine at an address as seen from the host; nothing is sent yet.
    pub fn new(connection: Arc<dyn Connection>, login: Option<Become>, address: Address) -> Self {
        Self::with_version(connection, login, address, None)
    }

    /// The same, spoken to with one API version.
    pub fn with_version(
        connection: Arc<dyn Connection>,
        login: Option<Become>,
        address: Address,
        wanted: Option<ApiVersion>,
    ) -> Self {
        let exchange = Exchange::new(connection, login, address);
        Self(Arc::new(Inner { exchange, wanted, version: Mutex::default() }))
    }

    /// What the Engine is, and the API version agreed on.
    pub async fn version(&self) -> Result<Arc<Version>, EngineError> {
        let known = || self.0.version.lock().unwrap_or_else(PoisonError::into_inner);
        let broken = self.0.exchange.broken();
        // An Engine that went away may come back as another release.
        if let Some((then, version)) = &*known()
            && *then == broken
        {
            return Ok(Arc::clone(version));
        }
        let answer = self.exchange(Request::get(&["version"]), None).await?;
        let version = Arc::new(Version::negotiate(&answer.body, self.0.wanted)?);
        *known() = Some((self.0.exchange.broken(), Arc::clone(&version)));
        Ok(version)
    }

    /// Refuses what needs a newer API version; `what` is a noun phrase.
    pub async fn require(&self, needed: ApiVersion, what: &str) -> Result<(), EngineError> {
        self.version().await?.require(needed, what)
    }

    /// Sends a request and reads the whole answer; one that does not tell of success is an error.
    pub async fn send(&self, request: Request) -> Result<Response, EngineError> {
        let api = self.version().await?.api;
        self.exchange(request, Some(api)).await
    }

    /// Looks at an object; `None` where there is none.
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>, EngineError> {
        self.find(Request::get(path)).await
    }

    /// Sends a request that looks at an object; `None` where there is none.
    pub async fn find<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<Option<T>, EngineError> {
        match self.send(request).await {
            Ok(response) => response.json().map(Some),
            // The same status tells of a path that the API does not have.
            Err(EngineError::Status { status: 404, message }) if message != "page not found" => {
                Ok(None)
            }
            // It has no name of this kind, but is how several ids begin.
            Err(EngineError::Status { message, .. })
                if message.contains(" is ambiguous (") || message.starts_with("Multiple IDs") =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Sends a request for several objects; null counts as none.
    pub async fn list<T: DeserializeOwned>(&self, request: Request) -> Result<Vec<T>, EngineError> {
        Ok(self.send(request).await?.json::<Option<_>>()?.unwrap_or_default())
    }

    /// Has something made or done; what the Engine answers is null where it says nothing.
    pub async fn post(&self, path: &[&str], body: &impl Serialize) -> Result<Value, EngineError> {
        self.send(Request::post(path).json(body)).await?.json()
    }

    /// Removes an object; false where there was none.
    pub async fn delete(&self, path: &[&str]) -> Result<bool, EngineError> {
        Ok(self.find::<Value>(Request::delete(path)).await?.is_some())
    }

    /// Sends a request whose answer comes in parts, and gives each of them.
    ///
    /// The request's timeout is the longest silence between two parts. A failure that the answer
    /// tells of is an error, whatever came before it.
    pub async fn stream(
        &self,
        mut request: Request,
        each: &mut (dyn FnMut(Value) + Send),
    ) -> Result<(), EngineError> {
        let api = self.version().await?.api;
        let exchange = &self.0.exchange;
        let permit = exchange.permit(Purpose::Stream).await?;
        let started = Instant::now();
        let silence = request.timeout;
        let late = |_| EngineError::TimedOut(silence);
        let (lease, response) =
            tokio::time::timeout(silence, exchange.send(&mut request, Some(api), permit))
                .await
                .map_err(late)??;
        let status = response.status();
        let mut body = response.into_body();
        if !status.is_success() {
            let body = collect(&mut body, started).await?;
            return Err(EngineError::refused(status.as_u16(), &body));
        }
        let mut lines = Lines::default();
        while let Some(frame) = tokio::time::timeout(silence, body.frame()).await.map_err(late)? {
            let frame =
                frame.map_err(|error| EngineError::lost(started.elapsed(), reason(&error)))?;
            if let Some(part) = frame.data_ref() {
                lines.take(part, each)?;
            }
        }
        lines.complete(each)?;
        exchange.give_back(lease);
        Ok(())
    }

    /// Sends a request whose answer comes in parts, and keeps what matters of them: also of an
    /// answer that ends with a failure.
    pub async fn follow(
        &self,
        request: Request,
        transcript: &mut Transcript,
    ) -> Result<(), EngineError> {
        self.stream(request, &mut |line| transcript.note(&line)).await
    }

    /// What carries its requests.
    pub(super) fn exchange_of(&self) -> &Exchange {
        &self.0.exchange
    }

    /// How many requests were sent so far.
    pub fn requests(&self) -> u64 {
        self.0.exchange.sent()
    }

    /// Sends a request as it stands and reads the whole answer.
    async fn exchange(
        &self,
        mut request: Request,
        version: Option<ApiVersion>,
    ) -> Result<Response, EngineError> {
        let exchange = &self.0.exchange;
        let permit = exchange.permit(Purpose::Answer).await?;
        let started = Instant::now();
        let timeout = request.timeout;
        let whole = async {
            let (lease, response) = exchange.send(&mut request, version, permit).await?;
            let (head, mut body) = response.into_parts();
            let body = collect(&mut body, started).await?;
            exchange.give_back(lease);
            Ok::<_, EngineError>((head, body))
        };
        let (head, body) = tokio::time::timeout(timeout, whole)
            .await
            .map_err(|_| EngineError::TimedOut(timeout))??;
        let status = head.status.as_u16();
        // 304: the container is started, or stopped, already.
        if head.status.is_success() || status == 304 {
            Ok(Response { status, headers: head.headers, body })
        } else {
            Err(EngineError::refused(status, &body))
        }
    }
}

/// Reads an answer to its end, within bounds.
pub(super) async fn collect(body: &mut Incoming, started: Instant) -> Result<Bytes, EngineError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| EngineError::lost(started.elapsed(), reason(&error)))?;
        let Some(part) = frame.data_ref() else { continue };
        if whole.len() + part.len() > Engine::LONGEST {
            let most = Engine::LONGEST / 1024 / 1024;
            return Err(EngineError::Answer(format!("it is longer than {most} MiB")));
        }
        whole.extend_from_slice(part);
    }
    Ok(whole.freeze())
}

/// The Engines of a run that were used so far, so that tasks share their connections.
#[derive(Debug, Clone, Default)]
pub struct Engines(Arc<Mutex<Vec<Engine>>>);

impl Engines {
    /// The Engine at an address, as a user reaches it over a host's connection.
    pub fn engine(
        &self,
        connection: &Arc<dyn Connection>,
        login: Option<&Become>,
        address: &Address,
        wanted: Option<ApiVersion>,
    ) -> Engine {
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |Engine(inner): &&Engine| {
            let Inner { exchange, wanted: version, .. } = &**inner;
            Arc::ptr_eq(&exchange.connection, connection)
                && exchange.login.as_ref() == login
                && exchange.address == *address
                && *version == wanted
        };
        if let Some(engine) = engines.iter().find(is_it) {
            return engine.clone();
        }
        let engine =
            Engine::with_version(Arc::clone(connection), login.cloned(), address.clone(), wanted);
        engines.push(engine.clone());
        engine
    }
}

#[cfg(test)]
mod tests;
