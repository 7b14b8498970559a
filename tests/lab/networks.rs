//! `examples/networks` on two hosts.

use super::support::Lab;

const EXAMPLE: &str = "examples/networks";
const HOSTS: [&str; 2] = ["node1", "node2"];

#[test]
fn networks_let_through_what_they_should() {
    let Some(lab) = Lab::start(2, 0, &HOSTS) else { return };
    let check = lab.untouched(&HOSTS, || {
        lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--check", "--diff"]).expect(0)
    });
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);

    lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--diff"]).expect(0);
    for host in HOSTS {
        assert_eq!(
            lab.on(host, "curl -sf http://localhost:8081/hostname"),
            lab.on(host, "docker exec web hostname")
        );
        let client = |command: &str| lab.succeeds(host, &format!("docker exec client {command}"));
        assert!(client("ping -c 1 -W 2 web"), "{host}: names resolve in a network");
        assert!(!client("ping -c 1 -W 2 database"), "{host}: and not across");
        let outside = "docker exec database ping -c 1 -W 2 \
                       $(docker inspect -f '{{.NetworkSettings.Networks.front.IPAddress}}' client)";
        assert!(!lab.succeeds(host, outside), "{host}: the database reaches another network");
        let labels =
            lab.on(host, "docker network inspect -f '{{.Labels.stage}} {{.Internal}}' front");
        assert_eq!(labels.trim(), "testing false");
        let driver =
            lab.on(host, "docker network inspect -f '{{.Driver}} {{.Options.parent}}' lan");
        assert_eq!(driver.trim(), "macvlan eth0");
        assert!(lab.on(host, "docker exec neighbour ip -4 addr show eth0").contains("10.81.3."));
    }
    lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml"]).expect_unchanged();

    // A container is taken onto a network and off it again.
    for (state, reaches) in
        [(r#"["web", "database", "client"]"#, true), (r#"["web", "database"]"#, false)]
    {
        let task = format!(r#"{{"name": "back", "internal": true, "connected": {state}}}"#);
        lab.rplay(
            EXAMPLE,
            &["adhoc", "docker", "-i", "testing", "-m", "docker_network", "-a", &task],
        )
        .expect(0);
        let ping = "docker exec client ping -c 1 -W 2 database";
        assert_eq!(lab.succeeds("node1", ping), reaches, "connected: {state}");
    }
}
