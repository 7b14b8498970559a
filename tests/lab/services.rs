//! `examples/services`: where tasks run, what they are given, and what becomes of a bad update.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/services";
const HOSTS: [&str; 3] = ["node1", "node2", "node3"];

fn deploy(lab: &Lab, words: &[&str]) -> Run {
    lab.rplay(EXAMPLE, &[&["-i", "testing", "deploy.yml", "--diff"], words].concat())
}

#[test]
fn services_run_where_and_as_they_should() {
    let Some(lab) = Lab::start(3, 0, &HOSTS) else { return };
    let check = lab.untouched(&HOSTS, || deploy(&lab, &["--check"]).expect(0));
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);

    let run = deploy(&lab, &[]).expect(0);
    assert!(!run.stdout.contains("first-key"), "{}", run.stdout);
    assert_eq!(running(&lab, "api"), ["node2", "node3"], "where the label is, and only there");
    assert_eq!(running(&lab, "metrics"), HOSTS);
    for host in HOSTS {
        assert_eq!(lab.on(host, "curl -sf http://localhost:9100/hostname").trim(), host);
    }
    let completed = "docker service ps migrate --format '{{.CurrentState}}' | grep -c ^Complete";
    assert_eq!(lab.on("node1", completed).trim(), "2");
    assert_eq!(lab.on("node1", "docker service logs --raw migrate"), "first pagefirst page");
    for host in ["node2", "node3"] {
        assert_eq!(in_api(&lab, host), "first-key first page 400 healthy");
    }
    deploy(&lab, &[]).expect_unchanged();

    // Another secret and another page reach the tasks, and the service is the same one.
    let id = "docker service inspect -f '{{.ID}}' api";
    let service = lab.on("node1", id);
    let other = ["-e", "api_key=second-key", "-e", "api_page='second page'"];
    let run = deploy(&lab, &[&other[..], &["--tags", "data"]].concat()).expect(0);
    assert!(!run.stdout.contains("second-key"), "{}", run.stdout);
    for host in ["node2", "node3"] {
        assert_eq!(in_api(&lab, host), "second-key second page 400 healthy");
    }
    assert_eq!(lab.on("node1", id), service);
    deploy(&lab, &other).expect_unchanged();

    // An image that is nowhere: the run fails with the tasks' words, and the service goes on.
    let containers = || HOSTS.map(|host| lab.on(host, "docker ps -q -f name=api"));
    let before = containers();
    let bad = [&other[..], &["-e", "api_image=busybox:none"]].concat();
    let run = deploy(&lab, &bad).expect(2);
    assert!(run.stdout.contains("the update has failed, and was taken back"), "{}", run.stdout);
    assert!(run.stdout.contains("No such image: busybox:none"), "{}", run.stdout);
    let image = "docker service inspect -f '{{.Spec.TaskTemplate.ContainerSpec.Image}}' api";
    assert_eq!(lab.on("node1", image).trim(), "busybox:lab");
    assert_eq!(containers(), before, "a container did not outlive the bad update");
    deploy(&lab, &other).expect_unchanged();
}

/// The nodes on which a service's tasks run, sorted.
fn running(lab: &Lab, service: &str) -> Vec<String> {
    let format = "{{.Node}} {{.CurrentState}}";
    let list = lab.on(
        "node1",
        &format!("docker service ps {service} -f desired-state=running --format '{format}'"),
    );
    let on_node = |line: &str| line.split_once(" Running").map(|(node, _)| node.to_owned());
    let mut nodes: Vec<String> = list.lines().filter_map(on_node).collect();
    nodes.sort();
    nodes
}

/// What a task of the service `api` has in its files, with the key's mode, and how it is.
fn in_api(lab: &Lab, host: &str) -> String {
    // With `start-first`, the one before may take a moment to end.
    let command = "all='docker ps -q -f label=com.docker.swarm.service.name=api'
        for n in 1 2 3 4 5 6 7 8 9; do [ $($all | wc -l) = 1 ] && break; sleep 1; done
        id=$($all)
        echo $(docker exec $id sh -c 'cat /run/secrets/api_key; echo; cat /www/index.html
                                      echo; stat -c %a /run/secrets/api_key') \
             $(docker inspect -f '{{.State.Health.Status}}' $id)";
    lab.on(host, command).trim().to_owned()
}
