//! `examples/ci` on two hosts: what a job gets to see.

use super::support::{Lab, Run};

const EXAMPLE: &str = "examples/ci";
const HOSTS: [&str; 2] = ["node1", "node2"];

#[test]
fn a_job_tests_pushes_and_deploys_or_stops_with_a_word() {
    let Some(lab) = Lab::start(2, 0, &HOSTS) else { return };
    let site = |more: &[&str]| {
        lab.rplay(EXAMPLE, &[&["-i", "testing", "site.yml"], more].concat()).expect(0)
    };
    lab.untouched(&HOSTS, || assert_eq!(site(&["--check", "--diff"]).changed(), HOSTS));
    site(&[]);
    site(&[]).expect_unchanged();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    let junit = format!("junit={}", path.display());
    let job = |more: &[&str]| {
        let words = ["-i", "testing", "deploy.yml", "--report", &junit];
        lab.rplay_with(EXAMPLE, &[("GITHUB_ACTIONS", "true")], &[&words[..], more].concat())
    };
    let cases = || std::fs::read_to_string(&path).unwrap();
    lab.untouched(&HOSTS, || {
        let check = job(&["-e", "version=1", "--check", "--diff"]).expect(0);
        assert!(check.stdout.contains("service app_web"), "{}", check.stdout);
    });

    job(&["-e", "version=1"]).expect(0);
    assert!(cases().contains("Unit tests") && !cases().contains("<failure"), "{}", cases());
    assert_eq!(pages(&lab), ["<p>hello from version 1</p>\n"; 2]);
    assert_eq!(tags(&lab), r#"["1"]"#);
    assert_no_annotation(&job(&["-e", "version=1"]).expect_unchanged());

    // Unit tests that fail: nothing is pushed, nothing deployed, and the job knows why.
    let run = job(&["-e", "version=2", "-e", "greeting=goodbye"]).expect(2);
    let annotation = run.stdout.lines().find(|line| line.starts_with("::error "));
    let annotation = annotation.unwrap_or_else(|| panic!("{}", run.stdout));
    for part in ["deploy.yml", "line=", "the page does not say hello"] {
        assert!(annotation.contains(part), "no `{part}` in {annotation}");
    }
    assert!(cases().contains("the page does not say hello"), "{}", cases());
    assert!(cases().contains("<failure"), "{}", cases());
    assert_eq!(pages(&lab), ["<p>hello from version 1</p>\n"; 2]);
    assert_eq!(tags(&lab), r#"["1"]"#);
    assert_eq!(lab.on("node1", "docker ps -aq --filter name=unit-tests --filter name=staging"), "");

    job(&["-e", "version=3"]).expect(0);
    assert_eq!(pages(&lab), ["<p>hello from version 3</p>\n"; 2]);
    // Without a version the files do not hold together, or the task fails: no host is changed.
    assert_ne!(lab.untouched(&HOSTS, || job(&[])).code, 0);
}

fn pages(lab: &Lab) -> [String; 2] {
    HOSTS.map(|host| lab.on(host, "curl -sf --retry 5 --retry-connrefused http://localhost:8096/"))
}

/// The versions that the registry has.
fn tags(lab: &Lab) -> String {
    let answer = lab.on("node1", "curl -sf http://localhost:5000/v2/app/tags/list");
    answer.split_once("\"tags\":").unwrap().1.trim().trim_end_matches('}').to_owned()
}

fn assert_no_annotation(run: &Run) {
    assert!(!run.stdout.contains("::error"), "{}", run.stdout);
}
