//! Looks at what an Engine has.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::DockerOptions;
use crate::base::{Redactor, Secret};
use crate::remote::docker::{
    ApiVersion, Credentials, Engine, EngineError, Request, Response, Version,
};
use crate::sdk::{Failure, Host, Observer};

/// Looks at what an Engine has. Has no way to change it.
///
/// On a host without an Engine there is nothing: so can check mode tell what will be there once
/// an earlier task has installed it. Whatever is to be changed fails for want of an Engine.
#[derive(Debug, Clone)]
pub struct DockerReader {
    pub(super) engine: Engine,
    pub(super) timeout: Duration,
    redactor: Redactor,
}

impl Observer<'_> {
    /// The host's Docker Engine. Nothing is sent yet.
    pub fn docker(&self, options: &DockerOptions) -> Result<DockerReader, Failure> {
        DockerReader::new(self.host(), options)
    }
}

impl DockerReader {
    pub(super) fn new(host: &Host, options: &DockerOptions) -> Result<Self, Failure> {
        let access = options.access(host)?;
        let engine = host.engines.engine(
            &host.connection,
            host.login.as_ref(),
            &access.address,
            access.version,
        );
        let redactor = host.redactor.clone();
        Ok(Self { engine, timeout: access.timeout, redactor })
    }

    /// Looks at an object; `None` where there is none.
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>, EngineError> {
        self.find(path, &[]).await
    }

    /// Looks at an object with query parameters; `None` where there is none.
    pub async fn find<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Option<T>, EngineError> {
        match self.engine.find(self.request(path, query)).await {
            Err(EngineError::Absent { .. }) => Ok(None),
            found => found,
        }
    }

    /// Looks at several objects.
    pub async fn list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, EngineError> {
        match self.engine.list(self.request(path, query)).await {
            Err(EngineError::Absent { .. }) => Ok(vec![]),
            found => found,
        }
    }

    /// Looks at what every Engine has, such as `/info`.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, EngineError> {
        self.look(self.request(path, query)).await?.json()
    }

    /// What the Engine is, and the API version spoken with it.
    pub async fn version(&self) -> Result<Arc<Version>, EngineError> {
        self.engine.version().await
    }

    /// Refuses what needs a newer API version; `what` is a noun phrase such as `several networks
    /// at creation`.
    pub async fn require(&self, needed: ApiVersion, what: &str) -> Result<(), EngineError> {
        self.engine.require(needed, what).await
    }

    /// The header with a registry login, or with none.
    pub fn header(&self, login: Option<&Credentials>) -> Secret {
        Credentials::header(login, &self.redactor)
    }

    /// Sends a request that only looks.
    pub(super) async fn look(&self, request: Request) -> Result<Response, EngineError> {
        self.engine.send(request.timeout(self.timeout)).await
    }

    pub(super) fn request(&self, path: &[&str], query: &[(&str, &str)]) -> Request {
        query
            .iter()
            .fold(Request::get(path), |request, (name, value)| request.query(name, value))
            .timeout(self.timeout)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        if let EngineError::Connection(error) = error {
            return Self::Connection(error);
        }
        let failure = Self::new(error.to_string());
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}
