//! The faults that users run into most often: each is told at once, in whole, before any host is
//! reached where the files show it.

use insta::assert_snapshot;

use super::Project;
use super::mistakes::run;

/// Two hosts that are this machine, and the given files beside `site.yml`.
fn project(playbook: &str, files: &[(&str, &str)]) -> Project {
    let hosts = "[web]\nweb1\nweb2\n\n[all:vars]\nansible_connection=local\n";
    let project = Project::new(playbook).file("hosts.ini", hosts);
    files.iter().fold(project, |project, (path, text)| project.file(path, text))
}

/// `a: 1`, encrypted for the id `prod` with a password of its own.
const VAULT: &str = "$ANSIBLE_VAULT;1.2;AES256;prod
39346366336466663863616434333264363733613330363434396138363861343531373532663864
3331636234633234303233363966313138663039386661330a613430313838643936333532613332
65643930363238306262346133323563613263343765656438353532616137663131303936613839
6265663030383031330a383936353933316637626639366135373235343939313131643633626234
3632
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
fn a_variable_that_one_host_has_and_another_has_not() {
    let project = project(
        "- hosts: web
  gather_facts: false
  tasks:
    - name: Configure
      template:
        src: app.conf.j2
        dest: \"{{ playbook_dir }}/{{ inventory_hostname }}.conf\"
",
        &[
            (
                "host_vars/web1.yml",
                "---
# the first
app_prot: 80
",
            ),
            (
                "host_vars/web2.yml",
                "app_port: 80
",
            ),
            (
                "templates/app.conf.j2",
                "name = app

listen =
    port {{ app_prot }}
",
            ),
        ],
    );
    assert_snapshot!(run(&project, "-i hosts.ini site.yml"), @r"
    PLAY [web]

    TASK [Configure]
    changed: [web1]
    failed: [web2] => 'app_prot' is undefined
        --> templates/app.conf.j2:4:13
        help: it is defined for web1 (host_vars/web1.yml:3); did you mean `app_port`?

    PLAY RECAP
    web1                       : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
    web2                       : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

    FAILED [Configure] templates/app.conf.j2:4:13
      1 host: web2
        'app_prot' is undefined
        help: it is defined for web1 (host_vars/web1.yml:3); did you mean `app_port`?

    2 hosts: 1 failed, 1 changed; 1 task in TIME
    exit code 2
    ");
}

#[test]
fn variables_that_refer_to_each_other() {
    let project = project(
        "- hosts: web1
  gather_facts: false
  vars:
    a: \"{{ b }}\"
  tasks:
    - name: Say it
      debug:
        msg: \"{{ a }}\"
",
        &[(
            "group_vars/all.yml",
            "c: 1
b: \"{{ a }}\"
",
        )],
    );
    assert_snapshot!(run(&project, "-i hosts.ini site.yml"), @r"
    PLAY [web1]

    TASK [Say it]
    failed: [web1] => variables refer to each other: a (site.yml:4) -> b (group_vars/all.yml:2) -> a
        --> site.yml:4:8

    PLAY RECAP
    web1                       : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

    FAILED [Say it] site.yml:4:8
      1 host: web1
        variables refer to each other: a (site.yml:4) -> b (group_vars/all.yml:2) -> a

    1 host: 1 failed; 1 task in TIME
    exit code 2
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
fn a_play_without_a_host() {
    let project = project(
        "- name: Configure web
  hosts: wbe
  tasks:
    - ping:
",
        &[],
    );
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    warning[host-pattern]: no host and no group matches `wbe`
     --> site.yml:2:10
      |
    2 |   hosts: wbe
      |          ^^^ picks no host
      |
      = help: did you mean `web`?
    error: no play has a host
      = help: --allow-empty accepts that; `rplay inventory --graph` shows the hosts there are
    exit code 11
    ");
    assert_snapshot!(run(&project, "-i hosts.ini site.yml"), @r"
    warning[host-pattern]: no host and no group matches `wbe`
     --> site.yml:2:10
      |
    2 |   hosts: wbe
      |          ^^^ picks no host
      |
      = help: did you mean `web`?

    PLAY [Configure web]
    skipping: no hosts matched

    PLAY RECAP

    0 hosts: none took part; 0 tasks in TIME
    error: no play has a host
      = help: --allow-empty accepts that; `rplay inventory --graph` shows the hosts there are
    exit code 11
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
fn a_condition_that_is_a_text() {
    let project = project(
        "- hosts: web1
  gather_facts: false
  vars_files: [vars.yml]
  tasks:
    - name: Say it
      debug:
        msg: hi
      when: enabled
",
        &[(
            "vars.yml",
            "port: 80
enabled: \"false\"
",
        )],
    );
    assert_snapshot!(run(&project, "-i hosts.ini site.yml"), @r"
    PLAY [web1]

    TASK [Say it]
    failed: [web1] => Conditional result (True) was derived from value of type 'str': a condition must be true or false, this is the text 'false'
        --> site.yml:8:13
        help: the value comes from vars.yml:2:10: write it there without quotes, or here `enabled | bool`

    PLAY RECAP
    web1                       : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

    FAILED [Say it] site.yml:8:13
      1 host: web1
        Conditional result (True) was derived from value of type 'str': a condition must be true or false, this is the text 'false'
        help: the value comes from vars.yml:2:10: write it there without quotes, or here `enabled | bool`

    1 host: 1 failed; 1 task in TIME
    exit code 2
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
fn a_template_without_end() {
    let project = project(
        "- hosts: web1
  gather_facts: false
  tasks:
    - name: Configure
      template:
        src: x.j2
        dest: \"{{ playbook_dir }}/x\"
",
        &[(
            "x.j2",
            "first
{% for i in range(1000000) %}
{% for j in range(1000000) %}{% endfor %}
{% endfor %}
",
        )],
    );
    assert_snapshot!(run(&project, "-i hosts.ini site.yml"), @r"
    PLAY [web1]

    TASK [Configure]
    failed: [web1] => the template takes more than 5000000 steps: does a loop end?
        --> x.j2:3:13

    PLAY RECAP
    web1                       : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

    FAILED [Configure] x.j2:3:13
      1 host: web1
        the template takes more than 5000000 steps: does a loop end?

    1 host: 1 failed; 1 task in TIME
    exit code 2
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
