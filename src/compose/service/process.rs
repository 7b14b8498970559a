//! What runs in a service's containers.

use indexmap::IndexMap;

use crate::compose::form::{Pairs, Strings, Time, Words, scalar};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node, Value};

/// What runs in a service's containers.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Process {
    /// What they run, in place of the image's own.
    pub command: Option<Words>,
    /// What the command is given to.
    pub entrypoint: Option<Words>,
    /// Variables of their environment; one without a value is taken from the caller's.
    #[arg(default)]
    pub environment: Pairs,
    /// Files with more of them.
    #[arg(default)]
    pub env_file: EnvFiles,
    /// User they run as.
    pub user: Option<String>,
    /// Further groups of the user.
    #[arg(default)]
    pub group_add: Strings,
    /// Folder they run in.
    pub working_dir: Option<String>,
    /// Whether they have a terminal.
    pub tty: Option<bool>,
    /// Whether their standard input stays open.
    pub stdin_open: Option<bool>,
    /// Whether a small init process reaps others.
    pub init: Option<bool>,
    /// Signal that asks them to stop.
    pub stop_signal: Option<String>,
    /// How long they have for stopping.
    pub stop_grace_period: Option<Time>,
    /// How their health is checked.
    pub healthcheck: Option<Healthcheck>,
    /// Where their output goes.
    pub logging: Option<Logging>,
    /// The driver of their output, as version 1 has it.
    pub log_driver: Option<String>,
    /// Its options, as version 1 has them.
    pub log_opt: Option<Pairs>,
    /// Commands that are run in them after their start.
    #[arg(default)]
    pub post_start: Vec<Hook>,
    /// Commands that are run in them before they are stopped.
    #[arg(default)]
    pub pre_stop: Vec<Hook>,
}

/// How a container's health is checked.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Healthcheck {
    /// The command: text for a shell, or a list that begins with `CMD`, `CMD-SHELL` or `NONE`.
    test: Option<Value>,
    /// Time between two checks.
    pub interval: Option<Time>,
    /// How long one check may take.
    pub timeout: Option<Time>,
    /// How many failures in a row make it unwell.
    pub retries: Option<i64>,
    /// Time after the start in which failures do not count.
    pub start_period: Option<Time>,
    /// Time between two checks in that time.
    pub start_interval: Option<Time>,
    /// Whether the image's own check is turned off.
    #[arg(default)]
    disable: bool,
}

impl Healthcheck {
    /// The command as the Engine takes it.
    pub fn command(&self) -> Option<Vec<String>> {
        if self.disable {
            return Some(vec!["NONE".to_owned()]);
        }
        match self.test.as_ref()? {
            Value::Array(words) => Some(
                words
                    .iter()
                    .map(|word| word.as_str().map_or(word.to_string(), str::to_owned))
                    .collect(),
            ),
            other => {
                let text = other.as_str().map_or(other.to_string(), str::to_owned);
                Some(vec!["CMD-SHELL".to_owned(), text])
            }
        }
    }
}

/// Where a container's output goes.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Logging {
    /// The driver that takes it.
    pub driver: Option<String>,
    /// The driver's options.
    #[arg(default)]
    pub options: Pairs,
}

/// A command that is run in a container.
#[derive(Debug, Clone, Default, rplay_derive::Arguments)]
pub struct Hook {
    /// The command.
    pub command: Words,
    /// User it is run as.
    pub user: Option<String>,
    /// Whether it may do anything.
    #[arg(default)]
    pub privileged: bool,
    /// Folder it is run in.
    pub working_dir: Option<String>,
    /// Variables of its environment.
    #[arg(default)]
    pub environment: Pairs,
}

/// Files of variables: a path, a list of them, or of mappings.
#[derive(Debug, Clone, Default)]
pub struct EnvFiles(pub Vec<EnvFile>);

/// A file of variables.
#[derive(Debug, Clone, rplay_derive::Arguments)]
pub struct EnvFile {
    /// Its path.
    pub path: String,
    /// Whether it must be there.
    #[arg(default = true)]
    pub required: bool,
    /// How it is read: `raw` takes its values as they stand.
    pub format: Option<String>,
}

impl Argument for EnvFiles {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let items = node.as_list().unwrap_or(std::slice::from_ref(node));
        let mut all = vec![];
        for (index, item) in items.iter().enumerate() {
            all.push(match (&item.data, scalar(item)) {
                (Data::Map(_), _) => reader.nested(&format!("{name}[{index}]"), item)?,
                (_, Some(path)) => EnvFile { path, required: true, format: None },
                _ => {
                    reader.wrong_type(name, item, "a path or a list of paths");
                    return None;
                }
            });
        }
        Some(Self(all))
    }
}

impl Process {
    /// Where the output goes, in either spelling: the driver and its options.
    pub fn logging(&self) -> Option<(Option<&str>, IndexMap<String, String>)> {
        let (driver, options) = match &self.logging {
            Some(logging) => (logging.driver.as_deref(), Some(&logging.options)),
            None => (self.log_driver.as_deref(), self.log_opt.as_ref()),
        };
        if driver.is_none() && options.is_none() {
            return None;
        }
        let own = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        Some((driver, options.into_iter().flat_map(Pairs::texts).map(own).collect()))
    }
}
