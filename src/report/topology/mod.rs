//! How a cluster is made up: hosts, swarms, networks, services, as text and as a picture.

mod data;
mod svg;
mod text;

pub use data::{
    Container, Engine, HostView, Membership, Network, Node, Place, Service, Task, Topology,
};

#[cfg(test)]
mod tests;
