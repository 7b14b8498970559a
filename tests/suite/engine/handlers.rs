//! Handlers: notified by changes, run once, in the order they are written.

use super::{Playground, without_recap};

#[test]
fn handlers_run_once_in_their_order_after_the_section() {
    let seen = Playground::new().hosts("a,b,").run(
        r"
- hosts: all
  gather_facts: false
  pre_tasks:
    - debug: {msg: pre}
      changed_when: inventory_hostname == 'a'
      notify: second
  tasks:
    - debug: {msg: one}
      changed_when: true
      notify: [second, first]
    - debug: {msg: two}
      changed_when: true
      notify: both
    - debug: {msg: nothing changed}
      notify: never
  handlers:
    - name: first
      debug: {msg: first}
      listen: both
    - name: second
      debug: {msg: second}
    - name: never
      debug: {msg: never}
",
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK debug
      a: changed pre
      b: ok pre
    HANDLER second
      a: ok second
    TASK debug
      a: changed one
      b: changed one
    TASK debug
      a: changed two
      b: changed two
    TASK debug
      a: ok nothing changed
      b: ok nothing changed
    HANDLER first
      a: ok first
      b: ok first
    HANDLER second
      a: ok second
      b: ok second
    ");
}

#[test]
fn flush_runs_them_now_and_a_handler_may_notify_another() {
    let seen = Playground::new().hosts("a,").run(
        r"
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: one}
      changed_when: true
      notify: first
    - meta: flush_handlers
    - debug: {msg: two}
  handlers:
    - name: earlier
      debug: {msg: earlier}
    - name: first
      debug: {msg: first}
      changed_when: true
      notify: [earlier, later]
    - name: later
      debug: {msg: later}
",
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a: changed one
    HANDLER first
      a: changed first
    HANDLER later
      a: ok later
    TASK debug
      a: ok two
    HANDLER earlier
      a: ok earlier
    ");
}

#[test]
fn a_failed_host_runs_its_handlers_only_when_forced() {
    let play = |forced: bool| {
        Playground::new().hosts("a,").run(&format!(
            r"
- hosts: all
  gather_facts: false
  force_handlers: {forced}
  tasks:
    - debug: {{msg: one}}
      changed_when: true
      notify: restart
    - fail: {{msg: broken}}
  handlers:
    - name: restart
      debug: {{msg: restarted}}
"
        ))
    };
    assert!(play(true).contains(&"HANDLER restart".to_owned()));
    assert!(!play(false).contains(&"HANDLER restart".to_owned()));
}

#[test]
fn a_handler_that_does_not_exist_is_a_fault_of_the_file() {
    let seen = Playground::new().hosts("a,").run(
        r"
- hosts: all
  tasks:
    - debug: {msg: one}
      notify: restart ngnix
  handlers:
    - name: restart nginx
      debug: {msg: restarted}
",
    );
    insta::assert_snapshot!(seen.join("\n"), @r"
    error[unknown-handler]: `notify: restart ngnix` has no handler
     --> site.yml:5:15
      |
    5 |       notify: restart ngnix
      |               ^^^^^^^^^^^^^ no handler of this name
      |
      = help: did you mean `restart nginx` (site.yml:7)?
    ");
}
