//! Secrets and configs of a swarm: data under a name.
//!
//! The Engine cannot alter such data, and does not remove what a service uses. New data for a
//! name in use comes in two moves: each service is pointed to a copy of the new data under another
//! name, then the old data makes way for the new, and each service is pointed back. What is
//! written is never read back, so a label says what a secret holds, see [`key`].

mod apply;
mod key;
mod plan;
mod seen;

pub use apply::{KeyedChange, KeyedCreate, Relabel};
pub use key::{holds as keyed_holds, label as key_label};
pub use seen::{KeyedObject, KeyedState, KeyedUser};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::sdk::Failure;
use crate::sdk::docker::{DockerOptions, Texts};
use crate::spec::{Presence, Rule};

/// Which of the two it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedKind {
    /// Data that the Engine never shows.
    Secret,
    /// Data that it shows.
    Config,
}

impl KeyedKind {
    /// The word for one.
    pub fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Config => "config",
        }
    }

    /// Where the Engine's API has them.
    pub fn path(self) -> &'static str {
        match self {
            Self::Secret => "secrets",
            Self::Config => "configs",
        }
    }

    /// What the Engine's API calls one.
    fn key(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::Config => "Config",
        }
    }

    /// How many bytes one must have less than.
    fn limit(self) -> usize {
        match self {
            Self::Secret => 500 * 1024,
            Self::Config => 1000 * 1024,
        }
    }
}

/// What must hold between the arguments.
pub const KEYED_RULES: &[Rule] = &[
    Rule::IfAny("state", "present", &["data", "data_src"]),
    Rule::Exclusive(&["data", "data_src"]),
];

/// What secrets and configs have in common.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct KeyedOptions {
    /// Its name.
    pub name: String,
    /// Whether it must exist.
    #[arg(default = Presence::Present)]
    pub state: Presence,
    /// Whether `data` is in base64, for data that is not text.
    #[arg(default)]
    pub data_is_b64: bool,
    /// File on the host that has the data.
    pub data_src: Option<String>,
    /// Labels it must have; others that it has are left.
    pub labels: Option<Texts>,
    /// Whether to replace it although nothing differs, or although it is not known what it holds.
    #[arg(default)]
    pub force: bool,
    /// Whether new data gets a name of its own: `NAME_v1`, `NAME_v2` and so on, with a label
    /// `ansible_version`. Services are left alone then.
    #[arg(default)]
    pub rolling_versions: bool,
    /// How many of these are kept, the oldest being removed, but none that a service uses; 0
    /// keeps the newest as 1 does, -1 keeps all.
    #[arg(default = 5)]
    pub versions_to_keep: i64,
    /// How many seconds the tasks of a service may take to run, each time it is pointed to other
    /// data.
    #[arg(default = 300_u64)]
    pub wait_timeout: u64,
    /// How the Engine is reached.
    #[arg(flatten)]
    pub docker: DockerOptions,
}

/// Data that is to be under a name.
#[derive(Debug)]
pub struct Keyed<'a> {
    /// Which of the two it is about.
    pub kind: KeyedKind,
    /// The data itself.
    pub data: Option<&'a str>,
    /// What expands templates in it.
    pub template_driver: Option<&'static str>,
    /// All else.
    pub options: &'a KeyedOptions,
}

impl Keyed<'_> {
    /// The data as bytes: the task's own, or that of the host's file.
    fn content(&self, now: &KeyedState) -> Result<Vec<u8>, Failure> {
        let content = match (self.data, &now.source) {
            (Some(text), _) if self.options.data_is_b64 => decode(text)?,
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(source)) => decode(source.reveal())?,
            (None, None) => vec![],
        };
        let (word, limit) = (self.kind.word(), self.kind.limit());
        if content.is_empty() {
            return Err(Failure::new(format!("a {word} must hold something; this is empty")));
        }
        if content.len() >= limit {
            let size = content.len();
            return Err(Failure::new(format!(
                "a {word} must have less than {limit} bytes; this has {size}"
            )));
        }
        Ok(content)
    }
}

/// Bytes in base64; blanks and line ends in it do not matter.
fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    let text: String = text.split_whitespace().collect();
    STANDARD.decode(text).map_err(|_| {
        Failure::new("`data` is not base64")
            .help("with `data_is_b64: true` it must be; the filter `b64encode` makes it so")
    })
}
