//! Changes what an Engine has.

use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::{DockerOptions, DockerReader};
use crate::remote::Output;
use crate::remote::docker::{EngineError, Request, Response, Streams, Transcript};
use crate::sdk::{Failure, Operator};

/// Changes what an Engine has; also looks, as a [`DockerReader`] does.
#[derive(Debug, Clone)]
pub struct DockerWriter(DockerReader);

impl Operator<'_> {
    /// The host's Docker Engine. Nothing is sent yet.
    pub fn docker(&self, options: &DockerOptions) -> Result<DockerWriter, Failure> {
        DockerReader::new(self.host(), options).map(DockerWriter)
    }
}

impl Deref for DockerWriter {
    type Target = DockerReader;

    fn deref(&self) -> &DockerReader {
        &self.0
    }
}

impl DockerWriter {
    /// The longest silence in the middle of a pull, a push or a build: a step of a build may say
    /// nothing for minutes.
    const SILENCE: Duration = Duration::from_mins(30);

    /// Has something made or done; what the Engine answers is null where it says nothing.
    pub async fn post(&self, path: &[&str], body: &impl Serialize) -> Result<Value, EngineError> {
        let mut answer = self.send(Request::post(path).json(body)).await;
        // It was refused: nothing is done twice.
        if self.manages_again(&answer).await? {
            answer = self.send(Request::post(path).json(body)).await;
        }
        answer?.json()
    }

    /// Has something done that needs no more to be said, with query parameters.
    pub async fn act(&self, path: &[&str], query: &[(&str, &str)]) -> Result<(), EngineError> {
        let request =
            query.iter().fold(Request::post(path), |r, (name, value)| r.query(name, value));
        self.send(request).await.map(drop)
    }

    /// Removes an object; false where there was none.
    pub async fn delete(&self, path: &[&str]) -> Result<bool, EngineError> {
        self.remove(path, &[]).await
    }

    /// Removes an object, with query parameters; false where there was none.
    pub async fn remove(&self, path: &[&str], query: &[(&str, &str)]) -> Result<bool, EngineError> {
        let request =
            query.iter().fold(Request::delete(path), |r, (name, value)| r.query(name, value));
        match self.send(request).await {
            Ok(_) => Ok(true),
            Err(error) if error.status() == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends a request; the task's timeout holds unless the request has a longer one.
    pub async fn send(&self, request: Request) -> Result<Response, EngineError> {
        let timeout = self.0.timeout.max(request.longest());
        self.0.engine.send(request.timeout(timeout)).await
    }

    /// Has a command run and reads what it prints, see [`ContainerCommand`](super::ContainerCommand).
    pub(super) async fn attach(
        &self,
        request: Request,
        streams: Streams,
        input: Bytes,
        limit: usize,
        begin: impl Future<Output = Result<(), EngineError>> + Send,
    ) -> Result<Output, EngineError> {
        self.0.engine.attach(request.timeout(self.0.timeout), streams, input, limit, begin).await
    }

    /// Sends a pull, a push, a load or a build, waits for its end, and keeps what matters.
    pub async fn transcript(&self, request: Request) -> Result<Transcript, EngineError> {
        let mut transcript = Transcript::default();
        self.follow(request, &mut transcript).await.map(|()| transcript)
    }

    /// The same, for what is worth knowing of one that failed, too.
    pub async fn follow(
        &self,
        request: Request,
        transcript: &mut Transcript,
    ) -> Result<(), EngineError> {
        self.0.engine.follow(request.timeout(Self::SILENCE), transcript).await
    }
}

/// Says what was being done when it went wrong.
pub trait Doing<T> {
    /// Puts a fragment such as `creating the network web` before the Engine's words.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T> Doing<T> for Result<T, EngineError> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|error| failed(error, &what()))
    }
}

/// The failure that an error is, with what was being done in front of the Engine's words.
pub(super) fn failed(error: EngineError, doing: &str) -> Failure {
    match error {
        EngineError::Status { status, message } => {
            EngineError::Status { status, message: format!("{doing}: {message}") }.into()
        }
        EngineError::Failed(message) => EngineError::Failed(format!("{doing}: {message}")).into(),
        other => other.into(),
    }
}
