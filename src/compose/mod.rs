//! The Compose Specification: files read into one project, with every default and short form
//! spelt out. Knows neither hosts nor Engines.
//!
//! Versions 1 to 3 of the file format and today's specification
//! (<https://github.com/compose-spec/compose-spec>) are read alike: what only one of them has is
//! taken from any.

mod dotenv;
mod extends;
mod file;
mod form;
mod interpolate;
mod load;
mod marks;
mod merge;
mod paths;
mod project;
mod references;
mod schema;
mod service;
mod settings;

pub use dotenv::{Variables, read_dotenv, read_raw};
pub use file::{Config, Ipam, IpamPool, Network, Volume};
pub use form::{External, Pairs, Publish, Published, Size, Strings, Time, Ulimit, Words};
pub use load::{Files, Loaded, Loader, Source, Wanted};
pub use project::Project;
pub use schema::{Definition, check};
pub use service::{
    Bind, BlockIo, Build, Dependency, DependencyCondition, DependsOn, Deploy, DeviceRate,
    DeviceRequest, EnvFile, EnvFiles, FileMount, Healthcheck, Hook, Hosts, Limits, Logging,
    Membership, Mount, MountKind, Networking, Networks, Placement, Preference, Process, Recursive,
    ResourcePolicy, Resources, RestartPolicy, Service, UpdatePolicy,
};
pub use settings::Settings;
