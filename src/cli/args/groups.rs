//! Options that several commands take.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// What every command that runs something takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CommonArgs {
    #[command(flatten)]
    pub(crate) hosts: HostArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    #[command(flatten)]
    pub(crate) r#become: BecomeArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Which hosts there are, and which of them are meant.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Hosts")]
pub(crate) struct HostArgs {
    /// Inventory file or folder, or host names with a comma; may be repeated
    #[arg(short, long, alias = "inventory-file", value_name = "INVENTORY")]
    pub(crate) inventory: Vec<String>,
    /// Only these hosts, of those that would be taken
    #[arg(short, long, value_name = "PATTERN")]
    pub(crate) limit: Option<String>,
    /// List the hosts and do nothing
    #[arg(long)]
    pub(crate) list_hosts: bool,
    /// Accept that no host or no task matches
    #[arg(long)]
    pub(crate) allow_empty: bool,
}

/// How hosts are reached.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// User to log in as
    #[arg(short, long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Ask for the login password
    #[arg(short = 'k', long, alias = "ask-password")]
    pub(crate) ask_pass: bool,
    /// File that holds the login password
    #[arg(long, alias = "conn-pass-file", value_name = "FILE", conflicts_with = "ask_pass")]
    pub(crate) connection_password_file: Option<PathBuf>,
    /// Private key to log in with
    #[arg(long, alias = "key-file", value_name = "FILE")]
    pub(crate) private_key: Option<PathBuf>,
    /// Seconds that connecting may take
    #[arg(short = 'T', long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// `ssh` or `local`
    #[arg(short, long, value_name = "TYPE")]
    pub(crate) connection: Option<String>,
    /// Options as `ssh` takes them: "-o ProxyJump=bastion"
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(crate) ssh_common_args: Option<String>,
    /// The same as --ssh-common-args
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(crate) ssh_extra_args: Option<String>,
    /// Ignored: files are sent over the one connection
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub(crate) sftp_extra_args: Option<String>,
    /// Ignored: files are sent over the one connection
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub(crate) scp_extra_args: Option<String>,
    /// Accept and remember the keys of hosts seen for the first time
    #[arg(long)]
    pub(crate) accept_new_host_keys: bool,
    /// Do not check host keys: anybody in between can read and change everything
    #[arg(long)]
    pub(crate) insecure_host_keys: bool,
}

/// How another user is become on hosts.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Becoming another user")]
pub(crate) struct BecomeArgs {
    /// Run as another user
    #[arg(short = 'b', long)]
    pub(crate) r#become: bool,
    /// Which user; root unless given
    #[arg(long, value_name = "USER")]
    pub(crate) become_user: Option<String>,
    /// By which program
    #[arg(long, value_name = "METHOD", value_parser = ["sudo", "su", "doas"])]
    pub(crate) become_method: Option<String>,
    /// Ask for the password of becoming another user
    #[arg(short = 'K', long)]
    pub(crate) ask_become_pass: bool,
    /// File that holds the password of becoming another user
    #[arg(
        long,
        alias = "become-pass-file",
        value_name = "FILE",
        conflicts_with = "ask_become_pass"
    )]
    pub(crate) become_password_file: Option<PathBuf>,
}

/// Variables, and what opens encrypted ones.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Variables and vaults")]
pub(crate) struct SecretArgs {
    /// Variables that go before all others: name=value, JSON, YAML or @FILE; may be repeated
    #[arg(short, long, value_name = "VARS")]
    pub(crate) extra_vars: Vec<String>,
    /// Vault password as ID@FILE or ID@prompt; may be repeated
    #[arg(long, value_name = "ID@SOURCE")]
    pub(crate) vault_id: Vec<String>,
    /// File, or program, that gives the vault password; may be repeated
    #[arg(long, alias = "vault-pass-file", value_name = "FILE")]
    pub(crate) vault_password_file: Vec<PathBuf>,
    /// Ask for the vault password
    #[arg(short = 'J', long, alias = "ask-vault-password")]
    pub(crate) ask_vault_pass: bool,
}

/// What runs, and how much of it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Run")]
pub(crate) struct RunArgs {
    /// Change nothing; say what would change
    #[arg(short = 'C', long)]
    pub(crate) check: bool,
    /// The most hosts that work at once
    #[arg(short, long, value_name = "NUMBER", value_parser = at_least_one)]
    pub(crate) forks: Option<usize>,
    /// Exit with 3 when --check finds changes
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Folders with modules of your own, before those of the settings; may be repeated
    #[arg(short = 'M', long, value_name = "PATH", value_delimiter = ':')]
    pub(crate) module_path: Vec<PathBuf>,
    /// Begin in spite of faults in tasks: each is told when its task is reached
    #[arg(long)]
    pub(crate) late_faults: bool,
    /// Forget what earlier runs kept of the hosts' facts
    #[arg(long)]
    pub(crate) flush_cache: bool,
}

/// What is shown.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Show what changes line by line; on with --check
    #[arg(short = 'D', long)]
    pub(crate) diff: bool,
    /// Show what tasks return; -vv also where they stand
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Colour,
    /// Also report as json, junit, github, human or ansible: FORMAT=FILE; may be repeated
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub(crate) report: Vec<String>,
    /// Tell the slowest tasks
    #[arg(long)]
    pub(crate) profile: bool,
}

/// When output is coloured: on a terminal unless `NO_COLOR` is set, always, or never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    #[default]
    Auto,
    Always,
    Never,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("expected a whole number, at least 1".to_owned()),
    }
}
