//! HTTP requests that a host makes: what `uri` and `get_url` share.
//!
//! `curl` makes them where the host has it; everything it is told, secrets too, stands in a
//! configuration on its standard input. Without it a plain request goes through the connection's
//! own streams, which needs nothing on the host.

mod curl;
mod direct;
mod download;
mod options;
mod request;
mod response;

pub use download::Download;
pub use options::HttpOptions;
pub use request::{Body, Follow, HttpRequest};
pub use response::HttpResponse;
