//! The faults that users run into most often: each is told at once, in whole, before any host is
//! reached where the files show it.

use insta::assert_snapshot;

use super::Project;
use super::mistakes::run;

/// Two hosts that are this machine, and the given files beside `site.yml`.
pub(super) fn project(playbook: &str, files: &[(&str, &str)]) -> Project {
    let hosts = "[web]\nweb1\nweb2\n\n[all:vars]\nansible_connection=local\n";
    let project = Project::new(playbook).file("hosts.ini", hosts);
    files.iter().fold(project, |project, (path, text)| project.file(path, text))
}

/// `a: 1`, encrypted for the id `prod` with a password of its own.
const VAULT: &str = "$ANSIBLE_VAULT;1.2;AES256;prod
61376261633261303033373764343438303166613666663232616263633239656665313039386464
3437363661323933303838323734333664353862393163660a653564626430666465356537636536
33653865653666643633323162356637626164656232333433393964386236623666323665346564
6661373863636133330a383030376335646136363431386534626333396534643063343833623135
3630
";

#[test]
fn an_unknown_argument() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - name: Write the settings
      copy:
        contnet: hi
        dest: /tmp/never-written-by-rplay
",
        &[],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[unknown-argument]: `copy` has no argument `contnet`
     --> site.yml:6:9
      |
    6 |         contnet: hi
      |         ^^^^^^^ not an argument of this module
      |
      = help: did you mean `content`?
    exit code 10
    ");
}

#[test]
fn an_unknown_keyword() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - debug:
        msg: hi
      wehn: true
",
        &[],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[unknown-keyword]: unknown task keyword or module `wehn`
     --> site.yml:6:7
      |
    6 |       wehn: true
      |       ^^^^ not known here
      |
     ::: site.yml:4:7
      |
    4 |     - debug:
      |       ----- the task already has this module
      |
      = help: did you mean `when`?
    exit code 10
    ");
}

#[test]
fn a_bad_indentation() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - debug:
     msg: hi
",
        &[],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 4
     --> site.yml:5:6
      |
    5 |      msg: hi
      |      ^^^^^^^ indented with 5 spaces
      |
     ::: site.yml:4:7
      |
    4 |     - debug:
      |       ------ what it should line up with
      |
      = help: indent it with 6 spaces; with more, where it belongs to the line above
    exit code 10
    ");
}

#[test]
fn a_decimal_mode() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - file:
        path: /tmp
        mode: 644
",
        &[],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r#"
    error[mode-decimal]: `file.mode`: mode 644 is decimal and would set permissions 1204
     --> site.yml:6:15
      |
    6 |         mode: 644
      |               ^^^ a decimal number
      |
      = help: write mode: "0644"
    exit code 10
    "#);
}

#[test]
fn a_child_group_that_is_not_defined() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - ping:
",
        &[(
            "hosts.ini",
            "[web]
web1

[b]
web1

[a:children]
web
nope
",
        )],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[inventory-group]: the group `nope` is listed as a child but is not defined
     --> hosts.ini:9:1
      |
    9 | nope
      | ^^^^ not a group
      |
      = help: define it with `[nope]`; groups: all, ungrouped, web, b, a
    exit code 10
    ");
}

#[test]
fn a_host_that_looks_like_an_option() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - ping:
",
        &[(
            "hosts.ini",
            "[web]
-oProxyCommand=touch /tmp/owned
",
        )],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[inventory-syntax]: expected `name=value` behind the host, found `/tmp/owned`
     --> hosts.ini:2:22
      |
    2 | -oProxyCommand=touch /tmp/owned
      |                      ^^^^^^^^^^ no value
      |
      = help: one host stands on a line; quote a value that holds blanks
    error[inventory-host]: invalid host `-oProxyCommand=touch`: a name must not start with `-`
     --> hosts.ini:2:1
      |
    2 | -oProxyCommand=touch /tmp/owned
      | ^^^^^^^^^^^^^^^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    exit code 10
    ");
}

#[test]
fn a_vault_that_no_password_opens() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - debug: var=a
",
        &[
            (
                "first", "one
",
            ),
            (
                "second", "two
",
            ),
            ("group_vars/all/vault.yml", VAULT),
        ],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml --vault-id prod@first --vault-password-file second"), @r"
    error[vault-password]: cannot decrypt group_vars/all/vault.yml: none of 2 vault passwords opens it (vault id `prod`)
     |
     = help: tried: prod (first), default (second); the header is whole, a damaged text behind it looks the same
    exit code 10
    ");
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[vault-password]: cannot decrypt group_vars/all/vault.yml: there is no vault password (vault id `prod`)
     |
     = help: give one with --vault-password-file, --vault-id or --ask-vault-pass
    exit code 10
    ");
}

#[test]
fn a_handler_that_is_not_there() {
    let project = project(
        "- hosts: web
  gather_facts: false
  roles: [nginx]
  tasks:
    - command: echo
      notify: restart ngnix
    - command: echo
      notify: tell the others
",
        &[(
            "roles/nginx/handlers/main.yml",
            "---
- name: restart nginx
  ping:
- name: reload nginx
  ping:
",
        )],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[unknown-handler]: `notify: restart ngnix` has no handler
     --> site.yml:6:15
      |
    6 |       notify: restart ngnix
      |               ^^^^^^^^^^^^^ no handler of this name
      |
      = help: did you mean `restart nginx` (roles/nginx/handlers/main.yml:2)?
    error[unknown-handler]: `notify: tell the others` has no handler
     --> site.yml:8:15
      |
    8 |       notify: tell the others
      |               ^^^^^^^^^^^^^^^ no handler of this name
      |
      = help: handlers in scope: reload nginx (roles/nginx/handlers/main.yml:4), restart nginx (roles/nginx/handlers/main.yml:2)
    exit code 10
    ");
}

#[test]
fn a_role_that_is_not_there() {
    let project = project(
        "- hosts: web
  roles:
    - nosuch
    - ngnix
    - other
",
        &[
            (
                "roles/nginx/tasks/main.yml",
                "- ping:
",
            ),
            (
                "requirements.yml",
                "roles:
  - name: other
",
            ),
        ],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[role-missing]: the role 'nosuch' was not found in roles:.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles:.
     --> site.yml:3:7
      |
    3 |     - nosuch
      |       ^^^^^^ used here
      |
      = help: `rplay install` brings the roles of requirements.yml; `roles_path` in ansible.cfg names further folders
    error[role-missing]: the role 'ngnix' was not found in roles:.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles:.
     --> site.yml:4:7
      |
    4 |     - ngnix
      |       ^^^^^ used here
      |
      = help: did you mean `nginx`?
    error[role-missing]: the role 'other' was not found in roles:.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles:.
     --> site.yml:5:7
      |
    5 |     - other
      |       ^^^^^ used here
      |
      = help: requirements.yml names it: run `rplay install`
    exit code 10
    ");
}

#[test]
fn extra_variables_that_are_none() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - ping:
",
        &[],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml -e a"), @r#"
    error[extra-vars]: --extra-vars "a" is not key=value, JSON or @file
     --> --extra-vars:1:1
      |
    1 | a
      | ^ not understood
      |
      = help: write -e name=value, -e '{"name": "value"}' or -e @file.yml
    exit code 5
    "#);
}
