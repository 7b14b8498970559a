//! What every way of reaching a host can do.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::base::Secret;

/// An answer that comes later.
pub type Later<'a, T, E = ConnectionError> =
    Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A way to reach one host. One value serves every task on the host, side by side.
pub trait Connection: Send + Sync {
    /// Runs one script or program and waits for its end.
    ///
    /// One round trip on a connection that is up; connecting first where it is not.
    fn exec<'a>(&'a self, exec: &'a Exec, login: Option<&'a Become>) -> Later<'a, Output>;

    /// Opens a two-way stream from the host to something it can reach.
    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: Option<&'a Become>,
    ) -> Later<'a, Box<dyn Stream>>;

    /// Ends what is kept on the host for further work and has none: processes of users that were
    /// become. The connection itself stays.
    fn release(&self) -> Later<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Ends what is open on the host; the next use connects anew.
    fn close(&self) -> Later<'_, ()>;
}

/// Bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What a stream leads to, as seen from the host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A Unix socket by its path.
    Unix(String),
    /// A TCP port.
    Tcp(String, u16),
    /// The standard input and output of a program: its argument vector.
    Program(Vec<String>),
}

/// How to become another user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Become {
    /// By which program.
    pub method: BecomeMethod,
    /// Which user.
    pub user: String,
    /// The password the program may ask for: sudo's is the login user's, su's the target's.
    /// It is written to the program's standard input, never to a command line.
    pub password: Option<Secret>,
    /// The program, where it is not found by the method's name.
    pub executable: Option<String>,
    /// Further options of the program, each one word.
    pub flags: Vec<String>,
    /// Where the program is started; the login directory when not given.
    pub directory: Option<String>,
    /// What su's question for a password begins with; any line that waits when none is given.
    pub prompts: Vec<String>,
    /// How long the program may take until it lets through, where not as long as usual.
    pub patience: Option<Duration>,
}

impl Become {
    /// Becomes a user by a program, with nothing else said.
    pub fn new(method: BecomeMethod, user: impl Into<String>) -> Self {
        Self {
            method,
            user: user.into(),
            password: None,
            executable: None,
            flags: vec![],
            directory: None,
            prompts: vec![],
            patience: None,
        }
    }
}

/// The programs that make one another user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BecomeMethod {
    /// `sudo`
    #[default]
    Sudo,
    /// `su`
    Su,
    /// `doas`
    Doas,
}

/// One piece of work for a host's shell.
///
/// The script is constant text of the program. Values travel as its positional parameters, its
/// environment or its standard input, so that no value is ever read as shell.
#[derive(Debug, Clone)]
pub struct Exec {
    /// POSIX shell text; values are `"$1"`, `"$2"` …
    pub script: Cow<'static, str>,
    /// The positional parameters; any bytes but NUL.
    pub args: Vec<Bytes>,
    /// What it reads.
    pub stdin: Stdin,
    /// Variables added to its environment. Not for secrets.
    pub environment: Vec<(String, String)>,
    /// Where it runs; the login directory when not given.
    pub directory: Option<String>,
    /// When it is killed, with all its children.
    pub timeout: Option<Duration>,
    /// The most bytes kept of each of its outputs; the middle of a longer one is left out.
    pub output_limit: usize,
    /// Whether what it prints on standard output may be a secret (and so stays out of traces).
    pub silent: bool,
}

/// What a script reads.
#[derive(Debug, Clone, Default)]
pub enum Stdin {
    /// Nothing.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Bytes),
    /// A file of the controller, streamed.
    File(PathBuf),
    /// What this writes, sent while it is written.
    Made(Arc<dyn Produce>),
}

/// Makes the input of a piece of work while it is sent.
pub trait Produce: std::fmt::Debug + Send + Sync {
    /// Writes all of it; may block. Where it fails the work is stopped, and fails with the
    /// error's words.
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()>;
}

impl Exec {
    /// The most output kept unless told otherwise: 16 MiB of each stream.
    pub const OUTPUT_LIMIT: usize = 16 * 1024 * 1024;

    /// A script; its values follow by [`Exec::arg`].
    pub fn script(script: impl Into<Cow<'static, str>>) -> Self {
        Self {
            script: script.into(),
            args: vec![],
            stdin: Stdin::Empty,
            environment: vec![],
            directory: None,
            timeout: None,
            output_limit: Self::OUTPUT_LIMIT,
            silent: false,
        }
    }

    /// A program and its arguments, without a shell's reading of them.
    pub fn program<A: AsRef<[u8]>>(argv: impl IntoIterator<Item = A>) -> Self {
        Self::script("\"$@\"").args(argv)
    }

    /// Adds one positional parameter.
    #[must_use]
    pub fn arg(mut self, value: impl AsRef<[u8]>) -> Self {
        self.args.push(Bytes::copy_from_slice(value.as_ref()));
        self
    }

    /// Adds several positional parameters.
    #[must_use]
    pub fn args<A: AsRef<[u8]>>(mut self, values: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(values.into_iter().map(|value| Bytes::copy_from_slice(value.as_ref())));
        self
    }

    /// Gives it something to read.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Bytes>) -> Self {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    /// Lets it read a file of the controller.
    #[must_use]
    pub fn stdin_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.stdin = Stdin::File(path.into());
        self
    }

    /// Lets it read what is made while it is sent.
    #[must_use]
    pub fn stdin_made(mut self, input: impl Produce + 'static) -> Self {
        self.stdin = Stdin::Made(Arc::new(input));
        self
    }

    /// Sets where it runs.
    #[must_use]
    pub fn directory(mut self, path: Option<impl Into<String>>) -> Self {
        self.directory = path.map(Into::into);
        self
    }

    /// Adds a variable to its environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Sets when it is killed.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }
}

/// What a script or program left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Its exit status; 128 + n where signal n ended it.
    pub status: i32,
    /// Its standard output, the middle left out where it was too long.
    pub stdout: Vec<u8>,
    /// Its standard error, likewise.
    pub stderr: Vec<u8>,
    /// How many bytes were left out of both.
    pub left_out: u64,
}

impl Output {
    /// Standard output as text; bytes that are not UTF-8 are replaced.
    pub fn stdout_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// Standard error as text; bytes that are not UTF-8 are replaced.
    pub fn stderr_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }

    /// Whether it ended with status 0.
    pub fn success(&self) -> bool {
        self.status == 0
    }
}

/// Why a host could not be asked, or what it was asked did not come to an end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// No connection came about; nothing was started on the host.
    #[error("{reason}")]
    Unreachable {
        /// Why, with the address.
        reason: String,
        /// What the user can do; empty where nothing is known.
        help: String,
    },
    /// The connection broke while something ran: whether it came to its end is unknown.
    #[error("connection lost after {:.1} s: {reason}", .after.as_secs_f64())]
    Lost {
        /// How long it had run.
        after: Duration,
        /// Why.
        reason: String,
    },
    /// It ran longer than it may and was killed.
    #[error("timed out after {:.0} s and was stopped", .0.as_secs_f64())]
    TimedOut(Duration),
    /// Another user's rights could not be had.
    #[error("{reason}")]
    Become {
        /// Why.
        reason: String,
        /// What the user can do.
        help: String,
    },
    /// A stream could not be opened: the socket is not there, or may not be used.
    #[error("{0}")]
    Refused(String),
    /// A local file could not be read, or the like.
    #[error("{0}")]
    Local(String),
}

impl ConnectionError {
    /// What the user can do, where it is known.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Unreachable { help, .. } | Self::Become { help, .. } if !help.is_empty() => {
                Some(help)
            }
            _ => None,
        }
    }
}
