//! Faults on real hosts: each is one error that names host, task, place, cause and next step; the
//! other hosts do their work, and nothing is left half done.

use super::support::{Lab, Run};

const HOSTS: [&str; 3] = ["node1", "node2", "node3"];

/// A playbook of one task, in a folder of its own.
struct Play<'a> {
    lab: &'a Lab,
    folder: tempfile::TempDir,
}

impl<'a> Play<'a> {
    /// The task stands in line 4.
    fn new(lab: &'a Lab, task: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let head = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: The task\n      ";
        let play = format!("{head}{}\n", task.replace('\n', "\n      "));
        std::fs::write(folder.path().join("site.yml"), play).unwrap();
        Self { lab, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs it on hosts of an inventory of the lab.
    fn run(&self, inventory: &str, words: &[&str]) -> Run {
        let inventory = self.lab.variable(inventory);
        let all = [&["-i", inventory.as_str(), "site.yml"], words].concat();
        self.lab.rplay(self.folder.path().to_str().unwrap(), &all)
    }

    /// Runs it on the hosts of these tests that have an engine.
    fn on_nodes(&self, words: &[&str]) -> Run {
        self.run("RPLAY_LAB_INVENTORY", &[&["-l", "node1,node2,node3"], words].concat())
    }

    /// Runs it on node2 alone.
    fn on_node2(&self) -> Run {
        self.run("RPLAY_LAB_INVENTORY", &["-l", "node2"])
    }
}

/// The host must be told of once: at the task and its place, with the cause and the next step.
#[track_caller]
fn assert_told(run: &Run, host: &str, cause: &str, help: &str) {
    let told: Vec<&str> = run.stdout.lines().filter(|line| is_failure_of(line, host)).collect();
    assert_eq!(told.len(), 1, "{}", run.stdout);
    assert!(told[0].contains(cause), "no `{cause}` in {}", run.stdout);
    let (_, end) = run.stdout.split_once("PLAY RECAP").unwrap();
    let place = "[The task] site.yml:4:7\n";
    assert!(end.contains(place), "{}", run.stdout);
    assert!(end.contains(&format!("1 host: {host}\n")), "{}", run.stdout);
    assert!(end.contains(cause), "no `{cause}` in {end}");
    let told: Vec<&str> = end.lines().filter(|line| line.trim().starts_with("help: ")).collect();
    assert!(told.len() == 1 && told[0].contains(help), "no `{help}` in {end}");
    assert_eq!(run.stderr, "");
}

fn is_failure_of(line: &str, host: &str) -> bool {
    ["failed", "unreachable", "unknown"]
        .iter()
        .any(|word| line.starts_with(&format!("{word}: [{host}]")))
}

/// The hosts on which the task was done.
#[track_caller]
fn assert_done(run: &Run, hosts: &[&str]) {
    assert_eq!(run.changed(), hosts, "{}", run.stdout);
}

/// A new key pair; the public key as `known_hosts` has it.
fn new_key(path: &str) -> String {
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f", path])
        .status()
        .unwrap();
    assert!(made.success());
    let public = std::fs::read_to_string(format!("{path}.pub")).unwrap();
    public.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_key_that_the_host_refuses() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    let play = Play::new(&lab, "command: touch /root/refused-key");
    new_key(&play.path("key"));
    let key = format!("ansible_ssh_private_key_file={}", play.path("key"));
    let run = play.run("RPLAY_LAB_INVENTORY", &["-l", "node2", "-e", &key]).expect(4);
    assert_told(&run, "node2", "does not let `root` in; tried: key ", "authorized_keys");
    assert!(!lab.succeeds("node2", "test -e /root/refused-key"));
}

#[test]
fn a_host_key_that_has_changed() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    let play = Play::new(&lab, "command: touch /root/changed-key");
    let other = new_key(&play.path("key"));
    let known = std::fs::read_to_string(lab.variable("RPLAY_LAB_KNOWN_HOSTS")).unwrap();
    let swapped = known.lines().map(|line| match line.split_once(' ') {
        Some((names, _)) if names.split(',').any(|name| name == "node2") => {
            format!("{names} {other}\n")
        }
        _ => format!("{line}\n"),
    });
    let swapped: String = swapped.collect();
    assert_ne!(swapped, known);
    std::fs::write(play.path("known_hosts"), &swapped).unwrap();
    let file = format!("rplay_known_hosts={}", play.path("known_hosts"));
    let run = play.on_nodes(&["-e", &file]).expect(4);
    assert_told(&run, "node2", "the host key of ", "ssh-keygen -f ");
    assert!(
        run.stdout.contains("SHA256:") && run.stdout.contains("known_hosts:"),
        "{}",
        run.stdout
    );
    assert_done(&run, &["node1", "node3"]);
    assert!(!lab.succeeds("node2", "test -e /root/changed-key"));
    assert_eq!(std::fs::read_to_string(play.path("known_hosts")).unwrap(), swapped);
    for host in ["node1", "node3"] {
        lab.on(host, "rm /root/changed-key");
    }
}

#[test]
fn a_sudo_password_that_is_wrong_or_missing() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    let play = Play::new(&lab, "command: touch /root/sudo");
    let wrong = ["-b", "-l", "sudoer2", "-e", "ansible_become_password=wrong-canary", "-vvv"];
    let run = play.run("RPLAY_LAB_SUDO_INVENTORY", &wrong).expect(2);
    assert_told(&run, "sudoer2", "Incorrect sudo password", "ansible_become_password");
    assert!(!run.stdout.contains("wrong-canary"), "{}", run.stdout);
    let run = play.run("RPLAY_LAB_SUDO_INVENTORY", &["-b", "-l", "sudoer2"]).expect(2);
    assert_told(&run, "sudoer2", "Missing sudo password", "--ask-become-pass");
    assert!(!lab.succeeds("node2", "test -e /root/sudo"));
}

#[test]
fn an_engine_that_is_down() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    lab.on("node2", "service docker stop >/dev/null");
    let play = Play::new(&lab, "docker_network:\n  name: faults");
    let run = play.on_nodes(&[]);
    lab.on(
        "node2",
        "service docker start >/dev/null; until docker info >/dev/null 2>&1; do sleep 0.2; done",
    );
    let run = run.expect(2);
    assert_told(&run, "node2", "the Docker Engine is not running", "service docker start");
    assert_done(&run, &["node1", "node3"]);
    for host in ["node1", "node3"] {
        lab.on(host, "docker network rm faults");
    }
    assert!(!lab.succeeds("node2", "docker network inspect faults"));
}

#[test]
fn an_image_that_no_registry_has() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    let image = "127.0.0.1:15000/faults/app:1";
    let registry = "docker load -qi /opt/images/debian-registry.tar >/dev/null; \
        docker run -d --name faults-registry -p 127.0.0.1:15000:5000 debian-registry:lab";
    for host in HOSTS {
        lab.on(host, registry);
    }
    for host in ["node1", "node3"] {
        let push = format!("docker push -q {image}");
        let wait = format!("for n in 1 2 3 4 5 6 7 8 9; do {push} && break; sleep 0.3; done");
        lab.on(host, &format!("docker tag busybox:lab {image}; {wait}; docker rmi {image}"));
    }
    let play = Play::new(&lab, &format!("docker_image_pull:\n  name: {image}"));
    let run = play.on_nodes(&[]);
    let there = lab.succeeds("node1", &format!("docker image inspect {image}"));
    for host in HOSTS {
        lab.on(host, &format!("docker rm -fv faults-registry; docker rmi {image} || true"));
    }
    let run = run.expect(2);
    assert_told(&run, "node2", "127.0.0.1:15000/faults/app", "name and tag");
    assert_done(&run, &["node1", "node3"]);
    assert!(there, "node1 has not pulled the image");
}

#[test]
fn a_registry_that_is_down() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    let play = Play::new(&lab, "docker_image_pull:\n  name: 127.0.0.1:1/app:1");
    let run = play.on_node2().expect(2);
    assert_told(&run, "node2", "connection refused", "does the registry run");
}

#[test]
fn a_port_that_is_taken() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    lab.on("node2", "docker run -d --name faults-taken -p 18081:80 busybox:lab httpd -f");
    let play = Play::new(
        &lab,
        "docker_container:
  name: faults-web
  image: busybox:lab
  pull: never
  command: httpd -f
  stop_timeout: 1
  published_ports: ['18081:80']",
    );
    let run = play.on_nodes(&[]);
    let answers = lab.succeeds("node1", "curl -s http://localhost:18081/");
    lab.on("node2", "docker rm -f faults-taken");
    let again = play.on_nodes(&[]);
    for host in HOSTS {
        lab.on(host, "docker rm -f faults-web");
    }
    let run = run.expect(2);
    assert_told(&run, "node2", "port is already allocated", "free it, or publish another");
    assert_done(&run, &["node1", "node3"]);
    assert!(answers, "nobody answers on node1");
    // Once the port is free, the next run brings the host to where the others are.
    assert_done(&again.expect(0), &["node2"]);
}

#[test]
fn settings_that_the_engine_refuses() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    let settings = "cat /etc/docker/daemon.json 2>/dev/null || echo none";
    let before = lab.on("node2", settings);
    let play = Play::new(&lab, "docker_daemon:\n  bip: 10.99.0.999/24");
    let run = play.on_node2().expect(2);
    assert_told(&run, "node2", "does not run with the new", "the old configuration is back");
    assert!(run.stdout.contains("invalid CIDR address: 10.99.0.999/24"), "{}", run.stdout);
    assert_eq!(lab.on("node2", settings), before);
    assert_eq!(lab.on("node2", "docker info -f '{{.LoggingDriver}}'").trim(), "json-file");
}
