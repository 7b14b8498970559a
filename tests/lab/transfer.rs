//! `docker_image_transfer` on real hosts: what arrives, and how much is sent for it.

use std::process::Command;

use super::support::{Lab, Run};

const HOSTS: [&str; 3] = ["node1", "node2", "node3"];

/// Runs the one task in a folder of its own.
fn transfer(lab: &Lab, folder: &str, image: &str, words: &[&str]) -> Run {
    let inventory = lab.variable("RPLAY_LAB_INVENTORY");
    let these = ["-i", inventory.as_str(), "-l", "nodes", "-e", image, "site.yml"];
    lab.rplay(folder, &[&these, words].concat())
}

fn build(lab: &Lab, tag: &str, dockerfile: &str) {
    let build = "DOCKER_BUILDKIT=0 docker build -q -t";
    lab.on("node1", &format!("printf '{dockerfile}' | {build} {tag} -"));
}

/// How many bytes the host has received so far.
fn received(lab: &Lab, host: &str) -> u64 {
    lab.on(host, "cat /sys/class/net/eth0/statistics/rx_bytes").trim().parse().unwrap()
}

fn id(lab: &Lab, host: &str, image: &str) -> String {
    lab.on(host, &format!("docker image inspect -f '{{{{.Id}}}}' {image}"))
}

#[test]
fn an_image_is_sent_once_and_only_what_is_new_of_it() {
    let Some(lab) = Lab::start(3, 0, &HOSTS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let site = "- hosts: node1,node2,node3\n  gather_facts: false\n  tasks:\n    \
                - docker_image_transfer: {name: '{{ image }}', from: managers}\n";
    std::fs::write(folder.path().join("site.yml"), site).unwrap();
    build(&lab, "app:1", "FROM busybox:lab\\nRUN dd if=/dev/urandom of=/big bs=1M count=8\\n");
    let check = lab.untouched(&HOSTS, || {
        transfer(&lab, path, "image=app:1", &["--check", "--diff"]).expect(0)
    });
    assert_eq!(check.changed(), ["node2", "node3"], "{}", check.stdout);
    assert!(check.stdout.contains("1 of 2 layers, 8.4 MB"), "{}", check.stdout);

    let start = received(&lab, "node2");
    transfer(&lab, path, "image=app:1", &["--diff"]).expect(0);
    let sent = received(&lab, "node2") - start;
    assert!((8 << 20..10 << 20).contains(&sent), "{sent} bytes for 8 MiB");
    for host in ["node2", "node3"] {
        assert_eq!(id(&lab, host, "app:1"), id(&lab, "node1", "app:1"));
        assert_eq!(lab.on(host, "docker run --rm app:1 stat -c %s /big").trim(), "8388608");
    }
    transfer(&lab, path, "image=app:1", &[]).expect_unchanged();

    // A second image, with a little more in it, and another name for the first one.
    build(&lab, "app:2", "FROM app:1\\nRUN echo two >/two\\n");
    lab.on("node1", "docker tag app:1 other:1");
    let start = received(&lab, "node2");
    let run = transfer(&lab, path, "image=app:2", &["--diff"]).expect(0);
    assert!(run.stdout.contains("1 of 3 layers"), "{}", run.stdout);
    transfer(&lab, path, "image=other:1", &["--diff"]).expect(0);
    let sent = received(&lab, "node2") - start;
    assert!(sent < 300_000, "{sent} bytes for a layer of four");
    assert_eq!(lab.on("node3", "docker run --rm app:2 cat /two").trim(), "two");
    assert_eq!(id(&lab, "node2", "other:1"), id(&lab, "node1", "app:1"));
    transfer(&lab, path, "image=app:2", &[]).expect_unchanged();
    from_an_archive(&lab, path);
}

/// The same from a file of this machine.
fn from_an_archive(lab: &Lab, path: &str) {
    build(lab, "app:3", "FROM app:2\\nRUN echo three >/three\\n");
    let saved = Command::new("ssh")
        .args(["-F", &lab.variable("RPLAY_LAB_SSH_CONFIG"), "root@node1", "docker save app:3"])
        .output()
        .unwrap();
    assert!(saved.status.success());
    std::fs::write(format!("{path}/app.tar"), saved.stdout).unwrap();
    let site = "- hosts: node1,node2,node3\n  gather_facts: false\n  tasks:\n    \
                - docker_image_transfer: {archive: '{{ image }}'}\n";
    std::fs::write(format!("{path}/site.yml"), site).unwrap();
    let start = received(lab, "node2");
    let run = transfer(lab, path, "image=app.tar", &["--diff"]).expect(0);
    assert_eq!(run.changed(), ["node2", "node3"], "{}", run.stdout);
    assert!(received(lab, "node2") - start < 300_000);
    assert_eq!(lab.on("node3", "docker run --rm app:3 cat /three").trim(), "three");
    transfer(lab, path, "image=app.tar", &[]).expect_unchanged();
}
