//! YAML as Ansible reads and writes it: libyaml's syntax, PyYAML's YAML 1.1 types, and a place
//! on every value.

mod composer;
mod emit;
mod events;
mod explain;
mod file;
mod resolve;
mod tag;
mod timestamp;

pub use composer::{Parsed, parse, parse_marked};
pub use emit::{ENCRYPTED, Scalars, Style, to_yaml};
pub use file::read_file;
pub use timestamp::is_timestamp;
