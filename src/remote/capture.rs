//! Output kept within bounds.

use std::collections::VecDeque;

/// Keeps the beginning and the end of a stream of bytes, and counts what lay between.
#[derive(Debug)]
pub(super) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// The most bytes kept of the beginning; as many are kept of the end.
    half: usize,
    left_out: u64,
}

impl Capture {
    /// Keeps at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { head: vec![], tail: VecDeque::new(), half: limit.div_ceil(2), left_out: 0 }
    }

    /// Takes what comes next.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(self.half - self.head.len()));
        self.head.extend_from_slice(head);
        let surplus = (self.tail.len() + rest.len()).saturating_sub(self.half);
        let old = surplus.min(self.tail.len());
        self.tail.drain(..old);
        self.tail.extend(&rest[surplus - old..]);
        self.left_out += surplus as u64;
    }

    /// What was kept, and how many bytes were left out of its middle.
    pub(super) fn finish(mut self) -> (Vec<u8>, u64) {
        let (front, back) = self.tail.as_slices();
        self.head.extend_from_slice(front);
        self.head.extend_from_slice(back);
        (self.head, self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(limit: usize, chunks: &[&[u8]]) -> (Vec<u8>, u64) {
        let mut capture = Capture::new(limit);
        chunks.iter().for_each(|chunk| capture.push(chunk));
        capture.finish()
    }

    #[test]
    fn all_is_kept_within_the_limit() {
        assert_eq!(capture(6, &[b"ab", b"", b"cdef"]), (b"abcdef".to_vec(), 0));
    }

    #[test]
    fn the_middle_is_left_out_however_it_was_cut() {
        let whole = b"abcdefghijklmnop";
        for size in 1..=whole.len() {
            let chunks: Vec<_> = whole.chunks(size).collect();
            assert_eq!(capture(6, &chunks), (b"abcnop".to_vec(), 10), "chunks of {size}");
        }
    }

    #[test]
    fn nothing_is_kept_with_a_limit_of_nought() {
        assert_eq!(capture(0, &[b"abc"]), (vec![], 3));
    }
}
