//! The run as data.

use std::io::{self, Write};

use super::Reporter;
use crate::event::{Event, Header, Shown};

/// Writes each event as one line of JSON, after a line that names the format.
#[derive(Debug)]
pub struct JsonLines<W>(W);

impl<W: Write> JsonLines<W> {
    /// Writes the header.
    pub fn new(mut out: W) -> io::Result<Self> {
        line(&mut out, &Header::default())?;
        Ok(Self(out))
    }
}

impl<W: Write + Send> Reporter for JsonLines<W> {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        line(&mut self.0, event)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes a line in one piece, so that a reader who follows the file sees whole lines.
fn line(out: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string(value)?;
    // Control signs that JSON allows in a text, and that a terminal would act on.
    let steers = |sign: char| matches!(sign, '\u{7f}'..='\u{9f}');
    if text.contains(steers) {
        let escape = |sign| {
            if steers(sign) { format!("\\u{:04x}", u32::from(sign)) } else { String::from(sign) }
        };
        text = text.chars().map(escape).collect();
    }
    text.push('\n');
    out.write_all(text.as_bytes())?;
    out.flush()
}
