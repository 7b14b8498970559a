//! Roles and collections that others wrote: read from `requirements.yml`, fetched, verified, put in
//! place.
//!
//! Nothing is unpacked where it will stand: each is put together in a folder beside, and renamed.
//! What was fetched is held against `requirements.lock`, which the first installation writes.

mod archive;
mod fetch;
mod galaxy;
mod git;
mod installation;
mod lock;
mod place;
mod program;
mod requirements;
mod source;
mod versions;

pub(super) use installation::Installation;
pub(super) use requirements::read;
pub(super) use source::Kind;
