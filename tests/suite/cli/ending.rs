//! Every end has its exit code.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use super::Project;

const CHANGES: &str = "
- name: Greet
  hosts: all
  gather_facts: false
  tasks:
    - name: Write a file
      copy: {dest: '{{ playbook_dir }}/{{ inventory_hostname }}.txt', content: \"hello\\n\"}
";

#[test]
fn a_run_is_told_and_ends_with_0() {
    let project = Project::new(CHANGES);
    let ended = project.run("-i testing site.yml --diff");
    insta::assert_snapshot!(ended.stdout, @r"
    PLAY [Greet]

    TASK [Write a file]
    changed: [a]
        --- before: a.txt (absent)
        +++ after: a.txt
        @@ -0,0 +1 @@
        +hello
    changed: [b]
        --- before: b.txt (absent)
        +++ after: b.txt
        @@ -0,0 +1 @@
        +hello

    PLAY RECAP
    a                          : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
    b                          : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

    2 hosts: 2 changed; 1 task in TIME
    ");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let again = project.run("-i testing site.yml --check --detailed-exitcode");
    assert_eq!(again.code, 0, "nothing is pending the second time");
}

#[test]
fn changes_that_are_pending_end_with_3_when_asked() {
    let project = Project::new(CHANGES);
    let ended = project.run("-i testing site.yml --check");
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.contains("PLAY [Greet] (check mode)"), "{}", ended.stdout);
    assert!(ended.stdout.contains("+++ after: a.txt"), "{}", ended.stdout);
    assert!(
        ended.stdout.ends_with(
            "check mode, no host was changed; 2 hosts: 2 would change; 1 task in TIME\n"
        )
    );
    assert_eq!(project.run("-i testing site.yml --check --detailed-exitcode").code, 3);
    assert!(!project.path().join("a.txt").exists());
}

#[test]
fn a_failed_host_ends_with_2_and_is_told_once_more_at_the_end() {
    let project = Project::new(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Try\n      \
         shell: echo some >&2; exit 3\n",
    );
    let ended = project.run("-i testing site.yml");
    insta::assert_snapshot!(ended.stdout, @r"
    PLAY [all]

    TASK [Try]
    failed: [a] => non-zero return code: 3: some
        --> site.yml:4:7
    failed: [b] => non-zero return code: 3: some
        --> site.yml:4:7

    PLAY RECAP
    a                          : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0
    b                          : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

    FAILED [Try] site.yml:4:7
      2 hosts: a, b
        non-zero return code: 3: some

    2 hosts: 2 failed; 1 task in TIME
    ");
    assert_eq!(ended.code, 2);
}

#[test]
fn a_host_that_cannot_be_reached_ends_with_4() {
    let project = Project::new("- hosts: all\n  gather_facts: false\n  tasks: [{ping: {}}]\n")
        .file("mixed", "far ansible_host=127.0.0.1 ansible_port=1\na ansible_connection=local\n");
    let ended = project.run("-i mixed site.yml");
    assert_eq!(ended.code, 4, "{}", ended.stdout);
    assert!(ended.stdout.contains("unreachable: [far] => "), "{}", ended.stdout);
    assert!(ended.stdout.contains("UNREACHABLE [ping]"), "{}", ended.stdout);
}

#[test]
fn nothing_that_matches_ends_with_11_unless_allowed() {
    let project = Project::new("- hosts: webs\n  tasks: [{ping: {}}]\n");
    assert_eq!(project.run("-i testing site.yml").code, 11);
    assert_eq!(project.run("-i testing site.yml --allow-empty").code, 0);
    let project = Project::new(
        "- hosts: all\n  tasks: [{ping: {}, tags: [deploy], name: Ping}, {ping: {}, tags: always}]\n",
    );
    let ended = project.run("-i testing site.yml --tags deploi");
    assert_eq!(ended.code, 11);
    insta::assert_snapshot!(ended.stderr, @r"
    error: no task is chosen by these tags
      = help: did you mean `deploy`?
    ");
    let ended = project.run("-i testing site.yml --start-at-task Pong");
    assert_eq!(ended.code, 11);
    insta::assert_snapshot!(ended.stderr, @r"
    error: no task is called `Pong`
      = help: did you mean `Ping`?
    ");
}

const WAITS: &str = "
- hosts: a
  gather_facts: false
  tasks:
    - name: Wait
      shell: sleep {{ seconds }}; echo done > finished
    - name: Not begun
      command: touch never
";

/// Starts the program, waits for its task to run, and sends it signals.
fn interrupted(seconds: u32, signals: &[rustix::process::Signal]) -> (Project, i32, String) {
    let project = Project::new(WAITS);
    let mut command = project.command(&format!("-i testing site.yml -e seconds={seconds}"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("TASK [Wait]") {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "it ended before its task");
    }
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let id = rustix::process::Pid::from_child(&child);
    for signal in signals {
        rustix::process::kill_process(id, *signal).unwrap();
        // What it answers shows that the signal has arrived.
        stderr.read_line(&mut line).unwrap();
    }
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    (project, child.wait().unwrap().code().unwrap(), rest)
}

#[test]
fn the_first_signal_lets_what_runs_end() {
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let (project, code, stdout) = interrupted(1, &[signal]);
        assert_eq!(code, 99);
        assert!(stdout.contains("changed: [a]"), "{stdout}");
        assert!(stdout.contains("PLAY RECAP"), "{stdout}");
        assert!(stdout.contains("interrupted; 1 host: 1 changed"), "{stdout}");
        assert!(project.path().join("finished").exists());
        assert!(!project.path().join("never").exists());
    }
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let begun = std::time::Instant::now();
    let (project, code, stdout) = interrupted(60, &[rustix::process::Signal::INT; 2]);
    assert_eq!(code, 99);
    assert!(stdout.contains("PLAY RECAP"), "{stdout}");
    assert!(begun.elapsed().as_secs() < 30);
    assert!(!project.path().join("finished").exists());
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_run() {
    let project = Project::new(CHANGES);
    let mut command = project.command("-i testing site.yml");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
    assert_eq!(project.read("b.txt"), "hello\n");
}
