//! Which variable wins, and what the program itself supplies.

use super::{Playground, without_recap};

#[test]
fn the_stronger_place_wins() {
    let playground = Playground::new()
        .hosts("a,")
        .file("roles/r/tasks/main.yml", "- debug: {msg: \"{{ default }} {{ role }} {{ block }} {{ task }} {{ fact }} {{ extra }}\"}\n  vars: {task: task, fact: task, extra: task}\n")
        .file("roles/r/defaults/main.yml", "{default: default, role: default, block: default, task: default, fact: default, extra: default}\n")
        .file("roles/r/vars/main.yml", "{role: role, block: role, task: role, fact: role, extra: role}\n")
        .extra("extra=extra");
    let seen = playground.run(
        r"
- hosts: all
  gather_facts: false
  vars: {role: play, block: play, task: play, fact: play, extra: play}
  tasks:
    - set_fact: {fact: fact, extra: fact}
    - block:
        - import_role: {name: r}
      vars: {block: block, task: block, fact: block, extra: block}
",
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK set_fact
      a: ok
    TASK debug
      a: ok default role block task fact extra
    ");
}

#[test]
fn hosts_see_each_other() {
    let seen = Playground::new().hosts("a,b,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - set_fact: {mine: "of {{ inventory_hostname }}"}
    - debug: {msg: "{{ hostvars['a'].mine }}, {{ hostvars.b['mine'] }}, {{ groups.all | join(' ') }}"}
      run_once: true
    - debug: {msg: "{{ ansible_play_hosts | length }} {{ inventory_hostname_short }}"}
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK set_fact
      a: ok
      b: ok
    TASK debug
      a: ok of a, of b, a b
    TASK debug
      a: ok 2 a
      b: ok 2 b
    ");
}

#[test]
fn what_a_command_prints_is_never_a_template() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - command: echo '{{ "{{" }} lookup("pipe", "touch /tmp/pwned") }}'
      register: hostile
    - set_fact: {kept: "{{ hostile.stdout }}"}
    - debug: {msg: "{{ kept }}"}
    - debug: {msg: "{{ item }}"}
      loop: "{{ hostile.stdout_lines }}"
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @r#"
    PLAY all [a]
    TASK command
      a: changed
    TASK set_fact
      a: ok
    TASK debug
      a: ok {{ lookup("pipe", "touch /tmp/pwned") }}
    TASK debug
      a ({{ lookup("pipe", "touch /tmp/pwned") }}): ok {{ lookup("pipe", "touch /tmp/pwned") }}
      a: ok
    "#);
}

#[test]
fn run_once_registers_for_all() {
    let seen = Playground::new().hosts("a,b,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - set_fact: {token: "made by {{ inventory_hostname }}"}
      run_once: true
    - debug: {msg: "{{ token }}"}
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK set_fact
      a: ok
    TASK debug
      a: ok made by a
      b: ok made by a
    ");
}
