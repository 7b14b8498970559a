//! Secrets that a build sees, and what comes of it.

use crate::sdk::{self, Arguments, Choice, Rule};

/// A secret that the steps of a build see.
#[derive(Debug, Clone, Arguments)]
#[arguments(rules = SECRET_RULES)]
pub(super) struct Secret {
    /// Its name in `/run/secrets`.
    pub(super) id: String,
    /// Where it comes from.
    #[arg(name = "type")]
    pub(super) kind: SecretType,
    /// The file on the host.
    pub(super) src: Option<String>,
    /// The variable of the task's environment.
    pub(super) env: Option<String>,
    /// The secret itself. It is in a file that nobody else may read while the build lasts.
    pub(super) value: Option<sdk::Secret>,
}

const SECRET_RULES: &[Rule] = &[
    Rule::If("type", "file", &["src"]),
    Rule::If("type", "env", &["env"]),
    Rule::If("type", "value", &["value"]),
    Rule::Exclusive(&["src", "env", "value"]),
];

/// Where a secret comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum SecretType {
    /// A file of the host.
    File,
    /// A variable of the environment.
    Env,
    /// The task.
    Value,
}

/// What comes of a build.
#[derive(Debug, Clone, Arguments)]
#[arguments(rules = OUTPUT_RULES)]
pub(super) struct Output {
    /// What it is.
    #[arg(name = "type")]
    pub(super) kind: OutputType,
    /// Where it goes on the host.
    pub(super) dest: Option<String>,
    /// The docker context that takes it in.
    pub(super) context: Option<String>,
    /// Names of the image; else its own.
    pub(super) name: Option<Vec<String>>,
    /// Whether the image is pushed.
    #[arg(default)]
    pub(super) push: bool,
}

const OUTPUT_RULES: &[Rule] = &[
    Rule::If("type", "local", &["dest"]),
    Rule::If("type", "tar", &["dest"]),
    Rule::If("type", "oci", &["dest"]),
    Rule::Exclusive(&["dest", "name"]),
    Rule::Exclusive(&["dest", "push"]),
    Rule::Exclusive(&["context", "name"]),
    Rule::Exclusive(&["context", "push"]),
];

/// What comes of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub(super) enum OutputType {
    /// The files, in a folder.
    Local,
    /// The files, in an archive.
    Tar,
    /// The image, in an archive of the OCI's layout.
    Oci,
    /// The image, in an archive as `docker save` writes it, or loaded into an Engine.
    Docker,
    /// The image, in the Engine or a registry.
    Image,
}
