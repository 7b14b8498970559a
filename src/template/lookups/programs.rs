//! Lookups that run programs on the controller.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use minijinja::Error;
use tokio::runtime::{Handle, RuntimeFlavor};

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

/// How long a program of a lookup may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// The most a program of a lookup may print.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;

/// Does what takes its time, without the other hosts whose turn is on this thread waiting for it.
fn aside<R>(work: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Runs a command line of the user's in a shell and gives what it prints.
fn run(request: &Request, command: &str) -> Result<String, Error> {
    aside(|| run_here(request, command))
}

fn run_here(request: &Request, command: &str) -> Result<String, Error> {
    if !request.context.templar.settings().allow_exec_lookups {
        return Err(bad("programs may not be run on the controller here"));
    }
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(directory) = request.context.directories().last().filter(|path| path.is_dir()) {
        shell.current_dir(directory);
    }
    let deadline = Instant::now() + PATIENCE;
    let mut child = shell.spawn().map_err(|error| bad(format!("no shell: {error}")))?;
    let (sender, receiver) = mpsc::channel();
    let output = child.stdout.take();
    // Not joined: a program left in the background may keep the output open.
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.map(|output| output.take(MOST_OUTPUT + 1).read_to_end(&mut bytes));
        sender.send(read.unwrap_or(Ok(0)).map(|_| bytes)).ok();
    });
    let read = receiver.recv_timeout(PATIENCE);
    let status = loop {
        match child.try_wait().map_err(|error| bad(error.to_string()))? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                child.kill().and_then(|()| child.wait().map(drop)).ok();
                return Err(bad(format!("`{command}` takes longer than {} s", PATIENCE.as_secs())));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let Ok(Ok(bytes)) = read else {
        return Err(bad(format!("the output of `{command}` cannot be read")));
    };
    if !status.success() {
        return Err(bad(format!("`{command}` failed: {status}")));
    }
    if bytes.len() as u64 > MOST_OUTPUT {
        return Err(bad(format!("`{command}` prints more than 64 MiB")));
    }
    String::from_utf8(bytes).map_err(|_| bad(format!("`{command}` does not print UTF-8 text")))
}
