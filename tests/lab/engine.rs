//! `examples/engine` on a host that has nothing.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/engine";
const HOST: &str = "bare1";

fn deploy(lab: &Lab, words: &[&str]) -> Run {
    lab.rplay(EXAMPLE, &[&["-i", "testing", "deploy.yml"], words].concat())
}

/// The process of the daemon, and its file.
fn daemon(lab: &Lab) -> (String, String) {
    (lab.on(HOST, "cat /run/docker.pid"), lab.on(HOST, "cat /etc/docker/daemon.json"))
}

#[test]
fn the_engine_is_restarted_only_where_that_is_needed() {
    let Some(lab) = Lab::start(0, 1, &[HOST]) else { return };
    let check = lab.untouched(&[HOST], || deploy(&lab, &["--check", "--diff"]).expect(0));
    assert_eq!(check.changed(), [HOST], "{}", check.stdout);

    deploy(&lab, &["--diff"]).expect(0);
    // The Engine tells them in any order.
    let labels =
        || lab.on(HOST, "docker info -f '{{range .Labels}}{{println .}}{{end}}' | sort | xargs");
    assert_eq!(labels().trim(), "rack=1 stage=testing");
    deploy(&lab, &[]).expect_unchanged();

    let (pid, _) = daemon(&lab);
    deploy(&lab, &["-e", "engine_rack=7"]).expect(0);
    assert_eq!(labels().trim(), "rack=7 stage=testing");
    assert_eq!(daemon(&lab).0, pid, "labels need no restart");
    deploy(&lab, &["-e", "engine_rack=7", "-e", "engine_log_size=5m"]).expect(0);
    let now = daemon(&lab);
    assert_ne!(now.0, pid, "options of logs need a restart");
    assert!(now.1.contains("5m"), "{}", now.1);

    let same = ["-e", "engine_rack=7", "-e", "engine_log_size=5m", "-e"];
    let run = deploy(&lab, &[&same[..], &[r#"{"engine_more": {"storage-drivr": "x"}}"#]].concat())
        .expect(2);
    assert!(run.stdout.contains("storage-drivr"), "{}", run.stdout);
    assert_eq!(daemon(&lab), now, "what no Engine knows is refused before anything is touched");
    deploy(&lab, &[&same[..], &[r#"{"engine_more": {"bip": "nonsense"}}"#]].concat()).expect(2);
    assert_eq!(daemon(&lab).1, now.1, "the old file is put back");
    assert!(lab.succeeds(HOST, "docker info"), "the daemon does not run");
    deploy(&lab, &same[..4]).expect_unchanged();
}
