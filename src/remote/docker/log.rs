//! What a container has printed, of any length.

use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;

use super::engine::collect;
use super::exchange::reason;
use super::pool::Purpose;
use super::{Engine, EngineError, Request, Streams};
use crate::remote::capture::Capture;

/// Both outputs of a container as one text, in the order in which they came.
///
/// Without a terminal each piece has a head of eight bytes: which output it is, and in the last
/// four how long.
#[derive(Debug)]
struct Log {
    streams: Streams,
    /// The head that has not come whole.
    head: BytesMut,
    /// How many bytes of the piece are still to come.
    open: usize,
    text: Capture,
}

impl Log {
    const HEAD: usize = 8;

    fn new(streams: Streams, limit: usize) -> Self {
        Self { streams, head: BytesMut::new(), open: 0, text: Capture::new(limit) }
    }

    fn take(&mut self, mut part: &[u8]) {
        if self.streams == Streams::Terminal {
            self.text.push(part);
            return;
        }
        while !part.is_empty() {
            if self.open == 0 {
                let (head, rest) = part.split_at(part.len().min(Self::HEAD - self.head.len()));
                self.head.extend_from_slice(head);
                part = rest;
                if self.head.len() == Self::HEAD {
                    self.head.advance(4);
                    self.open = usize::try_from(self.head.get_u32()).unwrap_or(usize::MAX);
                }
                continue;
            }
            let (piece, rest) = part.split_at(part.len().min(self.open));
            self.text.push(piece);
            self.open -= piece.len();
            part = rest;
        }
    }
}

impl Engine {
    /// Sends a request whose answer is what a container has printed. At most `limit` bytes are
    /// kept, and the second number says how many were left out of the middle.
    ///
    /// The request's timeout is the longest silence.
    pub async fn log(
        &self,
        mut request: Request,
        streams: Streams,
        limit: usize,
    ) -> Result<(Vec<u8>, u64), EngineError> {
        let api = self.version().await?.api;
        let permit = self.exchange_of().permit(Purpose::Stream).await?;
        let started = std::time::Instant::now();
        let silence = request.timeout;
        let late = |_| EngineError::TimedOut(silence);
        let exchange = self.exchange_of();
        let sending = exchange.send(&mut request, Some(api), permit);
        let (lease, response) = tokio::time::timeout(silence, sending).await.map_err(late)??;
        let status = response.status();
        let mut body = response.into_body();
        if !status.is_success() {
            let body = collect(&mut body, started).await?;
            return Err(EngineError::refused(status.as_u16(), &body));
        }
        let mut log = Log::new(streams, limit);
        while let Some(frame) = tokio::time::timeout(silence, body.frame()).await.map_err(late)? {
            let frame =
                frame.map_err(|error| EngineError::lost(started.elapsed(), reason(&error)))?;
            if let Some(part) = frame.data_ref() {
                log.take(part);
            }
        }
        exchange.give_back(lease);
        Ok(log.text.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_may_be_cut_anywhere() {
        let whole = b"\x01\0\0\0\0\0\0\x03ab\n\x02\0\0\0\0\0\0\x02c\n\x01\0\0\0\0\0\0\x00\x01\0\0\0\0\0\0\x01!";
        for size in 1..=whole.len() {
            let mut log = Log::new(Streams::Framed, 100);
            whole.chunks(size).for_each(|part| log.take(part));
            assert_eq!(log.text.finish(), (b"ab\nc\n!".to_vec(), 0), "parts of {size}");
        }
    }

    #[test]
    fn the_middle_of_a_long_one_is_left_out() {
        let mut log = Log::new(Streams::Terminal, 4);
        log.take(b"\x01\0\0\0ab");
        assert_eq!(log.text.finish(), (b"\x01\0ab".to_vec(), 2));
    }
}
