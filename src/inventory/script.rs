//! Programs that print an inventory.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::base::Diagnostic;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that a program may print.
const LARGEST: u64 = 100_000_000;
const CODE: &str = "inventory-script";

/// Whether a file is a program: one that may be executed and says what runs it.
pub(super) fn is_script(path: &Path) -> Result<bool, Diagnostic> {
    use std::os::unix::fs::PermissionsExt;
    let mut start = [0; 4];
    let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut start));
    let (Ok(_), Ok(metadata)) = (read, std::fs::metadata(path)) else { return Ok(false) };
    let program = start.starts_with(b"#!") || start == *b"\x7fELF";
    let executable = metadata.permissions().mode() & 0o111 != 0;
    if start.starts_with(b"#!") && !executable {
        let message = format!("the inventory script {} is not executable", path.display());
        return Err(Diagnostic::plain(CODE, message).help(format!("chmod +x {}", path.display())));
    }
    Ok(program && executable)
}

/// What a program printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) output: String,
    /// What it said beside.
    pub(super) errors: String,
}

/// Runs a program and gives what it printed.
///
/// # Errors
///
/// Where it cannot be started, fails, prints too much or anything but UTF-8, or takes too long.
pub(super) fn run(path: &Path, arguments: &[&str]) -> Result<Printed, Diagnostic> {
    run_within(path, arguments, PATIENCE)
}

fn run_within(path: &Path, arguments: &[&str], patience: Duration) -> Result<Printed, Diagnostic> {
    let shown = format!("{} {}", path.display(), arguments.join(" "));
    let fault =
        |what: String| Diagnostic::plain(CODE, format!("the inventory script {shown} {what}"));
    // A bare name would be looked for in PATH.
    let program =
        std::path::absolute(path).map_err(|error| fault(format!("has no path: {error}")))?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| {
            fault(format!("cannot be started: {error}"))
                .help("its first line must name a program that is installed")
        })?;
    let deadline = Instant::now() + patience;
    let output = drain(child.stdout.take());
    let errors = drain(child.stderr.take());
    let output = receive(&output, deadline);
    let status = output.as_ref().and_then(|_| wait(&mut child, deadline));
    let (Some(output), Some(status)) = (output, status) else {
        stop(&mut child);
        let seconds = patience.as_secs();
        return Err(fault(format!("did not end within {seconds} seconds"))
            .help("run it by hand with the same arguments"));
    };
    let errors = receive(&errors, Instant::now() + Duration::from_secs(1)).unwrap_or_default();
    let errors = String::from_utf8_lossy(&errors).into_owned();
    if !status.success() {
        let failed = fault(format!("failed: {status}"));
        let tail: Vec<&str> = errors.trim().lines().rev().take(5).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        return Err(if tail.is_empty() { failed } else { failed.help(tail.join("\n")) });
    }
    if output.len() as u64 >= LARGEST {
        stop(&mut child);
        return Err(fault(format!("printed more than {LARGEST} bytes")));
    }
    let output = String::from_utf8(output)
        .map_err(|_| fault("printed something that is not UTF-8".to_owned()))?;
    Ok(Printed { output, errors })
}

/// Reads a pipe to its end in the background.
fn drain(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = vec![];
        if let Some(pipe) = pipe {
            // What was read before a fault is still of use.
            let _partial = pipe.take(LARGEST).read_to_end(&mut bytes);
        }
        // Nobody waits any more where the script took too long.
        let _gone = sender.send(bytes);
    });
    receiver
}

fn receive(pipe: &Receiver<Vec<u8>>, deadline: Instant) -> Option<Vec<u8>> {
    pipe.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

fn wait(child: &mut Child, deadline: Instant) -> Option<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            _ => return None,
        }
    }
}

/// Ends a program and all that it started.
fn stop(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _gone = kill_process_group(group, Signal::KILL);
    }
    let _reaped = child.wait();
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn script(folder: &Path, text: &str, mode: u32) -> std::path::PathBuf {
        let path = folder.join("inventory.sh");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn gives_what_a_program_prints() {
        let folder = tempfile::tempdir().unwrap();
        let path = script(folder.path(), "#!/bin/sh\necho \"$1 $2\"\n", 0o755);
        assert_eq!(is_script(&path), Ok(true));
        assert_eq!(
            run(&path, &["--host", "a b"]),
            Ok(Printed { output: "--host a b\n".to_owned(), errors: String::new() })
        );
    }

    #[test]
    fn a_program_that_fails_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = script(folder.path(), "#!/bin/sh\necho no credentials >&2\nexit 3\n", 0o755);
        let fault = run(&path, &["--list"]).unwrap_err();
        assert!(fault.message.ends_with("--list failed: exit status: 3"), "{}", fault.message);
        assert_eq!(fault.help.as_deref(), Some("no credentials"));
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_all_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let path = script(folder.path(), "#!/bin/sh\nsleep 600 &\nsleep 600\n", 0o755);
        let started = Instant::now();
        let fault = run_within(&path, &["--list"], Duration::from_secs(1)).unwrap_err();
        assert!(fault.message.ends_with("did not end within 1 seconds"), "{}", fault.message);
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_script_must_be_executable() {
        let folder = tempfile::tempdir().unwrap();
        let path = script(folder.path(), "#!/bin/sh\n", 0o644);
        assert!(is_script(&path).unwrap_err().message.ends_with("is not executable"));
        let path = script(folder.path(), "[web]\nweb1\n", 0o755);
        assert_eq!(is_script(&path), Ok(false));
    }
}
