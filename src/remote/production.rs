//! Input that is made while it is sent.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::Produce;

/// Input that a thread of its own is making, a few blocks ahead of what was sent.
pub(super) struct Production {
    blocks: mpsc::Receiver<Bytes>,
    making: JoinHandle<io::Result<()>>,
}

impl Production {
    const BLOCK: usize = 128 * 1024;
    /// How many blocks wait to be sent, at most.
    const AHEAD: usize = 4;

    /// Begins; it ends early when this is dropped.
    pub(super) fn start(input: Arc<dyn Produce>) -> Self {
        let (sender, blocks) = mpsc::channel(Self::AHEAD);
        let making = spawn_blocking(move || {
            let mut out = Blocks { sender, block: BytesMut::new() };
            input.write_to(&mut out)?;
            out.flush()
        });
        Self { blocks, making }
    }

    /// The next bytes; none at the end.
    pub(super) async fn block(&mut self) -> Option<Bytes> {
        self.blocks.recv().await
    }

    /// Whether the end was the end of the input.
    pub(super) async fn end(self) -> io::Result<()> {
        self.making.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

/// Passes on what is written, in blocks.
struct Blocks {
    sender: mpsc::Sender<Bytes>,
    block: BytesMut,
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.block.extend_from_slice(bytes);
        if self.block.len() >= Production::BLOCK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let block = self.block.split().freeze();
        self.sender.blocking_send(block).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Numbers {
        fails: bool,
    }

    impl Produce for Numbers {
        fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
            (0..200_000_u32).try_for_each(|number| out.write_all(&number.to_le_bytes()))?;
            if self.fails { Err(io::Error::other("no more numbers")) } else { Ok(()) }
        }
    }

    async fn made(fails: bool) -> (Vec<u8>, io::Result<()>) {
        let mut production = Production::start(Arc::new(Numbers { fails }));
        let mut all = vec![];
        while let Some(block) = production.block().await {
            all.extend_from_slice(&block);
        }
        (all, production.end().await)
    }

    #[tokio::test]
    async fn all_of_it_arrives_in_order() {
        let (all, end) = made(false).await;
        assert!(end.is_ok());
        assert!(all.chunks(4).zip(0_u32..).all(|(bytes, number)| bytes == number.to_le_bytes()));
        assert_eq!(all.len(), 800_000);
    }

    #[tokio::test]
    async fn a_fault_is_no_end() {
        assert_eq!(made(true).await.1.unwrap_err().to_string(), "no more numbers");
    }

    #[tokio::test]
    async fn nothing_is_made_for_nobody() {
        let mut production = Production::start(Arc::new(Numbers { fails: false }));
        production.blocks.close();
        assert_eq!(production.end().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
