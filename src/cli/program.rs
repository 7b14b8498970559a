//! From the first word of the command line to the exit code.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::args::{Cli, Command};
use super::commands::doc::Documented;
use super::config::Config;
use super::fault::Fault;
use super::persona::Persona;
use super::{Exit, commands, crash, tell};
use crate::base::Redactor;
use crate::engine::actions;
use crate::modules::REGISTRY;
use crate::sdk::Entry;

/// Runs the program.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let redactor = Redactor::default();
    let persona = Persona::of(&args);
    let exit = crash::guard(&redactor, || match run(args, &redactor) {
        Ok(exit) => exit,
        Err(fault) if persona.is_ansible() => tell::fault_as_ansible(&fault, &redactor),
        Err(fault) => tell::fault(&fault, &redactor),
    });
    if persona.is_ansible() { exit.as_ansible().into() } else { exit.into() }
}

fn run(args: Vec<OsString>, redactor: &Redactor) -> Result<Exit, Fault> {
    let persona = Persona::of(&args);
    let cli = match Cli::try_parse_from(as_rplay(args)) {
        Ok(cli) => cli,
        Err(error) => return say(&error),
    };
    let config = Config::load(persona)?;
    config.warnings.iter().for_each(|warning| tell::warning(warning));
    match cli.command {
        None => commands::playbook::run(&cli.playbook, &config, redactor),
        Some(Command::Run(args)) => commands::playbook::run(&args, &config, redactor),
        Some(Command::Adhoc(args)) => commands::adhoc::run(&args, &config, redactor),
        Some(Command::Replay(args)) => commands::replay::run(&args, &config),
        Some(Command::Check(args)) => done(commands::check::run(&args, &config, redactor)),
        Some(Command::Inventory(args)) => done(commands::inventory::run(&args, &config, redactor)),
        Some(Command::Doc(args)) => done(commands::doc::run(&args, &config, &documented())),
        Some(Command::Schema(args)) => done(commands::schema::run(&args, &documented())),
        Some(Command::Vault(args)) => done(commands::vault::run(&args, &config, redactor)),
        Some(Command::Completions(args)) => done(commands::completions::run(&args)),
    }
}

fn done(result: Result<(), Fault>) -> Result<Exit, Fault> {
    result.map(|()| Exit::Ok)
}

/// Prints help or version, or what is wrong with the command line.
fn say(error: &clap::Error) -> Result<Exit, Fault> {
    let exit = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Ok,
        _ => Exit::Usage,
    };
    error.print()?;
    Ok(exit)
}

/// The command line as `rplay` takes it, when the program is called by one of Ansible's names.
fn as_rplay(mut args: Vec<OsString>) -> Vec<OsString> {
    let name = args.first().map(Path::new).and_then(Path::file_name).and_then(|n| n.to_str());
    let command = match name {
        Some("ansible-playbook") => "run",
        Some("ansible") => "adhoc",
        Some("ansible-inventory") => "inventory",
        Some("ansible-vault") => "vault",
        Some("ansible-doc") => "doc",
        _ => return args,
    };
    // `--version` is asked of the program, whatever its name.
    if args.get(1).is_some_and(|arg| arg == "--version") {
        return args;
    }
    args.insert(1, command.into());
    args
}

/// Everything that a task can be, by name.
fn documented() -> Vec<Documented> {
    let modules = REGISTRY.iter().map(|entry| {
        let Entry { name, spec, examples, .. } = *entry;
        Documented { name, spec, examples }
    });
    let actions = actions().iter().map(|action| Documented {
        name: action.name,
        spec: action.spec,
        examples: "",
    });
    let mut all: Vec<_> = modules.chain(actions).collect();
    all.sort_by_key(|documented| documented.name);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(line: &str) -> String {
        let args = as_rplay(line.split(' ').map(OsString::from).collect());
        args.iter().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_names_of_ansibles_programs_are_commands() {
        assert_eq!(
            renamed("/usr/bin/ansible-playbook -i x site.yml"),
            "/usr/bin/ansible-playbook run -i x site.yml"
        );
        assert_eq!(renamed("ansible all -m ping"), "ansible adhoc all -m ping");
        assert_eq!(renamed("ansible --version"), "ansible --version");
        assert_eq!(renamed("rplay vault view x"), "rplay vault view x");
    }
}
