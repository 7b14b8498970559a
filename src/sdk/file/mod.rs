//! Files: how they are looked at, compared and put in place. Every module about files is made of
//! these parts.
//!
//! A [`Look`] asks all about one path in one round trip. A [`WantedFile`] compares what was seen
//! with what must be and decides; its [`FileChange`] writes beside the file, sets owner and
//! permissions before anything can be seen, has the content validated, and renames: the file is
//! the old one or the new one, never half of it.

mod algorithm;
mod attributes;
mod content;
mod directories;
mod edit;
mod fault;
mod look;
mod part;
mod permissions;
mod placement;
mod source;
mod stat;
mod wanted;
mod write;

pub use algorithm::Algorithm;
pub use attributes::{AttributeChange, FileAttributes};
pub use content::Content;
pub use directories::NewDirectories;
pub use edit::{Edit, EditedFile};
pub use fault::explain;
pub use look::{Link, Look, Obstacle, Seen, base_name, parent, script};
pub use permissions::Permissions;
pub use placement::Placement;
pub use source::Source;
pub use stat::{FileKind, FileStat};
pub use wanted::{FileChange, WantedFile};
pub use write::{FileWrite, Payload};
