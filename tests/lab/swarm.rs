//! `examples/swarm` on hosts that have nothing, and what goes wrong with swarms.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/swarm";
const BARE: [&str; 3] = ["bare1", "bare2", "bare3"];
const NODES: [&str; 4] = ["node1", "node2", "node3", "node4"];

/// One task that makes the lab's nodes a swarm.
const SWARM: &str = "
- hosts: nodes
  gather_facts: false
  tasks:
    - docker_swarm:
        managers: \"{{ managers | default('managers') }}\"
        state: \"{{ state | default('present') }}\"
        force: \"{{ force | default(false) }}\"
        prune: \"{{ prune | default(false) }}\"
";

#[test]
fn bare_hosts_become_a_swarm_with_a_service() {
    let Some(lab) = Lab::start(0, 3, &BARE) else { return };
    let words = ["-i", "testing", "deploy.yml", "--check", "--diff"];
    let check = lab.untouched(&BARE, || lab.rplay(EXAMPLE, &words)).expect(0);
    assert_eq!(check.changed(), BARE, "{}", check.stdout);
    assert!(check.stdout.contains("+swarm: managed by bare1"), "{}", check.stdout);

    let run = lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--diff"]).expect(0);
    assert_no_token(&run);
    assert_eq!(roles(&lab, "bare1"), ["bare1 Leader", "bare2 worker", "bare3 worker"]);
    for (host, other) in [("bare2", "bare3"), ("bare3", "bare2")] {
        let ping = format!("docker exec ping-{host} ping -c1 -W2 ping-{other}");
        assert!(lab.succeeds(host, &ping), "{host} does not reach {other} by its name");
    }
    assert_eq!(replicas(&lab, "bare2"), 3);
    lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml"]).expect_unchanged();

    lab.rplay(EXAMPLE, &["-i", "three-managers", "deploy.yml"]).expect(0);
    assert_eq!(roles(&lab, "bare1"), ["bare1 Leader", "bare2 Reachable", "bare3 Reachable"]);
    lab.rplay(EXAMPLE, &["-i", "three-managers", "deploy.yml"]).expect_unchanged();
}

#[test]
fn whatever_swarm_a_host_is_in_is_seen_and_put_right() {
    let Some(lab) = Lab::start(4, 0, &NODES) else { return };
    // In another swarm, and stuck on the way into one that does not answer.
    lab.on("node2", "docker swarm init --advertise-addr eth0 >/dev/null");
    let token = lab.on("node2", "docker swarm join-token -q worker");
    let join = format!("docker swarm join --token {} 127.0.0.1:9 || :", token.trim());
    lab.on("node3", &join);

    lab.play(SWARM, &[]).expect(2);
    let run = lab.play(SWARM, &[]).expect(2);
    assert!(run.stdout.contains("this host is in another swarm"), "{}", run.stdout);
    assert_no_token(&run);
    assert_eq!(roles(&lab, "node1"), ["node1 Leader", "node3 worker", "node4 worker"]);
    lab.play(SWARM, &["-e", "force=true"]).expect(0);
    let all = ["node1 Leader", "node2 worker", "node3 worker", "node4 worker"];
    assert_eq!(roles(&lab, "node1"), all);
    lab.play(SWARM, &[]).expect_unchanged();

    // A node made anew joins anew; what it was before is told, and goes when that is wished.
    lab.command(&["fresh", "node4"]);
    lab.play(SWARM, &[]).expect(0);
    lab.on("node1", "until docker node ls | grep node4 | grep -q Down; do sleep 1; done");
    lab.play(SWARM, &[]).expect_unchanged();
    lab.play(SWARM, &["-e", "prune=true"]).expect(0);
    assert_eq!(roles(&lab, "node1"), all);
}

#[test]
fn a_swarm_is_left_in_order_and_its_last_manager_stays() {
    let Some(lab) = Lab::start(3, 0, &["node1", "node2", "node3"]) else { return };
    let all = ["-l", "node1,node2,node3", "-e", "managers=node3"];
    // One host works at a time, and the one that the others wait for is the last.
    lab.play(SWARM, &[&all[..], &["-f", "1"]].concat()).expect(0);
    assert_eq!(roles(&lab, "node3"), ["node1 worker", "node2 worker", "node3 Leader"]);
    let run = lab.play(SWARM, &[&all[..], &["-e", "state=absent"]].concat()).expect(2);
    assert!(run.stdout.contains("node3 is the last manager of its swarm"), "{}", run.stdout);
    assert_eq!(roles(&lab, "node3"), ["node3 Leader"]);
    lab.play(SWARM, &["-l", "node3", "-e", "state=absent", "-e", "force=true"]).expect(0);
    let state = lab.on("node3", "docker info -f '{{.Swarm.LocalNodeState}}'");
    assert_eq!(state.trim(), "inactive");
}

#[test]
fn a_service_that_cannot_run_fails_with_what_its_tasks_say() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    lab.play(SWARM, &["-l", "node1"]).expect(0);
    let service = "name=web image=no/such:image wait_timeout=5 state=";
    let words = |state: &str| format!("{service}{state}");
    let create = words("present");
    let run = adhoc(&lab, &create).expect(2);
    assert!(run.stdout.contains("0 of 1 tasks run after 5 s"), "{}", run.stdout);
    assert!(run.stdout.contains("No such image: no/such:image"), "{}", run.stdout);
    adhoc(&lab, &words("absent")).expect(0);
    assert_eq!(lab.on("node1", "docker service ls -q"), "");
}

fn adhoc(lab: &Lab, arguments: &str) -> Run {
    let words = ["adhoc", "node1", "-i", "inventories/lab", "-m", "docker_swarm_service", "-a"];
    lab.rplay(".", &[&words[..], &[arguments]].concat())
}

/// The nodes of a swarm with what each is in it, sorted.
fn roles(lab: &Lab, manager: &str) -> Vec<String> {
    let format = "{{.Hostname}} {{or .ManagerStatus \"worker\"}}";
    let list = lab.on(manager, &format!("docker node ls --format '{format}'"));
    let mut nodes: Vec<String> = list.lines().map(str::to_owned).collect();
    nodes.sort();
    nodes
}

/// How many addresses the service has by its name.
fn replicas(lab: &Lab, host: &str) -> usize {
    let found = lab.on(host, &format!("docker exec ping-{host} nslookup tasks.web || :"));
    found
        .lines()
        .skip_while(|line| !line.starts_with("Name:"))
        .filter(|l| l.starts_with("Address"))
        .count()
}

fn assert_no_token(run: &Run) {
    assert!(!run.stdout.contains("SWMTKN"), "{}", run.stdout);
    assert!(!run.stderr.contains("SWMTKN"), "{}", run.stderr);
}
