//! What a request carries.

use std::convert::Infallible;
use std::{fmt, io};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;

/// What a request carries.
pub enum Body {
    /// Nothing.
    Empty,
    /// A JSON value.
    Json(Value),
    /// A tar archive that is at hand.
    Tar(Bytes),
    /// A tar archive that comes as it is made. It is sent once: the request is never repeated.
    TarStream(BoxStream<'static, io::Result<Bytes>>),
}

impl Body {
    /// What the `Content-Type` header says.
    pub(super) fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::Empty => None,
            Self::Json(_) => Some("application/json"),
            Self::Tar(_) | Self::TarStream(_) => Some("application/x-tar"),
        }
    }

    /// The same archive after these bytes of one.
    #[must_use]
    pub fn after(self, bytes: Vec<u8>) -> Self {
        match self {
            Self::TarStream(stream) => {
                let first = stream::iter([Ok(Bytes::from(bytes))]);
                Self::TarStream(first.chain(stream).boxed())
            }
            Self::Tar(archive) => Self::Tar([bytes, archive.to_vec()].concat().into()),
            other => other,
        }
    }

    /// Whether it can be sent a second time.
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(self, Self::TarStream(_))
    }

    /// The body as it goes out; a stream is taken out of the request.
    pub(super) fn outgoing(&mut self) -> UnsyncBoxBody<Bytes, io::Error> {
        let never = |error: Infallible| match error {};
        match self {
            Self::Empty => Empty::new().map_err(never).boxed_unsync(),
            Self::Json(value) => {
                Full::new(Bytes::from(value.to_string())).map_err(never).boxed_unsync()
            }
            Self::Tar(bytes) => Full::new(bytes.clone()).map_err(never).boxed_unsync(),
            Self::TarStream(stream) => {
                let stream = std::mem::replace(stream, futures_util::stream::empty().boxed());
                StreamBody::new(stream.map(|part| part.map(Frame::data))).boxed_unsync()
            }
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A body may hold a secret's data, so only its kind is shown.
        f.write_str(match self {
            Self::Empty => "Empty",
            Self::Json(_) => "Json(..)",
            Self::Tar(_) => "Tar(..)",
            Self::TarStream(_) => "TarStream(..)",
        })
    }
}
