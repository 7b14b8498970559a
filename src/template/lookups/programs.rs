//! Lookups that run the user's programs on the controller.

use std::process::Command;

use minijinja::Error;

use super::process::finish;
use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::value::Value as Json;

pub(super) const LOOKUPS: &[Lookup] = &[
    Lookup::new("pipe", &[], |request| {
        let run = |command: String| Ok(run(request, &command)?.trim_end().into());
        request.texts().map(run).collect()
    }),
    Lookup::new("lines", &[], |request| {
        let mut lines = vec![];
        for command in request.texts() {
            lines.extend(run(request, &command)?.lines().map(Json::from));
        }
        Ok(lines)
    }),
];

/// Runs a command line of the user's in a shell and gives what it prints.
fn run(request: &Request, command: &str) -> Result<String, Error> {
    if !request.context.templar.settings().allow_exec_lookups {
        return Err(bad("programs may not be run on the controller here"));
    }
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command);
    if let Some(directory) = request.context.directories().last().filter(|path| path.is_dir()) {
        shell.current_dir(directory);
    }
    let finished = finish(shell, "", command)?;
    if !finished.status.success() {
        let (status, said) = (finished.status, finished.said);
        let said = if said.is_empty() { said } else { format!(": {said}") };
        return Err(bad(format!("`{command}` failed: {status}{said}")));
    }
    String::from_utf8(finished.output)
        .map_err(|_| bad(format!("`{command}` does not print UTF-8 text")))
}
