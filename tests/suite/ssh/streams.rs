//! Streams from a host.

use rplay::remote::{Connection as _, ConnectionError, Exec, Target};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Sends back what it is sent, over any number of connections.
async fn echo(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin) {
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    let _ = tokio::io::copy(&mut reader, &mut writer).await;
    let _ = writer.shutdown().await;
}

async fn there_and_back(mut stream: Box<dyn rplay::remote::Stream>) {
    let bytes: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    let writing = async {
        writer.write_all(&bytes).await.unwrap();
        writer.shutdown().await.unwrap();
    };
    let mut back = vec![];
    let ((), read) = tokio::join!(writing, reader.read_to_end(&mut back));
    read.unwrap();
    assert!(back == bytes);
}

#[tokio::test]
async fn a_unix_socket_is_reached() {
    let server = server!();
    let path = server.path("socket");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(echo(stream));
        }
    });
    let connection = server.connection();
    let target = Target::Unix(path.to_str().unwrap().into());
    for _ in 0..3 {
        there_and_back(connection.open(&target, None).await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_port_is_reached() {
    let server = server!();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { echo(listener.accept().await.unwrap().0).await });
    let target = Target::Tcp("127.0.0.1".into(), port);
    there_and_back(server.connection().open(&target, None).await.unwrap()).await;
}

#[tokio::test]
async fn a_program_is_reached() {
    let server = server!();
    let target = Target::Program(vec!["cat".into()]);
    there_and_back(server.connection().open(&target, None).await.unwrap()).await;
}

#[tokio::test]
async fn what_is_not_there_refuses() {
    let server = server!();
    let connection = server.connection();
    let target = Target::Unix("/nowhere/docker.sock".into());
    let error = connection.open(&target, None).await.err().unwrap();
    assert_eq!(
        error,
        ConnectionError::Refused(
            "the host does not open /nowhere/docker.sock (ConnectFailed)".into()
        )
    );
    let target = Target::Program(["sh", "-c", "echo no engine >&2; exit 1"].map(Into::into).into());
    let mut stream = connection.open(&target, None).await.unwrap();
    let error = stream.read_to_end(&mut vec![]).await.unwrap_err();
    assert_eq!(error.to_string(), "ended with status 1: no engine");
}

#[tokio::test]
async fn a_stream_that_is_not_read_does_not_stop_short_tasks() {
    let server = server!();
    let connection = server.connection();
    let target = Target::Program(["head", "-c", "1000000", "/dev/zero"].map(Into::into).into());
    let stream = connection.open(&target, None).await.unwrap();
    let output = connection.exec(&Exec::script("echo by"), None).await.unwrap();
    assert_eq!(output.stdout, b"by\n");
    drop(stream);
    assert!(connection.exec(&Exec::script(":"), None).await.unwrap().success());
}
