//! `rplay replay`: a recorded run again, through any reporter.

use std::fs::File;
use std::io::BufReader;

use super::super::Exit;
use super::super::args::ReplayArgs;
use super::super::config::Config;
use super::super::fault::Fault;
use super::super::reports::{self, Look};
use crate::event::Recording;

pub(crate) fn run(args: &ReplayArgs, config: &Config) -> Result<Exit, Fault> {
    let path = args.file.display();
    let file = File::open(&args.file)
        .map_err(|error| Fault::usage(format!("cannot open {path}: {error}")))?;
    let recording = Recording::open(BufReader::new(file))
        .map_err(|error| Fault::other(format!("cannot read {path}: {error}")))?;
    let look = Look { live: false, ..Look::of(&args.output, false, config)? };
    let mut fanout = reports::open(&args.output.report, look)?;
    for event in recording {
        let event = event.map_err(|error| Fault::other(format!("cannot read {path}: {error}")))?;
        fanout.report(&event);
    }
    reports::close(fanout);
    Ok(Exit::Ok)
}
