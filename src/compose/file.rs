//! A whole file, and the objects in it that are no services.

use indexmap::IndexMap;

use super::form::{External, Pairs};
use super::service::Service;
use crate::value::Value;

/// A whole file.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub(super) struct File {
    /// The version of the format; it is of no matter.
    #[arg(name = "version")]
    _version: Option<Value>,
    /// Name of the project.
    pub(super) name: Option<String>,
    /// The services.
    #[arg(default)]
    pub(super) services: IndexMap<String, Service>,
    /// The networks.
    #[arg(default)]
    pub(super) networks: IndexMap<String, Option<Network>>,
    /// The volumes.
    #[arg(default)]
    pub(super) volumes: IndexMap<String, Option<Volume>>,
    /// The secrets.
    #[arg(default)]
    pub(super) secrets: IndexMap<String, Config>,
    /// The configs.
    #[arg(default)]
    pub(super) configs: IndexMap<String, Config>,
    /// Other files; they are read before.
    #[arg(name = "include")]
    _include: Option<Value>,
    /// Models.
    #[arg(name = "models")]
    _models: Option<Value>,
}

/// A network.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Network {
    /// Its name, where it is not made of the project's and its key.
    pub name: Option<String>,
    /// Its driver.
    pub driver: Option<String>,
    /// Options of the driver.
    #[arg(default)]
    pub driver_opts: Pairs,
    /// Its addresses.
    pub ipam: Option<Ipam>,
    /// Whether somebody else made it.
    #[arg(default)]
    pub external: External,
    /// Whether nothing outside is reached from it.
    #[arg(default)]
    pub internal: bool,
    /// Whether containers that are no tasks can join it.
    pub attachable: Option<bool>,
    /// Whether it has IPv4 addresses.
    pub enable_ipv4: Option<bool>,
    /// Whether it has IPv6 addresses.
    pub enable_ipv6: Option<bool>,
    /// Its labels.
    #[arg(default)]
    pub labels: Pairs,
}

/// The addresses of a network.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Ipam {
    /// What gives them out.
    pub driver: Option<String>,
    /// Its ranges.
    #[arg(default)]
    pub config: Vec<IpamPool>,
    /// Options of what gives them out.
    #[arg(default)]
    pub options: Pairs,
}

/// A range of addresses.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct IpamPool {
    /// The subnet.
    pub subnet: Option<String>,
    /// The part of it that addresses are given out of.
    pub ip_range: Option<String>,
    /// The way out.
    pub gateway: Option<String>,
    /// Addresses that are taken.
    #[arg(default)]
    pub aux_addresses: Pairs,
}

/// A volume.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Volume {
    /// Its name, where it is not made of the project's and its key.
    pub name: Option<String>,
    /// Its driver.
    pub driver: Option<String>,
    /// Options of the driver.
    #[arg(default)]
    pub driver_opts: Pairs,
    /// Whether somebody else made it.
    #[arg(default)]
    pub external: External,
    /// Its labels.
    #[arg(default)]
    pub labels: Pairs,
}

/// A secret or a config.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Config {
    /// Its name, where it is not made of the project's and its key.
    pub name: Option<String>,
    /// The file that holds it.
    pub file: Option<String>,
    /// The variable that holds it.
    pub environment: Option<String>,
    /// What it holds.
    pub content: Option<String>,
    /// Whether somebody else made it.
    #[arg(default)]
    pub external: External,
    /// Its labels.
    #[arg(default)]
    pub labels: Pairs,
    /// What keeps it.
    pub driver: Option<String>,
    /// Options of what keeps it.
    #[arg(default)]
    pub driver_opts: Pairs,
    /// What puts values into it when it is used.
    pub template_driver: Option<String>,
}
