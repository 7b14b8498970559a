//! What Docker's modules promise beside their settings, on real engines.

use super::support::{Lab, Run};

/// Runs a task on the first node.
fn task(lab: &Lab, module: &str, arguments: &str, more: &[&str]) -> Run {
    let play =
        format!("- hosts: node1\n  gather_facts: false\n  tasks:\n    - {module}: {arguments}\n");
    lab.play(&play, more)
}

/// Makes the nodes a swarm of one manager, by hand.
fn swarm(lab: &Lab, workers: &[&str]) {
    lab.on("node1", "docker swarm init --advertise-addr eth0 >/dev/null");
    let token = lab.on("node1", "docker swarm join-token -q worker");
    for worker in workers {
        lab.on(worker, &format!("docker swarm join --token {} node1:2377", token.trim()));
    }
}

#[test]
fn a_network_made_anew_gives_its_containers_back_what_they_had() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    lab.on(
        "node1",
        "docker network create --subnet 10.91.0.0/16 web
         docker run -d --name db --network web --ip 10.91.0.2 --network-alias data busybox:lab sleep 1h
         docker run -d --name app --network web --link db:store busybox:lab sleep 1h
         docker create --name later --network web --ip 10.91.8.8 busybox:lab true",
    );
    let seen = "for c in app db later; do docker inspect -f '{{with index .NetworkSettings.Networks \"web\"}}\
                {{json .IPAMConfig}} {{json .Links}}{{end}}' $c; done";
    let before = lab.on("node1", seen);
    let arguments = "{name: web, internal: true, ipam_config: [{subnet: 10.91.0.0/16}]}";
    let id = "docker network inspect -f '{{.Id}}' web";
    let first = lab.on("node1", id);
    task(&lab, "docker_network", arguments, &["--check"]).expect(0);
    assert_eq!(lab.on("node1", id), first, "check mode replaced the network");

    // Another network has these addresses.
    let overlapping = "{name: web, ipam_config: [{subnet: 172.17.0.0/16}]}";
    let run = task(&lab, "docker_network", overlapping, &[]).expect(2);
    assert!(run.stdout.contains("the network was put back as it was"), "{}", run.stdout);
    assert_eq!(lab.on("node1", seen), before);

    task(&lab, "docker_network", arguments, &[]).expect(0);
    assert_ne!(lab.on("node1", id), first, "the network was not replaced");
    assert_eq!(lab.on("node1", seen), before);
    assert!(lab.succeeds("node1", "docker exec app ping -c1 -W2 data"), "the alias is gone");
    assert!(lab.succeeds("node1", "docker exec app ping -c1 -W2 store"), "the link is gone");
    lab.on("node1", "docker start later");
    task(&lab, "docker_network", arguments, &[]).expect_unchanged();
}

#[test]
fn updates_of_a_service_are_taken_back_and_do_not_meet() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    swarm(&lab, &[]);
    let service = |settings: &str| task(&lab, "docker_swarm_service", settings, &[]);
    service("{name: web, image: busybox:lab, command: sleep 1h, stop_signal: KILL}").expect(0);
    // What fails is taken back, and that is a failure.
    let run = service(
        "{name: web, command: 'false', restart_config: {condition: none}, \
          update_config: {failure_action: rollback, monitor: 2s, parallelism: 1}}",
    )
    .expect(2);
    assert!(run.stdout.contains("the update has failed, and was taken back"), "{}", run.stdout);
    let spec = |path: &str| {
        let format = format!("docker service inspect -f '{{{{json .Spec.{path}}}}}' web");
        lab.on("node1", &format).trim().to_owned()
    };
    assert_eq!(spec("TaskTemplate.ContainerSpec.Command"), r#"["sleep","1h"]"#);

    // Several at once, none of which undoes another's.
    let settings = ["hostname: here", "working_dir: /tmp", "user: nobody", "labels: {a: b}"];
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let start = |setting: &&'static str| {
            let arguments = format!("{{name: web, wait: false, {setting}}}");
            let service = &service;
            scope.spawn(move || service(&arguments))
        };
        let all: Vec<_> = settings.iter().map(start).collect();
        all.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for run in runs {
        run.expect(0);
    }
    let container = spec("TaskTemplate.ContainerSpec");
    for setting in [r#""Hostname":"here""#, r#""Dir":"/tmp""#, r#""User":"nobody""#] {
        assert!(container.contains(setting), "{container}");
    }
    assert_eq!(spec("Labels"), r#"{"a":"b"}"#);
}

#[test]
fn nodes_are_drained_and_labelled_and_get_the_login_of_a_registry() {
    let Some(lab) = Lab::start(2, 0, &["node1", "node2"]) else { return };
    swarm(&lab, &["node2"]);
    let node = |settings: &str| {
        task(&lab, "docker_node", &format!("{{hostname: node2, {settings}}}"), &[]).expect(0)
    };
    let labels = || {
        lab.on("node1", "docker node inspect -f '{{json .Spec.Labels}}' node2").trim().to_owned()
    };
    node("labels: {a: '1', b: '2'}");
    node("labels: {c: '3'}, labels_to_remove: [a]");
    assert_eq!(labels(), r#"{"b":"2","c":"3"}"#);
    node("labels: {c: '3'}").expect_unchanged();
    node("labels: {d: '4'}, labels_state: replace");
    assert_eq!(labels(), r#"{"d":"4"}"#);

    // A node that takes three seconds to be drained.
    lab.on(
        "node1",
        "docker service create -q --name slow --constraint node.hostname==node2 --stop-grace-period 3s \
           busybox:lab sh -c 'trap : TERM; while :; do sleep 1; done' >/dev/null",
    );
    node("availability: drain, wait: true");
    assert_eq!(
        lab.on("node2", "docker ps -q --filter label=com.docker.swarm.service.name=slow"),
        ""
    );
    node("availability: active");
    lab.on("node1", "docker service rm slow");

    // Each node's own registry stands for one that both reach; it wants a password.
    for host in ["node1", "node2"] {
        lab.on(host, REGISTRY);
    }
    let pull = "{name: app, image: 'localhost:5000/app:1', resolve_image: true, \
                 command: sleep 1h, placement: {constraints: [node.hostname==node2]}";
    let service =
        |settings: &str| task(&lab, "docker_swarm_service", &format!("{pull}{settings}}}"), &[]);
    let run = service(", wait_timeout: 6").expect(2);
    assert!(run.stdout.contains("0 of 1 tasks run"), "{}", run.stdout);
    service(", force_update: true, with_registry_auth: true").expect(0);
    let running = "docker ps -q --filter label=com.docker.swarm.service.name=app";
    assert_ne!(lab.on("node2", running), "", "the service does not run");
}

/// A registry with a password at port 5000, an image in it, and no login left but the first node's.
const REGISTRY: &str = "
    docker load -qi /opt/images/debian-registry.tar >/dev/null
    mkdir -p /srv/registry
    perl -e 'print \"tester:\", crypt(\"lab-password\", q($2y$05$abcdefghijklmnopqrstuu)), \"\\n\"' >/srv/registry/users
    docker run -d --name registry -p 5000:5000 -v /srv/registry:/srv -e REGISTRY_AUTH=htpasswd \
      -e REGISTRY_AUTH_HTPASSWD_REALM=lab -e REGISTRY_AUTH_HTPASSWD_PATH=/srv/users debian-registry:lab >/dev/null
    until curl -so /dev/null localhost:5000/v2/; do sleep 0.2; done
    echo lab-password | docker login -u tester --password-stdin localhost:5000 >/dev/null 2>&1
    echo 'FROM busybox:lab' | DOCKER_BUILDKIT=0 docker build -qt localhost:5000/app:1 - >/dev/null
    docker push -q localhost:5000/app:1 >/dev/null
    docker rmi localhost:5000/app:1 >/dev/null
    test \"$(hostname)\" = node1 || docker logout localhost:5000 >/dev/null
";

#[test]
fn services_are_what_they_are_called_end_when_they_do_and_stay_on_the_hosts_network() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    swarm(&lab, &[]);
    let stack = "{name: s, wait_timeout: 30, compose: [{services: {\
        web: {image: 'busybox:lab', command: sleep 1h, networks: [all], stop_grace_period: 1s}, \
        once: {image: 'busybox:lab', command: 'true', deploy: {restart_policy: {condition: on-failure}}}}, \
        networks: {all: {external: true, name: host}}}]}";
    task(&lab, "docker_stack", stack, &[]).expect(0);
    task(&lab, "docker_stack", stack, &[]).expect_unchanged();
    let id = lab.on("node1", "docker service inspect -f '{{.ID}}' s_once");

    // The Engine would take the beginning of an id for a name.
    let (name, services) = (&id[..1], "docker service ls --format '{{.Name}}' | sort");
    let service = format!(
        "{{name: '{name}', image: 'busybox:lab', command: sleep 1h, networks: [host], \
          resolve_image: false, stop_grace_period: 1s}}"
    );
    task(&lab, "docker_swarm_service", &format!("{{name: '{name}', state: absent}}"), &[])
        .expect_unchanged();
    task(&lab, "docker_swarm_service", &service, &[]).expect(0);
    task(&lab, "docker_swarm_service", &service, &[]).expect_unchanged();
    let mut all = [name, "s_once", "s_web"];
    all.sort_unstable();
    assert_eq!(lab.on("node1", services).lines().collect::<Vec<_>>(), all);
}
