//! Ways to a host.

use std::time::{Duration, Instant};

use rplay::remote::{Connection as _, ConnectionError, Exec, SshOptions, SshPool};

use super::server::{self, Server};

async fn echo(options: SshOptions) -> Result<String, ConnectionError> {
    let connection = server::connection(options);
    let output = connection.exec(&Exec::script("echo here"), None).await?;
    Ok(output.stdout_text().trim().to_owned())
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let mut server = server!();
    server.stop();
    let error = echo(server.options()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("connection refused: 127.0.0.1:{}", server.port));
    assert_eq!(error.help(), Some("is sshd running there, and on this port?"));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_said() {
    let options = SshOptions::new("no-such-host.invalid");
    let error = echo(options).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot resolve the name `no-such-host.invalid`: "), "{error}");
}

#[tokio::test]
async fn a_port_that_is_silent_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let options = SshOptions {
        port,
        connect_timeout: Duration::from_millis(300),
        ..SshOptions::new("127.0.0.1")
    };
    let began = Instant::now();
    let error = echo(options).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "127.0.0.1:{port} accepts connections, but there was no SSH handshake within 0.3 s"
        )
    );
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_server_that_turns_connections_away_is_asked_again() {
    let server = server!("MaxStartups 2:80:3");
    let pool = SshPool::new();
    let connections: Vec<_> = (0..16)
        .map(|_| rplay::remote::SshConnection::new(server.options(), pool.clone()))
        .collect();
    let exec = Exec::script(":");
    let all = connections.iter().map(|connection| connection.exec(&exec, None));
    for output in futures_util::future::join_all(all).await {
        assert!(output.unwrap().success());
    }
}

#[tokio::test]
async fn a_host_is_reached_through_others() {
    let (first, second) = (server!(), server!());
    let Some(last) = Server::start(&[]) else { return };
    let options = SshOptions { jumps: vec![first.options(), second.options()], ..last.options() };
    assert_eq!(echo(options.clone()).await.unwrap(), "here");

    // The key of each host on the way is looked at.
    server::make_key(&second.path("other"), "ed25519");
    let line = std::fs::read_to_string(second.path("other.pub")).unwrap();
    let name = format!("[127.0.0.1]:{}", second.port);
    std::fs::write(second.path("known_hosts"), format!("{name} {line}")).unwrap();
    let error = echo(options).await.unwrap_err().to_string();
    let expected = format!(
        "jump host 127.0.0.1:{port}: the host key of 127.0.0.1:{port} has changed",
        port = second.port
    );
    assert!(error.starts_with(&expected), "{error}");
}

#[tokio::test]
async fn a_jump_host_that_forwards_nothing_is_said() {
    let jump = server!("AllowTcpForwarding no");
    let last = server!();
    let options = SshOptions { jumps: vec![jump.options()], ..last.options() };
    let error = echo(options).await.unwrap_err().to_string();
    let expected = format!(
        "the jump host cannot connect to 127.0.0.1:{}: AdministrativelyProhibited",
        last.port
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a_command_can_be_the_way() {
    let server = server!();
    let command = format!("nc 127.0.0.1 {}", server.port);
    if std::process::Command::new("nc").arg("-h").output().is_err() {
        eprintln!("skipped: no nc here");
        return;
    }
    let options = SshOptions { proxy_command: Some(command), ..server.options() };
    assert_eq!(echo(options).await.unwrap(), "here");
}
