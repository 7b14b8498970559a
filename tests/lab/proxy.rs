//! `examples/proxy`: what gets through the proxy to the application, and what does not.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/proxy";
const HOSTS: [&str; 2] = ["node1", "node2"];
/// The container of a service on this host.
const PROXY: &str = "$(docker ps -q -f label=com.docker.swarm.service.name=proxy)";

fn deploy(lab: &Lab, words: &[&str]) -> Run {
    lab.rplay(EXAMPLE, &[&["-i", "testing", "deploy.yml", "--diff"], words].concat())
}

#[test]
fn requests_pass_the_proxy_and_the_database_is_out_of_its_reach() {
    let Some(lab) = Lab::start(2, 0, &HOSTS) else { return };
    lab.rplay(EXAMPLE, &["-i", "testing", "stand-ins/build.yml"]).expect(0);
    let check = lab.untouched(&HOSTS, || deploy(&lab, &["--check"]).expect(0));
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);

    deploy(&lab, &[]).expect(0);
    let database = container(&lab, "demo-db");
    let says = |path: &str| format!("{path} with data of {}", database.name);
    assert_eq!(asked(&lab, "/demo/hello"), says("/demo/hello"));
    assert_eq!(asked(&lab, "/other"), "503");
    deploy(&lab, &[]).expect_unchanged();

    // The application reaches the database; the proxy knows neither its name nor a way to it.
    let demo = container(&lab, "demo");
    for target in ["demo-db", database.address.as_str()] {
        let wget = format!("timeout 3 wget -q -O - http://{target}:5432/hostname");
        let from_demo = format!("docker exec {} {wget}", demo.id);
        assert!(lab.succeeds(&demo.host, &from_demo), "demo does not reach {target}");
        let from_proxy = format!("docker exec {PROXY} {wget}");
        assert!(!lab.succeeds("node1", &from_proxy), "the proxy reaches {target}");
    }

    // Another path reaches the proxy that runs already.
    let before = lab.on("node1", &format!("echo {PROXY}"));
    let shop = ["-e", r#"{"routes": [{"name": "demo", "path": "/shop", "port": 8080}]}"#];
    assert_eq!(deploy(&lab, &shop).expect(0).changed(), ["node1"]);
    assert_eq!(asked(&lab, "/shop"), says("/shop"));
    assert_eq!(asked(&lab, "/demo"), "503");
    assert_eq!(lab.on("node1", &format!("echo {PROXY}")), before);
    deploy(&lab, &shop).expect_unchanged();

    // A proxy that has been started anew has forgotten all, and is told again.
    lab.on("node1", "docker service update -q --force proxy >/dev/null");
    assert_eq!(asked(&lab, "/shop"), "503");
    deploy(&lab, &shop).expect(0);
    assert_eq!(asked(&lab, "/shop"), says("/shop"));
}

/// What the proxy answers; only the status where it is a bad one.
fn asked(lab: &Lab, path: &str) -> String {
    let url = format!("http://localhost:8081{path}");
    let curl = format!("curl -sf '{url}' || curl -s -o /dev/null -w '%{{http_code}}' '{url}'");
    lab.on("node1", &curl).trim().to_owned()
}

/// One container of a service.
struct Container {
    host: String,
    id: String,
    name: String,
    /// Its address in the network `demo`.
    address: String,
}

fn container(lab: &Lab, service: &str) -> Container {
    let format = "{{.Config.Hostname}} {{.NetworkSettings.Networks.demo.IPAddress}}";
    let look = format!(
        "for id in $(docker ps -q -f label=com.docker.swarm.service.name={service}); do
           echo $id $(docker inspect -f '{format}' $id)
         done"
    );
    let found = HOSTS.iter().find_map(|host| {
        let said = lab.on(host, &look);
        let words: Vec<String> = said.lines().next()?.split(' ').map(str::to_owned).collect();
        let [id, name, address] = <[String; 3]>::try_from(words).ok()?;
        Some(Container { host: (*host).to_owned(), id, name, address })
    });
    found.unwrap()
}
