//! Programs on the controller: with an end, and with bounds on what they print.

use std::io::{Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use minijinja::Error;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::template::arguments::bad;

/// How long a program of a lookup may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// The most a program of a lookup may print.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;

/// The most that is read of what it says beside.
const MOST_SAID: u64 = 16 * 1024;

/// What a program left behind.
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    pub(super) output: Vec<u8>,
    /// What it said on standard error.
    pub(super) said: String,
}

/// Runs a program and waits for its end; `shown` is what messages call it.
///
/// # Errors
///
/// It cannot be started, takes longer than five minutes, or prints more than 64 MiB.
pub(super) fn finish(command: Command, input: &str, shown: &str) -> Result<Finished, Error> {
    aside(|| finish_here(command, input, shown))
}

/// Does what takes its time, without the other hosts whose turn is on this thread waiting for it.
fn aside<R>(work: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn finish_here(mut command: Command, input: &str, shown: &str) -> Result<Finished, Error> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let deadline = Instant::now() + PATIENCE;
    let mut child =
        command.spawn().map_err(|error| bad(format!("cannot run `{shown}`: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input says why by itself.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = reading(child.stdout.take(), MOST_OUTPUT + 1);
    let said = reading(child.stderr.take(), MOST_SAID);
    let read = output.recv_timeout(PATIENCE);
    let status = loop {
        match child.try_wait().map_err(|error| bad(error.to_string()))? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                child.kill().and_then(|()| child.wait().map(drop)).ok();
                return Err(bad(format!("`{shown}` takes longer than {} s", PATIENCE.as_secs())));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let Ok(output) = read else {
        return Err(bad(format!("the output of `{shown}` cannot be read")));
    };
    if output.len() as u64 > MOST_OUTPUT {
        return Err(bad(format!("`{shown}` prints more than 64 MiB")));
    }
    // What it left in the background may keep this open.
    let said = said.recv_timeout(Duration::from_millis(100)).unwrap_or_default();
    Ok(Finished { status, output, said: String::from_utf8_lossy(&said).trim().to_owned() })
}

/// Reads in a thread that is not joined: a program left in the background may keep a pipe open.
fn reading(from: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if from.is_none_or(|from| from.take(most).read_to_end(&mut bytes).is_ok()) {
            sender.send(bytes).ok();
        }
    });
    receiver
}
