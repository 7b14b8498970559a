//! The Docker Engine as modules reach it: one hand that looks, one that touches.
//!
//! ```compile_fail
//! async fn observe(docker: rplay::sdk::docker::DockerReader) {
//!     docker.delete(&["networks", "web"]).await;
//! }
//! ```

mod archive;
mod bare;
mod build;
mod client_config;
mod command;
pub mod compose;
mod container_file;
mod context;
mod contexts;
mod credential_store;
mod differences;
mod dockerignore;
mod environment;
mod exec;
mod image_name;
mod images;
mod login;
mod named;
pub mod network;
mod newer;
mod options;
mod push;
mod reader;
mod registry;
pub mod swarm;
mod texts;
mod transfer;
mod writer;

pub use archive::ArchivedImage;
pub use bare::{bare, duration, is_nothing, ordered};
pub use build::Build;
pub use client_config::{ClientConfig, ClientConfigWrite};
pub use container_file::{ContainerFile, ContainerFileKind, container_path};
pub use contexts::{Context, Contexts};
pub use credential_store::{CredentialChange, CredentialStore, KeptLogin};
pub use differences::Differences;
pub use environment::Environment;
pub use exec::ContainerCommand;
pub use image_name::ImageName;
pub use images::{Pull, PullPolicy, SeenImage};
pub use login::REGISTRY as DOCKER_HUB;
pub use named::is_called;
pub use options::{DockerOptions, EngineOptions};
pub use push::Push;
pub use reader::DockerReader;
pub use registry::RegistryImage;
pub use texts::{Texts, filters, text_of};
pub use transfer::{SavedImage, layers_of};
pub use writer::{DockerWriter, Doing};

pub use crate::remote::docker::{
    ApiVersion, Body, Credentials, EngineError, Method, Request, Transcript, Version,
};
