//! What runs on a host, and what comes back.

use std::time::{Duration, Instant};

use rplay::remote::{Connection as _, ConnectionError, Exec};

use super::server;

#[tokio::test]
async fn scripts_run_with_their_values() {
    let server = server!();
    let connection = server.connection();
    let exec = Exec::script("printf '%s|' \"$@\"; cat; printf '\\377\\0' >&2; exit 3")
        .args([&b"a b"[..], b"", b"it's", b"\xff\n"])
        .stdin("little\0");
    let output = connection.exec(&exec, None).await.unwrap();
    assert_eq!(output.status, 3);
    assert_eq!(output.stdout, b"a b||it's|\xff\n|little\0");
    assert_eq!(output.stderr, b"\xff\0");
}

#[tokio::test]
async fn no_task_harms_the_next() {
    let server = server!();
    let connection = server.connection();
    let scripts = [
        ("exit 7", 7),
        ("if then (", 2),
        ("set -e; false; true", 1),
        ("exec 1>&- 2>&-", 0),
        ("cat", 0),
        ("sleep 30 & :", 0),
        ("kill -9 $$; sleep 5", 137),
        ("printf 'no feed'", 0),
    ];
    for (script, status) in scripts {
        let output = connection.exec(&Exec::script(script), None).await.unwrap();
        assert_eq!(output.status, status, "{script}");
        let next = connection.exec(&Exec::script("echo next"), None).await.unwrap();
        assert_eq!(next.stdout, b"next\n", "after {script}");
    }
}

#[tokio::test]
async fn what_login_scripts_print_belongs_to_no_task() {
    let server = server!("SetEnv NOISE=1", "Banner none");
    std::fs::write(server.path("rc"), "echo noise; echo more >&2\n").unwrap();
    let mut options = server.options();
    options.identity_files = vec![server.path("user")];
    let key = std::fs::read_to_string(server.path("user.pub")).unwrap();
    let forced = "command=\"echo noise; echo more >&2; eval \\\"$SSH_ORIGINAL_COMMAND\\\"\"";
    std::fs::write(server.path("authorized"), format!("{forced} {key}")).unwrap();
    let connection = server::connection(options);
    for _ in 0..2 {
        let output = connection.exec(&Exec::script("echo work"), None).await.unwrap();
        assert_eq!((output.stdout, output.stderr), (b"work\n".to_vec(), vec![]));
    }
}

#[tokio::test]
async fn large_output_is_bounded() {
    let server = server!();
    let mut exec = Exec::script("printf head; head -c 30000000 /dev/zero; printf tail");
    exec.output_limit = 1000;
    let output = server.connection().exec(&exec, None).await.unwrap();
    assert_eq!(output.stdout.len(), 1000);
    assert!(output.stdout.starts_with(b"head") && output.stdout.ends_with(b"tail"));
    assert_eq!(output.left_out, 30_000_008 - 1000);
}

#[tokio::test]
async fn a_file_arrives_as_it_is() {
    let server = server!();
    let bytes: Vec<u8> = (0..8_388_608_u32).flat_map(|n| (n ^ n << 7).to_ne_bytes()).collect();
    std::fs::write(server.path("source"), &bytes).unwrap();
    let target = server.path("target");
    let exec = Exec::script("cat >\"$1\"; wc -c <\"$1\"")
        .arg(target.to_str().unwrap())
        .stdin_file(server.path("source"));
    let output = server.connection().exec(&exec, None).await.unwrap();
    assert_eq!(output.stdout_text().trim(), "33554432");
    assert!(std::fs::read(target).unwrap() == bytes);
}

#[tokio::test]
async fn output_and_input_can_both_be_large() {
    let server = server!();
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000_000).collect();
    let exec = Exec::script("tee /dev/stderr").stdin(bytes.clone());
    let output = server.connection().exec(&exec, None).await.unwrap();
    assert!(output.stdout == bytes && output.stderr == bytes);
}

#[tokio::test]
async fn tasks_share_one_connection() {
    let server = server!("MaxSessions 10", "MaxStartups 1:100:1");
    let connection = server.connection();
    let exec = Exec::script("sleep 0.1; echo $PPID");
    let all = (0..12).map(|_| connection.exec(&exec, None));
    let outputs = futures_util::future::join_all(all).await;
    assert!(outputs.into_iter().all(|output| output.unwrap().success()));
}

#[tokio::test]
async fn a_host_that_allows_one_session_only_serves_all_tasks() {
    let server = server!("MaxSessions 1");
    let connection = server.connection();
    let exec = Exec::script("sleep 0.05");
    let all = (0..6).map(|_| connection.exec(&exec, None));
    for output in futures_util::future::join_all(all).await {
        assert!(output.unwrap().success());
    }
}

#[tokio::test]
async fn what_takes_too_long_is_stopped_with_its_children() {
    let server = server!();
    let connection = server.connection();
    let marker = format!("6{}", server.port);
    let exec = Exec::script("trap '' TERM; sleep \"$1\" & (trap '' TERM; sleep \"$1\")")
        .arg(&marker)
        .timeout(Some(Duration::from_millis(300)));
    let began = Instant::now();
    let error = connection.exec(&exec, None).await.unwrap_err();
    assert_eq!(error, ConnectionError::TimedOut(Duration::from_millis(300)));
    assert!(began.elapsed() < Duration::from_secs(8));
    let search = ["-f", &format!("sleep {marker}")];
    let left = std::process::Command::new("pgrep").args(search).output().unwrap();
    assert!(left.stdout.is_empty(), "{}", String::from_utf8_lossy(&left.stdout));
    let next = connection.exec(&Exec::script("echo next"), None).await.unwrap();
    assert_eq!(next.stdout, b"next\n");
}
