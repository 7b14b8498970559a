//! What was written: plays, blocks, tasks, roles and handlers, with their places.
//!
//! Loading resolves everything that files alone decide (imports, roles, argument text) and
//! collects every fault on the way; what depends on a host is left as templates.

mod catalogue;
mod collection;
mod keyword;
mod known;
mod library;
mod load;
mod model;
mod reserved;
mod words;

pub use catalogue::{Catalogue, Check, Described};
pub use collection::{collection_of, split_qualified};
pub use keyword::{KEYWORDS, Keyword, Keywords, Place, Shape};
pub use known::Known;
pub use library::{JSON_ARGUMENTS, Library, LibraryModule, LibraryPaths, Style};
pub use load::{LoadSettings, Loader, layer_of};
pub(crate) use load::{OPEN, arguments, find_tasks, searched, task_folders, unique, unrunnable};
pub use model::{Action, Block, Item, Late, Loop, Origin, Play, Playbook, Role, RoleName, Task};
use reserved::VARIABLE_NAME;
pub(crate) use reserved::is_variable_name;
pub use reserved::reserved_name;
pub use words::{Word, continuations, split_words};
