//! `examples/registry` on three hosts.

use super::support::Lab;

const EXAMPLE: &str = "examples/registry";
const HOSTS: [&str; 3] = ["node1", "node2", "node3"];

#[test]
fn a_registry_serves_an_application_to_all_hosts() {
    let Some(lab) = Lab::start(3, 0, &HOSTS) else { return };
    let check = lab.untouched(&HOSTS, || {
        lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--check", "--diff"]).expect(0)
    });
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);

    let run = lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--diff"]).expect(0);
    assert_eq!(run.changed(), HOSTS, "{}", run.stdout);
    for host in HOSTS {
        the_application_runs(&lab, host);
    }
    assert!(!lab.succeeds("node1", "docker inspect registry"), "the registry is still there");

    lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml"]).expect_unchanged();
    lab.rplay(EXAMPLE, &["-i", "testing", "deploy.yml", "--check", "--detailed-exitcode"])
        .expect(0);
}

/// What a user of the application sees, and what its networks let through.
fn the_application_runs(lab: &Lab, host: &str) {
    let page = lab.on(host, "curl -sf http://localhost:8080/");
    assert!(page.contains("application 1.0"), "{host}: {page}");
    let networks = lab.on(host, "docker inspect -f '{{json .NetworkSettings.Networks}}' web");
    assert!(networks.contains("10.88.1.") && networks.contains("10.88.2."), "{networks}");
    let gateway =
        lab.on(host, "docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' front");
    assert_eq!(gateway.trim(), "10.88.1.1");
    assert!(lab.succeeds(host, "docker exec web ping -c1 -W2 database"), "web reaches database");
    let address = "docker inspect -f '{{.NetworkSettings.Networks.back.IPAddress}}' database";
    let address = lab.on(host, address);
    let ping = |network: &str| {
        let run = format!("docker run --rm --network {network} busybox:lab");
        lab.succeeds(host, &format!("{run} ping -c1 -W2 {}", address.trim()))
    };
    assert!(ping("back"), "the database is not reached from its own network");
    assert!(!ping("front"), "the database is reached from the network front");
}

#[test]
fn adhoc_commands_run_on_a_group_in_the_order_of_the_inventory() {
    let Some(lab) = Lab::start(3, 0, &[]) else { return };
    let table = "docker container ls --format 'table {%raw%}{{.Names}}{%endraw%}'";
    let words = ["adhoc", "back", "-i", "testing", "-m", "shell", "-a", table];
    let run = lab.rplay(EXAMPLE, &words).expect(0);
    let places: Vec<_> = HOSTS.iter().map(|host| run.stdout.find(&format!("{host} |"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}", run.stdout);
    assert!(run.stdout.contains("NAMES"), "{}", run.stdout);
}
