//! Roles: how they are used, where they are found, their files and argument specifications.

mod files;
mod find;
mod roles;
mod spec_faults;
mod specs;
mod usage;
