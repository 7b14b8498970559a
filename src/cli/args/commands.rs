//! What each command takes.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};

use super::super::install::Kind;
use super::groups::{Colour, CommonArgs, HostArgs, OutputArgs, SecretArgs};
use crate::engine::TagChoice;

/// Running playbooks.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PlaybookArgs {
    /// Playbooks, run one after the other
    #[arg(value_name = "PLAYBOOK", required = true)]
    pub(crate) playbooks: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) tasks: TaskArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Which tasks of a playbook run.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Tasks")]
pub(crate) struct TaskArgs {
    /// Only tasks with one of these tags
    #[arg(short, long, value_name = "TAGS", value_delimiter = ',')]
    pub(crate) tags: Vec<String>,
    /// No task with one of these tags
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    pub(crate) skip_tags: Vec<String>,
    /// Begin with the task of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) start_at_task: Option<String>,
    /// Run handlers even after a task has failed
    #[arg(long)]
    pub(crate) force_handlers: bool,
    /// List the tasks and do nothing
    #[arg(long)]
    pub(crate) list_tasks: bool,
    /// List the tags and do nothing
    #[arg(long)]
    pub(crate) list_tags: bool,
    /// Report the faults the files show and do nothing
    #[arg(long)]
    pub(crate) syntax_check: bool,
}

impl TaskArgs {
    /// The tags that choose tasks.
    pub(crate) fn choice(&self) -> TagChoice {
        TagChoice { only: self.tags.clone(), skip: self.skip_tags.clone() }
    }
}

/// One module on hosts.
#[derive(Debug, Clone, Args)]
pub(crate) struct AdhocArgs {
    /// Which hosts
    pub(crate) pattern: String,
    /// Module
    #[arg(short, long, alias = "module-name", default_value = "command")]
    pub(crate) module: String,
    /// Its arguments: name=value, or the command
    #[arg(short, long, value_name = "ARGS", default_value = "", hide_default_value = true)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) args: String,
    /// Show each host's result on one line
    #[arg(short, long)]
    pub(crate) one_line: bool,
    /// Seconds that the module may take
    #[arg(long, value_name = "SECONDS")]
    pub(crate) task_timeout: Option<i64>,
    /// The folder that roles, files and variables are looked for in; this one unless given
    #[arg(long, value_name = "FOLDER")]
    pub(crate) playbook_dir: Option<PathBuf>,
    /// Let it go on in the background, and stop it after so many seconds
    #[arg(short = 'B', long, value_name = "SECONDS")]
    pub(crate) background: Option<u32>,
    /// Seconds between two looks at what goes on in the background; 0 not to wait for it
    #[arg(short = 'P', long, value_name = "SECONDS")]
    pub(crate) poll: Option<u32>,
    /// Write each host's result as JSON to a file with its name in this folder, too
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) tree: Option<PathBuf>,
    /// Show hosts that said the same as one
    #[arg(long)]
    pub(crate) group_output: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// How a cluster is made up.
#[derive(Debug, Clone, Args)]
pub(crate) struct TopologyArgs {
    /// Which hosts
    #[arg(default_value = "all")]
    pub(crate) pattern: String,
    /// Write a picture for a page to this file instead
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// What the picture is called
    #[arg(long, value_name = "TEXT", requires = "svg")]
    pub(crate) title: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// The faults that files show.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArgs {
    /// Playbooks
    #[arg(value_name = "PLAYBOOK")]
    pub(crate) playbooks: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) hosts: HostArgs,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Colour,
}

/// The inventory.
#[derive(Debug, Clone, Args)]
pub(crate) struct InventoryArgs {
    /// Print everything as JSON
    #[arg(long, group = "what")]
    pub(crate) list: bool,
    /// Print one host's variables as JSON
    #[arg(long, value_name = "HOST", group = "what")]
    pub(crate) host: Option<String>,
    /// Print groups and hosts as a tree
    #[arg(long, group = "what")]
    pub(crate) graph: bool,
    /// The group to begin with, for --graph
    #[arg(default_value = "all")]
    pub(crate) group: String,
    /// Print YAML instead of JSON
    #[arg(short, long, conflicts_with = "toml")]
    pub(crate) yaml: bool,
    /// Print TOML instead of JSON
    #[arg(long)]
    pub(crate) toml: bool,
    /// Show variables too, for --graph
    #[arg(long)]
    pub(crate) vars: bool,
    /// Show variables where they are set, for --list
    #[arg(long)]
    pub(crate) export: bool,
    /// Where to write instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The folder whose `group_vars/` and `host_vars/` count; this one unless given
    #[arg(long, value_name = "FOLDER")]
    pub(crate) playbook_dir: Option<PathBuf>,
    /// Say more
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Ignored: what is kept of the hosts' facts is not shown
    #[arg(long, hide = true)]
    pub(crate) flush_cache: bool,
    #[command(flatten)]
    pub(crate) hosts: HostArgs,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
}

/// Roles and collections that others wrote.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "What was installed stands in requirements.lock beside the file; later installations are held \
                        against it."
)]
pub(crate) struct InstallArgs {
    /// What to install; requirements.yml here, in roles/ or in collections/ unless given
    #[arg(value_name = "FILE")]
    pub(crate) requirements: Option<PathBuf>,
    /// The same
    #[arg(short, long, alias = "requirements-file", value_name = "FILE", hide = true)]
    #[arg(conflicts_with = "requirements")]
    pub(crate) role_file: Option<PathBuf>,
    /// The folder for roles, or for collections with `--only collections`
    #[arg(short, long, alias = "roles-path", value_name = "FOLDER")]
    pub(crate) path: Option<PathBuf>,
    /// The folder for collections
    #[arg(long, value_name = "FOLDER")]
    pub(crate) collections_path: Option<PathBuf>,
    /// Only roles, or only collections
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) only: Option<Kind>,
    /// Replace what is there
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Take what the sources have now, whatever requirements.lock says
    #[arg(short = 'U', long, alias = "upgrade")]
    pub(crate) update: bool,
    /// Say what would be done and do nothing
    #[arg(short = 'C', long, alias = "dry-run")]
    pub(crate) check: bool,
    /// The Galaxy server that knows names
    #[arg(short, long, value_name = "URL")]
    pub(crate) server: Option<String>,
}

/// Documentation.
#[derive(Debug, Clone, Args)]
pub(crate) struct DocArgs {
    /// Modules; all are listed unless given
    #[arg(value_name = "MODULE")]
    pub(crate) modules: Vec<String>,
    /// List the modules
    #[arg(short, long)]
    pub(crate) list: bool,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Colour,
}

/// Settings.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
    /// The file; the one that a run here would read unless given
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Say more
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// What is shown of the settings.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the file
    View,
    /// Print every setting that is made, and where it is
    Dump {
        /// The same: what is not set is never printed
        #[arg(long)]
        only_changed: bool,
    },
    /// List the settings that are followed
    List,
}

/// JSON Schema.
#[derive(Debug, Clone, Args)]
pub(crate) struct SchemaArgs {
    /// A module; a playbook's schema is printed unless given
    #[arg(value_name = "MODULE")]
    pub(crate) module: Option<String>,
}

/// Encryption.
#[derive(Debug, Clone, Args)]
pub(crate) struct VaultArgs {
    #[command(subcommand)]
    pub(crate) command: VaultCommand,
    /// Vault password as ID@FILE or ID@prompt; may be repeated
    #[arg(long, value_name = "ID@SOURCE", global = true)]
    pub(crate) vault_id: Vec<String>,
    /// File, or program, that gives the vault password; may be repeated
    #[arg(long, alias = "vault-pass-file", value_name = "FILE", global = true)]
    pub(crate) vault_password_file: Vec<PathBuf>,
    /// Ask for the vault password
    #[arg(short = 'J', long, alias = "ask-vault-password", global = true)]
    pub(crate) ask_vault_pass: bool,
    /// The id to encrypt with, where there are several
    #[arg(long, value_name = "ID", global = true)]
    pub(crate) encrypt_vault_id: Option<String>,
    /// Say more
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// What is done with a vault.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum VaultCommand {
    /// Write a new encrypted file in an editor
    Create {
        /// The file
        file: PathBuf,
        /// Open the editor where there is no terminal, too
        #[arg(long)]
        skip_tty_check: bool,
    },
    /// Change encrypted files in an editor
    Edit {
        /// Files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Encrypt files where they are; standard input with -
    Encrypt {
        /// Files
        #[arg(default_value = "-")]
        files: Vec<PathBuf>,
        /// Where to write instead, for one file
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Decrypt files where they are; standard input with -
    Decrypt {
        /// Files
        #[arg(default_value = "-")]
        files: Vec<PathBuf>,
        /// Where to write instead, for one file
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print what files hold
    View {
        /// Files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Encrypt texts for use in a file of variables; piped in, or asked for
    #[command(name = "encrypt-string", alias = "encrypt_string")]
    EncryptString(StringArgs),
    /// Encrypt files anew with another password
    Rekey {
        /// Files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The new password as ID@FILE or ID@prompt
        #[arg(long, value_name = "ID@SOURCE")]
        new_vault_id: Option<String>,
        /// File that holds the new password
        #[arg(long, value_name = "FILE", conflicts_with = "new_vault_id")]
        new_vault_password_file: Option<PathBuf>,
    },
}

/// Texts to encrypt.
#[derive(Debug, Clone, Args)]
pub(crate) struct StringArgs {
    /// The texts, - for standard input. Others on this machine can see a command line: better
    /// leave them out
    pub(crate) texts: Vec<String>,
    /// The variable's name; repeated for the texts in their order
    #[arg(short, long)]
    pub(crate) name: Vec<String>,
    /// The name of the variable that is read from standard input
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_name: Option<String>,
    /// Ask for the name and the text
    #[arg(short, long, conflicts_with = "stdin_name")]
    pub(crate) prompt: bool,
    /// Show what is typed
    #[arg(long)]
    pub(crate) show_input: bool,
    /// Where to write instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// A recorded run.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayArgs {
    /// What `--report json=FILE` wrote
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Completions.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
