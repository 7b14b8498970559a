//! What users get wrong: each mistake is one message that says where it stands, what is wrong and
//! what to do; what is wrong in the files is told before any host is asked.

use std::path::Path;

use insta::assert_snapshot;

use super::Project;

/// A playbook whose one task succeeds anywhere.
pub(super) const PLAYBOOK: &str = "- hosts: all
  gather_facts: false
  tasks:
    - name: Say hello
      command: echo hello
";

/// What the program says, and its exit code.
pub(super) fn run(project: &Project, line: &str) -> String {
    let mut command = project.command(line);
    let ended = project.ended(command.env("COLUMNS", "100").output().unwrap());
    format!("{}{}exit code {}", ended.stdout, ended.stderr, ended.code)
}

/// What it says of `site.yml` on one host, which is this machine.
pub(super) fn on_one_host(project: &Project, options: &str) -> String {
    run(project, &format!("-i testing -l a site.yml {options}"))
}

/// The failures as they are told at the end of a run.
pub(super) fn failures(said: &str) -> &str {
    let begin = said.find("\nFAILED").or_else(|| said.find("\nUNREACHABLE"));
    begin.map_or(said, |begin| &said[begin + 1..])
}

#[test]
fn a_tab_in_yaml() {
    let project =
        Project::new("- hosts: all\n  tasks:\n    - name: Say hello\n      debug:\n\tmsg: hello\n");
    assert_snapshot!(on_one_host(&project, ""), @r"
    error[yaml-syntax]: a tab cannot indent YAML
     --> site.yml:5:1
      |
    5 |     msg: hello
      | ^^^^ a tab
      |
      = help: use spaces
    exit code 10
    ");
}

#[test]
fn an_indentation_that_fits_nothing() {
    let project = Project::new(&PLAYBOOK.replace("      command", "     command"));
    assert_snapshot!(on_one_host(&project, ""), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 4
     --> site.yml:5:6
      |
    5 |      command: echo hello
      |      ^^^^^^^^^^^^^^^^^^^ indented with 5 spaces
      |
     ::: site.yml:4:7
      |
    4 |     - name: Say hello
      |       --------------- what it should line up with
      |
      = help: indent it with 6 spaces; with more, where it belongs to the line above
    exit code 10
    ");
}

#[test]
fn all_unknown_names_at_once_and_before_any_host() {
    let project = Project::new(
        "- hosts: all
  tasks:
    - name: Write a file
      copy:
        contnet: hello
        dest: /tmp/never-written-by-rplay
    - name: Say hello
      debg:
        msg: hello
    - name: Wait
      debug:
        msg: hello
      wehn: true
",
    );
    assert_snapshot!(on_one_host(&project, ""), @r"
    error[unknown-argument]: `copy` has no argument `contnet`
     --> site.yml:5:9
      |
    5 |         contnet: hello
      |         ^^^^^^^ not an argument of this module
      |
      = help: did you mean `content`?
    error[unknown-module]: unknown module or keyword `debg`
     --> site.yml:8:7
      |
    8 |       debg:
      |       ^^^^ neither a module nor a keyword of a task
      |
      = help: did you mean `debug`?
    error[unknown-keyword]: unknown task keyword or module `wehn`
      --> site.yml:13:7
       |
    13 |       wehn: true
       |       ^^^^ not known here
       |
      ::: site.yml:11:7
       |
    11 |       debug:
       |       ----- the task already has this module
       |
       = help: did you mean `when`?
    exit code 10
    ");
    assert!(!Path::new("/tmp/never-written-by-rplay").exists());
}

#[test]
fn an_argument_of_the_wrong_type() {
    let project = Project::new(
        "- hosts: all
  tasks:
    - name: Keep a folder
      file:
        path: /tmp
        state: directry
        recurse: perhaps
",
    );
    assert_snapshot!(on_one_host(&project, ""), @r"
    error[argument-choice]: `file.state` must be one of `absent`, `directory`, `file`, `hard`, `link`, `touch`
     --> site.yml:6:16
      |
    6 |         state: directry
      |                ^^^^^^^^ this is `directry`
      |
      = help: did you mean `directory`?
    error[argument-type]: `file.recurse` must be true or false
     --> site.yml:7:18
      |
    7 |         recurse: perhaps
      |                  ^^^^^^^ this is `perhaps`
    exit code 10
    ");
}

#[test]
fn an_empty_playbook() {
    assert_snapshot!(on_one_host(&Project::new(""), ""), @r"
    error[playbook-shape]: a playbook is a list of plays
     --> site.yml:1:1
      |
    1 |
      | ^ this is nothing
      |
      = help: a play begins with `- hosts:`
    exit code 10
    ");
}

#[test]
fn a_play_without_hosts() {
    assert_snapshot!(on_one_host(&Project::new("- name: Deploy\n  tasks: []\n"), ""), @r"
    error[play-hosts]: a play needs `hosts`
     --> site.yml:1:3
      |
    1 | - name: Deploy
      |   ^^^^^^^^^^^^ not given here
      |
      = help: name a group, a host, or `all`
    exit code 10
    ");
}

#[test]
fn an_import_that_is_not_there() {
    let project =
        Project::new("- hosts: all\n  tasks:\n    - name: Do more\n      import_tasks: more.yml\n");
    assert_snapshot!(on_one_host(&project, ""), @r"
    error[import-missing]: `more.yml` not found
     --> site.yml:4:21
      |
    4 |       import_tasks: more.yml
      |                     ^^^^^^^^ imported here
      |
      = help: searched: ., tasks
    exit code 10
    ");
}

#[test]
fn a_role_that_is_not_there() {
    let project = Project::new("- hosts: all\n  roles:\n    - wbeserver\n");
    assert_snapshot!(on_one_host(&project, ""), @r"
    error[role-missing]: the role 'wbeserver' was not found in roles:.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles:.
     --> site.yml:3:7
      |
    3 |     - wbeserver
      |       ^^^^^^^^^ used here
      |
      = help: `rplay install` brings the roles of requirements.yml; `roles_path` in ansible.cfg names further folders
    exit code 10
    ");
}

#[test]
fn a_playbook_that_is_not_there() {
    let project = Project::new(PLAYBOOK);
    assert_snapshot!(run(&project, "-i localhost, sites.yml"), @r"
    error[file-not-found]: there is no file sites.yml
     |
     = help: did you mean `site.yml`?
    exit code 10
    ");
}

#[test]
fn an_undefined_variable() {
    let project = Project::new(
        "- hosts: all
  gather_facts: false
  vars:
    app_port: 80
  tasks:
    - name: Say where
      debug:
        msg: port {{ app_prot }}
",
    );
    assert_snapshot!(on_one_host(&project, ""), @r"
    PLAY [all]

    TASK [Say where]
    failed: [a] => 'app_prot' is undefined
        --> site.yml:8:22
        help: did you mean `app_port`?

    PLAY RECAP
    a                          : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

    FAILED [Say where] site.yml:8:22
      1 host: a
        'app_prot' is undefined
        help: did you mean `app_port`?

    1 host: 1 failed; 1 task in TIME
    exit code 2
    ");
}

#[test]
fn an_undefined_variable_in_a_template_file() {
    let project = Project::new(
        "- hosts: all
  gather_facts: false
  tasks:
    - name: Configure
      template:
        src: app.conf.j2
        dest: '{{ playbook_dir }}/app.conf'
",
    )
    .file("app.conf.j2", "name = app\nport = {{ app_port }}\n")
    .file("app.conf", "as it was\n");
    assert_snapshot!(failures(&on_one_host(&project, "")), @r"
    FAILED [Configure] app.conf.j2:2:11
      1 host: a
        'app_port' is undefined
        help: define it, or say what holds without it: `app_port | default(…)`

    1 host: 1 failed; 1 task in TIME
    exit code 2
    ");
    let after = std::fs::read_to_string(project.path().join("app.conf")).unwrap();
    assert_eq!(after, "as it was\n");
}

#[test]
fn a_file_to_copy_that_is_not_there() {
    let project = Project::new(
        "- hosts: all
  gather_facts: false
  tasks:
    - name: Send the settings
      copy:
        src: app.conf
        dest: /tmp/never-written-by-rplay
",
    );
    assert_snapshot!(failures(&on_one_host(&project, "")), @r"
    FAILED [Send the settings] site.yml:4:7
      1 host: a
        `app.conf` not found on this machine
        help: searched: files, .

    1 host: 1 failed; 1 task in TIME
    exit code 2
    ");
    assert!(!Path::new("/tmp/never-written-by-rplay").exists());
}

#[test]
fn an_include_that_is_not_there() {
    let project = Project::new(
        "- hosts: all
  gather_facts: false
  tasks:
    - name: Do more
      include_tasks: more.yml
",
    );
    assert_snapshot!(failures(&on_one_host(&project, "")), @r"
    FAILED [Do more] site.yml:5:7
      1 host: a
        `more.yml` not found
        help: searched: ., tasks

    1 host: 1 failed; 1 task in TIME
    exit code 2
    ");
}
