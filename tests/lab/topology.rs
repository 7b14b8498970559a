//! `rplay topology` over a swarm of which a node dies.

use super::support::Lab;

#[test]
fn a_cluster_is_drawn_as_it_is() {
    let Some(lab) = Lab::start(3, 0, &["node1", "node2", "node3"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let site = "\
- hosts: node1,node2,node3
  gather_facts: false
  tasks:
    - docker_swarm: {managers: managers, workers: workers}
    - docker_network: {name: back, driver: overlay, ipam_config: [{subnet: 10.30.0.0/24}]}
      when: inventory_hostname == 'node1'
    - docker_container: {name: hub, image: 'busybox:lab', command: sleep 1d, published_ports: ['5000:5000']}
      when: inventory_hostname == 'node2'
    - docker_swarm_service:
        {name: web, image: 'busybox:lab', command: sleep 1d, replicas: 2, networks: [back], endpoint_mode: dnsrr}
      when: inventory_hostname == 'node1'
";
    std::fs::write(folder.path().join("site.yml"), site).unwrap();
    let inventory = lab.variable("RPLAY_LAB_INVENTORY");
    lab.rplay(path, &["-i", &inventory, "site.yml"]).expect(0);
    let words = ["topology", "-i", &inventory, "node1,node2,node3"];
    let hosts = ["node1", "node2", "node3"];
    let run = lab.untouched(&hosts, || lab.rplay(path, &words)).expect(0);
    for part in [
        "3 hosts, 1 swarm, 2 networks across hosts\n",
        "  node1                    manager, leader  ready, active, reachable\n",
        "  back               overlay  10.30.0.0/24       node1",
        "  web                2/2      busybox:lab",
        "  node2: hub                  busybox:lab 5000->5000/tcp\n",
    ] {
        assert!(run.stdout.contains(part), "no `{part}` in\n{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    let again = lab.rplay(path, &words).expect(0);
    assert_eq!(again.stdout, run.stdout);

    lab.command(&["off", "node3"]);
    let words = [&words[..], &["-T", "3"]].concat();
    let run = lab.rplay(path, &words).expect(4);
    assert!(run.stdout.contains("┌─ node3  does not answer "), "{}", run.stdout);
    assert!(run.stdout.starts_with("3 hosts, 1 swarm"), "{}", run.stdout);
    lab.rplay(path, &[&words[..], &["--svg", "cluster.svg"]].concat()).expect(4);
    let svg = std::fs::read_to_string(folder.path().join("cluster.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("class=\"silent\""), "{svg}");
    lab.command(&["on", "node3"]);
}
