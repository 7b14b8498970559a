//! Loops, their control, tries, and what `register` keeps of them.

use super::{Playground, without_recap};

#[test]
fn a_loop_registers_each_item() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: "{{ index }} {{ fruit.name }} {{ ansible_loop.last }}"}
      loop: [{name: apple, colour: red}, {name: pear, colour: green}]
      loop_control: {loop_var: fruit, index_var: index, label: "{{ fruit.name }}", extended: true}
      when: fruit.colour != 'blue'
      register: all
    - debug: {msg: "{{ all.results | map(attribute='msg') | join('; ') }}"}
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a (apple): ok 0 apple False
      a (pear): ok 1 pear True
      a: ok
    TASK debug
      a: ok 0 apple False; 1 pear True
    ");
}

#[test]
fn the_condition_is_asked_for_each_item() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: "{{ item }}"}
      loop: [1, 2, 3]
      when: item != 2
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a (1): ok 1
      a (2): skipped
      a (3): ok 3
      a: ok
    ");
}

#[test]
fn a_loop_over_what_is_undefined_is_skipped_where_the_condition_says_so() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: "{{ item }}"}
      loop: "{{ missing }}"
      when: missing is defined
    - debug: {msg: "{{ item }}"}
      loop: "{{ missing }}"
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a: skipped
    TASK debug
      a: failed 'missing' is undefined
    ");
}

#[test]
fn a_task_is_tried_until_it_does() {
    let seen = Playground::new().hosts("a,").run(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - set_fact: {counter: "{{ (counter | default(0) | int) + 1 }}"}
      loop: [1, 2]
    - command: test -e {{ playbook_dir }}/site.yml
      register: found
      until: found.rc == 0
      retries: 2
      delay: 0
    - command: test -e /nonexistent
      register: found
      until: found.rc == 0
      retries: 2
      delay: 0
      ignore_errors: true
    - debug: {msg: "{{ found.attempts }} {{ counter }}"}
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK set_fact
      a (1): ok
      a (2): ok
      a: ok
    TASK command
      a: changed
    TASK command
      a: again, 2 left
      a: again, 1 left
      a: ignored `until` did not hold after 3 tries
    TASK debug
      a: ok 2 2
    ");
}
