//! Programs of this machine: never through a shell, never without an end.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// How long one program may take.
const PATIENCE: Duration = Duration::from_mins(15);

/// The most that is read of what it says.
const MOST: u64 = 16 * 1024 * 1024;

/// Runs a program; comes back with what it prints, or with why it failed.
pub(super) async fn run(mut command: Command, input: &str) -> Result<Vec<u8>, String> {
    let name = command.as_std().get_program().display().to_string();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    let work = async {
        let mut child = command.spawn().map_err(|error| format!("cannot run `{name}`: {error}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input says why by itself.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (out, err) = tokio::join!(read(out), read(err));
        let status = child.wait().await.map_err(|error| format!("`{name}`: {error}"))?;
        if status.success() {
            return Ok(out);
        }
        let said = String::from_utf8_lossy(&err).trim().to_owned();
        let why = if said.is_empty() { status.to_string() } else { said };
        Err(format!("`{name}` failed: {why}"))
    };
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| Err(format!("`{name}` takes longer than {} s", PATIENCE.as_secs())))
}

async fn read(from: Option<impl tokio::io::AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = vec![];
    if let Some(from) = from {
        // What was read till then is what there is.
        let _ = from.take(MOST).read_to_end(&mut bytes).await;
    }
    bytes
}
