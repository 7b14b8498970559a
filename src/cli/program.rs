//! From the first word of the command line to the exit code.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::args::{Cli, Command};
use super::commands::doc::Documented;
use super::config::Config;
use super::fault::Fault;
use super::persona::Persona;
use super::{Exit, commands, crash, tell, version};
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
    if persona.is_ansible() && version::is_asked(&args) {
        return done(version::tell(persona));
    }
    let args = persona.as_rplay(args);
    if let Some(word) = persona.foreign_word(&args) {
        let fault = Fault::usage(format!("`{} {word}` is not known here", persona.name()));
        return Err(fault.help("there is: install -r requirements.yml"));
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return say(&error, persona),
    };
    let file = match &cli.command {
        Some(Command::Config(args)) => args.config.as_deref(),
        _ => None,
    };
    let config = Config::load(persona, file)?;
    config.warnings.iter().for_each(|warning| tell::warning(warning));
    match cli.command {
        None => commands::playbook::run(&cli.playbook, &config, redactor),
        Some(Command::Run(args)) => commands::playbook::run(&args, &config, redactor),
        Some(Command::Adhoc(args)) => commands::adhoc::run(&args, &config, redactor),
        Some(Command::Topology(args)) => commands::topology::run(&args, &config, redactor),
        Some(Command::Replay(args)) => commands::replay::run(&args, &config),
        Some(Command::Check(args)) => done(commands::check::run(&args, &config, redactor)),
        Some(Command::Inventory(args)) => done(commands::inventory::run(&args, &config, redactor)),
        Some(Command::Install(args)) => done(commands::install::run(&args, &config, redactor)),
        Some(Command::Doc(args)) => done(commands::doc::run(&args, &config, &documented())),
        Some(Command::Schema(args)) => done(commands::schema::run(&args, &documented())),
        Some(Command::Config(args)) => done(commands::config::run(&args.command, &config)),
        Some(Command::Vault(args)) => done(commands::vault::run(&args, &config, redactor)),
        Some(Command::Completions(args)) => done(commands::completions::run(&args)),
    }
}

fn done(result: Result<(), Fault>) -> Result<Exit, Fault> {
    result.map(|()| Exit::Ok)
}

/// Prints help or version, or what is wrong with the command line.
fn say(error: &clap::Error, persona: Persona) -> Result<Exit, Fault> {
    let exit = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Ok,
        // Ansible's programs end with 2 then, as failed hosts make them do.
        _ if persona.is_ansible() => Exit::HostFailed,
        _ => Exit::Usage,
    };
    if persona.is_ansible() {
        // The command that the name stands for was not typed.
        let said = persona.as_typed(&error.render().to_string());
        if error.use_stderr() {
            write!(io::stderr(), "{said}")?;
        } else {
            write!(io::stdout(), "{said}")?;
        }
    } else {
        error.print()?;
    }
    Ok(exit)
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
