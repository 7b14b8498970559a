//! `async`: what is waited for, what goes on by itself, and what is told of it.

use super::{Playground, without_recap};

/// A playground on one host whose jobs are kept in it.
fn playground() -> Playground {
    let playground = Playground::new().hosts("a,");
    let folder = playground.path().join("jobs").display().to_string();
    playground.extra(&format!("ansible_async_dir={folder}"))
}

#[test]
#[expect(clippy::too_many_lines, reason = "one playbook and what is seen of it")]
fn a_command_that_is_not_waited_for_is_asked_after() {
    let playground = playground();
    let lines = playground.run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - command: sh -c 'read x; echo "$x"; echo "a\tb" >&2'
      args: {stdin: "from here"}
      async: 30
      poll: 0
      register: job
    - assert:
        that:
          - job is changed
          - job.started
          - job.started == 1
          - job.finished == 0
          - job is not finished
          - job.results_file is file
    - async_status:
        jid: "{{ job.ansible_job_id }}"
      register: result
      until: result is finished
      retries: 50
      delay: 0.1
    - assert:
        that:
          - result is changed
          - result.finished == 1 and result.started == 1
          - result.rc == 0
          - result.stdout == 'from here'
          - result.stdout_lines == ['from here']
          - result.stderr == "a\tb"
          - result.cmd[0] == 'sh'
          - result.start is defined and result.end is defined and result.delta is defined
          - result.ansible_job_id == job.ansible_job_id
    - async_status: jid={{ job.ansible_job_id }} mode=cleanup
      register: gone
    - assert:
        that:
          - gone.erased == job.results_file
          - gone.finished == 0
          - job.results_file is not exists
    - async_status: jid={{ job.ansible_job_id }}
      ignore_errors: true
"#,
    );
    let retried = lines.iter().filter(|line| !line.contains("again")).cloned().collect();
    insta::assert_snapshot!(without_recap(retried), @r"
    PLAY all [a]
    TASK command
      a: changed
    TASK assert
      a: ok All assertions passed
    TASK async_status
      a: changed
    TASK assert
      a: ok All assertions passed
    TASK async_status
      a: ok
    TASK assert
      a: ok All assertions passed
    TASK async_status
      a: ignored could not find job
    ");
    let left: Vec<_> = std::fs::read_dir(playground.path().join("jobs")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one playbook and what is seen of it")]
fn a_task_that_is_waited_for_returns_its_job_too() {
    insta::assert_snapshot!(without_recap(playground().run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - shell: echo one; echo two
      async: 10
      poll: 1
      register: result
    - assert:
        that:
          - result.ansible_job_id is match('j\d+\.\d+$')
          - result is finished
          - result.stdout_lines == ['one', 'two']
    - stat: path=/
      async: 10
      poll: 1
      register: result
    - assert: {that: "result.stat.isdir and result.ansible_job_id is defined and result is finished"}
    - shell: echo so; echo why >&2; exit 3
      async: 10
      poll: 1
      register: result
      ignore_errors: true
    - assert: {that: "result.rc == 3 and result.msg == 'non-zero return code' and result is finished"}
    - command: sleep 30
      async: 1
      poll: 1
      register: result
      ignore_errors: true
    - assert: {that: "'within the requested time' in result.msg and result.async_result.rc == 137"}
    - command: echo x
      args: {creates: /}
      async: 10
      poll: 1
      register: result
    - assert: {that: "result is not changed and 'skipped, since' in result.stdout"}
"#,
    )), @r"
    PLAY all [a]
    TASK shell
      a: changed
    TASK assert
      a: ok All assertions passed
    TASK stat
      a: ok
    TASK assert
      a: ok All assertions passed
    TASK shell
      a: ignored non-zero return code: 3: why
    TASK assert
      a: ok All assertions passed
    TASK command
      a: ignored async task did not complete within the requested time - 1s
    TASK assert
      a: ok All assertions passed
    TASK command
      a: ok
    TASK assert
      a: ok All assertions passed
    ");
}

#[test]
fn what_is_driven_from_here_goes_on_in_the_background() {
    let playground = playground().file("files/slow", "text");
    let path = playground.path().display().to_string();
    let lines = playground.run(&format!(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - copy: {{src: slow, dest: "{path}/{{{{ item }}}}"}}
      async: 20
      poll: 0
      loop: [one, two]
      register: jobs
    - async_status:
        jid: "{{{{ item.ansible_job_id }}}}"
      loop: "{{{{ jobs.results }}}}"
      loop_control: {{label: "{{{{ item.item }}}}"}}
      register: results
      until: results is finished
      retries: 50
      delay: 0.1
    - assert:
        that:
          - results.results | map(attribute='dest') | map('basename') == ['one', 'two']
          - lookup('file', results.results[0].results_file) | from_json is contains 'checksum'
    - wait_for: {{path: "{path}/never", timeout: 1}}
      async: 20
      poll: 0
"#
    ));
    let retried = lines.iter().filter(|line| !line.contains("again")).cloned().collect();
    insta::assert_snapshot!(without_recap(retried).replace(&path, "."), @r"
    PLAY all [a]
    TASK copy
      a (one): changed
      a (two): changed
      a: changed
    TASK async_status
      a (one): changed
      a (two): changed
      a: changed
    TASK assert
      a: ok All assertions passed
    TASK wait_for
      a: changed
    NOTICE `wait_for` on a failed in the background: Timeout when waiting for file ./never (1 s): it is not there
    ");
    assert_eq!(std::fs::read_to_string(playground.path().join("two")).unwrap(), "text");
}

#[test]
fn check_mode_leaves_no_job_behind() {
    let playground = playground().options(|options| options.check = true);
    let lines = playground.run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - command: touch made
      async: 20
      poll: 0
      register: job
    - async_status:
        jid: "{{ job.ansible_job_id }}"
      register: result
      until: result is finished
      delay: 0.1
    - command: touch made
      async: 20
      poll: 1
"#,
    );
    let retried = lines.iter().filter(|line| !line.contains("again")).cloned().collect();
    insta::assert_snapshot!(without_recap(retried), @r"
    PLAY all [a]
    TASK command
      a: changed
    TASK async_status
      a: skipped
    TASK command
      a: skipped
    ");
    assert!(!playground.path().join("jobs").exists());
}

#[test]
fn another_run_asks_after_a_job() {
    let playground = playground();
    playground.run(
        "
- hosts: all
  gather_facts: false
  tasks:
    - shell: echo done; exit 4
      async: 20
      poll: 0
",
    );
    let jobs = playground.path().join("jobs");
    let job = std::fs::read_dir(&jobs)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .find(|name| name.matches('.').count() == 1)
        .unwrap();
    let lines = playground.run(&format!(
        "
- hosts: all
  gather_facts: false
  tasks:
    - async_status: jid={job}
      register: result
      until: result is finished
      delay: 0.1
      retries: 50
"
    ));
    assert_eq!(lines[lines.len() - 2], "  a: failed non-zero return code: 4");
}
