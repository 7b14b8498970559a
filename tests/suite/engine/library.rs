//! Modules of the user's own, called as Ansible calls them.

use super::{Playground, without_recap};

const JSON_SCRIPT: &str = r#"#!/bin/sh
# WANT_JSON
echo "noise before"
printf '{"changed": true, "read": %s, "ansible_facts": {"colour": "{{ 1 + 1 }}"}, ' "$(cat "$1")"
printf '"invocation": 1, "_ansible_x": 2, "mode": "%s"}\n' "$(stat -c %a "$1")"
echo "noise behind"
"#;

#[test]
#[expect(clippy::too_many_lines, reason = "one playbook and what is seen of it")]
fn scripts_read_their_arguments_in_their_own_way() {
    let playground = Playground::new()
        .hosts("a,")
        .file("library/old.sh", "#!/bin/sh\n. \"$1\"\necho \"{\\\"msg\\\": \\\"$greeting, $name!\\\"}\"\n")
        .file("library/json_one", JSON_SCRIPT)
        .file(
            "library/inside",
            "#!/bin/sh\ncat <<'END'\n{\"inside\": <<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>, \"n\": 0}\nEND\n\
             test $# -eq 0 || exit 1\n",
        );
    insta::assert_snapshot!(without_recap(playground.run(
        r#"
- hosts: all
  gather_facts: false
  module_defaults: {old: {greeting: "it's"}}
  tasks:
    - old: name='the world'
      register: result
    - assert: {that: 'result.msg == "it''s, the world!" and result is not changed'}
    - ansible.legacy.json_one:
        list: [1, two]
      register: result
    - assert:
        that:
          - result is changed
          - result.read.list == [1, 'two']
          - result.read._ansible_check_mode is false
          - result.read._ansible_module_name == 'json_one'
          - result.mode == '600'
          - "'invocation' not in result and '_ansible_x' not in result"
          - result.warnings[0] is search('noise behind')
          - colour == '{{ "{{" }} 1 + 1 {{ "}}" }}'
    - inside: {a: b}
      check_mode: true
      register: result
    - assert: {that: "result.inside.a == 'b' and result.inside._ansible_check_mode"}
    - action: "{{ 'old' }} name=late greeting=Hello"
      register: result
    - old: {name: later, greeting: Hello}
      async: 10
      poll: 1
      register: result
    - assert: {that: "result.msg == 'Hello, later!' and result is finished"}
"#,
    )), @r"
    PLAY all [a]
    TASK old
      a: ok
    TASK assert
      a: ok All assertions passed
    TASK ansible.legacy.json_one
      a: changed
    TASK assert
      a: ok All assertions passed
    TASK inside
      a: ok
    TASK assert
      a: ok All assertions passed
    TASK {{ 'old' }}
      a: ok
    TASK old
      a: ok
    TASK assert
      a: ok All assertions passed
    ");
}

#[test]
fn a_program_is_called_with_json() {
    let shell = std::fs::read("/bin/cat").unwrap();
    let playground =
        Playground::new().hosts("a,").file("roles/r/tasks/main.yml", "- shown: {a: 1}\n");
    std::fs::create_dir_all(playground.path().join("roles/r/library")).unwrap();
    std::fs::write(playground.path().join("roles/r/library/shown"), shell).unwrap();
    insta::assert_snapshot!(without_recap(playground.run(
        "
- hosts: all
  gather_facts: false
  roles: [r]
  tasks:
    - shown: {msg: from a role, changed: true, failed: true}
",
    )), @r"
    PLAY all [a]
    TASK shown
      a: ok
    TASK shown
      a: failed from a role
    ");
}

#[test]
fn what_cannot_be_run_is_told_before_anything_is() {
    let python = "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n";
    let playground = Playground::new()
        .hosts("a,")
        .file("library/own.py", python)
        .file("library/ping.py", python);
    let play = "
- hosts: all
  gather_facts: false
  tasks:
    - ping:
    - own: {a: 1}
";
    insta::assert_snapshot!(playground.run(play).join("\n"), @r"
    warning[library]: `library/ping.py` is written in Python with ansible.module_utils: rplay's own `ping` is taken for it
     --> site.yml:5:7
      |
    5 |     - ping:
      |       ^^^^ this module
    error[library]: module `own` is written in Python with ansible.module_utils, which rplay does not run
     --> site.yml:6:7
      |
    6 |     - own: {a: 1}
      |       ^^^ its file is library/own.py
      |
      = help: `rplay doc` lists the modules there are; a script that reads its arguments from a file (WANT_JSON) runs on any host that has its interpreter
    ");
    let conditional = play.to_owned() + "      when: false\n";
    insta::assert_snapshot!(without_recap(playground.run(&conditional)), @r"
    PLAY all [a]
    TASK ping
      a: ok
    TASK own
      a: skipped
    ");
}

#[test]
fn a_module_that_fails_says_why() {
    let playground = Playground::new()
        .hosts("a,")
        .file("library/silent", "#!/bin/sh\necho oh >&2\nexit 3\n")
        .file("library/nobody", "#!/no/such/program\n")
        .file("library/plain", "echo {}\n")
        .file("library/says", "#!/bin/sh\necho '{\"failed\": true, \"msg\": \"no {{ x }}\"}'\n");
    insta::assert_snapshot!(without_recap(playground.run(
        "
- hosts: all
  gather_facts: false
  tasks:
    - silent:
      ignore_errors: true
    - nobody:
      ignore_errors: true
    - plain:
      ignore_errors: true
    - says:
      ignore_errors: true
    - nobody:
      vars: {ansible_program_interpreter: /bin/true}
",
    )), @r"
    PLAY all [a]
    TASK silent
      a: ignored module `silent` printed no JSON object: oh
    TASK nobody
      a: ignored the module interpreter `/no/such/program` was not found
    TASK plain
      a: ignored module `plain` does not name its interpreter: its first line must begin with `#!`
    TASK says
      a: ignored no {{ x }}
    TASK nobody
      a: failed module `nobody` printed no JSON object
    ");
}
