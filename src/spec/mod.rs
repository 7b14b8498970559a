//! What a module takes: one description that decodes, checks and documents its arguments.

mod argument;
mod msg;
mod parameter;
mod reader;
mod rules;
mod schema;

pub use argument::{Argument, Choice, Mode, Presence};
pub use msg::msg;
pub use parameter::{Arguments, Kind, Parameter, Spec};
pub use reader::Reader;
pub use rules::Rule;
pub use schema::schema;
