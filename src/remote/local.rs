//! The controller itself as a host.

use std::io;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdin, Command};

use super::process::{Chunk, Launcher, Process, StartError};
use super::program::{ProgramStream, program_line};
use super::shells::Shells;
use super::{Become, Connection, ConnectionError, Exec, Later, Output, Stream, Target};

/// Runs everything on the controller, in the same shells as on a host.
pub struct LocalConnection {
    shells: Shells,
}

impl LocalConnection {
    /// Nothing is started before its first use.
    pub fn new() -> Self {
        Self { shells: Shells::new(Arc::new(LocalLauncher)) }
    }
}

impl Default for LocalConnection {
    fn default() -> Self {
        Self::new()
    }
}

impl Connection for LocalConnection {
    fn exec<'a>(&'a self, exec: &'a Exec, login: Option<&'a Become>) -> Later<'a, Output> {
        Box::pin(self.shells.exec(exec, login))
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: Option<&'a Become>,
    ) -> Later<'a, Box<dyn Stream>> {
        Box::pin(async move {
            let refused = |what: &str, error: io::Error| {
                ConnectionError::Refused(format!("cannot connect to {what}: {error}"))
            };
            Ok::<Box<dyn Stream>, _>(match target {
                Target::Unix(path) => {
                    Box::new(UnixStream::connect(path).await.map_err(|error| refused(path, error))?)
                }
                Target::Tcp(host, port) => Box::new(
                    TcpStream::connect((host.as_str(), *port))
                        .await
                        .map_err(|error| refused(&format!("{host}:{port}"), error))?,
                ),
                Target::Program(argv) => Box::new(ProgramStream::new(
                    self.shells.program(login, &program_line(argv)).await?,
                )),
            })
        })
    }

    fn release(&self) -> Later<'_, ()> {
        self.shells.clear();
        Box::pin(async { Ok(()) })
    }

    fn close(&self) -> Later<'_, ()> {
        self.shells.clear();
        Box::pin(async { Ok(()) })
    }
}

/// Starts programs as children of this process.
struct LocalLauncher;

impl Launcher for LocalLauncher {
    fn start(&self, command: String) -> Later<'_, Process, StartError> {
        Box::pin(async move {
            let mut child = Command::new("/bin/sh")
                .arg("-c")
                .arg(command)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                // An interrupt at the terminal is rplay's to handle.
                .process_group(0)
                .kill_on_drop(true)
                .spawn()
                .map_err(|error| failed(format!("cannot start /bin/sh: {error}")))?;
            let (Some(input), Some(out), Some(err)) =
                (child.stdin.take(), child.stdout.take(), child.stderr.take())
            else {
                return Err(failed("/bin/sh has no pipes".into()));
            };
            let printed = stream::select(pieces(out, Chunk::Out), pieces(err, Chunk::Err));
            Ok(Process {
                input: Box::pin(Input(Some(input))),
                output: until_exit(child, printed.boxed()),
            })
        })
    }
}

/// A child's standard input: it ends when it is shut down, not only when it is dropped.
struct Input(Option<ChildStdin>);

impl AsyncWrite for Input {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Some(pipe) => Pin::new(pipe).poll_write(context, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Some(pipe) => Pin::new(pipe).poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0 = None;
        Poll::Ready(Ok(()))
    }
}

fn failed(reason: String) -> StartError {
    StartError::Failed(ConnectionError::Local(reason))
}

/// What a pipe gives, piece by piece.
fn pieces<R>(pipe: R, chunk: fn(Bytes) -> Chunk) -> BoxStream<'static, Chunk>
where
    R: AsyncRead + Send + Unpin + 'static,
{
    stream::unfold(pipe, move |mut pipe| async move {
        let mut buffer = bytes::BytesMut::with_capacity(16 * 1024);
        match pipe.read_buf(&mut buffer).await {
            Ok(1..) => Some((chunk(buffer.freeze()), pipe)),
            Ok(0) | Err(_) => None,
        }
    })
    .boxed()
}

/// What is printed, and the program's end as soon as it has ended, even where a child of it
/// holds the pipes.
fn until_exit(child: Child, printed: BoxStream<'static, Chunk>) -> BoxStream<'static, Chunk> {
    let end = stream::once(async move {
        let mut child = child;
        match child.wait().await {
            Ok(status) => Chunk::Exit(number(status)),
            Err(error) => Chunk::Lost(error.to_string()),
        }
    });
    stream::select(printed, end).boxed()
}

/// An exit status as a shell counts it.
fn number(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(255)
}

#[cfg(test)]
mod tests;
