//! Includes and imports of tasks, roles and variables.

use super::{Playground, without_recap};

#[test]
fn an_include_is_resolved_when_it_is_reached_and_an_import_before() {
    let seen = Playground::new()
        .hosts("a,b,")
        .file("tasks/a.yml", "- debug: {msg: \"of a, {{ given }}\"}\n")
        .file("tasks/b.yml", "- debug: {msg: \"of b, {{ given }}\"}\n")
        .file("common.yml", "- debug: {msg: \"common {{ given }}\"}\n")
        .run(
            r#"
- hosts: all
  gather_facts: false
  tasks:
    - include_tasks: "tasks/{{ inventory_hostname }}.yml"
      vars: {given: x}
    - import_tasks: common.yml
      vars: {given: y}
      when: inventory_hostname == 'b'
    - include_tasks: common.yml
      loop: [1, 2]
      vars: {given: "{{ item }}"}
      when: inventory_hostname == 'a'
"#,
        );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK include_tasks
      a: ok
      b: ok
    TASK debug
      a: ok of a, x
    TASK debug
      b: ok of b, x
    TASK debug
      a: skipped
      b: ok common y
    TASK include_tasks
      a (1): ok
      a (2): ok
      a: ok
      b (1): skipped
      b (2): skipped
      b: skipped
    TASK debug
      a: ok common 1
    TASK debug
      a: ok common 2
    ");
}

#[test]
fn roles_bring_their_variables_handlers_and_dependencies() {
    let seen = Playground::new()
        .hosts("a,")
        .file("roles/web/tasks/main.yml", "- name: set up {{ what }} on {{ number }}\n  debug: {msg: \"{{ role_name }} {{ number }} {{ fixed }}\"}\n  changed_when: true\n  notify: reload\n")
        .file("roles/web/defaults/main.yml", "number: 80\nfixed: weak\n")
        .file("roles/web/vars/main.yml", "fixed: strong\n")
        .file("roles/web/handlers/main.yml", "- name: reload\n  debug: {msg: \"reload {{ number }}\"}\n")
        .file("roles/web/meta/main.yml", "dependencies: [base]\n")
        .file("roles/base/tasks/main.yml", "- debug: {msg: base}\n")
        .run(
            r#"
- hosts: all
  gather_facts: false
  vars: {fixed: play, what: site}
  roles:
    - {role: web, number: 8080}
  tasks:
    - debug: {msg: "{{ number }} {{ fixed }}"}
    - include_role: {name: web}
      vars: {number: 81}
"#,
        );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a]
    TASK debug
      a: ok base
    TASK set up site on 8080
      a: changed web 8080 strong
    TASK debug
      a: ok 80 strong
    TASK include_role : web
      a: ok
    TASK set up site on 81
      a: changed web 81 strong
    HANDLER reload
      a: ok reload 81
    ");
}

#[test]
fn what_cannot_be_found_says_where_it_was_looked_for() {
    let seen = Playground::new().hosts("a,").run(
        r"
- hosts: all
  gather_facts: false
  roles: [nosuch]
  tasks:
    - import_tasks: nowhere.yml
",
    );
    insta::assert_snapshot!(seen.join("\n"), @r"
    error[role-missing]: the role 'nosuch' was not found in roles:.
     --> site.yml:4:11
      |
    4 |   roles: [nosuch]
      |           ^^^^^^ used here
      |
      = help: `rplay install` brings the roles of requirements.yml; `roles_path` in ansible.cfg names further folders
    error[import-missing]: `nowhere.yml` not found
     --> site.yml:6:21
      |
    6 |     - import_tasks: nowhere.yml
      |                     ^^^^^^^^^^^ imported here
      |
      = help: searched: ., tasks
    ");
}

#[test]
fn a_file_that_imports_itself_is_refused() {
    let seen = Playground::new()
        .hosts("a,")
        .file("again.yml", "- import_tasks: again.yml\n")
        .run("- hosts: all\n  tasks:\n    - import_tasks: again.yml\n");
    assert!(seen[0].contains("imports itself"), "{seen:?}");
}

#[test]
fn include_vars_and_vars_files_are_read_for_each_host() {
    let seen = Playground::new()
        .hosts("a,b,")
        .file("vars/a.yml", "colour: red\n")
        .file("vars/default.yml", "colour: grey\n")
        .file("more.yml", "size: \"{{ colour | length }}\"\n")
        .run(
            r#"
- hosts: all
  gather_facts: false
  vars_files:
    - ["vars/{{ inventory_hostname }}.yml", vars/default.yml]
  tasks:
    - include_vars: more.yml
    - debug: {msg: "{{ colour }} {{ size }}"}
"#,
        );
    insta::assert_snapshot!(without_recap(seen), @"
    PLAY all [a b]
    TASK include_vars
      a: ok
      b: ok
    TASK debug
      a: ok red 3
      b: ok grey 4
    ");
}

#[test]
fn a_folder_of_variables_holds_nothing_else_unless_told() {
    let run = |more: &str| {
        let seen = Playground::new()
            .hosts("a,")
            .file("all/one.yml", "one: 1\n")
            .file("all/one.yml.bak", "one: 2\n")
            .file("all/notes.txt", "three\n")
            .run(&format!(
                "
- hosts: all
  gather_facts: false
  tasks:
    - include_vars: {{dir: all, {more}}}
      ignore_errors: true
    - debug: msg={{{{ one | default('none') }}}}
"
            ));
        without_recap(seen).lines().last().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(run("depth: 1"), "a: ok none");
    assert_eq!(run("ignore_files: ['bak', 'not.s.txt']"), "a: ok 1");
    assert_eq!(run("ignore_unknown_extensions: true"), "a: ok 1");
}

#[test]
fn a_role_copies_a_directory_of_its_files() {
    let playground = Playground::new()
        .hosts("a,")
        .file("roles/web/tasks/main.yml", "- copy: {src: site/, dest: \"{{ playbook_dir }}/out\"}\n- copy: {src: site, dest: \"{{ playbook_dir }}/out\", directory_mode: '0700'}\n")
        .file("roles/web/files/site/index.html", "role\n")
        .file("roles/web/files/site/css/a.css", "style\n")
        .file("site/index.html", "playbook\n");
    let play = "
- hosts: all
  gather_facts: false
  roles: [web]
";
    insta::assert_snapshot!(without_recap(playground.run(play)), @"
    PLAY all [a]
    TASK copy
      a: changed
    TASK copy
      a: changed
    ");
    let read = |path: &str| std::fs::read_to_string(playground.path().join(path)).unwrap();
    assert_eq!(
        (read("out/index.html"), read("out/site/css/a.css")),
        ("role\n".into(), "style\n".into())
    );
    let again = playground.run(play);
    assert!(again.iter().all(|line| !line.contains("a: changed")), "{again:?}");
}
