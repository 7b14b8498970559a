//! Slips in names, numbers and options that once were found late, in the wrong place, or never.

use insta::assert_snapshot;

use super::Project;
use super::mistakes::{PLAYBOOK, failures, run};

#[test]
fn an_include_without_end() {
    let project = Project::new(
        "- hosts: a\n  gather_facts: false\n  tasks:\n    - include_tasks: more.yml\n",
    )
    .file("more.yml", "- block:\n    - include_tasks: more.yml\n");
    assert_snapshot!(failures(&run(&project, "-i testing site.yml")), @r"
    FAILED [include_tasks] more.yml:2:7
      1 host: a
        expected at most 250 includes one inside the other
        help: does `more.yml` include itself without end? A `when` can end it

    1 host: 1 failed; 251 tasks in TIME
    exit code 2
    ");
}

#[test]
fn names_and_numbers_that_can_be_none() {
    let project = Project::new(
        "- hosts: all
  serial: [1, -1, x, 30%]
  vars:
    app-port: 80
  tasks:
    - ping:
      become_method: sduo
      vars: {2nd: x}
",
    );
    assert_snapshot!(run(&project, "check -i testing site.yml"), @r#"
    error[variable-name]: Invalid variable name 'app-port'
     --> site.yml:4:5
      |
    4 |     app-port: 80
      |     ^^^^^^^^ no template can name it
      |
      = help: letters, digits and `_`, not beginning with a digit
    error[variable-name]: Invalid variable name '2nd'
     --> site.yml:8:14
      |
    8 |       vars: {2nd: x}
      |              ^^^ no template can name it
      |
      = help: letters, digits and `_`, not beginning with a digit
    error[serial]: `serial` must be at least 1
     --> site.yml:2:15
      |
    2 |   serial: [1, -1, x, 30%]
      |               ^^ this is `-1`
      |
      = help: write a number of hosts, a share such as "30%", or a list
    error[serial]: `serial` must be at least 1
     --> site.yml:2:19
      |
    2 |   serial: [1, -1, x, 30%]
      |                   ^ this is `x`
      |
      = help: write a number of hosts, a share such as "30%", or a list
    error[become-method]: `become_method` sduo is not known here
     --> site.yml:7:22
      |
    7 |       become_method: sduo
      |                      ^^^^ not a method of this program
      |
      = help: use sudo, su or doas
    exit code 10
    "#);
}

#[test]
fn files_of_variables_that_are_not_there() {
    let project = Project::new(
        "- hosts: all
  vars_files: [gone.yml, [gone.yml, site.yml], [a.yml, b.yml], '{{ name }}.yml']
  tasks: []
",
    );
    assert_snapshot!(run(&project, "check -i testing site.yml"), @r"
    error[include-missing]: `gone.yml` not found
     --> site.yml:2:16
      |
    2 |   vars_files: [gone.yml, [gone.yml, site.yml], [a.yml, b.yml], '{{ name }}.yml']
      |                ^^^^^^^^ named here
      |
      = help: searched: vars, .
    error[include-missing]: `a.yml` or `b.yml` not found
     --> site.yml:2:48
      |
    2 |   vars_files: [gone.yml, [gone.yml, site.yml], [a.yml, b.yml], '{{ name }}.yml']
      |                                                ^^^^^^^^^^^^^^ named here
      |
      = help: searched: vars, .
    exit code 10
    ");
}

#[test]
fn files_that_the_command_line_names() {
    let project = Project::new(PLAYBOOK);
    assert_snapshot!(run(&project, "check -i testing site.yml -e @gone.yml -l @gone.txt"), @r"
    error[file-not-found]: there is no file gone.yml
     --> --extra-vars:1:1
      |
    1 | @gone.yml
      | ^^^^^^^^^ named here
      |
      = help: looked in .
    error[file-not-found]: there is no file gone.txt
     --> --limit:1:1
      |
    1 | @gone.txt
      | ^^^^^^^^^ given here
      |
      = help: looked in .
    exit code 5
    ");
}

#[test]
fn a_command_that_is_none() {
    assert_snapshot!(run(&Project::new(PLAYBOOK), "chekc -i testing site.yml"), @r"
    error: there is no command and no playbook `chekc`
      = help: did you mean `rplay check`?
    exit code 5
    ");
}

#[test]
fn a_word_of_name_and_value() {
    let project = Project::new(
        "- hosts: all\n  tasks:\n    - file: path=/tmp state=directory moed=0755 recurse=\"{{ x | bol }}\"\n",
    );
    assert_snapshot!(run(&project, "check -i testing site.yml"), @r#"
    error[unknown-argument]: `file` has no argument `moed`
     --> site.yml:3:39
      |
    3 |     - file: path=/tmp state=directory moed=0755 recurse="{{ x | bol }}"
      |                                       ^^^^ not an argument of this module
      |
      = help: did you mean `mode`?
    error[unknown-filter]: there is no filter `bol`
     --> site.yml:3:65
      |
    3 |     - file: path=/tmp state=directory moed=0755 recurse="{{ x | bol }}"
      |                                                                 ^^^ no such filter
      |
      = help: did you mean `bool`?
    error[undefined-variable]: 'x' is undefined for host a
     --> site.yml:3:61
      |
    3 |     - file: path=/tmp state=directory moed=0755 recurse="{{ x | bol }}"
      |                                                             ^ not defined here
      |
      = help: define it, or say what holds without it: `x | default(…)`
    exit code 10
    "#);
}
