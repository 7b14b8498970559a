//! `rplay config`: the settings that `ansible.cfg` and `ANSIBLE_…` variables make.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use super::super::args::ConfigCommand;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::setting::SETTINGS;

pub(crate) fn run(command: &ConfigCommand, config: &Config) -> Result<(), Fault> {
    let text = match command {
        ConfigCommand::View => view(config)?,
        ConfigCommand::Dump { .. } => dump(config),
        ConfigCommand::List => list(),
    };
    Ok(io::stdout().lock().write_all(text.as_bytes())?)
}

fn view(config: &Config) -> Result<String, Fault> {
    let Some(path) = &config.file else {
        return Err(Fault::usage("there is no file of settings").help("name one with --config"));
    };
    std::fs::read_to_string(path)
        .map_err(|error| Fault::other(format!("cannot read {}: {error}", path.display())))
}

fn dump(config: &Config) -> String {
    let mut made: Vec<_> = config.made().collect();
    made.sort_unstable();
    let lines = made.into_iter().map(|(name, text, origin)| format!("{name}({origin}) = {text}\n"));
    lines.collect()
}

fn list() -> String {
    let mut text = String::new();
    for setting in SETTINGS.iter().filter(|setting| !setting.variable.is_empty()) {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{}: [{}] {}", setting.variable, setting.section, setting.key);
    }
    text
}
