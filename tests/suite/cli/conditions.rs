//! What a condition may come out as: anything, or true and false alone.

use insta::assert_snapshot;

use super::Project;
use super::mistakes::{failures, run};

const CONDITIONS: &str = r#"- hosts: a
  gather_facts: false
  vars:
    word: hello
    switched_off: "false"
    numbers: [1]
    check: 1 == 2
    checks: [1 == 1, "{{ 1 == 1 }}"]
  tasks:
    - debug: {msg: a}
      when: word
      ignore_errors: true
    - debug: {msg: b}
      when: switched_off
      ignore_errors: true
    - debug: {msg: c}
      when: "{{ numbers }}"
      ignore_errors: true
    - debug: {msg: d}
      when: 5
      ignore_errors: true
    - debug: {msg: e}
      when: ""
      ignore_errors: true
    - debug: {msg: f}
      when: "{{ word }} == 'hello'"
      ignore_errors: true
    - debug: {msg: g}
      changed_when: word
      ignore_errors: true
    - debug: {msg: h}
      when: "{{ check }}"
    - debug: {msg: i}
      when: [word == 'hello', "'{{ word }}' == 'hello'", true, numbers | length > 0]
    - assert: {that: "{{ checks }}"}
    - debug: {msg: "allowed: {{ lookup('config', 'ALLOW_BROKEN_CONDITIONALS') }}"}
"#;

/// The outcomes alone.
fn outcomes(said: &str) -> String {
    let begin = |line: &&str| {
        ["ok", "changed", "skip", "ignored", "failed"].iter().any(|word| line.starts_with(word))
    };
    said.lines().filter(begin).collect::<Vec<_>>().join("\n")
}

#[test]
fn anything_that_is_not_empty_is_true_unless_strictness_is_asked_for() {
    let project = Project::new(CONDITIONS);
    assert_snapshot!(outcomes(&run(&project, "-i testing site.yml")), @r"
    ok: [a] => a
    ignored: [a] => Conditional result (True) was derived from value of type 'str': a condition must be true or false, this is the text 'false'
    ok: [a] => c
    ok: [a] => d
    ok: [a] => e
    ok: [a] => f
    changed: [a] => g
    skipping: [a]
    ok: [a] => i
    ok: [a] => All assertions passed
    ok: [a] => allowed: True
    ");
}

#[test]
fn strict_conditions_are_true_or_false() {
    let strict = "[defaults]\nallow_broken_conditionals = false\n";
    let project = Project::new(CONDITIONS).file("ansible.cfg", strict);
    assert_snapshot!(outcomes(&run(&project, "-i testing site.yml")), @r"
    ignored: [a] => Conditional result (True) was derived from value of type 'str'. Conditionals must have a boolean result.
    ignored: [a] => Conditional result (True) was derived from value of type 'str'. Conditionals must have a boolean result.
    ignored: [a] => Conditional result (True) was derived from value of type 'list'. Conditionals must have a boolean result.
    ignored: [a] => Conditional expressions must be strings; this is a number
    ignored: [a] => Empty conditional expressions are not allowed.
    ignored: [a] => Template delimiters are not supported in expressions
    ignored: [a] => Conditional result (True) was derived from value of type 'str'. Conditionals must have a boolean result.
    skipping: [a]
    ok: [a] => i
    ok: [a] => All assertions passed
    ok: [a] => allowed: False
    ");
    let project = project.variable("ANSIBLE_ALLOW_BROKEN_CONDITIONALS", "true");
    assert!(run(&project, "-i testing site.yml").contains("allowed: True"));
}

#[test]
fn a_condition_that_strictness_refuses_is_told_with_the_place_of_its_value() {
    let playbook = "- hosts: a\n  gather_facts: false\n  vars: {packages: [nginx]}\n  tasks:\n    - name: Say it\n      debug: {msg: hi}\n      when: packages\n";
    let project = Project::new(playbook).variable("ANSIBLE_ALLOW_BROKEN_CONDITIONALS", "false");
    assert_snapshot!(failures(&run(&project, "-i testing site.yml")), @r"
    FAILED [Say it] site.yml:7:13
      1 host: a
        Conditional result (True) was derived from value of type 'list'. Conditionals must have a boolean result.
        help: the value comes from site.yml:3:20: compare it, as in `… | length > 0` or `… is defined`, or read it with `… | bool`; `allow_broken_conditionals` in ansible.cfg accepts it

    1 host: 1 failed; 1 task in TIME
    exit code 2
    ");
}
