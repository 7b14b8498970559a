//! The same run for people and for machines.

use super::Project;

const PLAYBOOK: &str = "
- name: Both ways
  hosts: all
  gather_facts: false
  tasks:
    - name: Fails on b
      command: test {{ inventory_hostname }} = a
";

#[test]
fn a_recorded_run_can_be_shown_again() {
    let project = Project::new(PLAYBOOK);
    let ended = project.run("-i testing site.yml --report json=run.jsonl --report junit=run.xml");
    assert_eq!(ended.code, 2);
    let again = project.run("replay run.jsonl");
    assert_eq!((again.code, again.stdout), (0, ended.stdout));
    let xml = project.read("run.xml");
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""), "{xml}");
    let header = "{\"format\":1,\"rplay\":\"";
    assert!(project.read("run.jsonl").starts_with(header));
}

#[test]
fn standard_output_is_for_machines_alone_when_they_ask_for_it() {
    let project = Project::new(PLAYBOOK);
    let ended = project.run("-i testing site.yml --report json=-");
    for line in ended.stdout.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert!(ended.stdout.lines().count() > 5);
}

#[test]
fn github_is_told_where_it_runs_us() {
    let project = Project::new(PLAYBOOK).variable("GITHUB_ACTIONS", "true");
    let stdout = project.run("-i testing site.yml").stdout;
    assert!(stdout.contains("::group::PLAY [Both ways]"), "{stdout}");
    let error = "::error file=site.yml,line=6,col=7,title=Fails on b failed on b::";
    assert!(stdout.contains(error), "{stdout}");
    assert!(stdout.contains("PLAY RECAP"), "{stdout}");
    assert!(stdout.starts_with("::stop-commands::"), "{stdout}");
}

#[test]
fn a_recording_of_something_else_is_refused() {
    let project = Project::new(PLAYBOOK);
    let ended = project.run("replay site.yml");
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("cannot read site.yml: line 1 is not the header"));
}

#[test]
fn what_is_said_goes_into_a_log_too() {
    let playbook = "- hosts: a\n  gather_facts: false\n  tasks:\n    - fail: {msg: never}\n      ignore_errors: true\n";
    let project =
        Project::new(playbook).variable("ANSIBLE_LOG_PATH", "run.log").variable("USER", "u");
    assert_eq!(project.run("-i testing site.yml --color always").code, 0);
    assert_eq!(project.run("adhoc a -i testing -m ping").code, 0);
    let log = project.read("run.log");
    let told = log
        .lines()
        .filter_map(|line| Some(line.split_once(" u=u n=rplay ")?.1.trim_end_matches('*')));
    let told: Vec<&str> =
        told.filter(|line| !line.contains("Origin") && !line.ends_with("| ")).collect();
    assert_eq!(told[0], "INFO| PLAY [a] ");
    assert_eq!(told[1], "INFO| TASK [fail] ");
    assert!(
        told.contains(&"ERROR| fatal: [a]: FAILED! => {\"changed\": false, \"msg\": \"never\"}"),
        "{log}"
    );
    assert!(told.contains(&"INFO| a | SUCCESS =>"), "{log}");
    assert!(!log.contains('\x1b'), "{log}");
}
