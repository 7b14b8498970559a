//! `examples/failover`: nodes die between and during runs, and the playbook repairs the swarm.

use std::time::{Duration, Instant};

use super::support::{Lab, Run, assert_untouched};

const EXAMPLE: &str = "examples/failover";
const HOSTS: [&str; 3] = ["node1", "node2", "node3"];

fn deploy(lab: &Lab, words: &[&str]) -> Run {
    lab.rplay(EXAMPLE, &[&["-i", "testing", "-T", "4", "deploy.yml"], words].concat())
}

/// Waits until a command on a host prints this.
#[track_caller]
fn until(lab: &Lab, host: &str, command: &str, wanted: &str) {
    let since = Instant::now();
    loop {
        // Without a leader, for a moment, managers know nothing.
        let said = lab.on(host, &format!("({command}) 2>/dev/null || :"));
        if said.trim() == wanted {
            return;
        }
        assert!(since.elapsed() < Duration::from_mins(1), "{command}: {said}, not {wanted}");
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn a_swarm_outlives_a_node_and_is_repaired() {
    let Some(lab) = Lab::start(3, 0, &HOSTS) else { return };
    let before = HOSTS.map(|host| lab.fingerprint(host));
    let check = deploy(&lab, &["--check", "--diff"]).expect(0);
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);
    for (host, before) in HOSTS.iter().zip(&before) {
        assert_untouched(before, &lab.fingerprint(host), host);
    }
    deploy(&lab, &[]).expect(0);
    deploy(&lab, &[]).expect_unchanged();

    // Between two runs: its replica moves, and the other managers go on.
    lab.command(&["off", "node1"]);
    let running = "docker service ps web -f desired-state=running --format '{{.Node}} {{.CurrentState}}' | \
                   grep -v node1 | grep -c Running";
    until(&lab, "node2", running, "3");
    let run = deploy(&lab, &["--diff"]).expect(4);
    assert!(run.stdout.contains("node1"), "{}", run.stdout);
    assert_eq!(run.changed(), [""; 0], "{}", run.stdout);
    lab.command(&["on", "node1"]);
    let ready = "docker node ls --format '{{.Status}} {{.ManagerStatus}}' | grep -c 'Ready [LR]e'";
    until(&lab, "node2", ready, "3");
    deploy(&lab, &[]).expect_unchanged();

    // A host that is installed anew comes in again, and what it was is removed.
    lab.command(&["fresh", "node3"]);
    until(&lab, "node2", "docker node ls --format '{{.Status}}' | grep -c Down", "1");
    deploy(&lab, &["--diff"]).expect(0);
    until(&lab, "node2", "docker node ls -q | wc -l", "3");
    until(&lab, "node2", ready, "3");
    deploy(&lab, &[]).expect_unchanged();
}
