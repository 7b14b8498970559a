//! A recorded cluster, drawn.

use serde_json::{Value, json};

use super::{Place, Topology};

/// Three hosts: a manager with a registry, a worker, and one that is away; what the second calls
/// its container tries to be more than a name.
fn recorded() -> Topology {
    let across = |name: &str, range: &str| json!({"name": name, "id": name, "driver": "overlay", "scope": "swarm", "subnets": [range]});
    let bridge = json!({"name": "front", "id": "f", "driver": "bridge", "scope": "local", "subnets": ["10.88.1.0/24"]});
    let manager = json!({
        "engine": {"version": "20.10.24", "cluster_store": null},
        "swarm": {"state": "active", "node": "n1", "id": "swarm1", "error": ""},
        "networks": [across("back", "10.30.0.0/24"), across("ingress", "10.0.0.0/24"), bridge,
            {"name": "host", "id": "h", "driver": "host", "scope": "local", "subnets": []}],
        "containers": [
            {"name": "web.1.abc", "image": "busybox:lab@sha256:00", "state": "running", "service": "web"},
            {"name": "registry", "image": "registry:2", "state": "running", "ports": ["5000->5000/tcp"]},
        ],
        "nodes": [
            {"id": "n2", "name": "own-name", "role": "worker", "availability": "drain", "state": "ready", "leader": null, "reachability": null},
            {"id": "n3", "name": "node3", "role": "worker", "availability": "active", "state": "down"},
            {"id": "n1", "name": "node1", "role": "manager", "availability": "active", "state": "ready", "leader": true, "reachability": "reachable"},
        ],
        "services": [{"id": "s1", "name": "web", "image": "busybox:lab@sha256:00", "mode": "replicated", "replicas": 3, "ports": ["8080->80/tcp"]}],
        "tasks": [
            {"service": "s1", "node": "n1", "state": "running", "wanted": "running"},
            {"service": "s1", "node": "n2", "state": "running", "wanted": "running"},
            {"service": "s1", "node": "n3", "state": "failed", "wanted": "shutdown", "error": "exit 1"},
        ],
    });
    let worker = json!({
        "engine": {"version": "29.1.0"},
        "swarm": {"state": "active", "node": "n2", "id": null},
        "networks": [across("back", "10.30.0.0/24")],
        "containers": [{"name": "<b>&\u{1b}[2J\"x", "image": "an/image/of/a/very/long/name/that/does/not/fit:1.2.3", "state": "exited"}],
    });
    let place = |name: &str, view: Result<Value, &str>| Place {
        name: name.to_owned(),
        view: view.map(|view| serde_json::from_value(view).unwrap()).map_err(str::to_owned),
    };
    Topology {
        hosts: vec![
            place("node1", Ok(manager)),
            place("node2", Ok(worker)),
            place("node3", Err("no route to 10.0.0.3 within 10 s")),
        ],
    }
}

#[test]
fn a_cluster_on_a_terminal() {
    let text = recorded().text(200, false);
    assert!(text.lines().all(|line| console::measure_text_width(line) <= 80), "{text}");
    insta::assert_snapshot!(text);
    let coloured = recorded().text(80, true);
    assert_eq!(console::strip_ansi_codes(&coloured), text);
    let narrow = recorded().text(20, false);
    assert!(narrow.lines().all(|line| console::measure_text_width(line) <= 40), "{narrow}");
}

#[test]
fn a_cluster_as_a_picture() {
    let svg = recorded().svg("Testing <1>");
    well_formed(&svg);
    for part in ["<title>Testing &lt;1&gt;</title>", "&lt;b&gt;&amp;\\x1b[2J&quot;x", "no route to"]
    {
        assert!(svg.contains(part), "no {part} in {svg}");
    }
    assert!(!svg.contains("<script") && !svg.contains("href"), "{svg}");
    well_formed(&Topology::default().svg(""));
}

/// Every element is closed, in order; every value is quoted; `&` begins nothing but an entity.
#[track_caller]
fn well_formed(text: &str) {
    let mut open: Vec<&str> = vec![];
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        assert!(!before.contains('>'), "{before}");
        for (_, after) in before.match_indices('&').map(|(at, _)| before.split_at(at + 1)) {
            let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
            assert!(known.iter().any(|entity| after.starts_with(entity)), "{after}");
        }
        let end = tag.find('>').expect("a tag ends");
        let inner = &tag[1..end];
        assert_eq!(inner.matches('"').count() % 2, 0, "{inner}");
        match inner.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if inner.ends_with('/') => {}
            None => open.push(inner.split(' ').next().unwrap_or_default()),
        }
        rest = &tag[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?}{rest}");
}
