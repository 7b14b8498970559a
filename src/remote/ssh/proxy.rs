//! A command of the controller as the way to a host.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::remote::{ConnectionError, Stream};

/// Starts a `ProxyCommand`.
pub(super) fn start(command: &str) -> Result<Box<dyn Stream>, ConnectionError> {
    let failed = |why: String| ConnectionError::Unreachable {
        reason: format!("cannot start the proxy command `{command}`: {why}"),
        help: String::new(),
    };
    let mut child = Command::new("/bin/sh")
        .args(["-c", &format!("exec {command}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    match (child.stdout.take(), child.stdin.take()) {
        (Some(output), Some(input)) => Ok(Box::new(Proxy { output, input, _child: child })),
        _ => Err(failed("it has no pipes".into())),
    }
}

/// A running command; it ends with the connection.
struct Proxy {
    output: ChildStdout,
    input: ChildStdin,
    _child: Child,
}

impl AsyncRead for Proxy {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_read(context, buffer)
    }
}

impl AsyncWrite for Proxy {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.input).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_shutdown(context)
    }
}
