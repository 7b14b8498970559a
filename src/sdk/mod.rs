//! All that a module may know: the only import of everything under `modules/`.
//!
//! A module looks at a host through an [`Observer`], which has no means to change anything;
//! decides in `plan`, which has no host at all; and acts through an [`Operator`], which exists
//! only in apply mode.
//!
//! What the types cannot stop is a look that does more than it says. These do not compile, for
//! one reason each:
//!
//! ```compile_fail
//! async fn observe(host: &rplay::sdk::Observer<'_>) {
//!     host.run(rplay::sdk::Exec::script("rm -rf /")).await;
//! }
//! ```
//!
//! ```compile_fail
//! fn forge(host: &rplay::sdk::Host) -> rplay::sdk::Operator<'_> {
//!     rplay::sdk::Operator::new(host)
//! }
//! ```

pub mod command;
mod controller;
pub mod docker;
pub mod dockerd;
mod escapes;
mod failure;
pub mod file;
mod host;
pub mod http;
pub mod library;
mod module;
pub mod package;
mod plan;
mod port;
mod reach;
mod returned;
mod sections;
pub mod service;
pub mod tls;

pub use controller::{Controller, Pause, Peer, RenderOptions, Search};
pub use escapes::unescape;
pub use failure::Failure;
pub use host::{Host, Observer, Operator, Probe};
pub use module::{CheckMode, Entry, Module, Outcome, Rehearsal, RunMode, Running};
pub use plan::Plan;
pub use port::Port;
pub use returned::Returned;
pub use sections::Sections;

pub use crate::base::{Diagnostic, Diff, Redactor, Secret, Side, Span, did_you_mean};
pub use crate::remote::{
    Become, BecomeMethod, Connection, ConnectionError, Exec, Output, Produce, Stdin, Target,
};
pub use crate::spec::{
    Argument, Arguments, Choice, Kind, Mode, Parameter, Presence, Reader, Rule, Spec,
};
pub use crate::value::regex::{Captures, Regex, RegexOptions, Replacement};
pub use crate::value::{Data, Fields, Key, Node, Value, Wildcard, coerce};
pub use rplay_derive::{Arguments, Choice};
