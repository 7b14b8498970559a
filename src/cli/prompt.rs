//! Asking the user at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::Exit;
use super::fault::Fault;
use crate::base::Secret;

/// Asks for a secret; what is typed is not shown.
///
/// The terminal itself is asked, not standard input, which may be a file. Where there is none,
/// the fault says `otherwise`: the option that takes the secret from elsewhere.
pub(super) fn secret(question: &str, otherwise: &str) -> Result<Secret, Fault> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| {
        Fault::usage(format!("`{question}` cannot be asked: there is no terminal")).help(otherwise)
    })?;
    ask(terminal, question).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Fault::silent(Exit::Interrupted),
        _ => Fault::other(format!("cannot read from the terminal: {error}")),
    })
}

/// Asks twice, for a secret that is new.
pub(super) fn new_secret(question: &str, otherwise: &str) -> Result<Secret, Fault> {
    let first = secret(question, otherwise)?;
    let second = secret(&format!("{question} (again)"), otherwise)?;
    match first == second {
        true => Ok(first),
        false => Err(Fault::usage("the two passwords are not the same")),
    }
}

fn ask(terminal: File, question: &str) -> io::Result<Secret> {
    let mut quiet = Quiet::new(terminal)?;
    write!(quiet.terminal, "{question}: ")?;
    let typed = read_line(&mut quiet.terminal);
    writeln!(quiet.terminal)?;
    typed.map(Secret::new)
}

/// A terminal that does not show what is typed, until it is dropped.
///
/// Signals typed at it arrive as characters: were the program ended by one, the terminal would
/// stay as it is.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn new(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Nothing else can be done for a terminal that does not take its settings back.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// Reads to the end of a line as a terminal would have edited it.
fn read_line(input: &mut impl Read) -> io::Result<String> {
    const END_OF_TEXT: u8 = 0x03;
    const END_OF_TRANSMISSION: u8 = 0x04;
    const CLEAR_LINE: u8 = 0x15;
    let mut line = vec![];
    let mut byte = [0];
    loop {
        match input.read(&mut byte)? {
            0 => break,
            _ => match byte[0] {
                b'\r' | b'\n' => break,
                END_OF_TEXT => return Err(io::ErrorKind::Interrupted.into()),
                END_OF_TRANSMISSION if line.is_empty() => {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                CLEAR_LINE => line.clear(),
                0x08 | 0x7f => drop_last(&mut line),
                byte => line.push(byte),
            },
        }
    }
    String::from_utf8(line).map_err(|_| io::Error::other("what was typed is not UTF-8"))
}

/// Takes the last character away, of however many bytes.
fn drop_last(line: &mut Vec<u8>) {
    while let Some(byte) = line.pop() {
        if !(0x80..0xc0).contains(&byte) {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(bytes: &[u8]) -> Result<String, io::ErrorKind> {
        read_line(&mut &bytes[..]).map_err(|error| error.kind())
    }

    #[test]
    fn a_line_is_edited_as_a_terminal_does() {
        assert_eq!(typed(b"secret\nmore"), Ok("secret".to_owned()));
        assert_eq!(typed("né\x7fo\r".as_bytes()), Ok("no".to_owned()));
        assert_eq!(typed(b"wrong\x15right\n"), Ok("right".to_owned()));
        assert_eq!(typed(b"\x7f\x7fa\n"), Ok("a".to_owned()));
    }

    #[test]
    fn it_can_be_broken_off() {
        assert_eq!(typed(b"sec\x03"), Err(io::ErrorKind::Interrupted));
        assert_eq!(typed(b"\x04"), Err(io::ErrorKind::Interrupted));
    }
}
