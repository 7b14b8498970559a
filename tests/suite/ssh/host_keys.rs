//! Whether a host is who it says it is.

use std::fs;

use rplay::remote::{Connection as _, ConnectionError, Exec, HostKeyChecking, SshOptions};

use super::server::{self, Server, make_key, run};

async fn connect(options: SshOptions) -> Result<(), ConnectionError> {
    server::connection(options).exec(&Exec::script(":"), None).await.map(drop)
}

fn public(server: &Server, name: &str) -> String {
    fs::read_to_string(server.path(name)).unwrap().trim().to_owned()
}

/// What is known of a server is replaced by these lines.
fn know(server: &Server, lines: &[String]) {
    fs::write(server.path("known_hosts"), lines.join("\n")).unwrap();
}

/// Signs the server's key for a name.
fn certify(server: &Server, principal: &str) {
    let (authority, key) = (server.path("authority"), server.path("host.pub"));
    let (authority, key) = (authority.to_str().unwrap(), key.to_str().unwrap());
    run("ssh-keygen", &["-q", "-s", authority, "-I", "id", "-h", "-n", principal, key]);
}

fn name(server: &Server) -> String {
    format!("[127.0.0.1]:{}", server.port)
}

#[tokio::test]
async fn an_unknown_host_is_refused_or_learnt() {
    let server = server!();
    know(&server, &[]);
    let mut options = server.options();
    let error = connect(options.clone()).await.unwrap_err();
    let expected =
        format!("the host key of 127.0.0.1:{} is not known: ssh-ed25519 SHA256:", server.port);
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(error.help().unwrap().contains(&format!("ssh-keyscan -p {} 127.0.0.1", server.port)));

    options.host_key_checking = HostKeyChecking::Off;
    connect(options.clone()).await.unwrap();
    assert_eq!(public(&server, "known_hosts"), "", "nothing is written down");

    options.host_key_checking = HostKeyChecking::AcceptNew;
    connect(options.clone()).await.unwrap();
    assert!(public(&server, "known_hosts").starts_with(&format!("{} ssh-ed25519 ", name(&server))));
    options.host_key_checking = HostKeyChecking::Strict;
    connect(options).await.unwrap();
}

#[tokio::test]
async fn a_changed_or_revoked_key_is_always_refused() {
    let server = server!();
    make_key(&server.path("other"), "ed25519");
    let cases = [
        (vec![format!("{} {}", name(&server), public(&server, "other.pub"))], "has changed"),
        (vec![format!("@revoked * {}", public(&server, "host.pub"))], "is revoked"),
    ];
    for (lines, expected) in cases {
        know(&server, &lines);
        for checking in [HostKeyChecking::Strict, HostKeyChecking::AcceptNew, HostKeyChecking::Off]
        {
            let options = SshOptions { host_key_checking: checking, ..server.options() };
            let error = connect(options).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{checking:?}: {error}");
            assert!(error.contains("known_hosts:1"), "{error}");
        }
    }
}

#[tokio::test]
async fn the_type_of_key_that_is_known_is_asked_for() {
    let mut server = server!();
    make_key(&server.path("second"), "ecdsa");
    let second = format!("HostKey {}", server.path("second").display());
    server.restart(&[&second]);
    know(&server, &[format!("{} {}", name(&server), public(&server, "second.pub"))]);
    connect(server.options()).await.unwrap();
}

#[tokio::test]
async fn an_authority_vouches_for_a_host() {
    let mut server = server!();
    make_key(&server.path("authority"), "ed25519");
    let line = format!("@cert-authority * {}", public(&server, "authority.pub"));
    know(&server, std::slice::from_ref(&line));
    certify(&server, "127.0.0.1");
    let setting = format!("HostCertificate {}", server.path("host-cert.pub").display());
    server.restart(&[&setting]);
    connect(server.options()).await.unwrap();

    certify(&server, "elsewhere");
    server.restart(&[&setting]);
    let error = connect(server.options()).await.unwrap_err().to_string();
    assert!(error.ends_with("is refused: its certificate is for elsewhere"), "{error}");

    let revoked = format!("@revoked * {}", public(&server, "authority.pub"));
    know(&server, &[line, revoked]);
    let error = connect(server.options()).await.unwrap_err().to_string();
    assert!(error.contains("its authority's key is revoked"), "{error}");
}
