//! Runs playbooks: which task, on which host, with which variables, and what became of it.
//!
//! A play is walked as a tree. [`items`] takes a list of tasks and blocks and a group of hosts,
//! and runs each task on all of the group before the next: that is the linear strategy. The free
//! strategies walk the same tree once for each host.

mod action;
mod ad_hoc;
mod argument_spec;
mod asynchronous;
mod board;
mod connections;
mod context;
mod controller;
mod effects;
mod ended;
mod events;
mod extra_vars;
mod fact_cache;
mod fact_keeper;
mod facts;
mod files;
mod handlers;
mod include;
mod items;
mod jobs;
mod keywords;
mod library;
mod login;
mod loop_control;
mod meta;
mod options;
mod permit;
mod play;
mod play_scope;
mod project;
mod prompts;
mod run;
mod scope;
mod ssh_arguments;
mod static_around;
mod static_check;
mod static_files;
mod static_names;
mod static_play;
mod static_values;
mod step;
mod tags;
mod task;
mod turns;
mod work;

pub use action::{ActionEntry, actions};
pub use ad_hoc::Background;
pub use fact_cache::{FactCache, FactForm};
pub use options::{Asking, BecomeDefaults, ConnectionDefaults, Interrupt, Options, Unmatched};
pub use project::{FileScope, Picked, Project, Settings, What, catalogue};
pub use run::run;
pub use scope::LANGUAGE;
pub use static_play::Told;
pub use tags::TagChoice;
