//! One question to an Engine, and its answer.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::HeaderMap;
pub use hyper::Method;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ApiVersion, Body, EngineError};
use crate::base::Secret;

/// One question to an Engine.
#[derive(Debug)]
pub struct Request {
    pub(super) method: Method,
    /// Encoded, with a slash in front, without the API version.
    pub(super) path: String,
    /// Encoded, without the question mark.
    query: String,
    headers: Vec<(&'static str, Secret)>,
    pub(super) body: Body,
    pub(super) timeout: Duration,
}

impl Request {
    /// How long an answer may take unless told otherwise.
    pub const TIMEOUT: Duration = Duration::from_mins(1);

    /// A request for the object that the path's segments name; each is encoded.
    pub fn new(method: Method, path: &[&str]) -> Self {
        let path = path.iter().flat_map(|segment| ["/".to_owned(), encode(segment)]).collect();
        Self {
            method,
            path,
            query: String::new(),
            headers: vec![],
            body: Body::Empty,
            timeout: Self::TIMEOUT,
        }
    }

    /// Looks at an object.
    pub fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path)
    }

    /// Makes an object, or has something done.
    pub fn post(path: &[&str]) -> Self {
        Self::new(Method::POST, path)
    }

    /// Removes an object.
    pub fn delete(path: &[&str]) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend([encode(name).as_str(), "=", &encode(value.as_ref())]);
        self
    }

    /// Adds a query parameter that holds JSON, such as `filters`.
    #[must_use]
    pub fn query_json(self, name: &str, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.query(name, value.to_string())
    }

    /// Adds a header; its value is never shown.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: Secret) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sets what it carries.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Sets what it carries: anything that serialises.
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        self.body(Body::Json(serde_json::to_value(value).unwrap_or(Value::Null)))
    }

    /// Sets how long the answer may take; of an answer in parts, how long each may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long the answer may take.
    pub fn longest(&self) -> Duration {
        self.timeout
    }

    /// How it may be sent.
    pub(super) fn nature(&self) -> Nature {
        Nature {
            idempotent: matches!(self.method, Method::GET | Method::HEAD),
            repeatable: self.body.is_repeatable(),
        }
    }

    /// The request as it goes out.
    pub(super) fn outgoing(
        &mut self,
        version: Option<ApiVersion>,
    ) -> Result<hyper::Request<UnsyncBoxBody<Bytes, std::io::Error>>, EngineError> {
        let prefix = version.map_or_else(String::new, |version| format!("/v{version}"));
        let mark = if self.query.is_empty() { "" } else { "?" };
        let mut builder = hyper::Request::builder()
            .method(self.method.clone())
            .uri(format!("{prefix}{}{mark}{}", self.path, self.query))
            .header(HOST, "docker");
        if let Some(media_type) = self.body.media_type() {
            builder = builder.header(CONTENT_TYPE, media_type);
        }
        for (name, value) in &self.headers {
            let mut value = HeaderValue::from_str(value.reveal())
                .map_err(|_| EngineError::Answer(format!("the header {name} cannot be sent")))?;
            value.set_sensitive(true);
            builder = builder.header(*name, value);
        }
        builder.body(self.body.outgoing()).map_err(|error| EngineError::Answer(error.to_string()))
    }
}

/// How a request may be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nature {
    /// Whether asking twice has the effect of asking once.
    pub(super) idempotent: bool,
    /// Whether what it carries can be sent a second time.
    pub(super) repeatable: bool,
}

/// An Engine's answer, whole.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status; one that tells of success.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// Reads the body as JSON; nothing at all reads as null.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, EngineError> {
        let body: &[u8] = if self.body.trim_ascii().is_empty() { b"null" } else { &self.body };
        serde_json::from_slice(body).map_err(|error| EngineError::Answer(error.to_string()))
    }
}

/// Encodes a path segment or a part of a query: everything but letters, digits and `-._~`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let digit = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half)]);
                encoded.extend(['%', digit(byte >> 4), digit(byte & 0xF)]);
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_leave_their_place_in_the_address() {
        let mut request = Request::get(&["images", "reg:5000/a/b", "json?x"])
            .query("a b", "1&2=3")
            .query_json("filters", &serde_json::json!({"label": ["ä"]}));
        let uri = request.outgoing(Some(ApiVersion::new(1, 41))).unwrap().uri().to_string();
        insta::assert_snapshot!(uri, @"/v1.41/images/reg%3A5000%2Fa%2Fb/json%3Fx?a%20b=1%262%3D3&filters=%7B%22label%22%3A%5B%22%C3%A4%22%5D%7D");
    }

    #[test]
    fn no_header_is_shown() {
        let request = Request::get(&[]).header("X-Registry-Auth", Secret::new("hunter2".into()));
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
