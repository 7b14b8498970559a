//! Starts OpenSSH servers with keys and settings of their own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use rplay::remote::{HostKeyChecking, SshConnection, SshOptions, SshPool};

const SSHD: &str = "/usr/sbin/sshd";

/// A running server. Its files and its process end with it.
pub(super) struct Server {
    pub(super) directory: tempfile::TempDir,
    pub(super) port: u16,
    process: Child,
}

impl Server {
    /// Starts a server with further lines of configuration; none without sshd.
    pub(super) fn start(settings: &[&str]) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            eprintln!("skipped: {SSHD} is missing (install openssh-server)");
            return None;
        }
        // As root, sshd wants the directory it gives up its rights in.
        let _ = fs::create_dir_all("/run/sshd");
        let directory = tempfile::tempdir().unwrap();
        for name in ["host", "user"] {
            make_key(&directory.path().join(name), "ed25519");
        }
        fs::copy(directory.path().join("user.pub"), directory.path().join("authorized")).unwrap();
        let port = free_port();
        let process = spawn(directory.path(), port, settings);
        let server = Self { directory, port, process };
        server.write_known_hosts();
        server.wait();
        Some(server)
    }

    /// Ends the server and starts it again, sessions and all.
    pub(super) fn restart(&mut self, settings: &[&str]) {
        self.stop();
        self.process = spawn(self.directory.path(), self.port, settings);
        self.wait();
    }

    /// Ends the server; sessions that run go on.
    pub(super) fn stop(&mut self) {
        self.kill();
        // A process that it has just forked may still hold its port.
        self.until("sshd did not end", |port| TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Sends a signal to the processes of the sessions that are open.
    pub(super) fn signal_sessions(&self, signal: &str) {
        let (signal, parent) = (format!("-{signal}"), self.process.id().to_string());
        let status = Command::new("pkill").args([&signal, "-P", &parent]).status().unwrap();
        assert!(status.success(), "there was no session");
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Options that log in by key, and know the host.
    pub(super) fn options(&self) -> SshOptions {
        SshOptions {
            port: self.port,
            identity_files: vec![self.path("user")],
            agent: None,
            known_hosts: vec![self.path("known_hosts")],
            host_key_checking: HostKeyChecking::Strict,
            ..SshOptions::new("127.0.0.1")
        }
    }

    pub(super) fn connection(&self) -> SshConnection {
        connection(self.options())
    }

    pub(super) fn write_known_hosts(&self) {
        let key = fs::read_to_string(self.path("host.pub")).unwrap();
        let line = format!("[127.0.0.1]:{} {key}", self.port);
        fs::write(self.path("known_hosts"), line).unwrap();
    }

    fn wait(&self) {
        self.until("sshd did not start", |port| TcpStream::connect(("127.0.0.1", port)).is_ok());
    }

    fn until(&self, otherwise: &str, holds: impl Fn(u16) -> bool) {
        let began = Instant::now();
        while !holds(self.port) {
            assert!(began.elapsed() < Duration::from_secs(10), "{otherwise}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(super) fn connection(options: SshOptions) -> SshConnection {
    SshConnection::new(options, SshPool::new())
}

/// Makes a key without a passphrase, and its public half beside it.
pub(super) fn make_key(path: &Path, kind: &str) {
    let _ = fs::remove_file(path);
    run("ssh-keygen", &["-q", "-t", kind, "-N", "", "-C", "", "-f", path.to_str().unwrap()]);
}

pub(super) fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
}

fn spawn(directory: &Path, port: u16, settings: &[&str]) -> Child {
    let here = directory.display();
    let text = format!(
        "{}\nListenAddress 127.0.0.1:{port}\nHostKey {here}/host\n\
         AuthorizedKeysFile {here}/authorized\nPidFile none\nStrictModes no\nUsePAM no\n\
         PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         LogLevel ERROR\n",
        settings.join("\n"),
    );
    let file = directory.join("sshd_config");
    fs::write(&file, text).unwrap();
    let log = fs::File::create(directory.join("log")).unwrap();
    Command::new(SSHD)
        .args(["-D", "-e", "-f"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A port that nobody listens on, and below those that the kernel hands out: a connection that is
/// on its way elsewhere could take one of these before the server does.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 100).unwrap() * 200;
    loop {
        let port = 10_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
