//! What every layer needs to speak to the user: places, diagnostics, suggestions, secrets, diffs.

mod curl;
mod diagnostic;
mod diff;
mod replace;
mod secret;
mod span;
mod suggest;

pub use curl::curl_setting;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use diff::{Diff, Side};
pub use replace::{replace_file, replace_file_with};
pub use secret::{Redactor, Secret};
pub use span::{Place, SourceId, Sources, Span};
pub use suggest::{closest, did_you_mean};
