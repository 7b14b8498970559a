//! A program's standard input and output as one two-way stream.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::capture::Capture;
use super::process::{Chunk, Process};
use super::quote::quote;

/// The command line of an argument vector.
pub(super) fn program_line(argv: &[String]) -> String {
    argv.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

/// Reads what a program prints and writes what it reads.
///
/// Where the program fails, reading and writing fail with what it said on standard error.
pub(super) struct ProgramStream {
    input: Pin<Box<dyn AsyncWrite + Send>>,
    printed: mpsc::Receiver<Bytes>,
    current: Bytes,
    fault: Arc<Mutex<Option<String>>>,
}

impl ProgramStream {
    /// How long a reader may rest: meanwhile, nothing else comes through on the connection.
    const REST: Duration = Duration::from_mins(1);

    /// Takes the program over.
    pub(super) fn new(process: Process) -> Self {
        let Process { input, output } = process;
        let (give, printed) = mpsc::channel(64);
        let fault = Arc::default();
        tokio::spawn(pump(output, give, Arc::clone(&fault)));
        Self { input, printed, current: Bytes::new(), fault }
    }

    fn fault(&self) -> Option<io::Error> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.as_ref().map(|reason| io::Error::other(reason.clone()))
    }
}

/// Passes on what is printed until the program ends or nobody listens; keeps what went wrong.
async fn pump(
    mut output: BoxStream<'static, Chunk>,
    give: mpsc::Sender<Bytes>,
    fault: Arc<Mutex<Option<String>>>,
) {
    let mut said = Capture::new(4096);
    let mut status = None;
    let reason = loop {
        let chunk = tokio::select! {
            chunk = output.next() => chunk,
            () = give.closed() => return,
        };
        match chunk {
            Some(Chunk::Out(bytes)) => match timeout(ProgramStream::REST, give.send(bytes)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => break Some("what it printed was not read for a minute".to_owned()),
            },
            Some(Chunk::Err(bytes)) => said.push(&bytes),
            Some(Chunk::Exit(with)) => status = Some(with),
            Some(Chunk::Lost(reason)) => break Some(reason),
            None => break None,
        }
    };
    let said = String::from_utf8_lossy(&said.finish().0).trim().to_owned();
    let reason = reason.or_else(|| match status {
        Some(0) => None,
        Some(status) if said.is_empty() => Some(format!("ended with status {status}")),
        Some(status) => Some(format!("ended with status {status}: {said}")),
        None => Some("the host closed the channel".to_owned()),
    });
    *fault.lock().unwrap_or_else(PoisonError::into_inner) = reason;
}

impl AsyncRead for ProgramStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.current.is_empty() {
            match ready!(self.printed.poll_recv(context)) {
                Some(bytes) => self.current = bytes,
                None => return Poll::Ready(self.fault().map_or(Ok(()), Err)),
            }
        }
        let length = self.current.len().min(buffer.remaining());
        buffer.put_slice(&self.current[..length]);
        self.current.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ProgramStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.input.as_mut().poll_write(context, bytes));
        Poll::Ready(written.map_err(|error| self.fault().unwrap_or(error)))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input.as_mut().poll_shutdown(context)
    }
}
