//! The outputs of a command as they come over one connection.

use bytes::{Buf, BytesMut};

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
pub(super) struct Frames {
    streams: Streams,
    rest: BytesMut,
    /// The output that the next bytes belong to, and how many of them.
    open: Option<(bool, usize)>,
    stdout: Capture,
    /// Nothing where both are one text, in the order in which they come.
    stderr: Option<Capture>,
}

impl Frames {
    const HEADER: usize = 8;
    const STDERR: u8 = 2;

    /// Frames of which at most `limit` bytes of each output are kept.
    pub(super) fn new(streams: Streams, limit: usize) -> Self {
        Self { stderr: Some(Capture::new(limit)), ..Self::joined(streams, limit) }
    }

    /// Frames of which both outputs are kept as one.
    pub(super) fn joined(streams: Streams, limit: usize) -> Self {
        let stdout = Capture::new(limit);
        Self { streams, rest: BytesMut::new(), open: None, stdout, stderr: None }
    }

    /// Takes what has come.
    pub(super) fn take(&mut self, part: &[u8]) {
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
            let stderr = self.stderr.as_mut().filter(|_| is_stderr);
            stderr.unwrap_or(&mut self.stdout).push(&bytes);
            if bytes.len() < left {
                self.open = Some((is_stderr, left - bytes.len()));
                return;
            }
        }
    }

    /// What is kept of them.
    pub(super) fn finish(self) -> Output {
        let (stdout, left) = self.stdout.finish();
        let (stderr, more) = self.stderr.map(Capture::finish).unwrap_or_default();
        Output { stdout, stderr, left_out: left + more, ..Output::default() }
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

    #[test]
    fn both_outputs_may_be_one() {
        let mut frames = Frames::joined(Streams::Framed, 100);
        frames.take(b"\x01\0\0\0\0\0\0\x03ab\n\x02\0\0\0\0\0\0\x02c\n\x01\0\0\0\0\0\0\x01!");
        assert_eq!(&frames.finish().stdout[..], b"ab\nc\n!");
    }
}
