//! The faults users run into most often, of variables, hosts and templates; and several at once.

use insta::assert_snapshot;

use super::Project;
use super::mistakes::run;
use super::top_faults::project;

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
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r"
    error[undefined-variable]: 'app_prot' is undefined for host web2 (defined for web1 in host_vars/web1.yml:3)
     --> templates/app.conf.j2:4:13
      |
    4 |     port {{ app_prot }}
      |             ^^^^^^^^ not defined here
      |
      = help: did you mean `app_port`?
    exit code 10
    ");
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
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r#"
    error[recursive-variable]: variables refer to each other: a (site.yml:4) -> b (group_vars/all.yml:2) -> a
     --> site.yml:4:8
      |
    4 |     a: "{{ b }}"
      |        ^^^^^^^^^ needs itself
      |
     ::: group_vars/all.yml:2:4
      |
    2 | b: "{{ a }}"
      |    --------- `b` comes from here
    exit code 10
    "#);
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
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml"), @r#"
    error[condition-type]: `when` must be true or false, `enabled` is the text 'false'
     --> site.yml:8:13
      |
    8 |       when: enabled
      |             ^^^^^^^ a text
      |
     ::: vars.yml:2:10
      |
    2 | enabled: "false"
      |          ------- the value comes from here
      |
      = help: write it there without quotes, or here `enabled | bool`
    exit code 10
    "#);
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

/// Faults in three files, beside a secret.
fn faulty() -> Project {
    project(
        "- hosts: web
  gather_facts: false
  tasks:
    - name: Write the settings
      copy:
        contnet: \"{{ token }}\"
        dest: /tmp/never-written-by-rplay
    - name: Log in
      command: login hunter2-hunter2
      arsg: hunter2-hunter2
    - import_tasks: more.yml
    - command: echo
      notify: restart ngnix
",
        &[
            (
                "more.yml",
                "- debug: {mgs: hi}
",
            ),
            (
                "host_vars/web1.yml",
                "a: [
",
            ),
            (
                "pass",
                "hunter2-hunter2
",
            ),
        ],
    )
}

#[test]
fn all_faults_of_all_files_at_once() {
    let project = faulty();
    assert_snapshot!(run(&project, "check -i hosts.ini site.yml --vault-password-file pass"), @r#"
    error[unknown-argument]: `copy` has no argument `contnet`
     --> site.yml:6:9
      |
    6 |         contnet: "{{ token }}"
      |         ^^^^^^^ not an argument of this module
      |
      = help: did you mean `content`?
    error[unknown-keyword]: unknown task keyword or module `arsg`
      --> site.yml:10:7
       |
    10 |       arsg: ********
       |       ^^^^ not known here
       |
      ::: site.yml:9:7
       |
     9 |       command: login ********
       |       ------- the task already has this module
       |
       = help: did you mean `args`?
    error[unknown-argument]: `debug` has no argument `mgs`
     --> more.yml:1:11
      |
    1 | - debug: {mgs: hi}
      |           ^^^ not an argument of this module
      |
      = help: did you mean `msg`?
    error[unknown-handler]: `notify: restart ngnix` has no handler
      --> site.yml:13:15
       |
    13 |       notify: restart ngnix
       |               ^^^^^^^^^^^^^ no handler of this name
       |
       = help: the play has no handlers
    error[yaml-syntax]: this is not YAML: did not find expected node content
     --> host_vars/web1.yml:1:6
      |
    1 | a: [
      |     ^ here
    exit code 10
    "#);
}
