//! Files that tasks name: those that cannot be there are told before any host is reached, those
//! that a run may make are not asked for.

use insta::assert_snapshot;

use super::Project;
use super::mistakes::run;

fn project(tasks: &str) -> Project {
    let playbook = format!("- hosts: web\n  gather_facts: false\n  tasks:\n{tasks}");
    Project::new(&playbook).file("far", "[web]\nw1 ansible_host=127.0.0.1 ansible_port=1\n")
}

#[test]
fn all_are_told_at_once() {
    let project = project(
        "    - template: {src: bad.j2, dest: /tmp/never}
    - copy: {src: gone.txt, dest: /tmp/never}
    - include_vars: gone.yml
    - include_tasks: more.yml
    - include_tasks: gone.yml
",
    )
    .file("templates/bad.j2", "one\n{{ x | uper }}\n")
    .file("more.yml", "- comand: echo\n");
    assert_snapshot!(run(&project, "-i far site.yml"), @r"
    error[unknown-filter]: there is no filter `uper`
     --> templates/bad.j2:2:8
      |
    2 | {{ x | uper }}
      |        ^^^^ no such filter
      |
      = help: did you mean `upper`?
    error[missing-file]: `gone.txt` not found on this machine
     --> site.yml:5:19
      |
    5 |     - copy: {src: gone.txt, dest: /tmp/never}
      |                   ^^^^^^^^ named here
      |
      = help: searched: files, .
    error[include-missing]: Could not find file 'gone.yml'
     --> site.yml:6:21
      |
    6 |     - include_vars: gone.yml
      |                     ^^^^^^^^ named here
      |
      = help: searched: vars, .
    error[unknown-module]: unknown module or keyword `comand`
     --> more.yml:1:3
      |
    1 | - comand: echo
      |   ^^^^^^ neither a module nor a keyword of a task
      |
      = help: did you mean `command`?
    error[include-missing]: `gone.yml` not found
     --> site.yml:8:22
      |
    8 |     - include_tasks: gone.yml
      |                      ^^^^^^^^ named here
      |
      = help: searched: ., tasks
    exit code 10
    ");
}

#[test]
fn what_may_not_matter_is_not_asked_for() {
    let missing = "copy: {src: gone.txt, dest: /tmp/never}";
    for tasks in [
        format!("    - {missing}\n      when: inventory_hostname == 'other'\n"),
        format!("    - {missing}\n      tags: never\n"),
        format!("    - {missing}\n      ignore_errors: true\n"),
        format!("    - {missing}\n      loop: '{{{{ [] }}}}'\n"),
        format!("    - block:\n        - {missing}\n      rescue:\n        - ping:\n"),
        format!("    - command: echo\n      delegate_to: localhost\n    - {missing}\n"),
        format!("    - meta: end_play\n    - {missing}\n"),
        "    - copy: {src: /gone.txt, remote_src: true, dest: /tmp/never}\n".to_owned(),
    ] {
        let ended = project(&tasks).run("check -i far site.yml");
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{tasks}");
    }
    let one = project(&format!("    - {missing}\n"));
    assert_eq!(one.run("check -i far site.yml").code, 10);
    // Without hosts, with other tags or another beginning, the task does not run.
    assert_eq!(one.run("-i far site.yml --skip-tags all --allow-empty").code, 0);
    assert_eq!(one.run("check -i testing site.yml --allow-empty").code, 0);
    assert_eq!(one.run("-i far site.yml --list-tasks").code, 0);
}
