//! A terminal whose last line comes and goes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use console::{measure_text_width, truncate_str};

/// A terminal with a line at the bottom that is taken away before anything else is written.
///
/// A clone writes to the same terminal. The bottom line is never wider than the terminal, so
/// that taking it away takes all of it; where the terminal has become narrower since, the rows
/// that it has been broken into are counted.
#[derive(Debug)]
pub struct Screen<W>(Arc<Mutex<Inner<W>>>);

#[derive(Debug)]
struct Inner<W> {
    out: W,
    /// Gives the terminal's width in columns.
    width: fn() -> usize,
    /// What the bottom line should say; empty where there should be none.
    line: String,
    /// How many columns of it stand there.
    drawn: usize,
    /// Whether the cursor is at the start of a line.
    at_start: bool,
}

impl<W> Clone for Screen<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write> Screen<W> {
    /// A terminal without a bottom line as yet; `width` is asked before each drawing.
    pub fn new(out: W, width: fn() -> usize) -> Self {
        let line = String::new();
        Self(Arc::new(Mutex::new(Inner { out, width, line, drawn: 0, at_start: true })))
    }

    /// Sets what the bottom line says, and draws it; an empty text takes it away.
    pub fn set_line(&self, line: &str) -> io::Result<()> {
        let mut inner = self.lock();
        line.clone_into(&mut inner.line);
        inner.clear()?;
        inner.draw()
    }

    fn lock(&self) -> MutexGuard<'_, Inner<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> Inner<W> {
    fn clear(&mut self) -> io::Result<()> {
        if self.drawn == 0 {
            return Ok(());
        }
        let rows = self.drawn.div_ceil((self.width)().max(1));
        let up = "\x1b[1A\x1b[2K".repeat(rows - 1);
        self.drawn = 0;
        self.out.write_all(format!("\r\x1b[2K{up}").as_bytes())
    }

    fn draw(&mut self) -> io::Result<()> {
        if !self.line.is_empty() && self.at_start {
            let room = (self.width)().saturating_sub(1);
            let line = truncate_str(&self.line, room, "…");
            self.drawn = measure_text_width(&line);
            self.out.write_all(line.as_bytes())?;
        }
        self.out.flush()
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.lock();
        inner.clear()?;
        inner.out.write_all(bytes)?;
        if let Some(last) = bytes.last() {
            inner.at_start = *last == b'\n';
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut inner = self.lock();
        if inner.drawn == 0 { inner.draw() } else { inner.out.flush() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(screen: &Screen<Vec<u8>>) -> String {
        String::from_utf8(std::mem::take(&mut screen.lock().out)).unwrap()
    }

    #[test]
    fn the_bottom_line_gives_way_to_what_is_written() {
        let mut screen = Screen::new(vec![], || 20);
        screen.set_line("2 running").unwrap();
        assert_eq!(written(&screen), "2 running");
        screen.write_all(b"ok: [a]\n").unwrap();
        screen.flush().unwrap();
        assert_eq!(written(&screen), "\r\x1b[2Kok: [a]\n2 running");
        screen.set_line("").unwrap();
        assert_eq!(written(&screen), "\r\x1b[2K");
    }

    #[test]
    fn it_is_never_wider_than_the_terminal() {
        let screen = Screen::new(vec![], || 10);
        screen.set_line("a task with a long name").unwrap();
        assert_eq!(written(&screen), "a task w…");
    }

    #[test]
    fn a_terminal_made_narrower_is_cleared_row_by_row() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static WIDTH: AtomicUsize = AtomicUsize::new(20);
        let screen = Screen::new(vec![], || WIDTH.load(Ordering::Relaxed));
        screen.set_line("fifteen columns").unwrap();
        WIDTH.store(6, Ordering::Relaxed);
        screen.set_line("").unwrap();
        assert_eq!(written(&screen), "fifteen columns\r\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K");
    }
}
