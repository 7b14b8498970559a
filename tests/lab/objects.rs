//! Modules about single objects: secrets and configs, logins, contexts, files and commands in
//! containers, plugins, and what `docker_prune` removes.

use super::support::{Lab, Run};

/// A playbook of `tests/lab/objects`.
struct Play<'l> {
    lab: &'l Lab,
    name: &'static str,
}

impl Play<'_> {
    fn run(&self, more: &[&str]) -> Run {
        let playbook = format!("tests/lab/objects/{}.yml", self.name);
        let words = ["-i", "inventories/lab", &playbook, "--diff"];
        self.lab.rplay(".", &[&words[..], more].concat())
    }

    /// Runs in check mode, which must foresee changes and make none; then for real, which must
    /// show the same diffs; then again, which must change nothing.
    fn settle(&self, more: &[&str], seen: impl Fn() -> String) -> Run {
        let before = seen();
        let check = self.run(&[more, &["--check"]].concat()).expect(0);
        assert_eq!(check.changed(), ["node1"], "{}", check.stdout);
        assert_eq!(seen(), before, "check mode changed something");
        let run = self.run(more).expect(0);
        assert_eq!(diffs(&check), diffs(&run), "check mode shows other diffs");
        self.run(more).expect_unchanged();
        run
    }
}

/// The lines of diffs.
fn diffs(run: &Run) -> Vec<&str> {
    let is_diff = |line: &&str| {
        let line = line.trim_start_matches("    ");
        line.starts_with(['+', '-'])
    };
    run.stdout.lines().filter(is_diff).collect()
}

#[test]
fn secrets_and_configs_change_while_services_use_them() {
    let Some(lab) = Lab::start(1, 0, &["node1"]) else { return };
    lab.on("node1", "docker swarm init --advertise-addr eth0 >/dev/null");
    let play = Play { lab: &lab, name: "secrets" };
    let seen = || {
        lab.on(
            "node1",
            "docker secret ls -q; docker config ls -q; docker service ls -q
             docker service inspect $(docker service ls -q) -f '{{.Version.Index}}' || :",
        )
    };
    let run = play.settle(&[], seen);
    assert!(!run.stdout.contains("first-password"), "{}", run.stdout);
    assert_eq!(in_service(&lab, "web"), "first-password first-page");

    let second = ["-e", "password=second-password", "-e", "page=second-page"];
    let run = play.settle(&second, seen);
    assert!(!run.stdout.contains("second-p"), "{}", run.stdout);
    assert!(run.stdout.contains("+- web (updated)"), "{}", run.stdout);
    for service in ["web", "api"] {
        assert_eq!(in_service(&lab, service), "second-password second-page");
    }
    let file = lab.on(
        "node1",
        "docker service inspect web -f '{{(index .Spec.TaskTemplate.ContainerSpec.Secrets 0).File}}'",
    );
    assert_eq!(file.trim(), "{the-password 7 0 -r--------}");
    let names = "docker secret ls --format '{{.Name}}' | sort | tr '\\n' ' '";
    assert_eq!(lab.on("node1", names), "password token_v1 token_v2 ");
    let labels = lab.on("node1", "docker secret inspect password -f '{{json .Spec.Labels}}'");
    assert!(labels.contains("\"tier\":\"db\"") && !labels.contains("ansible_key"), "{labels}");

    // A run that stopped when one service was moved, and the secret was gone.
    lab.on(
        "node1",
        "printf x | docker secret create -l rplay.stand-in-for=password password.rplay-0 - >/dev/null
         for service in web api; do
           docker service update -q --secret-rm password \
             --secret-add source=password.rplay-0,target=the-password,uid=7,mode=0400 $service
         done
         docker secret rm password",
    );
    play.settle(&[&second[..], &["--tags", "data"]].concat(), seen);
    play.run(&second).expect_unchanged();
    assert_eq!(lab.on("node1", names), "password token_v1 token_v2 ");
    for service in ["web", "api"] {
        assert_eq!(in_service(&lab, service), "second-password second-page");
    }

    // What another tool has made is known by that tool's label.
    lab.on(
        "node1",
        "docker service rm web api >/dev/null
         docker secret rm password >/dev/null
         hash=$(printf second-password | sha224sum | cut -d' ' -f1)
         printf second-password | docker secret create -l ansible_key=$hash -l tier=db password -",
    );
    let run = play.run(&second).expect(0);
    assert!(run.stdout.contains("ok=4    changed=1 "), "{}", run.stdout);
}

/// What a service's container has in its files.
fn in_service(lab: &Lab, service: &str) -> String {
    let command = format!(
        "id=$(docker ps -q -f label=com.docker.swarm.service.name={service})
         docker exec $id cat /run/secrets/the-password; echo -n ' '; docker exec $id cat /www/index.html"
    );
    lab.on("node1", &command)
}
