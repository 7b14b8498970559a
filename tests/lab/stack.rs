//! `examples/stack` on a swarm of three hosts.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/stack";
const HOSTS: [&str; 3] = ["node1", "node2", "node3"];

#[test]
fn a_compose_file_is_deployed_and_taken_down_as_a_stack() {
    let Some(lab) = Lab::start(3, 0, &HOSTS) else { return };
    let check = lab.untouched(&HOSTS, || deploy(&lab, &["--check", "--diff"]).expect(0));
    for told in ["+swarm: managed by node1", "service shop_api", "secret shop_password"] {
        assert!(check.stdout.contains(told), "no `{told}` in\n{}", check.stdout);
    }

    let run = deploy(&lab, &["--diff"]).expect(0);
    for run in [&check, &run] {
        assert!(!run.stdout.contains("lab-password"), "{}", run.stdout);
    }
    let seen = |command: &str| lab.on("node1", &format!("docker {command}")).trim().to_owned();
    let services = "stack services shop --format '{{.Name}} {{.Replicas}}' | sort";
    assert_eq!(seen("stack ls --format '{{.Name}} {{.Services}}'"), "shop 2");
    assert_eq!(seen(services), "shop_api 2/2\nshop_front 3/3");
    // The request goes from one service to the other, with the secret that both have.
    assert_eq!(ask(&lab, "node2"), "hello from testing");
    deploy(&lab, &[]).expect_unchanged();
    deploy(&lab, &["--check", "--detailed-exitcode"]).expect(0);

    // Another content is another config; the old one goes.
    let configs = "config ls --format '{{.Name}}' | sort";
    assert_eq!(seen(configs), "shop_ask\nshop_greeting");
    deploy(&lab, &["-e", "shop_greeting=goodbye"]).expect(0);
    assert_eq!(seen(configs), "shop_ask\nshop_greeting_v2");
    assert_eq!(ask(&lab, "node3"), "goodbye");
    deploy(&lab, &["-e", "shop_greeting=goodbye"]).expect_unchanged();

    // Without an image nothing runs: the tasks' words are told, and the old ones go on.
    let run = deploy(&lab, &["-e", "shop_greeting=goodbye", "-e", "shop_image=no/such:image"]);
    let run = run.expect(2);
    assert!(run.stdout.contains("No such image: no/such:image"), "{}", run.stdout);
    assert_eq!(ask(&lab, "node1"), "goodbye");

    what_left_the_file_is_removed(&lab);
    assert_eq!(seen(services), "shop_api 2/2");
    assert_eq!(seen(configs), "shop_greeting_v2");

    let down = |more: &[&str]| {
        lab.rplay(EXAMPLE, &[&["-i", "testing", "down.yml"], more].concat()).expect(0)
    };
    assert_eq!(down(&["--check"]).changed(), ["node1"]);
    assert_eq!(seen("service ls -q | wc -l"), "1");
    down(&[]);
    let label = "--filter label=com.docker.stack.namespace=shop";
    for kind in ["service", "network", "secret", "config"] {
        assert_eq!(seen(&format!("{kind} ls -q {label}")), "", "a {kind} is left");
    }
    down(&[]).expect_unchanged();
}

/// Deploys a file that has one service of the two, and one config.
fn what_left_the_file_is_removed(lab: &Lab) {
    let whole = std::fs::read_to_string(format!("{EXAMPLE}/compose.yml")).unwrap();
    let at = |part: &str| whole.find(part).unwrap();
    let (before, service) = (&whole[..at("  front:\n")], &whole[at("  api:\n")..at("  ask:\n")]);
    let rest = format!("{before}{service}{}", &whole[at("  greeting:\n")..]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compose.yml");
    std::fs::write(&path, rest).unwrap();
    let file = format!("compose_file={}", path.display());
    // The last play asks the service that left.
    let words = ["-e", &file, "-e", "shop_greeting=goodbye", "--skip-tags", "ask"];
    let check = deploy(lab, &[&words[..], &["--check", "--diff"]].concat()).expect(0);
    assert!(check.stdout.contains("service shop_front"), "{}", check.stdout);
    deploy(lab, &words).expect(0);
}

fn deploy(lab: &Lab, more: &[&str]) -> Run {
    lab.rplay(EXAMPLE, &[&["-i", "testing", "deploy.yml"], more].concat())
}

fn ask(lab: &Lab, host: &str) -> String {
    // What was rolled back a moment ago may not listen yet.
    let retry = "--retry 20 --retry-delay 1 --retry-all-errors";
    let answer = lab.on(host, &format!("curl -sf {retry} http://localhost:8090/cgi-bin/ask"));
    answer.trim().to_owned()
}
