//! `when`, `changed_when`, `failed_when`, and the faults a run can only find when it is there.

use super::{Playground, without_recap};

#[test]
fn conditions_see_the_result() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - command: "false"
      register: result
      failed_when: result.rc not in [0, 1]
      changed_when: false
    - command: "true"
      register: result
      failed_when: result.rc == 0
      ignore_errors: true
    - debug: {msg: run}
      when: result is failed and (result.rc | int) == 0
    - debug: {msg: not run}
      when:
        - result is failed
        - result.rc == 1
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK command
      a: ok
    TASK command
      a: ignored failed_when says so
    TASK debug
      a: ok run
    TASK debug
      a: skipped
    ");
}

#[test]
fn an_undefined_variable_fails_the_task_only() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  vars: {app_port: 80}
  tasks:
    - debug: {msg: "{{ app_prot }}"}
      ignore_errors: true
    - debug: {msg: after}
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a: ignored 'app_prot' is undefined
    TASK debug
      a: ok after
    ");
}

#[test]
fn every_fault_of_the_files_is_reported_at_once() {
    let seen = Playground::new().hosts("a,").run(
        r"
- hosts: all
  tasks:
    - debug: {mgs: x}
    - wehn: true
      debug: {msg: y}
    - copyy: {src: a, dest: b}
    - debug: {msg: z}
      become: maybe
",
    );
    insta::assert_snapshot!(seen.join("\n"), @"
    error[unknown-argument]: `debug` has no argument `mgs`
     --> site.yml:4:15
      |
    4 |     - debug: {mgs: x}
      |               ^^^ not an argument of this module
      |
      = help: did you mean `msg`?
    error[unknown-keyword]: unknown task keyword or module `wehn`
     --> site.yml:5:7
      |
    5 |     - wehn: true
      |       ^^^^ not known here
      |
     ::: site.yml:6:7
      |
    6 |       debug: {msg: y}
      |       ----- the task already has this module
      |
      = help: did you mean `when`?
    error[unknown-module]: unknown module or keyword `copyy`
     --> site.yml:7:7
      |
    7 |     - copyy: {src: a, dest: b}
      |       ^^^^^ neither a module nor a keyword of a task
      |
      = help: did you mean `copy`?
    error[keyword-type]: `become` must be true or false
     --> site.yml:9:15
      |
    9 |       become: maybe
      |               ^^^^^ this is `maybe`
    ");
}
