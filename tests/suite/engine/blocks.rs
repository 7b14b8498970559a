//! Blocks, rescue, always, and what a failure does to the other hosts.

use super::{Playground, without_recap};

#[test]
fn a_failure_is_rescued_and_always_runs() {
    let seen = Playground::new().hosts("a,b,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - debug: {msg: first}
        - fail: {msg: broken}
          when: inventory_hostname == 'a'
        - debug: {msg: only b}
      rescue:
        - debug: {msg: "rescued {{ ansible_failed_task.name }}: {{ ansible_failed_result.msg }}"}
      always:
        - debug: {msg: always}
    - debug: {msg: after}
"#,
    );
    insta::assert_snapshot!(seen.join("\n"), @"
    PLAY all [a b]
    TASK debug
      a: ok first
      b: ok first
    TASK fail
      a: failed broken
      b: skipped
    TASK debug
      b: ok only b
    TASK debug
      a: ok rescued fail: broken
    TASK debug
      a: ok always
      b: ok always
    TASK debug
      a: ok after
      b: ok after
    a ok=4 changed=0 failed=0 skipped=0 rescued=1 ignored=0
    b ok=4 changed=0 failed=0 skipped=1 rescued=0 ignored=0
    ");
}

#[test]
fn without_a_rescue_the_host_is_out_and_always_still_runs() {
    let seen = Playground::new().hosts("a,b,").run(
        r"
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - fail: {msg: broken}
          when: inventory_hostname == 'a'
      always:
        - debug: {msg: always}
    - debug: {msg: after}
",
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK fail
      a: failed broken
      b: skipped
    TASK debug
      a: ok always
      b: ok always
    TASK debug
      b: ok after
    ");
}

#[test]
fn any_errors_fatal_ends_the_play_for_all() {
    let seen = Playground::new().hosts("a,b,").run(
        r"
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - fail: {msg: broken}
      when: inventory_hostname == 'a'
    - debug: {msg: not reached}
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: not reached either}
",
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK fail
      a: failed broken
      b: skipped
    ");
}

#[test]
fn a_failed_host_takes_no_part_in_later_plays() {
    let seen = Playground::new().hosts("a,b,").run(
        r"
- hosts: all
  gather_facts: false
  tasks:
    - fail: {msg: broken}
      when: inventory_hostname == 'a'
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: second}
",
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK fail
      a: failed broken
      b: skipped
    PLAY all [b]
    TASK debug
      b: ok second
    ");
}

#[test]
fn ignored_failures_are_counted_as_such() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - fail: {msg: broken}
      ignore_errors: true
      register: result
    - debug: {msg: "{{ result is failed }} {{ result.msg }}"}
"#,
    );
    insta::assert_snapshot!(seen.join("\n"), @"
    PLAY all [a]
    TASK fail
      a: ignored broken
    TASK debug
      a: ok True broken
    a ok=2 changed=0 failed=0 skipped=0 rescued=0 ignored=1
    ");
}
