//! Ways to log in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use rplay::base::Secret;
use rplay::remote::{Connection as _, ConnectionError, Exec, SshOptions};

use super::server::{self, Server, make_key, run};

async fn connect(options: SshOptions) -> Result<(), ConnectionError> {
    server::connection(options).exec(&Exec::script(":"), None).await.map(drop)
}

/// Lets the key of this name in, and only it.
fn authorize(server: &Server, name: &str) {
    fs::copy(server.path(&format!("{name}.pub")), server.path("authorized")).unwrap();
}

/// An agent with the keys given; it ends with the test.
struct Agent(Child);

impl Agent {
    fn start(server: &Server, keys: &[&str]) -> Self {
        let socket = server.path("agent");
        let child = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !socket.exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        for key in keys {
            let added = Command::new("ssh-add")
                .arg(server.path(key))
                .env("SSH_AUTH_SOCK", &socket)
                .output()
                .unwrap();
            assert!(added.status.success());
        }
        Self(child)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn every_type_of_key_is_let_in() {
    let server = server!();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        make_key(&server.path(kind), kind);
        authorize(&server, kind);
        let options = SshOptions { identity_files: vec![server.path(kind)], ..server.options() };
        connect(options).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}

/// A P-256 key of this test only, whose private scalar has 31 bytes: one in 256 is so.
const SHORT_SCALAR: &str = "\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS
1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQTfdWM0/TzcU7nWvdROGkiUnYIz+v1E
cpC3B4zxfk9+kW/KWFfWqEgz0+JuVB00YKQWJEFOjNT+FRU9SX/Uo05oAAAAqDhotkA4aL
ZAAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBN91YzT9PNxTuda9
1E4aSJSdgjP6/URykLcHjPF+T36Rb8pYV9aoSDPT4m5UHTRgpBYkQU6M1P4VFT1Jf9SjTm
gAAAAfPH/4YzvUMvJyHuzANiMe5hGUCsun/FNd5MST+9BmqAAAAAxzaG9ydCBzY2FsYXIB
AgMEBQ==
-----END OPENSSH PRIVATE KEY-----
";

#[tokio::test]
async fn a_key_with_a_short_scalar_is_let_in() {
    let server = server!();
    let key = server.path("short");
    let path = key.to_str().unwrap();
    fs::write(&key, SHORT_SCALAR).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let public = Command::new("ssh-keygen").args(["-y", "-f", path]).output().unwrap();
    fs::write(server.path("authorized"), public.stdout).unwrap();
    let mut options = SshOptions { identity_files: vec![key.clone()], ..server.options() };
    connect(options.clone()).await.unwrap();
    for cipher in ["aes256-ctr", "aes256-gcm@openssh.com"] {
        fs::write(&key, SHORT_SCALAR).unwrap();
        run("ssh-keygen", &["-q", "-p", "-P", "", "-N", "open sesame", "-Z", cipher, "-f", path]);
        options.passphrase = Some(Secret::new("open sesame".into()));
        connect(options.clone()).await.unwrap_or_else(|error| panic!("{cipher}: {error}"));
        options.passphrase = Some(Secret::new("wrong".into()));
        let error = connect(options.clone()).await.unwrap_err().to_string();
        assert!(error.contains("is not opened by the passphrase given"), "{error}");
    }
}

#[tokio::test]
async fn a_locked_key_needs_its_passphrase() {
    let server = server!();
    let key = server.path("locked");
    run(
        "ssh-keygen",
        &["-q", "-t", "ed25519", "-N", "open sesame", "-C", "", "-f", key.to_str().unwrap()],
    );
    authorize(&server, "locked");
    let mut options = SshOptions { identity_files: vec![key.clone()], ..server.options() };
    let error = connect(options.clone()).await.unwrap_err();
    let expected = format!("key {} is locked by a passphrase", key.display());
    assert!(error.to_string().contains(&expected), "{error}");
    assert_eq!(error.help(), Some("load the locked key into an ssh-agent, or give its passphrase"));
    options.passphrase = Some(Secret::new("wrong".into()));
    let error = connect(options.clone()).await.unwrap_err().to_string();
    assert!(error.contains("is not opened by the passphrase given"), "{error}");
    options.passphrase = Some(Secret::new("open sesame".into()));
    connect(options).await.unwrap();
}

#[tokio::test]
async fn an_agent_signs() {
    let server = server!();
    for kind in ["ed25519", "rsa"] {
        make_key(&server.path(kind), kind);
    }
    let _agent = Agent::start(&server, &["ed25519", "rsa"]);
    let agent = Some(server.path("agent"));
    for kind in ["ed25519", "rsa"] {
        authorize(&server, kind);
        let options =
            SshOptions { identity_files: vec![], agent: agent.clone(), ..server.options() };
        connect(options).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
    // Where a key is named, the agent gives this one only.
    authorize(&server, "rsa");
    let named = vec![server.path("ed25519.pub")];
    let options = SshOptions { identity_files: named, agent, ..server.options() };
    let error = connect(options).await.unwrap_err().to_string();
    assert_eq!(error.matches("agent's key").count(), 1, "{error}");
}

#[tokio::test]
async fn a_certificate_beside_the_key_is_used() {
    let server = server!();
    make_key(&server.path("authority"), "ed25519");
    let mut server = server;
    let setting = format!("TrustedUserCAKeys {}", server.path("authority.pub").display());
    server.restart(&[&setting]);
    fs::write(server.path("authorized"), "").unwrap();
    for kind in ["ed25519", "rsa"] {
        make_key(&server.path(kind), kind);
        let options = SshOptions { identity_files: vec![server.path(kind)], ..server.options() };
        let authority = server.path("authority");
        let key = server.path(&format!("{kind}.pub"));
        run(
            "ssh-keygen",
            &[
                "-q",
                "-s",
                authority.to_str().unwrap(),
                "-I",
                "id",
                "-n",
                &options.user,
                key.to_str().unwrap(),
            ],
        );
        connect(options).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}

#[tokio::test]
async fn a_refusal_tells_what_was_tried_and_what_is_taken() {
    let server = server!();
    make_key(&server.path("stranger"), "ed25519");
    let stranger = server.path("stranger");
    let options = SshOptions {
        user: "root".into(),
        identity_files: vec![stranger.clone()],
        ..server.options()
    };
    let error = connect(options).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "127.0.0.1:{} does not let `root` in; tried: key {}; the host takes: publickey",
            server.port,
            stranger.display()
        )
    );
    assert_eq!(
        error.help(),
        Some("is it the right user, and is the key in its ~/.ssh/authorized_keys?")
    );
}
