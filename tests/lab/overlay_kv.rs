//! `examples/overlay-kv` on hosts that have nothing.

use super::support::Lab;

const EXAMPLE: &str = "examples/overlay-kv";
const HOSTS: [&str; 2] = ["bare1", "bare2"];

#[test]
fn a_network_that_is_made_once_is_there_on_all_hosts() {
    let Some(lab) = Lab::start(0, 2, &HOSTS) else { return };
    let check = lab.untouched(&HOSTS, || {
        lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--check", "--diff"]).expect(0)
    });
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);

    lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--diff"]).expect(0);
    let ids = HOSTS.map(|host| lab.on(host, "docker network inspect -f '{{.Id}}' kvnet"));
    assert_eq!(ids[0], ids[1]);
    for (host, other) in [("bare1", "bare2"), ("bare2", "bare1")] {
        let ping = format!("docker exec kv-{host} ping -c1 -W2 kv-{other}");
        assert!(lab.succeeds(host, &ping), "{host} does not reach {other} by its name");
    }
    lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml"]).expect_unchanged();
}
