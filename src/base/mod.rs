//! What every layer needs to speak to the user: places, diagnostics, suggestions, secrets, diffs.

mod diagnostic;
mod diff;
mod replace;
mod secret;
mod span;
mod suggest;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use diff::{Diff, Side};
pub use replace::replace_file;
pub use secret::{Redactor, Secret};
pub use span::{Place, SourceId, Sources, Span};
pub use suggest::{closest, did_you_mean};
