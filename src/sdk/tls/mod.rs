//! Certificates of one's own: an authority that signs them, and what can be read of one.

mod authority;
mod certificate;

pub use authority::{Authority, Issued};
pub use certificate::Certificate;
