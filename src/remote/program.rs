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
use tokio::sync::{Semaphore, mpsc};
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
    printed: mpsc::UnboundedReceiver<Bytes>,
    /// How many bytes more may wait to be read.
    room: Arc<Semaphore>,
    current: Bytes,
    fault: Arc<Mutex<Option<String>>>,
}

impl ProgramStream {
    /// How long a reader may rest when it is full: meanwhile, nothing else comes through on the
    /// connection.
    const REST: Duration = Duration::from_mins(1);

    /// How many bytes may wait to be read. What counts is bytes, not pieces, which a busy host
    /// makes small.
    const MOST_WAITING: usize = 4 * 1024 * 1024;

    /// Takes the program over.
    pub(super) fn new(process: Process) -> Self {
        let Process { input, output } = process;
        let (give, printed) = mpsc::unbounded_channel();
        let fault = Arc::default();
        let room = Arc::new(Semaphore::new(Self::MOST_WAITING));
        tokio::spawn(pump(output, give, Arc::clone(&room), Arc::clone(&fault)));
        Self { input, printed, room, current: Bytes::new(), fault }
    }

    fn fault(&self) -> Option<io::Error> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.as_ref().map(|reason| io::Error::other(reason.clone()))
    }
}

impl Drop for ProgramStream {
    fn drop(&mut self) {
        // Nobody makes room any more.
        self.room.close();
    }
}

/// The room that a piece takes; it can be no more than there is.
fn size(bytes: &Bytes) -> u32 {
    u32::try_from(bytes.len().min(ProgramStream::MOST_WAITING)).unwrap_or(u32::MAX)
}

/// Passes on what is printed until the program ends or nobody listens; keeps what went wrong.
async fn pump(
    mut output: BoxStream<'static, Chunk>,
    give: mpsc::UnboundedSender<Bytes>,
    room: Arc<Semaphore>,
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
            Some(Chunk::Out(bytes)) => {
                match timeout(ProgramStream::REST, room.acquire_many(size(&bytes))).await {
                    Ok(Ok(taken)) => taken.forget(),
                    Ok(Err(_)) => return,
                    Err(_) => break Some("what it printed was not read for a minute".to_owned()),
                }
                if give.send(bytes).is_err() {
                    return;
                }
            }
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
                Some(bytes) => {
                    self.room.add_permits(size(&bytes) as usize);
                    self.current = bytes;
                }
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

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::io::{AsyncReadExt as _, sink};

    use super::*;

    #[tokio::test]
    async fn small_pieces_that_wait_hold_nothing_up() {
        let (told, mut drained) = mpsc::unbounded_channel();
        let pieces = stream::iter(0..10_000).map(|_| Chunk::Out(Bytes::from_static(b"x")));
        let end = stream::once(async move {
            told.send(()).ok();
            Chunk::Exit(0)
        });
        let output = pieces.chain(end).boxed();
        let mut stream = ProgramStream::new(Process { input: Box::pin(sink()), output });
        timeout(Duration::from_secs(10), drained.recv()).await.expect("all of it is taken");
        let mut read = vec![];
        stream.read_to_end(&mut read).await.unwrap();
        assert_eq!(read.len(), 10_000);
    }

    #[tokio::test(start_paused = true)]
    async fn too_much_that_waits_ends_the_stream() {
        let piece = Bytes::from(vec![0; ProgramStream::MOST_WAITING / 2]);
        let output = stream::repeat_with(move || Chunk::Out(piece.clone())).boxed();
        let mut stream = ProgramStream::new(Process { input: Box::pin(sink()), output });
        tokio::time::sleep(ProgramStream::REST * 2).await;
        let error = stream.read_to_end(&mut vec![]).await.unwrap_err();
        assert_eq!(error.to_string(), "what it printed was not read for a minute");
    }
}
