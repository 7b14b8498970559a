//! `examples/classic-swarm`: a playbook of 2015 runs as it is, and its agents meet in the store.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/classic-swarm";
const HOSTS: [&str; 2] = ["node1", "node2"];
/// What is no longer written that way.
const OLDER: [&str; 6] = [
    "`sudo` is read as `become`",
    "`docker` is read as `docker_container`",
    "`state: running` is read as",
    "`state: restarted` is read as",
    "`with_items: folders` is read as the variable",
    "`|changed` is read as `is changed`",
];

fn deploy(lab: &Lab, words: &[&str]) -> Run {
    lab.rplay(EXAMPLE, &[&["-i", "testing", "deploy.yml", "--diff"], words].concat())
}

#[test]
fn a_playbook_of_2015_makes_a_swarm_of_agents() {
    let Some(lab) = Lab::start(2, 0, &HOSTS) else { return };
    lab.rplay(EXAMPLE, &["-i", "testing", "stand-ins/build.yml"]).expect(0);
    let check = lab.untouched(&HOSTS, || deploy(&lab, &["--check"]).expect(0));
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);

    let run = deploy(&lab, &[]).expect(0);
    for older in OLDER {
        assert_eq!(run.stderr.matches(older).count(), 1, "{older}:\n{}", run.stderr);
    }
    assert_eq!(run.stderr.matches("[older-spelling]").count(), OLDER.len(), "{}", run.stderr);

    // The manager tells the agents, and the store the registrators, in whatever order.
    let address = |host| lab.on(host, "hostname -i | cut -d ' ' -f 1").trim().to_owned();
    let addresses = HOSTS.map(address);
    let agents = addresses.clone().map(|address| format!("{address}:2375"));
    assert_eq!(told(&lab, "3375/info"), agents);
    let registered = ["node1", "node2"].iter().zip(&addresses);
    let registered: Vec<String> = registered.map(|(host, at)| format!("{host} {at}")).collect();
    assert_eq!(told(&lab, "8500/v1/kv/registrator?raw"), registered);
    deploy(&lab, &[]).expect_unchanged();

    // Another configuration restarts the store, and only the store.
    let started = |name: &str| {
        lab.on("node1", &format!("docker inspect -f '{{{{.Id}}}} {{{{.State.StartedAt}}}}' {name}"))
    };
    let before = ["consul", "swarm-agent"].map(started);
    assert_eq!(deploy(&lab, &["-e", "datacenter=other"]).expect(0).changed(), ["node1"]);
    let after = ["consul", "swarm-agent"].map(started);
    assert_eq!(after[0].split(' ').next(), before[0].split(' ').next(), "another container");
    assert_ne!(after[0], before[0], "the store was not restarted");
    assert_eq!(after[1], before[1], "the agent was touched");
    assert_eq!(told(&lab, "3375/info"), agents, "the store has kept what it knew");
}

/// The lines that are answered at a port of the first host and a path, once there are two; sorted.
fn told(lab: &Lab, at: &str) -> Vec<String> {
    let curl = format!(
        "for n in 1 2 3 4 5 6 7 8 9 10; do
           said=$(curl -s 'http://localhost:{at}')
           [ $(echo \"$said\" | wc -l) = 2 ] && break; sleep 1
         done; echo \"$said\" | sort"
    );
    lab.on("node1", &curl).lines().map(str::to_owned).collect()
}
