//! The labels by which Docker's own tools know a project's objects.

/// The name of the project.
pub const PROJECT: &str = "com.docker.compose.project";
/// The name of the service.
pub const SERVICE: &str = "com.docker.compose.service";
/// The number of the container among those of its service, from 1.
pub const NUMBER: &str = "com.docker.compose.container-number";
/// Whether the container was made for one command: `True` or `False`.
pub const ONE_OFF: &str = "com.docker.compose.oneoff";
/// A hash of all settings of the service.
pub const HASH: &str = "com.docker.compose.config-hash";
/// The key of a network in its project.
pub const NETWORK: &str = "com.docker.compose.network";
/// The key of a volume in its project.
pub const VOLUME: &str = "com.docker.compose.volume";
/// The folder of the project.
pub const FOLDER: &str = "com.docker.compose.project.working_dir";
/// The files of the project.
pub const FILES: &str = "com.docker.compose.project.config_files";
/// What made the object.
pub const VERSION: &str = "com.docker.compose.version";
/// The image's id, as it was when the container was made.
pub const IMAGE: &str = "com.docker.compose.image";
/// The services that it needs.
pub const NEEDS: &str = "com.docker.compose.depends_on";

/// Whether a label is one of these.
pub fn is_own(name: &str) -> bool {
    name.starts_with("com.docker.compose.")
}
