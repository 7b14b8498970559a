//! What must not be seen is not seen, wherever it comes through; what a host says cannot steer the
//! terminal or the build service.

use super::Project;

/// The words that may not appear in any output.
const SECRETS: [&str; 4] = ["canary-vault", "Y2FuYXJ5LXZhdWx0", "canary-become", "canary-withheld"];

/// A project with a secret of each kind, and tasks that say them in every way.
fn project() -> Project {
    let project = Project::new("").file("vault-pass", "password\n");
    let words = "vault encrypt-string --vault-password-file vault-pass --name vaulted canary-vault";
    let encrypted = project.run(words);
    assert_eq!(encrypted.code, 0, "{}", encrypted.stderr);
    project.file("group_vars/all.yml", &encrypted.stdout).file(
        "site.yml",
        r#"
- name: Keep quiet about {{ vaulted }}
  hosts: all
  gather_facts: false
  vars:
    dsn: "db://admin:{{ vaulted }}@db"
  tasks:
    - name: Say them before they are used
      debug:
        msg: "{{ dsn }} {{ vaulted | b64encode }} {{ ansible_become_password }}"
    - name: Use {{ vaulted }} as a key
      debug:
        msg: "{{ {vaulted: [vaulted]} }}"
    - name: Write it
      copy:
        content: "password = {{ vaulted }}\n"
        dest: "{{ playbook_dir }}/secret.conf"
    - name: Fail with it
      shell: echo "{{ dsn }}"; echo "{{ vaulted }}" >&2; exit 1
      ignore_errors: true
    - name: Withhold it
      command: echo canary-withheld
      no_log: true
    - name: Withhold the failure
      shell: echo canary-withheld; exit 1
      no_log: true
      ignore_errors: true
    - name: Loop over it
      debug:
        msg: "{{ item }}"
      loop: ["{{ vaulted }}"]
    - name: Fail for good
      fail:
        msg: "{{ dsn }} is not there"
"#,
    )
}

#[test]
fn no_secret_is_in_any_output() {
    let project = project();
    let reports = "--report json=run.jsonl --report junit=run.xml --report github=run.github";
    for how in ["-vvv --diff", "--diff", "--check --diff -v"] {
        let ended = project.run(&format!(
            "-i testing site.yml --vault-password-file vault-pass {how} {reports} \
             -e ansible_become_password=canary-become"
        ));
        assert_eq!(ended.code, 2, "{}\n{}", ended.stdout, ended.stderr);
        assert!(ended.stdout.contains("db://admin:********@db"), "{}", ended.stdout);
        let files = ["run.jsonl", "run.xml", "run.github"].map(|file| project.read(file));
        for said in files.iter().chain([&ended.stdout, &ended.stderr]) {
            let seen = SECRETS.iter().find(|secret| said.contains(**secret));
            assert_eq!(seen, None, "{how}: {said}");
        }
    }
    assert_eq!(project.read("secret.conf"), "password = canary-vault\n");
}

#[test]
fn what_a_host_prints_steers_nothing() {
    let project = Project::new(
        r"
- hosts: a
  gather_facts: false
  tasks:
    - name: Shout
      shell: printf '\033]0;owned\007\033[2J\302\23331m\r::error::x\n'; printf 'err\033[5m\200' >&2; exit 3
      ignore_errors: true
      register: shout
    - name: Repeat it
      debug:
        msg: '{{ shout.stdout }}'
    - name: Fail with it
      fail:
        msg: '{{ shout.stdout }}'
",
    );
    for how in ["", "-vvv", "--report github=-", "--report json=-"] {
        let output = project.command(&format!("-i testing site.yml {how}")).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let steers = |sign: char| sign.is_control() && sign != '\n';
        assert!(!said.contains(steers), "{how}: {}", said.escape_debug());
        assert!(said.contains("owned"), "{how}: {said}");
        assert!(!said.lines().any(|line| line.starts_with("::error::")), "{how}: {said}");
    }
}
