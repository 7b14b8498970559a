//! The protocol spoken with a shell: how a piece of work is put to it, and how its answer is told
//! from everything else that comes out of the same streams.
//!
//! ```text
//! bootstrap   defines _rplay, then prints   <mark> 0 <pid of the shell>   on both streams
//! frame       _rplay 7 'the task' 'arg 1' 'arg 2' </dev/null
//! answer      <mark> 7 begin     on both streams
//!             what the task prints
//!             <mark> 7 <status>  on both streams
//! ```
//!
//! A mark is a line feed and a random word that no output can know of. What comes before the
//! first mark (login scripts) or between two frames (children left behind) belongs to no task.

use memchr::memmem::Finder;

use super::quote::{printf_format_into, quote_into};
use super::{ConnectionError, Exec, Stdin};

/// The word that marks one shell's own lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark(String);

impl Mark {
    /// A new word.
    pub(super) fn new() -> Result<Self, ConnectionError> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)
            .map_err(|error| ConnectionError::Local(format!("no random numbers: {error}")))?;
        Ok(Self(format!("{:032x}", u128::from_ne_bytes(bytes))))
    }

    /// The word itself: letters and digits only.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What a shell reads before its first frame.
    ///
    /// A user that another one became may not read the directory that it finds itself in, over
    /// which many programs stumble: it goes home, or to the root.
    pub(super) fn bootstrap(&self) -> String {
        format!(
            r#"unset CDPATH ENV BASH_ENV IFS
[ -r . ] || cd 2>/dev/null || cd /
_rplay_mark={}
_rplay() {{
printf '\n%s %s begin\n' "$_rplay_mark" "$1"
printf '\n%s %s begin\n' "$_rplay_mark" "$1" >&2
(_rplay_task=$2; shift 2; eval "$_rplay_task")
set -- "$1" "$?"
printf '\n%s %s %s\n' "$_rplay_mark" "$1" "$2"
printf '\n%s %s %s\n' "$_rplay_mark" "$1" "$2" >&2
}}
printf '\n%s 0 %s\n' "$_rplay_mark" "$$"
printf '\n%s 0 %s\n' "$_rplay_mark" "$$" >&2
"#,
            self.0
        )
    }

    /// A command that reads a frame up to the mark and runs it, leaving what follows as its input.
    ///
    /// `read` takes no byte beyond the line, where a shell that reads commands from its input
    /// does. No quote, exclamation mark or line feed stands in it, so that it passes through csh.
    pub(super) fn reader(&self) -> String {
        format!(
            "/bin/sh -c '_rplay_n=$(printf \"\\nx\"); _rplay_n=${{_rplay_n%x}}; _rplay_f=; \
             while IFS= read -r _rplay_l; do case $_rplay_l in {}) break;; esac; \
             _rplay_f=$_rplay_f$_rplay_l$_rplay_n; done; eval \"$_rplay_f\"'",
            self.0
        )
    }
}

/// The most bytes of input that travel within the frame.
const INLINE_INPUT: usize = 4096;

/// A piece of work as a shell takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// The task and its parameters, as words.
    words: Vec<u8>,
    /// What it reads, where that is little.
    input: Vec<u8>,
}

impl Frame {
    /// Translates, refusing what no shell can take.
    pub(super) fn new(exec: &Exec) -> Result<Self, ConnectionError> {
        let mut task = vec![];
        if let Some(directory) = &exec.directory {
            task.extend_from_slice(b"cd -- ");
            quote_into(&mut task, directory.as_bytes());
            task.extend_from_slice(b" || exit\n");
        }
        for (name, value) in &exec.environment {
            if !is_variable_name(name) {
                return Err(ConnectionError::Local(format!(
                    "expected the name of an environment variable (letters, digits and `_`), \
                     found `{}`",
                    name.escape_debug()
                )));
            }
            task.extend_from_slice(format!("export {name}=").as_bytes());
            quote_into(&mut task, value.as_bytes());
            task.push(b'\n');
        }
        task.extend_from_slice(exec.script.as_bytes());
        let mut words = vec![];
        quote_into(&mut words, &task);
        for argument in &exec.args {
            words.push(b' ');
            quote_into(&mut words, argument);
        }
        if words.contains(&0) {
            return Err(ConnectionError::Local(
                "a NUL byte cannot be part of a script, its arguments or its environment".into(),
            ));
        }
        let input = match &exec.stdin {
            Stdin::Bytes(bytes) if bytes.len() <= INLINE_INPUT => bytes.to_vec(),
            _ => vec![],
        };
        Ok(Self { words, input })
    }

    /// Whether the input of a piece of work is too much for its frame.
    pub(super) fn must_stream(exec: &Exec) -> bool {
        match &exec.stdin {
            Stdin::Empty => false,
            Stdin::Bytes(bytes) => bytes.len() > INLINE_INPUT,
            Stdin::File(_) | Stdin::Made(_) => true,
        }
    }

    /// The text for a shell that reads its commands one after another.
    pub(super) fn text(&self, number: u64) -> Vec<u8> {
        let mut text = vec![];
        if !self.input.is_empty() {
            text.extend_from_slice(b"printf ");
            printf_format_into(&mut text, &self.input);
            text.extend_from_slice(b" | ");
        }
        text.extend_from_slice(format!("_rplay {number} ").as_bytes());
        text.extend_from_slice(&self.words);
        if self.input.is_empty() {
            text.extend_from_slice(b" </dev/null");
        }
        text.push(b'\n');
        text
    }

    /// The text for [`Mark::reader`]: whatever is written after it is the task's input.
    pub(super) fn text_before_input(&self, number: u64, mark: &Mark) -> Vec<u8> {
        let mut text = format!("_rplay {number} ").into_bytes();
        text.extend_from_slice(&self.words);
        text.extend_from_slice(format!("\n{}\n", mark.0).as_bytes());
        text
    }
}

/// Whether a shell can export a variable of this name.
fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}

/// A line of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The shell reads frames; its process id.
    Ready(u32),
    /// The frame of this number runs.
    Begin(u64),
    /// It ended with this status.
    End(u64, i32),
}

impl Line {
    /// Reads what follows the mark, up to the line feed.
    fn parse(text: &[u8]) -> Option<Self> {
        let (number, word) = std::str::from_utf8(text).ok()?.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match (number, word) {
            (0, pid) => pid.parse().ok().map(Self::Ready),
            (_, "begin") => Some(Self::Begin(number)),
            // ksh93 reports a signal as 256 + n.
            (_, status) => match status.parse().ok()? {
                status @ 0..=255 => Some(Self::End(number, status)),
                status @ 256..=511 => Some(Self::End(number, status - 128)),
                _ => None,
            },
        }
    }
}

/// A part of one of a shell's streams.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Bytes that are not of the protocol.
    Output(&'a [u8]),
    /// A line of the protocol.
    Line(Line),
}

/// Takes one stream of a shell apart.
pub(super) struct Decoder {
    finder: Finder<'static>,
    /// What came and is not yet known to be output.
    pending: Vec<u8>,
}

impl Decoder {
    /// The longest rest of a line of the protocol: two numbers.
    const LONGEST: usize = 48;

    /// Reads the streams of the shell with this mark.
    pub(super) fn new(mark: &Mark) -> Self {
        let start = format!("\n{} ", mark.0);
        Self { finder: Finder::new(start.as_bytes()).into_owned(), pending: vec![] }
    }

    /// Takes the next bytes and gives away all parts that are complete.
    pub(super) fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(Part<'_>)) {
        self.pending.extend_from_slice(bytes);
        let mark = self.finder.needle().len();
        let mut done = 0;
        let mut from = 0;
        while let Some(found) = self.finder.find(&self.pending[from..]).map(|at| at + from) {
            let rest = &self.pending[found + mark..];
            let window = &rest[..rest.len().min(Self::LONGEST)];
            let line = match memchr::memchr(b'\n', window) {
                None if window.len() < Self::LONGEST => break,
                None => None,
                Some(end) => Line::parse(&window[..end]).map(|line| (line, end + 1)),
            };
            // The mark without a line behind it: somebody's output after all.
            let Some((line, length)) = line else {
                from = found + mark;
                continue;
            };
            if found > done {
                take(Part::Output(&self.pending[done..found]));
            }
            take(Part::Line(line));
            done = found + mark + length;
            from = done;
        }
        let held = self.finder.find(&self.pending[from..]).map_or_else(
            || (mark - 1).min(self.pending.len() - done),
            |at| self.pending.len() - from - at,
        );
        let keep_from = self.pending.len() - held;
        if keep_from > done {
            take(Part::Output(&self.pending[done..keep_from]));
        }
        self.pending.drain(..keep_from);
    }

    /// Gives away what is left when the stream has ended.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark("00ff".into())
    }

    #[derive(Debug, Default, PartialEq)]
    struct Taken {
        output: Vec<Vec<u8>>,
        lines: Vec<Line>,
    }

    /// What comes of a stream that arrives in pieces of this size: output by the lines before it.
    fn decode(stream: &[u8], size: usize) -> Taken {
        let mut decoder = Decoder::new(&mark());
        let mut taken = Taken { output: vec![vec![]], lines: vec![] };
        let mut take = |part: Part<'_>| match part {
            Part::Output(bytes) => taken.output.last_mut().unwrap().extend_from_slice(bytes),
            Part::Line(line) => {
                taken.lines.push(line);
                taken.output.push(vec![]);
            }
        };
        for chunk in stream.chunks(size) {
            decoder.feed(chunk, &mut take);
        }
        take(Part::Output(&decoder.finish()));
        taken
    }

    #[test]
    fn output_and_lines_are_told_apart_however_they_arrive() {
        let stream =
            b"Welcome!\n\n00ff 0 4711\n\n00ff 1 begin\nno feed\0\xff\n00ff 1 3\nlate\n00ff";
        for size in 1..=stream.len() {
            let taken = decode(stream, size);
            assert_eq!(taken.lines, [Line::Ready(4711), Line::Begin(1), Line::End(1, 3)]);
            let output: Vec<&[u8]> = vec![b"Welcome!\n", b"", b"no feed\0\xff", b"late\n00ff"];
            assert_eq!(taken.output, output, "pieces of {size}");
        }
    }

    #[test]
    fn a_mark_that_is_not_a_line_is_output() {
        let long = format!("\n00ff {}\n", "9".repeat(60));
        for forged in ["\n00ff x 1\n", "\n00ff 1 none\n", "\n00ff \n", "\n00ff 1 999\n", &long] {
            for size in [1, 3, 200] {
                let taken = decode(format!("{forged}end").as_bytes(), size);
                assert_eq!(taken.lines, []);
                assert_eq!(taken.output, [format!("{forged}end").into_bytes()]);
            }
        }
    }

    #[test]
    fn a_signal_in_ksh_is_one() {
        assert_eq!(decode(b"\n00ff 2 271\n", 99).lines, [Line::End(2, 143)]);
    }

    #[test]
    fn a_frame_is_one_command() {
        let exec = Exec::script("echo \"$1\"")
            .arg("it's")
            .env("NAME", "a b")
            .directory(Some("/srv/x y"))
            .stdin("50%\n");
        let text = String::from_utf8(Frame::new(&exec).unwrap().text(7)).unwrap();
        insta::assert_snapshot!(text, @r#"
        printf '50\045\012' | _rplay 7 'cd -- '\''/srv/x y'\'' || exit
        export NAME='\''a b'\''
        echo "$1"' 'it'\''s'
        "#);
    }

    #[test]
    fn what_no_shell_can_take_is_refused() {
        let message = |exec: Exec| Frame::new(&exec).unwrap_err().to_string();
        assert_eq!(
            message(Exec::script(":").env("A-B", "")),
            "expected the name of an environment variable (letters, digits and `_`), found `A-B`"
        );
        assert_eq!(
            message(Exec::script(":").arg("a\0b")),
            "a NUL byte cannot be part of a script, its arguments or its environment"
        );
    }
}
