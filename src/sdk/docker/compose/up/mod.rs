//! A project brought to what its files say: what is seen, what is decided, what is done.

mod compare;
mod containers;
mod create;
mod down;
mod images;
mod networks;
mod options;
mod output;
mod planner;
mod services;
mod state;
mod steps;
mod volumes;

pub use self::options::{Building, UpOptions};
use self::options::{Pulling, Recreate, RemoveImages, WantedState};
pub use self::state::ProjectState;
pub use self::steps::ProjectChange;
