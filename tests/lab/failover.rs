//! `examples/failover`: nodes die between and during runs, and the playbook repairs the swarm.

use std::time::{Duration, Instant};

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/failover";
const HOSTS: [&str; 4] = ["node1", "node2", "node3", "node4"];
/// How many managers take part.
const MANAGERS: &str =
    "docker node ls --format '{{.Status}} {{.ManagerStatus}}' | grep -c 'Ready [LR]e'";
/// How many nodes take part.
const READY: &str = "docker node ls --format '{{.Status}}' | grep -c Ready";

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
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Waits until all replicas run on other hosts than this, in this version.
#[track_caller]
fn until_moved(lab: &Lab, from: &str, version: &str) {
    let running = format!(
        "docker service ps web -f desired-state=running --no-trunc \
           --format '{{{{.Node}}}} {{{{.CurrentState}}}} {{{{.ID}}}}' | grep -v {from} | grep Running | \
         while read -r node state since number unit ago id; do \
           docker inspect -f '{{{{.Spec.ContainerSpec.Env}}}}' \"${{id:-$ago}}\"; \
         done | grep -c APP_VERSION={version}]"
    );
    until(lab, "node2", &running, "4");
}

/// Switches a host off while a run gives the service another version.
fn dies_during(lab: &Lab, host: &str, version: &str) -> Run {
    let setting = format!("app_version={version}");
    std::thread::scope(|scope| {
        let run = scope.spawn(|| deploy(lab, &["-e", &setting]));
        until(lab, "node2", "docker service inspect -f '{{.UpdateStatus.State}}' web", "updating");
        lab.command(&["off", host]);
        run.join().unwrap()
    })
}

#[test]
fn a_swarm_outlives_nodes_and_is_repaired() {
    let Some(lab) = Lab::start(4, 0, &HOSTS) else { return };
    let check = lab.untouched(&HOSTS, || deploy(&lab, &["--check", "--diff"]).expect(0));
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);
    deploy(&lab, &[]).expect(0);
    deploy(&lab, &[]).expect_unchanged();

    // A worker, and then a manager, between two runs: the replica moves, and the others go on.
    for host in ["node4", "node1"] {
        lab.command(&["off", host]);
        until_moved(&lab, host, "1");
        let run = deploy(&lab, &["--diff"]).expect(4);
        assert!(run.stdout.contains(host), "{}", run.stdout);
        assert_eq!(run.changed(), [""; 0], "{}", run.stdout);
        lab.command(&["on", host]);
        until(&lab, "node2", READY, "4");
        until(&lab, "node2", MANAGERS, "3");
        deploy(&lab, &[]).expect_unchanged();
    }

    // A worker during a run: the run goes on to its end.
    dies_during(&lab, "node4", "2").expect(0);
    until_moved(&lab, "node4", "2");
    lab.command(&["on", "node4"]);
    until(&lab, "node2", READY, "4");

    // The manager that a run works on: what became of the task is not known, and the next run,
    // by another manager, finds or brings it as it should be.
    let run = dies_during(&lab, "node1", "3").expect(4);
    assert!(run.stdout.contains("node1"), "{}", run.stdout);
    deploy(&lab, &["-e", "app_version=3"]).expect(4);
    until_moved(&lab, "node1", "3");
    lab.command(&["on", "node1"]);
    until(&lab, "node2", MANAGERS, "3");
    deploy(&lab, &["-e", "app_version=3"]).expect_unchanged();

    // A host that is installed anew comes in again, and what it was is removed.
    lab.command(&["fresh", "node3"]);
    until(&lab, "node2", "docker node ls --format '{{.Status}}' | grep -c Down", "1");
    deploy(&lab, &["-e", "app_version=3"]).expect(0);
    until(&lab, "node2", "docker node ls -q | wc -l", "4");
    until(&lab, "node2", MANAGERS, "3");
    deploy(&lab, &["-e", "app_version=3"]).expect_unchanged();
}
