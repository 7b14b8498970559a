//! Asking the user at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;

use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::Exit;
use super::fault::Fault;
use crate::base::Secret;
use crate::report::visible;

/// Asks for a secret; what is typed is not shown.
///
/// The terminal itself is asked, not standard input, which may be a file; where there is no
/// terminal, a line of standard input is the answer. Where that has none either, the fault says
/// `otherwise`: the option that takes the secret from elsewhere.
pub(super) fn secret(question: &str, otherwise: &str) -> Result<Secret, Fault> {
    let Ok(terminal) = terminal() else {
        return piped_secret().ok_or_else(|| {
            Fault::other(format!("`{question}` cannot be asked: there is no terminal"))
                .help(otherwise)
        });
    };
    let typed = ask(terminal, question, true).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Fault::silent(Exit::Interrupted),
        _ => Fault::other(format!("cannot read from the terminal: {error}")),
    })?;
    Ok(Secret::new(typed))
}

/// A secret from standard input, byte by byte: what follows the line is for somebody else.
fn piped_secret() -> Option<Secret> {
    let input = io::stdin();
    if input.is_terminal() {
        return None;
    }
    let mut line = vec![];
    let mut input = File::from(input.as_fd().try_clone_to_owned().ok()?);
    let mut byte = [0];
    while input.read(&mut byte).ok()? > 0 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    let line = String::from_utf8(line).ok()?;
    let line = line.trim_end_matches('\r');
    (!line.is_empty()).then(|| Secret::new(line.to_owned()))
}

/// Asks twice, for a secret that is new.
pub(super) fn new_secret(question: &str, otherwise: &str) -> Result<Secret, Fault> {
    let first = secret(question, otherwise)?;
    let second = secret(&format!("{question} (again)"), otherwise)?;
    if first != second {
        return Err(Fault::usage("the two passwords are not the same"));
    }
    Ok(first)
}

/// Asks what a playbook wants to know; `None` where nobody can be asked, or nobody answers.
pub(super) fn answer(question: &str, private: bool) -> Option<String> {
    let question = question.trim_end().trim_end_matches(':');
    match ask(terminal().ok()?, question, private) {
        Ok(answer) => Some(answer),
        Err(error) => {
            if error.kind() == io::ErrorKind::Interrupted {
                // The run is told as by any other Ctrl-C; it ends where it would have.
                let _ = kill_process(getpid(), Signal::INT);
            }
            None
        }
    }
}

fn terminal() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

fn ask(terminal: File, question: &str, private: bool) -> io::Result<String> {
    let mut quiet = Quiet::new(terminal)?;
    write!(quiet.terminal, "{}: ", visible(question))?;
    let typed = read_line(&mut quiet.terminal, !private);
    writeln!(quiet.terminal)?;
    typed
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

/// Reads to the end of a line as a terminal would have edited it; what is typed is written back
/// where it may be seen.
fn read_line(terminal: &mut (impl Read + Write), seen: bool) -> io::Result<String> {
    const END_OF_TEXT: u8 = 0x03;
    const END_OF_TRANSMISSION: u8 = 0x04;
    const CLEAR_LINE: u8 = 0x15;
    const RUB_OUT: &str = "\x08 \x08";
    let mut line = vec![];
    let mut byte = [0];
    while terminal.read(&mut byte)? > 0 {
        let mut shown = vec![];
        match byte[0] {
            b'\r' | b'\n' => break,
            END_OF_TEXT => return Err(io::ErrorKind::Interrupted.into()),
            END_OF_TRANSMISSION if line.is_empty() => {
                return Err(io::ErrorKind::Interrupted.into());
            }
            CLEAR_LINE => {
                shown = RUB_OUT.repeat(String::from_utf8_lossy(&line).chars().count()).into_bytes();
                line.clear();
            }
            0x08 | 0x7f if drop_last(&mut line) => shown.extend(RUB_OUT.bytes()),
            byte if byte >= b' ' && byte != 0x7f => {
                line.push(byte);
                shown.push(byte);
            }
            _ => {}
        }
        if seen {
            terminal.write_all(&shown)?;
        }
    }
    String::from_utf8(line).map_err(|_| io::Error::other("what was typed is not UTF-8"))
}

/// Takes the last character away, of however many bytes; false where there is none.
fn drop_last(line: &mut Vec<u8>) -> bool {
    let some = !line.is_empty();
    while let Some(byte) = line.pop() {
        if !(0x80..0xc0).contains(&byte) {
            break;
        }
    }
    some
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is typed, and what is seen of it.
    struct Typing<'a>(&'a [u8], Vec<u8>);

    impl Read for Typing<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.0.read(bytes)
        }
    }

    impl Write for Typing<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn typed(bytes: &[u8]) -> Result<String, io::ErrorKind> {
        read_line(&mut Typing(bytes, vec![]), false).map_err(|error| error.kind())
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

    #[test]
    fn only_what_may_be_seen_is_written_back() {
        let seen = |seen| {
            let mut typing = Typing(b"ab\x7fc\n", vec![]);
            read_line(&mut typing, seen).unwrap();
            String::from_utf8(typing.1).unwrap()
        };
        assert_eq!(seen(true), "ab\x08 \x08c");
        assert_eq!(seen(false), "");
    }
}
