//! This machine as a host, under any POSIX shell: runs modules whole, on files of a test's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rplay::base::{Redactor, Sources};
use rplay::modules::REGISTRY;
use rplay::sdk::{
    Become, Connection, ConnectionError, Controller, Exec, Failure, Host, Outcome, Output, Pause,
    Peer, RenderOptions, RunMode, Search, Stdin, Target,
};
use rplay::value::{Value, yaml};
use tokio::io::AsyncWriteExt;

/// Runs a test on every machine.
macro_rules! on_every_shell {
    ($name:ident, $machine:ident, $body:block) => {
        #[tokio::test]
        async fn $name() {
            for $machine in $crate::suite::local::machines() {
                $body
            }
        }
    };
}
pub(super) use on_every_shell;

type Later<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, ConnectionError>> + Send + 'a>>;

/// A shell that runs every script, and how many it has run.
pub(super) struct Shell {
    program: PathBuf,
    options: &'static [&'static str],
    /// Where programs are looked for.
    path: String,
    ran: AtomicUsize,
}

impl Connection for Shell {
    fn exec<'a>(&'a self, exec: &'a Exec, _: Option<&'a Become>) -> Later<'a, Output> {
        Box::pin(async move {
            self.ran.fetch_add(1, Ordering::Relaxed);
            self.run(exec).await.map_err(|error| ConnectionError::Local(error.to_string()))
        })
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        _: Option<&'a Become>,
    ) -> Later<'a, Box<dyn rplay::remote::Stream>> {
        Box::pin(async move {
            let refused =
                |error: &dyn std::fmt::Display| ConnectionError::Refused(error.to_string());
            let Target::Tcp(host, port) = target else {
                return Err(refused(&"only ports are reached here"));
            };
            let stream = tokio::net::TcpStream::connect((host.as_str(), *port)).await;
            stream.map(|stream| Box::new(stream) as _).map_err(|error| refused(&error))
        })
    }

    fn close(&self) -> Later<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Shell {
    async fn run(&self, exec: &Exec) -> std::io::Result<Output> {
        use std::os::unix::ffi::OsStrExt;
        let input = match &exec.stdin {
            Stdin::Empty => vec![],
            Stdin::Bytes(bytes) => bytes.to_vec(),
            Stdin::File(path) => std::fs::read(path)?,
            Stdin::Made(input) => {
                let mut bytes = vec![];
                input.write_to(&mut bytes)?;
                bytes
            }
        };
        let mut child = tokio::process::Command::new(&self.program)
            .args(self.options)
            .args(["-c", exec.script.as_ref(), "sh"])
            .args(exec.args.iter().map(|arg| std::ffi::OsStr::from_bytes(arg)))
            .env("PATH", &self.path)
            .envs(exec.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let feed = async move {
            // A script need not read its input.
            let _ = stdin.write_all(&input).await;
        };
        let (output, ()) = tokio::join!(child.wait_with_output(), feed);
        let output = output?;
        Ok(Output {
            status: output.status.code().unwrap_or(137),
            stdout: output.stdout,
            stderr: output.stderr,
            left_out: 0,
        })
    }
}

/// A controller whose project is one folder.
struct Project(PathBuf);

impl Controller for Project {
    fn hostname(&self) -> &'static str {
        "here"
    }

    fn find(&self, _: Search, name: &str) -> Result<PathBuf, Failure> {
        let path = self.0.join(name);
        if path.exists() { Ok(path) } else { Err(Failure::new(format!("there is no {name}"))) }
    }

    fn locate(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn read(&self, path: &Path) -> Result<Bytes, Failure> {
        std::fs::read(path).map(Bytes::from).map_err(|error| Failure::new(error.to_string()))
    }

    fn render(&self, path: &Path, _: &RenderOptions) -> Result<String, Failure> {
        std::fs::read_to_string(path).map_err(|error| Failure::new(error.to_string()))
    }

    fn variable(&self, _: &str) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    fn variable_of(&self, _: &str, _: &str) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    fn hosts_of(&self, _: &str) -> Option<Vec<String>> {
        None
    }

    fn has_failed(&self, _: &str) -> bool {
        false
    }

    fn is_unreachable(&self, _: &str) -> bool {
        false
    }

    fn pause(&self, time: Duration) -> Pause<'_> {
        Box::pin(tokio::time::sleep(time))
    }

    fn peer<'a>(&'a self, host: &'a str) -> Peer<'a> {
        Box::pin(async move { Err(Failure::new(format!("there is no host {host}"))) })
    }
}

/// A host for one test: a shell, and a folder that is its own.
pub(super) struct Machine {
    /// The shell's name.
    pub(super) name: &'static str,
    /// The folder, which also is the project's.
    pub(super) folder: tempfile::TempDir,
    shell: Arc<Shell>,
    environment: BTreeMap<String, String>,
}

impl Machine {
    /// The path of an entry in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("the folder can be written");
    }

    /// Reads a file of the folder.
    pub(super) fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The permissions of an entry.
    pub(super) fn mode(&self, name: &str) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::symlink_metadata(self.path(name));
        metadata.unwrap_or_else(|e| panic!("{name}: {e}")).permissions().mode() & 0o7777
    }

    /// The names in the folder.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Runs a module; `{}` in the arguments, which are YAML, stands for the folder.
    pub(super) async fn run(
        &self,
        module: &str,
        args: &str,
        mode: RunMode,
    ) -> Result<Outcome, Failure> {
        let entry = REGISTRY.iter().find(|entry| entry.name == module).expect("a module");
        let sources = Sources::default();
        let args = args.replace("{}", &self.folder.path().display().to_string());
        let node = yaml::parse(&sources, sources.add("test.yml", args))
            .and_then(yaml::Parsed::single)
            .unwrap_or_else(|fault| panic!("{}", fault.message));
        let host = Host {
            connection: self.shell.clone(),
            login: None,
            environment: self.environment.clone().into_iter().collect(),
            timeout: None,
            job: None,
            controller: Arc::new(Project(self.folder.path().to_owned())),
            redactor: Redactor::default(),
            engines: rplay::remote::docker::Engines::default(),
        };
        entry.run(&node, &host, mode).await
    }

    /// Holds a task to the laws: check changes nothing and shows what apply does; apply changes;
    /// a second apply changes nothing, in one round trip.
    pub(super) async fn converges(&self, module: &str, args: &str) -> Outcome {
        let shown = |failure: Failure| panic!("{} {module}: {failure}", self.name);
        let before = self.names();
        let checked = self.run(module, args, RunMode::Check).await.unwrap_or_else(shown);
        assert!(checked.changed, "{}: nothing to do", self.name);
        assert_eq!(self.names(), before, "{}: check changed something", self.name);
        let applied = self.run(module, args, RunMode::Apply).await.unwrap_or_else(shown);
        assert!(applied.changed, "{}", self.name);
        assert_eq!(checked.diffs, applied.diffs, "{}", self.name);
        self.rests(module, args).await;
        applied
    }

    /// Holds a task to changing nothing, in one round trip.
    pub(super) async fn rests(&self, module: &str, args: &str) -> Outcome {
        let shown = |failure: Failure| panic!("{} {module}: {failure}", self.name);
        let before = self.shell.ran.load(Ordering::Relaxed);
        let again = self.run(module, args, RunMode::Apply).await.unwrap_or_else(shown);
        let trips = self.shell.ran.load(Ordering::Relaxed) - before;
        assert!(!again.changed, "{}: a second run changes {:?}", self.name, again.diffs);
        assert_eq!(trips, 1, "{}: round trips", self.name);
        again
    }

    /// The message of a task that must fail.
    pub(super) async fn fails(&self, module: &str, args: &str) -> String {
        match self.run(module, args, RunMode::Apply).await {
            Err(failure) => {
                let message = failure.to_string();
                message.replace(&self.folder.path().display().to_string(), "{}")
            }
            Ok(outcome) => panic!("{}: {module} must fail: {outcome:?}", self.name),
        }
    }
}

/// One machine for each shell that is installed: Debian's, bash, BusyBox with nothing but its own
/// programs, and the Korn shells.
pub(super) fn machines() -> Vec<Machine> {
    const SHELLS: &[(&str, &[&str])] =
        &[("dash", &[]), ("bash", &["--posix"]), ("busybox", &["sh"]), ("ksh", &[]), ("mksh", &[])];
    let path = std::env::var("PATH").unwrap_or_default();
    SHELLS
        .iter()
        .filter_map(|(name, options)| {
            let mut programs = std::env::split_paths(&path).map(|folder| folder.join(name));
            let program = programs.find(|program| program.is_file())?;
            let folder = folder();
            let path = if *name == "busybox" { busybox() } else { path.clone() };
            let shell = Arc::new(Shell { program, options, path, ran: AtomicUsize::new(0) });
            Some(Machine { name, folder, shell, environment: BTreeMap::new() })
        })
        .collect()
}

/// A folder of a test's own, in memory where that can be had: each write waits for the disk.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// A folder that has BusyBox's programs and no others.
fn busybox() -> String {
    static FOLDER: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let installed = std::process::Command::new("busybox")
            .args(["--install", "-s"])
            .arg(folder.path())
            .status()
            .expect("BusyBox runs");
        assert!(installed.success(), "BusyBox installs itself");
        folder
    });
    folder.path().display().to_string()
}
