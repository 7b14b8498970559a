//! What can be typed.
//!
//! Options have the names and letters that Ansible's programs gave them, so that hands and
//! scripts need not learn anew.

mod commands;
mod groups;

use clap::{Parser, Subcommand};

pub(super) use commands::{
    AdhocArgs, CheckArgs, CompletionsArgs, ConfigArgs, ConfigCommand, DocArgs, InstallArgs,
    InventoryArgs, PlaybookArgs, ReplayArgs, SchemaArgs, StringArgs, TaskArgs, TopologyArgs,
    VaultArgs, VaultCommand,
};
pub(super) use groups::{
    BecomeArgs, Colour, CommonArgs, ConnectionArgs, HostArgs, OutputArgs, SecretArgs,
};

/// Provisions Docker hosts from Ansible-style inventories and playbooks, over SSH alone.
#[derive(Debug, Parser)]
#[command(
    name = "rplay",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    subcommand_help_heading = "Other commands",
    disable_help_subcommand = true,
    after_help = "Without a command, playbooks are run: rplay -i testing deploy.yml --check --diff",
    override_usage = "rplay [OPTIONS] -i INVENTORY PLAYBOOK...\n       rplay COMMAND [OPTIONS]"
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) playbook: PlaybookArgs,
}

/// The commands beside running playbooks.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run playbooks; the same as without a command.
    Run(Box<PlaybookArgs>),
    /// Run one module on hosts, in parallel.
    Adhoc(Box<AdhocArgs>),
    /// Draw how hosts, swarms, networks and services make up a cluster.
    Topology(Box<TopologyArgs>),
    /// Report every fault the files can show, without reaching a host.
    Check(Box<CheckArgs>),
    /// Show hosts, groups and variables.
    Inventory(Box<InventoryArgs>),
    /// Install the roles and collections of requirements.yml.
    Install(InstallArgs),
    /// Document a module, or list all of them.
    Doc(DocArgs),
    /// Print the JSON Schema of playbooks or of a module, for editors.
    Schema(SchemaArgs),
    /// Show the settings of ansible.cfg and of ANSIBLE_ variables.
    Config(ConfigArgs),
    /// Encrypt and decrypt.
    Vault(VaultArgs),
    /// Show a recorded run again.
    Replay(ReplayArgs),
    /// Print a shell's completions.
    Completions(CompletionsArgs),
}

/// The names of the commands.
pub(super) fn command_names() -> Vec<String> {
    let program = <Cli as clap::CommandFactory>::command();
    program.get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn playbooks_need_no_command() {
        let cli = parse("rplay -i testing deploy.yml -C -D -f 5 -e a=1 -e b=2 -vv").unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.playbook.playbooks, [std::path::PathBuf::from("deploy.yml")]);
        let common = &cli.playbook.common;
        assert_eq!(common.hosts.inventory, ["testing"]);
        assert!(common.run.check && common.output.diff);
        assert_eq!(common.run.forks, Some(5));
        assert_eq!(common.secrets.extra_vars, ["a=1", "b=2"]);
        assert_eq!(common.output.verbose, 2);
    }

    #[test]
    fn words_are_commands_where_they_stand_first() {
        let line = "rplay adhoc back -i testing -m shell";
        let Some(Command::Adhoc(adhoc)) = parse(line).unwrap().command else { panic!() };
        assert_eq!((adhoc.pattern.as_str(), adhoc.module.as_str()), ("back", "shell"));
        let Some(Command::Run(run)) = parse("rplay run -i x site.yml").unwrap().command else {
            panic!()
        };
        assert_eq!(run.playbooks.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for line in [
            "rplay",
            "rplay -i x",
            "rplay --forks 0 site.yml",
            "rplay --forks abc site.yml",
            "rplay --nonsense site.yml",
            "rplay adhoc",
            "rplay -b --become-method telepathy site.yml",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        let error = parse("rplay --limt web site.yml").unwrap_err().to_string();
        assert!(error.contains("--limit"), "{error}");
    }
}
