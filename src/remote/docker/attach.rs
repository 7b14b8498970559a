//! Commands in containers: an HTTP connection that becomes the command's input and output.

use bytes::{Buf, Bytes, BytesMut};
use hyper::StatusCode;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::engine::collect;
use super::exchange::reason;
use super::pool::Purpose;
use super::{Engine, EngineError, Request};
use crate::base::Secret;
use crate::remote::Output;
use crate::remote::capture::Capture;

/// How a command's output comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// Both outputs, in frames that say which.
    Framed,
    /// As it stands: that of a terminal.
    Terminal,
}

/// Takes frames apart: one byte says which output, the last four of eight how many bytes follow.
#[derive(Debug)]
struct Frames {
    streams: Streams,
    rest: BytesMut,
    /// The output that the next bytes belong to, and how many of them.
    open: Option<(bool, usize)>,
    stdout: Capture,
    stderr: Capture,
}

impl Frames {
    const HEADER: usize = 8;
    const STDERR: u8 = 2;

    fn new(streams: Streams, limit: usize) -> Self {
        let (stdout, stderr) = (Capture::new(limit), Capture::new(limit));
        Self { streams, rest: BytesMut::new(), open: None, stdout, stderr }
    }

    fn take(&mut self, part: &[u8]) {
        if self.streams == Streams::Terminal {
            self.stdout.push(part);
            return;
        }
        self.rest.extend_from_slice(part);
        loop {
            let (is_stderr, left) = match self.open.take() {
                Some(open) => open,
                None if self.rest.len() < Self::HEADER => return,
                None => {
                    let is_stderr = self.rest.get_u8() == Self::STDERR;
                    self.rest.advance(3);
                    (is_stderr, usize::try_from(self.rest.get_u32()).unwrap_or(usize::MAX))
                }
            };
            let bytes = self.rest.split_to(left.min(self.rest.len()));
            let output = if is_stderr { &mut self.stderr } else { &mut self.stdout };
            output.push(&bytes);
            if bytes.len() < left {
                self.open = Some((is_stderr, left - bytes.len()));
                return;
            }
        }
    }

    fn finish(self) -> Output {
        let ((stdout, left), (stderr, more)) = (self.stdout.finish(), self.stderr.finish());
        Output { stdout, stderr, left_out: left + more, ..Output::default() }
    }
}

impl Engine {
    /// Sends a request whose answer is a command's output, gives the command its input, and
    /// reads to the end; the status is not part of it.
    ///
    /// The request's timeout is for the head of the answer; the command may take its time. At
    /// most `limit` bytes are kept of each output. `begin` is done once the connection belongs to
    /// the command: what it prints from then on is not missed.
    pub async fn attach(
        &self,
        request: Request,
        streams: Streams,
        input: Bytes,
        limit: usize,
        begin: impl Future<Output = Result<(), EngineError>> + Send,
    ) -> Result<Output, EngineError> {
        let api = self.version().await?.api;
        let permit = self.exchange_of().permit(Purpose::Stream).await?;
        let started = std::time::Instant::now();
        let timeout = request.timeout;
        let mut request = request
            .header("Connection", Secret::new("Upgrade".to_owned()))
            .header("Upgrade", Secret::new("tcp".to_owned()));
        let sending = self.exchange_of().send(&mut request, Some(api), permit);
        let (_lease, response) = tokio::time::timeout(timeout, sending)
            .await
            .map_err(|_| EngineError::TimedOut(timeout))??;
        let status = response.status();
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let body = collect(&mut response.into_body(), started).await?;
            if status.is_success() {
                let said = "the connection was not turned over to the command";
                return Err(EngineError::Answer(said.to_owned()));
            }
            return Err(EngineError::refused(status.as_u16(), &body));
        }
        let lost = |why: String| EngineError::lost(started.elapsed(), why);
        let stream = hyper::upgrade::on(response).await.map_err(|error| lost(reason(&error)))?;
        begin.await?;
        let (mut reader, mut writer) = tokio::io::split(TokioIo::new(stream));
        let write = async {
            // A command may end without reading all; what it prints and its status tell.
            let _ = writer.write_all(&input).await;
            let _ = writer.shutdown().await;
        };
        let read = async {
            let (mut frames, mut part) = (Frames::new(streams, limit), vec![0; 64 * 1024]);
            loop {
                match reader.read(&mut part).await {
                    Ok(0) => return Ok(frames.finish()),
                    Ok(length) => frames.take(&part[..length]),
                    Err(error) => return Err(lost(error.to_string())),
                }
            }
        };
        tokio::pin!(read);
        // An input that nobody reads must not keep it from ending.
        tokio::select! {
            output = &mut read => output,
            () = write => read.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_may_be_cut_anywhere() {
        let whole = b"\x01\0\0\0\0\0\0\x03out\x02\0\0\0\0\0\0\x03err\x01\0\0\0\0\0\0\x00\x01\0\0\0\0\0\0\x01!";
        for size in 1..=whole.len() {
            let mut frames = Frames::new(Streams::Framed, 100);
            whole.chunks(size).for_each(|part| frames.take(part));
            let output = frames.finish();
            assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"out!"[..], &b"err"[..]));
        }
    }

    #[test]
    fn a_terminal_has_one_output_within_bounds() {
        let mut frames = Frames::new(Streams::Terminal, 4);
        frames.take(b"\x01\0\0\0ab");
        let output = frames.finish();
        assert_eq!((&output.stdout[..], output.left_out), (&b"\x01\0ab"[..], 2));
    }
}
