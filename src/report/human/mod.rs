//! The run as a person reads it, in a terminal or in a log.

mod diff;
mod live_line;
mod recap;
mod reporter;
mod result;
mod screen;

pub(super) use diff::show as show_diff;
pub use live_line::LiveLine;
pub use reporter::{Human, HumanOptions};
pub use screen::Screen;
