//! Plays: batches, tags, strategies, and what breaks them off.

use super::{Playground, without_recap};

#[test]
fn serial_walks_the_hosts_in_batches() {
    let seen = Playground::new().hosts("a,b,c,").run(
        r#"
- hosts: all
  gather_facts: false
  serial: 2
  tasks:
    - debug: {msg: "{{ ansible_play_batch | join(' ') }}"}
"#,
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK debug
      a: ok a b
      b: ok a b
    PLAY all [c]
    TASK debug
      c: ok c
    ");
}

#[test]
fn too_many_failures_break_the_play_off() {
    let seen = Playground::new().hosts("a,b,c,d,").run(
        r"
- hosts: all
  gather_facts: false
  max_fail_percentage: 30
  tasks:
    - fail: {msg: broken}
      when: inventory_hostname in ['a', 'b']
    - debug: {msg: not reached}
",
    );
    assert!(!seen.iter().any(|line| line.contains("not reached")), "{seen:?}");
}

#[test]
fn tags_choose_tasks_through_blocks_and_imports() {
    let playbook = r"
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: one}
      tags: web
    - block:
        - debug: {msg: two}
      tags: [db]
    - import_tasks: more.yml
      tags: web
    - debug: {msg: always}
      tags: always
";
    let seen = Playground::new()
        .hosts("a,")
        .file("more.yml", "- debug: {msg: three}\n")
        .options(|options| options.tags.only = vec!["web".to_owned()])
        .run(playbook);
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a: ok one
    TASK debug
      a: ok three
    TASK debug
      a: ok always
    ");
}

#[test]
fn the_free_strategy_runs_all_tasks_of_every_host() {
    let seen = Playground::new().hosts("a,b,").run(
        r"
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - debug: {msg: one}
      changed_when: true
      notify: done
    - debug: {msg: two}
  handlers:
    - name: done
      debug: {msg: done}
",
    );
    let results = seen.iter().filter(|line| line.starts_with("  ")).count();
    assert_eq!(results, 6, "{seen:?}");
}

#[test]
fn meta_ends_hosts_and_plays() {
    let seen = Playground::new().hosts("a,b,").run(
        r"
- hosts: all
  gather_facts: false
  tasks:
    - meta: end_host
      when: inventory_hostname == 'a'
    - debug: {msg: only b}
    - meta: end_play
    - debug: {msg: nobody}
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: next play}
",
    );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK debug
      b: ok only b
    PLAY all [a b]
    TASK debug
      a: ok next play
      b: ok next play
    ");
}

#[test]
fn check_mode_says_what_would_run() {
    let playground = Playground::new().hosts("a,").options(|options| options.check = true);
    let file = playground.path().join("made").display().to_string();
    let seen = playground.run(&format!(
        r#"
- hosts: all
  gather_facts: false
  tasks:
    - command: touch {file}
      register: command
      changed_when: true
      failed_when: command.rc == 0
      until: command.stdout == "never"
    - command: touch {file}
      args: {{creates: {file}}}
    - copy: {{content: x, dest: {file}}}
    - debug: {{msg: "{{{{ ansible_check_mode }}}}"}}
"#
    ));
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK command
      a: skipped
    TASK command
      a: changed
    TASK copy
      a: changed
    TASK debug
      a: ok True
    ");
    assert!(!playground.path().join("made").exists());
}

#[test]
fn what_a_play_asks_for_is_a_variable_and_a_secret() {
    let playbook = r#"
- hosts: all
  gather_facts: false
  vars_prompt:
    - {name: colour, prompt: Which colour, private: false}
    - {name: size, default: large}
  tasks:
    - debug: {msg: "{{ colour }} {{ size }}"}
"#;
    let asked = Playground::new()
        .hosts("a,")
        .options(|options| {
            options.asking = |text, _| text.contains("colour").then(|| "red".to_owned());
        })
        .run(playbook);
    insta::assert_snapshot!(without_recap(asked), @"
    PLAY all [a]
    TASK debug
      a: ok red ********
    ");
    let alone = Playground::new().hosts("a,").run(playbook);
    assert_eq!(alone[0], "PLAY failed: nobody can be asked for `colour`");
}
