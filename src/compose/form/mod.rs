//! Values that may be written in several ways.

mod external;
mod measure;
mod pairs;
mod publish;
mod ulimit;
mod words;

pub use external::External;
pub use measure::{Size, Time};
pub use pairs::Pairs;
pub(super) use pairs::scalar;
pub use publish::{Publish, Published};
pub use ulimit::Ulimit;
pub use words::{Strings, Words};
