//! Connections that break.

use std::time::Duration;

use rplay::remote::{Connection as _, ConnectionError, Exec, SshOptions};

use super::server;

#[tokio::test]
async fn a_connection_killed_under_a_task_is_lost() {
    let server = server!();
    let connection = server.connection();
    connection.exec(&Exec::script(":"), None).await.unwrap();
    let exec = Exec::script("sleep 3");
    let (result, ()) = tokio::join!(connection.exec(&exec, None), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.signal_sessions("KILL");
    });
    let Err(ConnectionError::Lost { after, .. }) = result else { panic!("{result:?}") };
    assert!(after >= Duration::from_millis(200) && after < Duration::from_secs(2), "{after:?}");
    // The next use connects again.
    let next = connection.exec(&Exec::script("echo next"), None).await.unwrap();
    assert_eq!(next.stdout, b"next\n");
}

#[tokio::test]
async fn a_connection_that_ended_between_tasks_is_made_again() {
    let mut server = server!();
    let connection = server.connection();
    connection.exec(&Exec::script(":"), None).await.unwrap();
    server.signal_sessions("KILL");
    server.restart(&[]);
    // Time to notice.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let next = connection.exec(&Exec::script("echo next"), None).await.unwrap();
    assert_eq!(next.stdout, b"next\n");
}

#[tokio::test]
async fn a_login_without_a_shell_is_said() {
    let server = server!("ForceCommand echo not for you; exit 1");
    let error = server.connection().exec(&Exec::script(":"), None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the login shell did not start /bin/sh: it ended with status 1; it printed: not for you"
    );
}

#[tokio::test]
async fn a_closed_connection_is_made_again_when_used() {
    let server = server!();
    let connection = server.connection();
    connection.exec(&Exec::script(":"), None).await.unwrap();
    connection.close().await.unwrap();
    assert!(connection.exec(&Exec::script(":"), None).await.unwrap().success());
}

#[tokio::test]
async fn many_who_wait_share_one_failure() {
    let mut server = server!();
    server.stop();
    let options =
        SshOptions { retries: 1, connect_timeout: Duration::from_secs(1), ..server.options() };
    let connection = server::connection(options);
    let began = std::time::Instant::now();
    let exec = Exec::script(":");
    let all = (0..20).map(|_| connection.exec(&exec, None));
    for result in futures_util::future::join_all(all).await {
        assert!(matches!(result, Err(ConnectionError::Unreachable { .. })));
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_host_that_falls_silent_under_a_task_is_noticed() {
    let server = server!();
    let options = SshOptions {
        keepalive: Duration::from_millis(300),
        keepalive_count: 2,
        ..server.options()
    };
    let connection = server::connection(options);
    connection.exec(&Exec::script(":"), None).await.unwrap();
    let exec = Exec::script("sleep 30");
    let (result, ()) = tokio::join!(connection.exec(&exec, None), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.signal_sessions("STOP");
    });
    server.signal_sessions("KILL");
    let Err(ConnectionError::Lost { after, reason }) = result else { panic!("{result:?}") };
    assert_eq!(reason, "the host no longer answers");
    assert!(after < Duration::from_secs(4), "{after:?}");
}
