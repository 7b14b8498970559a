//! Playbooks as older versions of Ansible took them: they run, and each older spelling is told
//! once.

use super::Project;

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
