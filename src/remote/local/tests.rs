//! The shell's protocol, tried on this machine's own shells.

use std::time::{Duration, Instant};

use super::*;
use crate::remote::Produce;

async fn run(exec: Exec) -> Output {
    LocalConnection::new().exec(&exec, None).await.unwrap()
}

async fn sh(script: &'static str) -> Output {
    run(Exec::script(script)).await
}

/// Runs scripts one after another on one connection: the shell must survive each of them.
async fn all(scripts: &[(&'static str, i32, &str)]) {
    let connection = LocalConnection::new();
    for (script, status, stdout) in scripts {
        let output = connection.exec(&Exec::script(*script), None).await.unwrap();
        assert_eq!((output.status, &*output.stdout_text()), (*status, *stdout), "{script}");
    }
}

#[tokio::test]
async fn streams_status_and_arguments_come_back() {
    let exec =
        Exec::script("printf '%s|' \"$@\"; printf oops >&2; exit 3").args(["a b", "", "$x'"]);
    let expected =
        Output { status: 3, stdout: b"a b||$x'|".to_vec(), stderr: b"oops".to_vec(), left_out: 0 };
    assert_eq!(run(exec).await, expected);
}

#[tokio::test]
async fn no_task_harms_the_next() {
    all(&[
        ("echo a", 0, "a\n"),
        ("exit 7", 7, ""),
        ("set -e; false; echo no", 1, ""),
        ("set -u; echo ${nothing}", 2, ""),
        ("cd /; umask 077; x=1; set -f", 0, ""),
        ("[ \"$PWD\" != / ]; echo \"$? ${x-unset}\"", 0, "0 unset\n"),
        ("exec true", 0, ""),
        ("exec >/dev/null; echo no", 0, ""),
        ("exec 1>&- 2>&-", 0, ""),
        ("if then fi (", 2, ""),
        ("'", 2, ""),
        ("cat <<E\nhere\nE", 0, "here\n"),
        ("trap 'echo bye' EXIT; exit 4", 4, "bye\n"),
        ("kill -9 $(exec sh -c 'echo $PPID')", 137, ""),
        ("return 5", 5, ""),
        ("cat", 0, ""),
        ("printf '\\n\\n'", 0, "\n\n"),
        ("echo z # comment", 0, "z\n"),
    ])
    .await;
}

#[tokio::test]
async fn any_bytes_come_back() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let output = run(Exec::script("cat; cat </dev/null >&2").stdin(bytes.clone())).await;
    assert_eq!(output.stdout, bytes);
    let little = bytes[..4000].to_vec();
    let output = run(Exec::script("cat").stdin(little.clone())).await;
    assert_eq!(output.stdout, little);
}

#[tokio::test]
async fn a_shell_that_was_killed_is_replaced() {
    let connection = LocalConnection::new();
    let killed = connection.exec(&Exec::script("echo a; kill -9 $$; sleep 5"), None).await.unwrap();
    assert_eq!((killed.status, killed.stdout), (137, b"a\n".to_vec()));
    let next = connection.exec(&Exec::script("echo b"), None).await.unwrap();
    assert_eq!(next.stdout, b"b\n");
}

#[tokio::test]
async fn a_child_left_behind_holds_nothing_up() {
    let began = Instant::now();
    let connection = LocalConnection::new();
    let exec = Exec::script("(sleep 0.2; echo late; sleep 20) & echo $!");
    let pid = connection.exec(&exec, None).await.unwrap().stdout_text().trim().to_owned();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let next = connection.exec(&Exec::script("echo next; kill $1").arg(pid), None).await.unwrap();
    assert_eq!(next.stdout, b"next\n");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn long_output_keeps_its_head_and_its_tail() {
    let mut exec = Exec::script("printf head; head -c 3000000 /dev/zero; printf tail");
    exec.output_limit = 10;
    let output = run(exec).await;
    assert_eq!(output.stdout, b"head\0\0tail"[..].to_vec());
    assert_eq!(output.left_out, 3_000_008 - 10);
}

#[tokio::test]
async fn tasks_run_side_by_side() {
    let connection = LocalConnection::new();
    let exec = Exec::script("sleep 0.3");
    let began = Instant::now();
    let all = (0..6).map(|_| connection.exec(&exec, None));
    for output in futures_util::future::join_all(all).await {
        assert!(output.unwrap().success());
    }
    assert!(began.elapsed() >= Duration::from_millis(600), "four at once, then two");
    assert!(began.elapsed() < Duration::from_millis(1500));
}

#[tokio::test]
async fn what_takes_too_long_is_stopped_with_its_children() {
    let connection = LocalConnection::new();
    let earlier = "sleep 61 & echo $!";
    let earlier = connection.exec(&Exec::script(earlier), None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    let hangs = "echo $$; trap '' TERM; (trap '' TERM; sleep 62) & setsid sleep 63 & sleep 64";
    let exec = Exec::script(hangs).timeout(Some(Duration::from_millis(300)));
    let error = connection.exec(&exec, None).await.unwrap_err();
    assert_eq!(error, ConnectionError::TimedOut(Duration::from_millis(300)));
    let list = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done 2>/dev/null";
    let after = connection.exec(&Exec::script(list), None).await.unwrap();
    let text = after.stdout_text();
    for left in ["sleep 62", "sleep 63", "sleep 64"] {
        assert!(!text.lines().any(|line| line.trim_end() == left), "{left} is still there");
    }
    assert!(text.contains("sleep 61 "), "work done before is left alone");
    let pid = earlier.stdout_text().trim().to_owned();
    connection.exec(&Exec::script("kill $1").arg(pid), None).await.unwrap();
}

#[tokio::test]
async fn environment_and_directory_are_the_tasks_own() {
    let connection = LocalConnection::new();
    let exec = Exec::script("echo \"$A $PWD\"").env("A", "it's").directory(Some("/usr"));
    let output = connection.exec(&exec, None).await.unwrap();
    assert_eq!(output.stdout, b"it's /usr\n");
    let output = connection.exec(&Exec::script("echo \"${A-none}\""), None).await.unwrap();
    assert_eq!(output.stdout, b"none\n");
    let missing = sh("cd /nowhere").await;
    let exec = Exec::script("echo no").directory(Some("/nowhere"));
    assert_eq!(run(exec).await.status, missing.status);
}

#[tokio::test]
async fn a_file_is_streamed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("big");
    let bytes: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_ne_bytes).collect();
    std::fs::write(&path, &bytes).unwrap();
    let output = run(Exec::script("cat").stdin_file(&path)).await;
    assert!(output.stdout == bytes, "{} of {} bytes", output.stdout.len(), bytes.len());
    let unread = run(Exec::script("echo done").stdin_file(&path)).await;
    assert_eq!((unread.status, unread.stdout), (0, b"done\n".to_vec()));
}

#[tokio::test]
async fn a_file_that_is_not_there_is_an_error() {
    let exec = Exec::script("cat").stdin_file("/nowhere/file");
    let error = LocalConnection::new().exec(&exec, None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read /nowhere/file: No such file or directory (os error 2)"
    );
}

/// Three million numbers, or a fault after them.
#[derive(Debug)]
struct Numbers {
    fail: bool,
}

impl Produce for Numbers {
    fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        (0..3_000_000_u32).try_for_each(|number| out.write_all(&number.to_ne_bytes()))?;
        if self.fail { Err(io::Error::other("no more numbers")) } else { Ok(()) }
    }
}

#[tokio::test]
async fn what_is_made_is_streamed() {
    let output = run(Exec::script("cat | wc -c").stdin_made(Numbers { fail: false })).await;
    assert_eq!(output.stdout_text().trim(), "12000000");
    let unread = run(Exec::script("echo done").stdin_made(Numbers { fail: false })).await;
    assert_eq!((unread.status, unread.stdout), (0, b"done\n".to_vec()));
}

#[tokio::test]
async fn what_cannot_be_made_stops_the_work() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("private");
    let exec =
        Exec::script("mkdir \"$1\"; trap 'rmdir \"$1\"' EXIT; trap 'exit 129' TERM HUP; cat >&2")
            .arg(path.as_os_str().as_encoded_bytes())
            .stdin_made(Numbers { fail: true });
    let error = LocalConnection::new().exec(&exec, None).await.unwrap_err();
    assert_eq!(error.to_string(), "no more numbers");
    assert!(!path.exists(), "the work cleans up");
}

#[tokio::test]
async fn a_program_is_a_stream() {
    use tokio::io::AsyncWriteExt as _;
    let connection = LocalConnection::new();
    let target = Target::Program(vec!["cat".into()]);
    let mut stream = connection.open(&target, None).await.unwrap();
    stream.write_all(b"there").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut back = String::new();
    stream.read_to_string(&mut back).await.unwrap();
    assert_eq!(back, "there");
}

#[tokio::test]
async fn a_program_that_fails_says_why() {
    let target =
        Target::Program(["sh", "-c", "echo no such engine >&2; exit 4"].map(Into::into).into());
    let mut stream = LocalConnection::new().open(&target, None).await.unwrap();
    let error = stream.read_to_string(&mut String::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "ended with status 4: no such engine");
}

#[tokio::test]
async fn a_socket_that_is_not_there_refuses() {
    let target = Target::Unix("/nowhere/docker.sock".into());
    let error = LocalConnection::new().open(&target, None).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "cannot connect to /nowhere/docker.sock: No such file or directory (os error 2)"
    );
}
