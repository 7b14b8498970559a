//! An authenticated connection: starting programs and opening streams on it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use russh::client::{Handle, Msg};
use russh::{
    Channel, ChannelMsg, ChannelOpenFailure, ChannelReadHalf, ChannelWriteHalf, Disconnect,
};
use tokio::io::AsyncWrite;
use tokio::time::timeout;

use super::client::{Client, Fate, explain};
use crate::remote::process::{Chunk, Launcher, Process, StartError};
use crate::remote::{ConnectionError, Later};

/// An authenticated connection to one host.
pub(super) struct Link {
    handle: Handle<Client>,
    fate: Arc<Fate>,
    /// The connection this one runs through: it lives as long as this one does.
    _through: Option<Arc<Link>>,
}

impl Link {
    /// How long the host may take to open a channel.
    const OPENING: Duration = Duration::from_secs(30);

    pub(super) fn new(handle: Handle<Client>, fate: Arc<Fate>, through: Option<Arc<Link>>) -> Self {
        Self { handle, fate, _through: through }
    }

    /// Whether the connection has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Ends the connection.
    pub(super) async fn close(&self) {
        let bye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        let _ = timeout(Duration::from_secs(1), bye).await;
    }

    /// Opens a TCP connection from the host.
    pub(super) async fn tcp(&self, host: &str, port: u16) -> Result<Channel<Msg>, OpenError> {
        self.open(self.handle.channel_open_direct_tcpip(host, port.into(), "127.0.0.1", 0)).await
    }

    /// Opens a connection from the host to one of its Unix sockets.
    pub(super) async fn unix(&self, path: &str) -> Result<Channel<Msg>, OpenError> {
        self.open(self.handle.channel_open_direct_streamlocal(path)).await
    }

    async fn open(
        &self,
        opening: impl Future<Output = Result<Channel<Msg>, russh::Error>>,
    ) -> Result<Channel<Msg>, OpenError> {
        match timeout(Self::OPENING, opening).await {
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(russh::Error::ChannelOpenFailure(failure))) => Err(OpenError::Refused(failure)),
            Ok(Err(error)) => Err(OpenError::Lost(self.why_ended(&error))),
            Err(_) => Err(OpenError::Lost("the host did not open a channel in 30 s".into())),
        }
    }

    /// A channel as a program; one without a program has ended well where its data ends.
    pub(super) fn process(&self, channel: Channel<Msg>, has_status: bool) -> Process {
        let (reader, writer) = channel.split();
        let input = Box::pin(Input(Box::pin(writer.make_writer())));
        let fate = Arc::clone(&self.fate);
        let reading =
            Reading { reader, closing: Closing(Some(writer)), fate, has_status, done: false };
        Process { input, output: stream::unfold(reading, Reading::next).boxed() }
    }

    fn why_ended(&self, error: &russh::Error) -> String {
        self.fate.ended.get().cloned().unwrap_or_else(|| explain(error))
    }
}

/// Why a channel was not opened.
pub(super) enum OpenError {
    /// The host does not want to.
    Refused(ChannelOpenFailure),
    /// The connection is gone.
    Lost(String),
}

impl Launcher for Link {
    fn start(&self, command: String) -> Later<'_, Process, StartError> {
        Box::pin(async move {
            let lost = |reason| {
                StartError::Failed(ConnectionError::Unreachable { reason, help: String::new() })
            };
            let channel =
                self.open(self.handle.channel_open_session()).await.map_err(
                    |error| match error {
                        OpenError::Refused(failure) => StartError::Full(format!("{failure:?}")),
                        OpenError::Lost(reason) => lost(reason),
                    },
                )?;
            channel.exec(true, command).await.map_err(|error| lost(self.why_ended(&error)))?;
            Ok(self.process(channel, true))
        })
    }
}

/// A channel's data as it comes.
struct Reading {
    reader: ChannelReadHalf,
    closing: Closing,
    fate: Arc<Fate>,
    has_status: bool,
    done: bool,
}

impl Reading {
    async fn next(mut self) -> Option<(Chunk, Self)> {
        while !self.done {
            let chunk = match self.reader.wait().await {
                Some(ChannelMsg::Data { data }) => Chunk::Out(data),
                Some(ChannelMsg::ExtendedData { data, ext: 1 }) => Chunk::Err(data),
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    Chunk::Exit(i32::try_from(exit_status).unwrap_or(255))
                }
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    Chunk::Exit(128 + signal_number(&signal_name))
                }
                Some(ChannelMsg::Failure) => {
                    self.done = true;
                    Chunk::Lost("the host refuses to run programs".into())
                }
                Some(ChannelMsg::Eof) if !self.has_status => {
                    self.done = true;
                    Chunk::Exit(0)
                }
                Some(ChannelMsg::Close) => {
                    self.closing.0 = None;
                    self.done = true;
                    continue;
                }
                Some(_) => continue,
                None => {
                    self.done = true;
                    let ended = self.fate.ended.get().cloned();
                    Chunk::Lost(ended.unwrap_or_else(|| "the host closed the connection".into()))
                }
            };
            return Some((chunk, self));
        }
        None
    }
}

/// Closes its channel when dropped: russh does not.
struct Closing(Option<ChannelWriteHalf<Msg>>);

impl Drop for Closing {
    fn drop(&mut self) {
        if let (Some(channel), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(async move { channel.close().await });
        }
    }
}

/// The number of a signal by its name in the protocol.
fn signal_number(signal: &russh::Sig) -> i32 {
    use russh::Sig;
    match signal {
        Sig::HUP => 1,
        Sig::INT => 2,
        Sig::QUIT => 3,
        Sig::ILL => 4,
        Sig::ABRT => 6,
        Sig::FPE => 8,
        Sig::KILL => 9,
        Sig::USR1 => 10,
        Sig::SEGV => 11,
        Sig::PIPE => 13,
        Sig::ALRM => 14,
        Sig::TERM => 15,
        Sig::Custom(_) => 127,
    }
}

/// A channel's input. russh takes no empty write.
struct Input(Pin<Box<dyn AsyncWrite + Send>>);

impl AsyncWrite for Input {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            Poll::Ready(Ok(0))
        } else {
            self.0.as_mut().poll_write(context, bytes)
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_shutdown(context)
    }
}
