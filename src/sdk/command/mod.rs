//! Running the user's own commands: what `command`, `shell` and `script` share.

mod clock;
mod guard;
mod job;
mod run;

pub use clock::http_date;
pub use guard::{Guard, GuardState};
pub use job::{Job, JobLook, JobState, Start, job_result};
pub use run::{CommandRun, Streams};
