//! The task that owns a shell's streams.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::capture::Capture;
use super::frame::{Decoder, Line, Mark, Part};
use super::process::{Chunk, Process};
use super::production::Production;
use super::shell::{Answer, Broken, Job, Progress};
use super::{Output, Stdin};

/// What one of the two output streams has told so far.
struct Side {
    decoder: Decoder,
    /// What was printed before the shell was ready.
    noise: Capture,
    ready: Option<u32>,
    /// The number of the frame that runs; anything else the shell says is of the past.
    number: u64,
    /// The running task's output, once it has begun.
    capture: Option<Capture>,
    status: Option<i32>,
    limit: usize,
}

impl Side {
    fn new(mark: &Mark) -> Self {
        Self {
            decoder: Decoder::new(mark),
            noise: Capture::new(2048),
            ready: None,
            number: 0,
            capture: None,
            status: None,
            limit: 0,
        }
    }

    fn expect(&mut self, number: u64, limit: usize) {
        self.number = number;
        self.limit = limit;
        self.capture = None;
        self.status = None;
    }

    fn feed(&mut self, bytes: &[u8]) {
        let Self { decoder, noise, ready, number, capture, status, limit } = self;
        decoder.feed(bytes, |part| match part {
            Part::Output(bytes) => match capture {
                Some(capture) if status.is_none() => capture.push(bytes),
                None if ready.is_none() => noise.push(bytes),
                _ => {}
            },
            Part::Line(Line::Ready(pid)) => *ready = Some(pid),
            Part::Line(Line::Begin(n)) if n == *number => *capture = Some(Capture::new(*limit)),
            Part::Line(Line::End(n, with)) if n == *number => *status = Some(with),
            Part::Line(_) => {}
        });
    }

    /// Takes what the decoder still held back when the stream ended.
    fn close(&mut self) {
        let rest = self.decoder.finish();
        match &mut self.capture {
            Some(capture) if self.status.is_none() => capture.push(&rest),
            None if self.ready.is_none() => self.noise.push(&rest),
            _ => {}
        }
    }
}

/// A shell's streams and what is known of them.
pub(super) struct Worker {
    process: Process,
    mark: Mark,
    out: Side,
    err: Side,
    /// The number of the last frame.
    number: u64,
    exit: Option<i32>,
    ready_by: Instant,
}

impl Worker {
    /// How long output is awaited once the shell itself has ended: a child may hold the streams.
    const DRAIN: Duration = Duration::from_millis(500);

    /// Takes the streams over; the shell must be ready within the time given.
    pub(super) fn new(process: Process, mark: Mark, ready_within: Duration) -> Self {
        Self {
            process,
            out: Side::new(&mark),
            err: Side::new(&mark),
            mark,
            number: 0,
            exit: None,
            ready_by: Instant::now() + ready_within,
        }
    }

    /// Does every job that comes, until the shell or its handle is gone.
    pub(super) async fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut text = self.mark.bootstrap().into_bytes();
        loop {
            let job = tokio::select! {
                job = jobs.recv() => job,
                // What arrives while no task runs belongs to none.
                chunk = self.process.output.next() => match chunk {
                    Some(Chunk::Out(_) | Chunk::Err(_)) => continue,
                    Some(Chunk::Exit(_) | Chunk::Lost(_)) | None => return,
                },
            };
            let Some(job) = job else { return };
            text.extend(job.frame.text(self.number + 1));
            if !self.work(job, std::mem::take(&mut text)).await {
                return;
            }
        }
    }

    /// Does one job whose input follows the frame.
    pub(super) async fn serve_once(mut self, job: Job) {
        let mut text = self.mark.bootstrap().into_bytes();
        text.extend(job.frame.text_before_input(self.number + 1, &self.mark));
        self.work(job, text).await;
    }

    /// Does one job; whether the shell is fit for another.
    async fn work(&mut self, mut job: Job, text: Vec<u8>) -> bool {
        self.number += 1;
        self.out.expect(self.number, job.limit);
        self.err.expect(self.number, job.limit);
        let answer = tokio::select! {
            answer = self.answer(text, job.input, &job.progress) => answer,
            () = job.answer.closed() => return false,
        };
        let fit = answer.is_ok() && self.exit.is_none();
        job.answer.send(answer).is_ok() && fit
    }

    async fn answer(&mut self, text: Vec<u8>, input: Stdin, progress: &Progress) -> Answer {
        match self.converse(text, input, progress).await? {
            Some(status) => Ok(self.output(status)),
            None => self.unfinished(),
        }
    }

    /// Writes what is to be written and reads until the task's end, both at once.
    ///
    /// Gives the task's status; none where the streams ended first, or the shell never was ready.
    async fn converse(
        &mut self,
        text: Vec<u8>,
        input: Stdin,
        progress: &Progress,
    ) -> Result<Option<i32>, Broken> {
        let Self { process: Process { input: pipe, output }, out, err, exit, .. } = self;
        let writing = write(pipe.as_mut(), text, input, progress);
        tokio::pin!(writing);
        let mut written = false;
        let mut patience = self.ready_by;
        loop {
            let ready = out.ready.is_some() && err.ready.is_some();
            tokio::select! {
                () = &mut writing, if !written => written = true,
                chunk = output.next() => match chunk {
                    Some(Chunk::Out(bytes)) => out.feed(&bytes),
                    Some(Chunk::Err(bytes)) => err.feed(&bytes),
                    Some(Chunk::Exit(status)) => {
                        *exit = Some(status);
                        patience = Instant::now() + Self::DRAIN;
                    }
                    Some(Chunk::Lost(reason)) => return Err(Broken::Lost(reason)),
                    None => return Ok(None),
                },
                () = sleep_until(patience), if !ready || exit.is_some() => return Ok(None),
            }
            if let (Some(pid), Some(_)) = (out.ready, &out.capture) {
                // Once is enough.
                let _ = progress.begun.set(pid);
            }
            if let Some(status) = out.status.filter(|_| err.status.is_some()) {
                return Ok(Some(status));
            }
        }
    }

    /// What it means that the streams ended, or the shell was awaited in vain.
    fn unfinished(&mut self) -> Answer {
        self.out.close();
        self.err.close();
        if self.out.ready.is_none() {
            let noise = |side: &mut Side| {
                let noise = std::mem::replace(&mut side.noise, Capture::new(0));
                String::from_utf8_lossy(&noise.finish().0).trim().to_owned()
            };
            let printed = [noise(&mut self.err), noise(&mut self.out)].join("\n");
            return Err(Broken::NoShell(self.exit, printed.trim().to_owned()));
        }
        match self.exit {
            None => Err(Broken::Lost("the host closed the channel".into())),
            Some(_) if self.out.capture.is_none() => Err(Broken::NotBegun),
            // The task ended the shell itself. Whatever that says, it is no success.
            Some(0) => Ok(self.output(255)),
            Some(status) => Ok(self.output(status)),
        }
    }

    fn output(&mut self, status: i32) -> Output {
        let finish = |side: &mut Side| side.capture.take().map(Capture::finish).unwrap_or_default();
        let (stdout, out) = finish(&mut self.out);
        let (stderr, err) = finish(&mut self.err);
        Output { status, stdout, stderr, left_out: out + err }
    }
}

/// Writes the text; then the input, and after it the end of the stream.
///
/// Why a pipe broke is told by the other direction. Where the input cannot be read, its end must
/// not be taken for the end of the stream: this never returns then.
async fn write<W: AsyncWrite + ?Sized>(
    mut pipe: Pin<&mut W>,
    text: Vec<u8>,
    input: Stdin,
    progress: &Progress,
) {
    let written = async {
        match input {
            Stdin::Empty => {
                pipe.write_all(&text).await?;
                pipe.flush().await
            }
            Stdin::Bytes(bytes) => {
                pipe.write_all(&text).await?;
                pipe.write_all(&bytes).await?;
                pipe.shutdown().await
            }
            Stdin::File(path) => {
                let mut file = Source::open(path, progress).await;
                pipe.write_all(&text).await?;
                while let Some(block) = file.block().await {
                    pipe.write_all(block).await?;
                }
                pipe.shutdown().await
            }
            Stdin::Made(input) => {
                pipe.write_all(&text).await?;
                let mut production = Production::start(input);
                while let Some(block) = production.block().await {
                    pipe.write_all(&block).await?;
                }
                if let Err(error) = production.end().await {
                    progress.give_up(error.to_string()).await;
                }
                pipe.shutdown().await
            }
        }
    };
    let _: io::Result<()> = written.await;
}

/// A file of the controller.
struct Source<'p> {
    path: PathBuf,
    file: Option<File>,
    block: Vec<u8>,
    progress: &'p Progress,
}

impl<'p> Source<'p> {
    const BLOCK: usize = 256 * 1024;

    async fn open(path: PathBuf, progress: &'p Progress) -> Self {
        let mut source = Self { path, file: None, block: vec![], progress };
        match File::open(&source.path).await {
            Ok(mut file) => {
                file.set_max_buf_size(Self::BLOCK);
                source.block.resize(Self::BLOCK, 0);
                source.file = Some(file);
            }
            Err(error) => source.fail(&error).await,
        }
        source
    }

    /// The next bytes; none at the end.
    async fn block(&mut self) -> Option<&[u8]> {
        let read = match &mut self.file {
            Some(file) => file.read(&mut self.block).await,
            None => Ok(0),
        };
        match read {
            Ok(0) => None,
            Ok(length) => Some(&self.block[..length]),
            Err(error) => {
                self.fail(&error).await;
                None
            }
        }
    }

    async fn fail(&self, error: &io::Error) {
        self.progress.give_up(format!("cannot read {}: {error}", self.path.display())).await;
    }
}
