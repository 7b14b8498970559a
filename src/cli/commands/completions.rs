//! `rplay completions`: what a shell needs to complete a command line.

use std::io::{self, Write};

use clap::CommandFactory;

use super::super::args::{Cli, CompletionsArgs};
use super::super::fault::Fault;

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Fault> {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut Cli::command(), "rplay", &mut script);
    Ok(io::stdout().lock().write_all(&script)?)
}
