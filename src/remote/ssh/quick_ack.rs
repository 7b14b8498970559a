//! A TCP stream that acknowledges at once.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Acknowledges the first packets at once.
///
/// An OpenSSH server holds its first answers back until the one before was acknowledged, and
/// Linux delays that by 40 ms: without this, every connection is that much slower.
pub(super) struct QuickAck {
    stream: TcpStream,
    /// How many reads still ask for it; Linux forgets after a few packets.
    left: u8,
}

impl QuickAck {
    pub(super) fn new(stream: TcpStream) -> Self {
        let mut quick = Self { stream, left: 64 };
        quick.ask();
        quick
    }

    fn ask(&mut self) {
        self.left -= 1;
        // A hint only: without it, things are merely slower.
        #[cfg(target_os = "linux")]
        let _ = rustix::net::sockopt::set_tcp_quickack(&self.stream, true);
    }
}

impl AsyncRead for QuickAck {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if self.left > 0 {
            self.ask();
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for QuickAck {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
