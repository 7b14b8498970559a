//! `examples/compose` on two hosts.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/compose";
const HOSTS: [&str; 2] = ["node1", "node2"];
const OWN: &str = "--filter label=com.docker.compose.project=shop";

#[test]
fn a_compose_project_runs_and_goes_as_its_file_says() {
    let Some(lab) = Lab::start(2, 0, &HOSTS) else { return };
    let check =
        lab.untouched(&HOSTS, || play(&lab, "deploy.yml", &["--check", "--diff"]).expect(0));
    assert_eq!(check.changed(), HOSTS, "{}", check.stdout);

    play(&lab, "deploy.yml", &["--diff"]).expect(0);
    for host in HOSTS {
        it_runs(&lab, host);
    }
    play(&lab, "deploy.yml", &[]).expect_unchanged();
    play(&lab, "deploy.yml", &["--check", "--detailed-exitcode"]).expect(0);

    another_greeting_replaces_the_web_server_alone(&lab);
    for (workers, names) in [("3", "1 2 3"), ("1", "1")] {
        let count = format!("shop_workers={workers}");
        play(&lab, "deploy.yml", &["-e", "shop_greeting=goodbye", "-e", &count]).expect(0);
        let number = "{{.Label \"com.docker.compose.container-number\"}}";
        let workers = "--filter label=com.docker.compose.service=worker";
        let list = format!("docker ps {workers} --format '{number}' | sort | xargs");
        assert_eq!(lab.on("node1", &list).trim(), names);
    }

    play(&lab, "down.yml", &[]).expect(0);
    for host in HOSTS {
        let left = format!(
            "docker ps -aq {OWN}; docker network ls -q {OWN}; docker volume ls -q {OWN}; docker image ls -q shop-web"
        );
        assert_eq!(lab.on(host, &left), "", "something is left on {host}");
    }
    play(&lab, "down.yml", &[]).expect_unchanged();
}

/// What is seen of the project by the Engine's own words, and what its networks let through.
fn it_runs(lab: &Lab, host: &str) {
    let format = "{{.Label \"com.docker.compose.service\"}} {{.Names}} {{.State}}";
    let list = lab.on(host, &format!("docker ps -a {OWN} --format '{format}' | sort"));
    let all = "database shop-database-1 running\nprepare shop-prepare-1 exited\n\
               web shop-web-1 running\nworker shop-worker-1 running\nworker shop-worker-2 running\n";
    assert_eq!(list, all, "{host}");
    assert_eq!(ask(lab, host), "hello from testing, schema 1");
    let addresses =
        "docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' shop-web-1";
    let addresses = lab.on(host, addresses);
    assert!(addresses.contains("10.85.1.") && addresses.contains("10.85.2."), "{addresses}");
    let from = |container: &str, name: &str| {
        lab.succeeds(host, &format!("docker exec {container} ping -c1 -W2 {name}"))
    };
    assert!(from("shop-worker-2", "db") && from("shop-web-1", "worker"), "{host}");
    let across = "docker run --rm --network shop_front busybox:lab ping -c1 -W2 db";
    assert!(!lab.succeeds(host, across), "{host}: the database is reached from the front");
}

fn another_greeting_replaces_the_web_server_alone(lab: &Lab) {
    let on = |command: &str| lab.on("node1", command);
    on("docker exec shop-database-1 sh -c 'echo kept >/data/mark' && \
        docker exec shop-web-1 sh -c 'echo kept >/cache/mark'");
    let others = format!("docker ps -aq --no-trunc {OWN} | sort");
    let before = on(&others);
    let words = ["-e", "shop_greeting=goodbye"];
    let check = play(lab, "deploy.yml", &[&words[..], &["--check", "--diff"]].concat()).expect(0);
    assert!(check.stdout.contains("GREETING"), "{}", check.stdout);
    assert_eq!(on(&others), before, "check mode replaced a container");
    play(lab, "deploy.yml", &words).expect(0);
    let after = on(&others);
    let kept = after.lines().filter(|id| before.contains(id)).count();
    assert_eq!((kept, after.lines().count()), (4, 5), "before\n{before}after\n{after}");
    assert_eq!(ask(lab, "node1"), "goodbye, schema 1");
    let marks =
        "docker exec shop-database-1 cat /data/mark; docker exec shop-web-1 cat /cache/mark";
    assert_eq!(on(marks), "kept\nkept\n");
}

#[test]
fn files_of_older_versions_run_as_they_are() {
    let Some(lab) = Lab::start(2, 0, &[]) else { return };
    play(&lab, "older.yml", &[]).expect(0);
    play(&lab, "older.yml", &[]).expect_unchanged();
    let on = |command: &str| lab.on("node1", command);
    assert_eq!(
        on("curl -sf http://localhost:8092/hostname"),
        on("docker exec older1-web-1 hostname")
    );
    for web in ["older1-web-1", "older2-web-1"] {
        let ping = format!("docker exec {web} wget -q -O /dev/null http://db:5432/hostname");
        assert!(lab.succeeds("node1", &ping), "{web} does not reach db");
    }
    let settings =
        "docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.LogConfig.Type}}' older1-web-1";
    assert_eq!(on(settings).trim(), "67108864 json-file");
    on("docker exec older2-data-1 touch /shared/mark && docker exec older2-web-1 ls /shared/mark");
    play(&lab, "older.yml", &["-e", "state=absent"]).expect(0);
    let label = "com.docker.compose.project";
    let left =
        format!("docker ps -aq --filter label={label}; docker volume ls -q --filter label={label}");
    assert_eq!(on(&left), "");
}

/// A command's needs, hooks, and a network that is made anew.
#[test]
fn a_command_brings_up_what_it_needs_and_networks_follow_their_settings() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    let on = |command: &str| lab.on("node1", command);
    lab.untouched(&["node1"], || steps(&lab, &["--tags", "run", "--check"]).expect(0));
    steps(&lab, &["--tags", "run"]).expect(0);
    let list = "docker ps -a --format '{{.Names}} {{.State}}' | sort";
    assert_eq!(on(list), "steps-prepare-1 exited\nsteps-store-1 running\n");
    let log = "docker exec steps-store-1 cat /hooks/log";
    assert_eq!(on(log), "started root /hooks\n");

    steps(&lab, &[]).expect(0);
    steps(&lab, &[]).expect_unchanged();
    assert_eq!(on(log), "started root /hooks\n", "a container that ran was started again");
    let ids = "docker ps -q --filter name=steps-worker; docker network ls -q --filter name=steps";
    let seen = on(ids);
    let worker = seen.lines().next().unwrap_or_default();
    let check = steps(&lab, &["-e", "range=10.86.2", "--check"]).expect(0);
    assert_eq!(on(ids), seen, "check mode replaced the network");
    let run = steps(&lab, &["-e", "range=10.86.2"]).expect(0);
    assert_eq!(check.diffs(), run.diffs(), "check mode shows other diffs");
    steps(&lab, &["-e", "range=10.86.2"]).expect_unchanged();
    assert_eq!(on(log), "started root /hooks\nstopping\nstarted root /hooks\n");
    assert!(on(ids).starts_with(worker) && on(ids) != seen, "the worker was made anew");
    let addresses =
        on("docker exec steps-worker-1 sh -c 'ping -c1 db; ping -c1 store; hostname -i'");
    assert_eq!(addresses.matches("(10.86.2.5)").count(), 2, "{addresses}");
    assert!(lab.succeeds("node1", "docker exec steps-store-1 ping -c1 worker"));

    on("docker exec steps-store-1 touch /hooks/refuse");
    let all = on("docker ps -aq | sort");
    let other = ["-e", "range=10.86.2", "-e", "word=two"];
    let run = steps(&lab, &other).expect(2);
    assert!(run.stdout.contains("the hook `sh -c"), "{}", run.stdout);
    assert_eq!(on("docker ps -aq | sort"), all, "the new container was left");
    on("docker exec steps-store-1 rm /hooks/refuse");
    steps(&lab, &other).expect(0);
    steps(&lab, &other).expect_unchanged();

    on("docker run -d --name stranger --network steps_default busybox:lab sleep 1d");
    let run = lab.untouched(&["node1"], || {
        steps(&lab, &["-e", "range=10.86.3", "-e", "word=two"]).expect(2)
    });
    assert!(run.stdout.contains("stranger"), "{}", run.stdout);
    on("docker rm -f stranger");

    steps(&lab, &["-e", "state=absent"]).expect(0);
    assert_eq!(
        on("docker ps -aq; docker volume ls -q; docker network ls -q --filter name=steps"),
        ""
    );
    steps(&lab, &["-e", "state=absent"]).expect_unchanged();
}

/// Variables, files over files, secrets that no file holds, and what is left of a command that
/// cannot be started.
#[test]
fn a_project_is_what_its_variables_say() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    let on = |command: &str| lab.on("node1", command);
    let files = [
        (
            ".env",
            "COMPOSE_PROJECT_NAME=named\nCOMPOSE_FILE=docker-compose.yml:prod.yml\nCOMPOSE_PROFILES=jobs\nKEY=\"sesame \"\n",
        ),
        (
            "docker-compose.yml",
            "
x-usual: &usual {image: 'busybox:lab', init: true, command: sleep 1d}
services:
  web: {<<: *usual, env_file: a.env, ports: ['8095:80'], volumes: ['bound:/bound']}
  job: {<<: *usual, profiles: [jobs]}
  tool: {<<: *usual, init: false, profiles: [tools], network_mode: none, secrets: [key], configs: [{source: conf, target: /etc/conf}]}
volumes: {bound: {driver_opts: {type: none, o: bind, device: ./data}}}
secrets: {key: {environment: KEY}}
configs: {conf: {content: config}}
",
        ),
        (
            "prod.yml",
            "services: {web: {env_file: b.env, ports: [{target: 80, published: 8095}]}}\n",
        ),
        ("a.env", "A=1\n"),
        ("b.env", "B=$A+1\n"),
    ];
    on("mkdir -p /srv/vars/data && touch /srv/vars/data/mark");
    for (name, text) in files {
        on(&format!("cat >/srv/vars/{name} <<'END'\n{text}END"));
    }
    let run = |more: &[&str]| {
        let words = ["-i", "inventories/lab", "tests/lab/compose/settings.yml", "--diff"];
        lab.rplay(".", &[&words[..], more].concat())
    };
    lab.untouched(&["node1"], || run(&["--check"]).expect(0));
    run(&[]).expect(0);
    run(&[]).expect_unchanged();
    let names = "docker ps -a --format '{{.Names}}' | sort";
    let all = "named-job-1\nnamed-web-1\n";
    assert_eq!(on(names), all);
    assert_eq!(on("docker exec named-web-1 sh -c 'echo $A $B; ls /bound'"), "1 1+1\nmark\n");

    run(&["--tags", "run"]).expect(0);
    let broken = run(&["--tags", "broken"]).expect(2);
    assert!(broken.stdout.contains("/not/there"), "{}", broken.stdout);
    assert_eq!(on(names), all, "the container of a command is left");
    run(&["-e", "state=absent"]).expect(0);
    assert_eq!(on(&format!("{names}; docker volume ls -q")), "");
}

fn steps(lab: &Lab, more: &[&str]) -> Run {
    let words = ["-i", "inventories/lab", "tests/lab/compose/steps.yml", "--diff"];
    lab.rplay(".", &[&words[..], more].concat())
}

fn play(lab: &Lab, playbook: &str, more: &[&str]) -> Run {
    lab.rplay(EXAMPLE, &[&["-i", "testing", playbook], more].concat())
}

fn ask(lab: &Lab, host: &str) -> String {
    lab.on(host, "curl -sf http://localhost:8091/cgi-bin/ask").trim().to_owned()
}
