//! Playbooks as older versions of Ansible took them: they run, and each older spelling is told
//! once.

use super::Project;
use super::mistakes::run;

#[test]
fn older_spellings_run_with_one_notice_each() {
    let project = Project::new(
        "- include: first.yml
- hosts: a
  user: nobody
  sudo: no
  gather_facts: no
  vars:
    words: [one, two]
    tree: {branches: [oak]}
  tasks:
    - command: echo {{ item }}
      with_items: words
      register: said
    - debug: msg=\"{{ said|changed }} {{ said|failed }}\"
    - debug: msg=\"dotted {{ item }}\"
      with_items: tree.branches
    - debug: msg=\"text {{ item }}\"
      with_items: twig
    - debug: msg=\"{{ said|changed }}\"
      sudo: no
    - include: more.yml number=3
    - include: more.yml number={{ item }}
      with_items: [4]
    - fail: msg=old
      when: '\"1.10\"|version_compare(\"1.9\", \"<\")'
",
    )
    .file("first.yml", "- hosts: a\n  gather_facts: no\n  tasks:\n    - debug: msg=first\n")
    .file("more.yml", "- debug: msg=\"number {{ number }}\"\n");
    let ended = project.run("-i testing site.yml");
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    for said in [
        "a] => first",
        "a] => True False",
        "a] => number 3",
        "a] => number 4",
        "dotted oak",
        "text twig",
    ] {
        assert!(ended.stdout.contains(said), "{said}: {}", ended.stdout);
    }
    let notices: Vec<&str> = ended
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("warning[older-spelling]: "))
        .filter_map(|line| line.split(" is read as ").next())
        .collect();
    let expected =
        ["`include`", "`user`", "`sudo`", "`with_items: words`", "`|changed`", "`|failed`"];
    assert_eq!(notices[..6], expected);
    let rest = ["`with_items: tree.branches`", "`with_items: twig`", "`|version_compare`"];
    assert_eq!(notices[6..], rest);
}

#[test]
fn the_older_module_of_containers_is_read_as_todays() {
    let project = Project::new(
        "- hosts: a
  tasks:
    - docker: image=nginx name=web state=restarted net=host
    - docker: {image: nginx, name: web, state: running, count: 2}
",
    );
    insta::assert_snapshot!(run(&project, "check -i testing site.yml"), @r"
    warning[older-spelling]: `docker` is read as `docker_container`, which is how it is written today
     --> site.yml:3:7
      |
    3 |     - docker: image=nginx name=web state=restarted net=host
      |       ^^^^^^ an older spelling
    warning[older-spelling]: `state: restarted` is read as `state: started` with `restart: true`, which is how it is written today
     --> site.yml:3:42
      |
    3 |     - docker: image=nginx name=web state=restarted net=host
      |                                          ^^^^^^^^^ an older spelling
    warning[older-spelling]: `net` is read as `network_mode`, which is how it is written today
     --> site.yml:3:52
      |
    3 |     - docker: image=nginx name=web state=restarted net=host
      |                                                    ^^^ an older spelling
    warning[older-spelling]: `state: running` is read as `state: started`, which is how it is written today
     --> site.yml:4:48
      |
    4 |     - docker: {image: nginx, name: web, state: running, count: 2}
      |                                                ^^^^^^^ an older spelling
    error[unknown-argument]: `docker_container` has no argument `count`
     --> site.yml:4:57
      |
    4 |     - docker: {image: nginx, name: web, state: running, count: 2}
      |                                                         ^^^^^ not an argument of this module
      |
      = help: `rplay doc docker_container` lists its arguments
    exit code 10
    ");
}

#[test]
fn older_modules_that_are_not_here_say_what_to_do() {
    let project = Project::new(
        "- hosts: a\n  tasks:\n    - docker_service: {project_src: /srv}\n    - yum: name=nginx\n",
    );
    insta::assert_snapshot!(run(&project, "check -i testing site.yml"), @r"
    error[unknown-module]: rplay has no module `docker_service`
     --> site.yml:3:7
      |
    3 |     - docker_service: {project_src: /srv}
      |       ^^^^^^^^^^^^^^ one of ansible-core or a collection
      |
      = help: `docker_compose_v2` brings the project up
    error[unknown-module]: rplay has no module `yum`
     --> site.yml:4:7
      |
    4 |     - yum: name=nginx
      |       ^^^ one of ansible-core or a collection
      |
      = help: `package` installs with the package manager of the host
    exit code 10
    ");
}
