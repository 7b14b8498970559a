//! Facts from one run to the next.

use super::Project;

const CONFIG: &str = "[defaults]\nfact_caching = jsonfile\nfact_caching_connection = kept/facts\n\
                      fact_caching_prefix = p_\n";

/// A playbook that learns something, and one that looks what is known.
fn project() -> Project {
    let learn = r"
- hosts: a
  gather_facts: false
  tasks:
    - set_fact: {purpose: web, ansible_rack: 7, cacheable: true}
    - set_fact: {fleeting: 1}
";
    let look = r#"
- hosts: b
  gather_facts: false
  tasks:
    - debug:
        msg: "{{ hostvars.a.purpose | default('-') }} {{ hostvars.a.ansible_rack | default('-') }} {{
              hostvars.a.ansible_facts }} {{ hostvars.a.fleeting | default('-') }}"
"#;
    Project::new(learn).file("look.yml", look).file("ansible.cfg", CONFIG)
}

fn seen(project: &Project, line: &str) -> String {
    let ended = project.run(line);
    assert_eq!(ended.code, 0, "{ended:?}");
    let line = ended.stdout.lines().find_map(|line| line.strip_prefix("ok: [b] => "));
    line.unwrap_or(&ended.stdout).to_owned()
}

#[test]
fn a_later_run_knows_what_was_meant_to_be_kept() {
    let project = project();
    insta::assert_snapshot!(seen(&project, "-i testing look.yml"), @"- - {} -");
    assert!(!project.path().join("kept").exists());
    assert_eq!(project.run("-i testing site.yml").code, 0);
    insta::assert_snapshot!(project.read("kept/facts/p_s1_a"), @r#"{"__payload__":"{\"purpose\":\"web\",\"ansible_rack\":7}"}"#);
    insta::assert_snapshot!(seen(&project, "-i testing look.yml"), @"web 7 {'purpose': 'web', 'rack': 7} -");
    insta::assert_snapshot!(seen(&project, "-i testing look.yml --flush-cache"), @"- - {} -");
    assert!(!project.path().join("kept/facts/p_s1_a").exists());
}

#[test]
fn facts_that_are_cleared_are_cleared_for_good() {
    let project = project().file(
        "clear.yml",
        "- hosts: a\n  gather_facts: false\n  tasks:\n    - ping:\n    - meta: clear_facts\n",
    );
    project.run("-i testing site.yml");
    assert!(project.path().join("kept/facts/p_s1_a").exists());
    assert_eq!(project.run("-i testing clear.yml").code, 0);
    assert!(!project.path().join("kept/facts/p_s1_a").exists());
}

#[test]
fn what_is_gathered_once_serves_every_run() {
    let play = "- hosts: a\n  gather_subset: '!all'\n  tasks:\n    - debug: {msg: '{{ ansible_system }}'}\n";
    let project = Project::new(play).file("ansible.cfg", &format!("{CONFIG}gathering = smart\n"));
    let gathers = || {
        let ended = project.run("-i testing site.yml");
        assert!(ended.stdout.contains("Linux"), "{ended:?}");
        ended.stdout.contains("Gathering Facts")
    };
    assert!(gathers());
    assert!(!gathers());
    std::fs::write(project.path().join("kept/facts/p_s1_a"), "{").unwrap();
    let ended = project.run("-i testing site.yml");
    insta::assert_snapshot!(ended.stdout + &ended.stderr, @"
    the cached facts in kept/facts/p_s1_a are passed over: they have not the form that fact caches have

    PLAY [a]

    TASK [Gathering Facts]
    ok: [a]

    TASK [debug]
    ok: [a] => Linux

    PLAY RECAP
    a                          : ok=2    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

    1 host: nothing changed; 2 tasks in TIME
    ");
    assert!(!gathers());
}

#[test]
fn one_module_learns_for_the_next() {
    let project = Project::new("").file("ansible.cfg", CONFIG);
    let assert = |what: &str| {
        let that = format!(r#"{{"that": "{what}"}}"#);
        let args = ["adhoc", "a", "-i", "testing", "-m", "assert", "-a", &that];
        project.ended(project.program(&args).output().unwrap()).code
    };
    assert_eq!(assert("ansible_facts.system is not defined"), 0);
    assert_eq!(project.run("adhoc a -i testing -m setup -a gather_subset=!all --check").code, 0);
    assert_eq!(assert("ansible_facts.system == 'Linux' and ansible_system == 'Linux'"), 0);
}

#[test]
fn a_cache_that_cannot_be_had_is_told() {
    let of = |config: &str| {
        let project = project().file("ansible.cfg", &format!("[defaults]\n{config}"));
        let ended = project.run("-i testing site.yml");
        assert_eq!(ended.code, 0);
        ended.stderr
    };
    insta::assert_snapshot!(of("fact_caching = redis\n"), @"warning: there is no fact cache `redis`: facts are not kept between runs; there are: memory, jsonfile, yaml");
    insta::assert_snapshot!(of("fact_caching = jsonfile\n"), @"warning: facts are not kept between runs: the fact cache needs a folder, in `fact_caching_connection`");
    let config = "fact_caching = jsonfile\nfact_caching_connection = site.yml\n\
                  fact_caching_prefix = p_\n";
    let project = project().file("ansible.cfg", &format!("[defaults]\n{config}"));
    let ended = project.run("-i testing site.yml");
    let told = ended.stdout.lines().find(|line| line.contains("cannot be kept"));
    insta::assert_snapshot!(told.unwrap(), @"facts cannot be kept in site.yml/p_s1_a: File exists (os error 17)");
}

#[test]
fn facts_need_not_be_variables() {
    let playbook = r#"
- hosts: a
  gather_subset: '!all'
  tasks:
    - debug:
        msg: "{{ ansible_system | default('-') }} {{ ansible_facts.system }} {{ ansible_local }}"
"#;
    let project = Project::new(playbook).variable("ANSIBLE_INJECT_FACT_VARS", "false");
    let ended = project.run("-i testing site.yml");
    assert!(ended.stdout.contains("- Linux {}"), "{ended:?}");
}
