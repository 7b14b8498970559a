//! The Docker Engine's HTTP API, spoken over a host's own connection.
//!
//! Every HTTP connection is one stream of the host's [`Connection`](super::Connection): to the
//! Engine's socket, or to `docker system dial-stdio` where the socket cannot be reached
//! directly or not as the login user. Nothing is installed on the host, no port is opened.
//!
//! Bodies are plain JSON values, not models of one API version: what an engine says beyond what
//! rplay knows survives reading, changing and writing back.

mod address;
mod advice;
mod attach;
mod body;
mod credentials;
mod engine;
mod error;
mod exchange;
mod frames;
mod log;
mod pool;
mod progress;
mod request;
mod route;
mod version;
mod wait;

pub use address::Address;
pub use body::Body;
pub use credentials::Credentials;
pub use engine::{Engine, Engines};
pub use error::EngineError;
pub use frames::Streams;
pub use progress::Transcript;
pub use request::{Method, Request, Response};
pub use version::{ApiVersion, Version};
