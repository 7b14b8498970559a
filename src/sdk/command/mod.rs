//! Running the user's own commands: what `command`, `shell` and `script` share.

mod clock;
mod guard;
mod run;

pub use clock::http_date;
pub use guard::{Guard, GuardState};
pub use run::{CommandRun, Streams};
