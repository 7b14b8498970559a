//! Commands that look and run nothing.

use super::Project;

const PLAYBOOK: &str = "
- name: Deploy
  hosts: all
  tags: [site]
  pre_tasks:
    - name: Prepare
      ping:
  tasks:
    - block:
        - name: Install
          ping:
          tags: [packages]
      tags: [web]
    - ping:
";

#[test]
fn hosts_tasks_and_tags_are_listed() {
    let project = Project::new(PLAYBOOK);
    let ended = project.run("-i testing site.yml --list-hosts --list-tasks --list-tags -l b");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout.replace('\t', " | "), @r"

    playbook: site.yml

      play #1 (all): Deploy | TAGS: [site]
        pattern: ['all']
        hosts (1):
          b
        tasks:
          Prepare | TAGS: [site]
          Install | TAGS: [packages, site, web]
          ping | TAGS: [site]
          TASK TAGS: [packages, site, web]
    ");
    let ended = project.run("-i testing site.yml --list-tasks --tags web");
    assert!(ended.stdout.contains("Install") && !ended.stdout.contains("Prepare"));
}

#[test]
fn hosts_of_plays_whose_patterns_are_templates_are_listed() {
    let playbook = "
- hosts: '{{ target }}'
  name: On {{ target }}
  vars_files: [target.yml]
  tags: '{{ target }}'
- hosts: '{{ groups.all[0] }}:!{{ left_out | default(\"x\") }}'
- hosts: '{{ hostvars.a.found }}'
- hosts: '{{ asked }}'
  vars_prompt: [{name: asked}]
";
    let project = Project::new(playbook).file("target.yml", "target: b");
    let ended = project.run("-i testing site.yml --list-hosts -e asked=a");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout.replace('\t', " | "), @r"

    playbook: site.yml

      play #1 (b): On b | TAGS: [b]
        pattern: ['b']
        hosts (1):
          b

      play #2 (a:!x): a:!x | TAGS: []
        pattern: ['a:!x']
        hosts (1):
          a

      play #3 ({{ hostvars.a.found }}): {{ hostvars.a.found }} | TAGS: []
        hosts: known only in the run

      play #4 (a): a | TAGS: []
        pattern: ['a']
        hosts (1):
          a
    ");
    let ended = project.run("-i testing site.yml --list-hosts");
    assert!(ended.stdout.ends_with("hosts: known only in the run\n"), "{}", ended.stdout);
}

#[test]
fn the_inventory_is_shown() {
    let inventory = "web1 port=80\n[prod]\nweb2\n[site:children]\nprod\n";
    let project = Project::new(PLAYBOOK).file("hosts", inventory);
    insta::assert_snapshot!(project.run("inventory -i hosts").stdout, @r"
    @all:
      |--@ungrouped:
      |  |--web1
      |--@site:
      |  |--@prod:
      |  |  |--web2
    ");
    let host = project.run("inventory -i hosts --host web1").stdout;
    assert_eq!(host, "{\n    \"port\": 80\n}\n");
    let list = project.run("inventory -i hosts --list").stdout;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["prod"]["hosts"][0], "web2");
    assert_eq!(list["_meta"]["hostvars"]["web1"]["port"], 80);
    let ended = project.run("inventory -i hosts --host web3");
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("did you mean `web1`?"), "{}", ended.stderr);
}

#[test]
fn modules_are_documented() {
    let project = Project::new(PLAYBOOK);
    let ping = project.run("doc ping").stdout;
    assert!(ping.starts_with("ping\n\n  Answers when the host can be reached"), "{ping}");
    assert!(ping.contains("\nExamples\n"), "{ping}");
    let all = project.run("doc").stdout;
    assert!(all.lines().any(|line| line.starts_with("copy ")), "{all}");
    let schema = project.run("schema").stdout;
    assert!(serde_json::from_str::<serde_json::Value>(&schema).unwrap()["$defs"].is_object());
    assert!(project.run("completions bash").stdout.contains("rplay"));
}

#[test]
fn the_version_is_told_under_every_name() {
    let project = Project::new(PLAYBOOK);
    let version = format!("rplay {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(project.run("--version").stdout, version);
    let link = project.path().join("ansible-playbook");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rplay"), &link).unwrap();
    let output = std::process::Command::new(&link)
        .args(["-i", "inventories/testing", "site.yml", "--list-hosts"])
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(project.ended(output).stdout.contains("hosts (2):"));
}
