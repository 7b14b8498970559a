//! Every module, by name. `UPDATE=1 cargo test` rewrites this file from the folders beside it.

use crate::sdk::Entry;

pub mod apt;
pub mod assemble;
pub mod blockinfile;
pub mod command;
pub mod copy;
pub mod current_container_facts;
pub mod docker_compose_v2;
pub mod docker_compose_v2_exec;
pub mod docker_compose_v2_pull;
pub mod docker_compose_v2_run;
pub mod docker_config;
pub mod docker_container;
pub mod docker_container_copy_into;
pub mod docker_container_exec;
pub mod docker_container_info;
pub mod docker_context;
pub mod docker_context_info;
pub mod docker_daemon;
pub mod docker_engine;
pub mod docker_host_info;
pub mod docker_image;
pub mod docker_image_build;
pub mod docker_image_export;
pub mod docker_image_info;
pub mod docker_image_load;
pub mod docker_image_pull;
pub mod docker_image_push;
pub mod docker_image_remove;
pub mod docker_image_tag;
pub mod docker_image_transfer;
pub mod docker_login;
pub mod docker_network;
pub mod docker_network_info;
pub mod docker_node;
pub mod docker_node_info;
pub mod docker_plugin;
pub mod docker_prune;
pub mod docker_registry;
pub mod docker_secret;
pub mod docker_stack;
pub mod docker_stack_info;
pub mod docker_stack_task_info;
pub mod docker_swarm;
pub mod docker_swarm_info;
pub mod docker_swarm_service;
pub mod docker_swarm_service_info;
pub mod docker_topology_info;
pub mod docker_volume;
pub mod docker_volume_info;
pub mod fetch;
pub mod file;
pub mod find;
pub mod get_url;
pub mod getent;
pub mod group;
pub mod lineinfile;
pub mod package;
pub mod ping;
pub mod pip;
pub mod raw;
pub mod replace;
pub mod script;
pub mod service;
pub mod setup;
pub mod shell;
pub mod slurp;
pub mod stat;
pub mod systemd;
pub mod tempfile;
pub mod template;
pub mod unarchive;
pub mod uri;
pub mod user;
pub mod wait_for;
pub mod wait_for_connection;

/// Every module, in the order of their names.
#[rustfmt::skip]
pub static REGISTRY: &[Entry] = &[
    Entry::new::<apt::Args>("apt").examples(include_str!("apt/examples.yml")),
    Entry::new::<assemble::Args>("assemble").examples(include_str!("assemble/examples.yml")),
    Entry::new::<blockinfile::Args>("blockinfile").examples(include_str!("blockinfile/examples.yml")),
    Entry::new::<command::Args>("command").examples(include_str!("command/examples.yml")),
    Entry::new::<copy::Args>("copy").examples(include_str!("copy/examples.yml")),
    Entry::new::<current_container_facts::Args>("current_container_facts").examples(include_str!("current_container_facts/examples.yml")),
    Entry::new::<docker_compose_v2::Args>("docker_compose_v2").examples(include_str!("docker_compose_v2/examples.yml")),
    Entry::new::<docker_compose_v2_exec::Args>("docker_compose_v2_exec").examples(include_str!("docker_compose_v2_exec/examples.yml")),
    Entry::new::<docker_compose_v2_pull::Args>("docker_compose_v2_pull").examples(include_str!("docker_compose_v2_pull/examples.yml")),
    Entry::new::<docker_compose_v2_run::Args>("docker_compose_v2_run").examples(include_str!("docker_compose_v2_run/examples.yml")),
    Entry::new::<docker_config::Args>("docker_config").examples(include_str!("docker_config/examples.yml")),
    Entry::new::<docker_container::Args>("docker_container").examples(include_str!("docker_container/examples.yml")),
    Entry::new::<docker_container_copy_into::Args>("docker_container_copy_into").examples(include_str!("docker_container_copy_into/examples.yml")),
    Entry::new::<docker_container_exec::Args>("docker_container_exec").examples(include_str!("docker_container_exec/examples.yml")),
    Entry::new::<docker_container_info::Args>("docker_container_info").examples(include_str!("docker_container_info/examples.yml")),
    Entry::new::<docker_context::Args>("docker_context").examples(include_str!("docker_context/examples.yml")),
    Entry::new::<docker_context_info::Args>("docker_context_info").examples(include_str!("docker_context_info/examples.yml")),
    Entry::new::<docker_daemon::Args>("docker_daemon").examples(include_str!("docker_daemon/examples.yml")),
    Entry::new::<docker_engine::Args>("docker_engine").examples(include_str!("docker_engine/examples.yml")),
    Entry::new::<docker_host_info::Args>("docker_host_info").examples(include_str!("docker_host_info/examples.yml")),
    Entry::new::<docker_image::Args>("docker_image").examples(include_str!("docker_image/examples.yml")),
    Entry::new::<docker_image_build::Args>("docker_image_build").examples(include_str!("docker_image_build/examples.yml")),
    Entry::new::<docker_image_export::Args>("docker_image_export").examples(include_str!("docker_image_export/examples.yml")),
    Entry::new::<docker_image_info::Args>("docker_image_info").examples(include_str!("docker_image_info/examples.yml")),
    Entry::new::<docker_image_load::Args>("docker_image_load").examples(include_str!("docker_image_load/examples.yml")),
    Entry::new::<docker_image_pull::Args>("docker_image_pull").examples(include_str!("docker_image_pull/examples.yml")),
    Entry::new::<docker_image_push::Args>("docker_image_push").examples(include_str!("docker_image_push/examples.yml")),
    Entry::new::<docker_image_remove::Args>("docker_image_remove").examples(include_str!("docker_image_remove/examples.yml")),
    Entry::new::<docker_image_tag::Args>("docker_image_tag").examples(include_str!("docker_image_tag/examples.yml")),
    Entry::new::<docker_image_transfer::Args>("docker_image_transfer").examples(include_str!("docker_image_transfer/examples.yml")),
    Entry::new::<docker_login::Args>("docker_login").examples(include_str!("docker_login/examples.yml")),
    Entry::new::<docker_network::Args>("docker_network").examples(include_str!("docker_network/examples.yml")),
    Entry::new::<docker_network_info::Args>("docker_network_info").examples(include_str!("docker_network_info/examples.yml")),
    Entry::new::<docker_node::Args>("docker_node").examples(include_str!("docker_node/examples.yml")),
    Entry::new::<docker_node_info::Args>("docker_node_info").examples(include_str!("docker_node_info/examples.yml")),
    Entry::new::<docker_plugin::Args>("docker_plugin").examples(include_str!("docker_plugin/examples.yml")),
    Entry::new::<docker_prune::Args>("docker_prune").examples(include_str!("docker_prune/examples.yml")),
    Entry::new::<docker_registry::Args>("docker_registry").examples(include_str!("docker_registry/examples.yml")),
    Entry::new::<docker_secret::Args>("docker_secret").examples(include_str!("docker_secret/examples.yml")),
    Entry::new::<docker_stack::Args>("docker_stack").examples(include_str!("docker_stack/examples.yml")),
    Entry::new::<docker_stack_info::Args>("docker_stack_info").examples(include_str!("docker_stack_info/examples.yml")),
    Entry::new::<docker_stack_task_info::Args>("docker_stack_task_info").examples(include_str!("docker_stack_task_info/examples.yml")),
    Entry::new::<docker_swarm::Args>("docker_swarm").examples(include_str!("docker_swarm/examples.yml")),
    Entry::new::<docker_swarm_info::Args>("docker_swarm_info").examples(include_str!("docker_swarm_info/examples.yml")),
    Entry::new::<docker_swarm_service::Args>("docker_swarm_service").examples(include_str!("docker_swarm_service/examples.yml")),
    Entry::new::<docker_swarm_service_info::Args>("docker_swarm_service_info").examples(include_str!("docker_swarm_service_info/examples.yml")),
    Entry::new::<docker_topology_info::Args>("docker_topology_info").examples(include_str!("docker_topology_info/examples.yml")),
    Entry::new::<docker_volume::Args>("docker_volume").examples(include_str!("docker_volume/examples.yml")),
    Entry::new::<docker_volume_info::Args>("docker_volume_info").examples(include_str!("docker_volume_info/examples.yml")),
    Entry::new::<fetch::Args>("fetch").examples(include_str!("fetch/examples.yml")),
    Entry::new::<file::Args>("file").examples(include_str!("file/examples.yml")),
    Entry::new::<find::Args>("find").examples(include_str!("find/examples.yml")),
    Entry::new::<get_url::Args>("get_url").examples(include_str!("get_url/examples.yml")),
    Entry::new::<getent::Args>("getent").examples(include_str!("getent/examples.yml")),
    Entry::new::<group::Args>("group").examples(include_str!("group/examples.yml")),
    Entry::new::<lineinfile::Args>("lineinfile").examples(include_str!("lineinfile/examples.yml")),
    Entry::new::<package::Args>("package").examples(include_str!("package/examples.yml")),
    Entry::new::<ping::Args>("ping").examples(include_str!("ping/examples.yml")),
    Entry::new::<pip::Args>("pip").examples(include_str!("pip/examples.yml")),
    Entry::new::<raw::Args>("raw").examples(include_str!("raw/examples.yml")),
    Entry::new::<replace::Args>("replace").examples(include_str!("replace/examples.yml")),
    Entry::new::<script::Args>("script").examples(include_str!("script/examples.yml")),
    Entry::new::<service::Args>("service").examples(include_str!("service/examples.yml")),
    Entry::new::<setup::Args>("setup").examples(include_str!("setup/examples.yml")),
    Entry::new::<shell::Args>("shell").examples(include_str!("shell/examples.yml")),
    Entry::new::<slurp::Args>("slurp").examples(include_str!("slurp/examples.yml")),
    Entry::new::<stat::Args>("stat").examples(include_str!("stat/examples.yml")),
    Entry::new::<systemd::Args>("systemd").examples(include_str!("systemd/examples.yml")),
    Entry::new::<tempfile::Args>("tempfile").examples(include_str!("tempfile/examples.yml")),
    Entry::new::<template::Args>("template").examples(include_str!("template/examples.yml")),
    Entry::new::<unarchive::Args>("unarchive").examples(include_str!("unarchive/examples.yml")),
    Entry::new::<uri::Args>("uri").examples(include_str!("uri/examples.yml")),
    Entry::new::<user::Args>("user").examples(include_str!("user/examples.yml")),
    Entry::new::<wait_for::Args>("wait_for").examples(include_str!("wait_for/examples.yml")),
    Entry::new::<wait_for_connection::Args>("wait_for_connection").examples(include_str!("wait_for_connection/examples.yml")),
];
