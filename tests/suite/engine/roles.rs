//! Roles: what they say they take, and those of collections.

use super::{Playground, without_recap};

const SPECS: &str = "
argument_specs:
  main:
    short_description: A web server
    options:
      number: {type: int, required: true, description: \"as in {{ here }}\"}
      name: {choices: [a, b]}
  other: {options: {size: {type: int}}}
";

#[test]
fn a_role_begins_with_the_check_of_what_it_is_given() {
    let seen = Playground::new()
        .hosts("a,")
        .file("roles/web/meta/argument_specs.yml", SPECS)
        .file("roles/web/tasks/main.yml", "- debug: {msg: \"on {{ number }}\"}\n")
        .file("roles/web/tasks/other.yml", "- debug: {msg: other}\n")
        .run(
            r#"
- hosts: all
  gather_facts: false
  vars: {number: "{{ base + 80 }}", base: 8000}
  tasks:
    - import_role: {name: web}
    - include_role: {name: web, tasks_from: other, apply: {ignore_errors: true}}
      vars: {size: big}
    - block:
        - import_role: {name: web}
          vars: {number: http, name: c}
      rescue:
        - debug: {msg: "{{ ansible_failed_result.argument_errors }}"}
        - debug: {msg: "{{ ansible_failed_result.validate_args_context.name }}"}
    - import_role: {name: web, rolespec_validate: false}
      vars: {name: c}
"#,
        );
    insta::assert_snapshot!(without_recap(seen), @r#"
    PLAY all [a]
    TASK Validating arguments against arg spec 'main' - A web server
      a: ok
    TASK debug
      a: ok on 8080
    TASK include_role : web
      a: ok
    TASK Validating arguments against arg spec 'other'
      a: ignored Validation of arguments failed:
    argument 'size' is of type str and we were unable to convert to int: "'big'" cannot be converted to an int
    TASK debug
      a: ok other
    TASK Validating arguments against arg spec 'main' - A web server
      a: failed Validation of arguments failed:
    argument 'number' is of type str and we were unable to convert to int: "'http'" cannot be converted to an int
    value of name must be one of: a, b, got: c
    TASK debug
      a: ok ["argument 'number' is of type str and we were unable to convert to int: \"'http'\" cannot be converted to an int","value of name must be one of: a, b, got: c"]
    TASK debug
      a: ok web
    TASK debug
      a: ok on 8080
    "#);
}

#[test]
fn a_role_of_a_play_takes_no_other_arguments() {
    let seen = Playground::new()
        .hosts("a,")
        .file("roles/web/meta/main.yml", SPECS)
        .file("roles/web/tasks/main.yml", "- debug: {msg: \"on {{ number }}\"}\n")
        .run(
            "
- hosts: all
  gather_facts: false
  roles:
    - {role: web, number: 80, vars: {unheeded: 1}}
    - {role: web, number: 80, nmuber: 81}
",
        );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK Validating arguments against arg spec 'main' - A web server
      a: ok
    TASK debug
      a: ok on 80
    TASK Validating arguments against arg spec 'main' - A web server
      a: failed Validation of arguments failed:
    nmuber. Supported parameters include: name, number.
    ");
}

#[test]
fn a_faulty_specification_is_told_before_the_run() {
    let seen = Playground::new()
        .hosts("a,")
        .file("roles/web/meta/main.yml", "argument_specs: {main: {options: {port: {type: itn}}}}\n")
        .file("roles/web/tasks/main.yml", "- debug: {msg: on}\n")
        .run("- hosts: all\n  gather_facts: false\n  roles: [web]\n");
    insta::assert_snapshot!(seen.join("\n"), @"
    error[argument-spec]: argument `port` has a type that there is not: `itn`
     --> roles/web/meta/main.yml:1:48
      |
    1 | argument_specs: {main: {options: {port: {type: itn}}}}
      |                                                ^^^ no type
      |
      = help: did you mean `int`?
    ");
}

#[test]
fn roles_of_collections_are_found_by_their_whole_name_and_in_those_that_are_searched() {
    const OWN: &str = "collections/ansible_collections/my/own";
    let seen = Playground::new()
        .hosts("a,")
        .file(
            &format!("{OWN}/roles/web/tasks/main.yml"),
            "- name: set up\n  debug: {msg: \"{{ role_name }} {{ ansible_role_name }} \
             {{ ansible_collection_name }}\"}\n  changed_when: true\n  notify: \"my.own.web : reload\"\n",
        )
        .file(
            &format!("{OWN}/roles/web/handlers/main.yml"),
            "- name: reload\n  debug: {msg: reloaded}\n",
        )
        .file(&format!("{OWN}/roles/web/meta/main.yml"), "dependencies: [base]\n")
        .file(&format!("{OWN}/roles/base/tasks/main.yml"), "- debug: {msg: of the collection}\n")
        .file("roles/base/tasks/main.yml", "- debug: {msg: of the playbook}\n")
        .file(
            &format!("{OWN}/playbooks/more.yml"),
            "- hosts: all\n  gather_facts: false\n  roles: [base]\n",
        )
        .run(
            "
- hosts: all
  gather_facts: false
  roles: [my.own.web, base]
- hosts: all
  gather_facts: false
  collections: [my.own]
  tasks:
    - include_role: {name: base}
- import_playbook: my.own.more
",
        );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a: ok of the collection
    TASK set up
      a: changed web my.own.web my.own
    TASK debug
      a: ok of the playbook
    HANDLER reload
      a: ok reloaded
    PLAY all [a]
    TASK include_role : base
      a: ok
    TASK debug
      a: ok of the collection
    PLAY all [a]
    TASK debug
      a: ok of the collection
    ");
}

#[test]
fn a_file_of_a_role_lies_in_it() {
    let seen = Playground::new()
        .hosts("a,")
        .file("roles/web/tasks/main.yml", "[]\n")
        .file("other.yml", "- debug: {msg: outside}\n")
        .run(
            "
- hosts: all
  gather_facts: false
  tasks:
    - import_role: {name: web, tasks_from: ../../../other.yml}
    - import_role: {name: web, vars_from: none}
",
        );
    insta::assert_snapshot!(seen.join("\n"), @"
    error[role-file]: Failed loading 'roles/web/tasks/../../../other.yml' for role (web) as it is not inside the expected role path: 'roles/web/tasks'
     --> site.yml:5:27
      |
    5 |     - import_role: {name: web, tasks_from: ../../../other.yml}
      |                           ^^^ used here
    error[role-file]: Could not find specified file in role: vars/none
     --> site.yml:6:27
      |
    6 |     - import_role: {name: web, vars_from: none}
      |                           ^^^ used here
      |
      = help: the role is roles/web
    ");
}
