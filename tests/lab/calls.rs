//! What tasks cost: how often they ask an Engine, as its log tells.

use super::support::Lab;

/// Tasks of which nothing is left to do, and what each asks.
const TASKS: [(&str, &[&str]); 9] = [
    ("docker_network: {name: plain}", &["networks/plain"]),
    ("docker_network: {name: over, driver: overlay}", &["networks/over"]),
    ("docker_volume: {name: data}", &["volumes/data"]),
    (
        "docker_swarm_service: {name: web, image: 'busybox:lab', replicas: 0, networks: [over]}",
        &["services/web", "networks"],
    ),
    (
        "docker_container: {name: one, image: 'busybox:lab', command: sleep 1d}",
        &["containers/one/json", "images/busybox:lab/json"],
    ),
    ("docker_secret: {name: key, data: x}", &["secrets", "services"]),
    ("docker_config: {name: conf, data: x}", &["configs", "services"]),
    ("docker_node: {hostname: node1, labels: {a: b}}", &["nodes"]),
    (
        "docker_stack: {name: app, compose: [/srv/app.yml], resolve_image: never}",
        &["services", "networks", "secrets", "configs"],
    ),
];

/// A stack of fifty services, each with a network, a secret and a config of its own.
const FIFTY: &str = "n=0; rm -f /srv/*.list
while [ $((n += 1)) -le 50 ]; do
  echo \"  s$n: {image: 'busybox:lab', networks: [n$((n % 5))], secrets: [key], configs: [c$n],
    deploy: {replicas: 0}}\" >>/srv/services.list
  echo \"  c$n: {file: ./conf}\" >>/srv/configs.list
done
echo x >/srv/conf
{ echo 'services:'; cat /srv/services.list
  echo 'configs:'; cat /srv/configs.list
  echo 'secrets: {key: {file: ./conf}}'
  echo 'networks: {n0: {}, n1: {}, n2: {}, n3: {}, n4: {}}'; } >/srv/app.yml";

#[test]
fn a_task_with_nothing_to_do_asks_once_or_twice() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    lab.on("node1", FIFTY);
    lab.on("node1", "echo '{\"debug\": true}' >/etc/docker/daemon.json; pkill -HUP -x dockerd");
    lab.on("node1", "docker swarm init --advertise-addr eth0 >/dev/null");
    let tasks = TASKS.map(|(task, _)| format!("    - {task}")).join("\n");
    let play = format!("- hosts: node1\n  gather_facts: false\n  tasks:\n{tasks}\n");
    lab.play(&play, &[]).expect(0);
    assert_eq!(lab.on("node1", "docker stack services -q app | wc -l").trim(), "50");

    // All fifty are waited for together.
    let looks = lab.on("node1", "grep -c 'Calling GET /v1.41/tasks' /var/log/docker.log");
    assert!(looks.trim().parse::<usize>().unwrap() < 50, "{looks} looks at tasks");

    lab.on("node1", ": >/var/log/docker.log");
    lab.play(&play, &[]).expect_unchanged();
    let log = lab.on("node1", "sed -n 's/.*Calling \\(.*\\)\"$/\\1/p' /var/log/docker.log");
    // The version is asked once for all tasks.
    let mut expected = vec!["GET /version".to_owned()];
    for (_, calls) in TASKS {
        expected.extend(calls.iter().map(|path| format!("GET /v1.41/{path}")));
    }
    let seen: Vec<String> = log.lines().map(plain).collect();
    assert_eq!(seen, expected);
}

/// A request without its query.
fn plain(request: &str) -> String {
    request.split('?').next().unwrap_or_default().replace("%3A", ":")
}
