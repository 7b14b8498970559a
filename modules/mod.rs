//! Every module, by name. `UPDATE=1 cargo test` rewrites this file from the folders beside it.

use crate::sdk::Entry;

pub mod apt;
pub mod blockinfile;
pub mod command;
pub mod copy;
pub mod docker_container;
pub mod docker_container_info;
pub mod docker_daemon;
pub mod docker_engine;
pub mod docker_host_info;
pub mod docker_image;
pub mod docker_image_export;
pub mod docker_image_info;
pub mod docker_image_load;
pub mod docker_image_pull;
pub mod docker_image_push;
pub mod docker_image_remove;
pub mod docker_image_tag;
pub mod docker_network;
pub mod docker_network_info;
pub mod docker_node;
pub mod docker_node_info;
pub mod docker_swarm;
pub mod docker_swarm_info;
pub mod docker_swarm_service;
pub mod docker_volume;
pub mod docker_volume_info;
pub mod file;
pub mod group;
pub mod lineinfile;
pub mod package;
pub mod ping;
pub mod pip;
pub mod raw;
pub mod replace;
pub mod service;
pub mod setup;
pub mod shell;
pub mod stat;
pub mod systemd;
pub mod template;
pub mod user;

/// Every module, in the order of their names.
#[rustfmt::skip]
pub static REGISTRY: &[Entry] = &[
    Entry::new::<apt::Args>("apt"),
    Entry::new::<blockinfile::Args>("blockinfile"),
    Entry::new::<command::Args>("command"),
    Entry::new::<copy::Args>("copy"),
    Entry::new::<docker_container::Args>("docker_container"),
    Entry::new::<docker_container_info::Args>("docker_container_info"),
    Entry::new::<docker_daemon::Args>("docker_daemon"),
    Entry::new::<docker_engine::Args>("docker_engine"),
    Entry::new::<docker_host_info::Args>("docker_host_info"),
    Entry::new::<docker_image::Args>("docker_image"),
    Entry::new::<docker_image_export::Args>("docker_image_export"),
    Entry::new::<docker_image_info::Args>("docker_image_info"),
    Entry::new::<docker_image_load::Args>("docker_image_load"),
    Entry::new::<docker_image_pull::Args>("docker_image_pull"),
    Entry::new::<docker_image_push::Args>("docker_image_push"),
    Entry::new::<docker_image_remove::Args>("docker_image_remove"),
    Entry::new::<docker_image_tag::Args>("docker_image_tag"),
    Entry::new::<docker_network::Args>("docker_network"),
    Entry::new::<docker_network_info::Args>("docker_network_info"),
    Entry::new::<docker_node::Args>("docker_node"),
    Entry::new::<docker_node_info::Args>("docker_node_info"),
    Entry::new::<docker_swarm::Args>("docker_swarm"),
    Entry::new::<docker_swarm_info::Args>("docker_swarm_info"),
    Entry::new::<docker_swarm_service::Args>("docker_swarm_service"),
    Entry::new::<docker_volume::Args>("docker_volume"),
    Entry::new::<docker_volume_info::Args>("docker_volume_info"),
    Entry::new::<file::Args>("file"),
    Entry::new::<group::Args>("group"),
    Entry::new::<lineinfile::Args>("lineinfile"),
    Entry::new::<package::Args>("package"),
    Entry::new::<ping::Args>("ping"),
    Entry::new::<pip::Args>("pip"),
    Entry::new::<raw::Args>("raw"),
    Entry::new::<replace::Args>("replace"),
    Entry::new::<service::Args>("service"),
    Entry::new::<setup::Args>("setup"),
    Entry::new::<shell::Args>("shell"),
    Entry::new::<stat::Args>("stat"),
    Entry::new::<systemd::Args>("systemd"),
    Entry::new::<template::Args>("template"),
    Entry::new::<user::Args>("user"),
];
