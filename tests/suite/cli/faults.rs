//! What is wrong is told before anything runs.

use super::Project;

#[test]
fn every_fault_of_the_files_is_told_at_once_with_10() {
    let project = Project::new(
        "- hosts: all\n  tasks:\n    - copy:\n        contnet: hi\n        src: x\n        dest: /x\n      wehn: yes\n    \
         - pnig:\n",
    );
    let ended = project.run("-i testing site.yml");
    assert_eq!((ended.code, ended.stdout.as_str()), (10, ""));
    insta::assert_snapshot!(ended.stderr, @r"
    error[unknown-keyword]: unknown task keyword or module `wehn`
     --> site.yml:7:7
      |
    7 |       wehn: yes
      |       ^^^^ not known here
      |
     ::: site.yml:3:7
      |
    3 |     - copy:
      |       ---- the task already has this module
      |
      = help: did you mean `when`?
    error[unknown-argument]: `copy` has no argument `contnet`
     --> site.yml:4:9
      |
    4 |         contnet: hi
      |         ^^^^^^^ not an argument of this module
      |
      = help: did you mean `content`?
    error[unknown-module]: unknown module or keyword `pnig`
     --> site.yml:8:7
      |
    8 |     - pnig:
      |       ^^^^ neither a module nor a keyword of a task
      |
      = help: did you mean `ping`?
    ");
    assert_eq!(project.run("check -i testing site.yml").code, 10);
    assert_eq!(project.run("-i testing site.yml --syntax-check").code, 10);
}

#[test]
fn a_project_without_fault_is_said_to_have_none() {
    let project = Project::new("- hosts: all\n  tasks: [{ping: {}}]\n");
    let ended = project.run("check -i testing site.yml");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.stdout, "no fault found: plays=1 hosts=2\n");
}

#[test]
fn a_command_line_that_is_wrong_ends_with_5() {
    let project = Project::new("- hosts: all\n  tasks: [{ping: {}}]\n");
    for line in [
        "--nonsense",
        "-i testing",
        "-i testing site.yml --forks 0",
        "-i testing site.yml -e a",
        "-i testing site.yml -e {bad",
        "-i testing site.yml --report jnuit=x",
        "-i testing site.yml --report junit=/nowhere/x.xml",
        "-i testing site.yml --vault-password-file nowhere",
        "-i testing site.yml --become-password-file nowhere",
        "adhoc all -i testing -m pnig",
        "doc nowhere",
    ] {
        let ended = project.run(line);
        assert_eq!(ended.code, 5, "{line}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error"), "{line}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{line}");
    }
}

#[test]
fn a_configuration_that_is_wrong_ends_with_5() {
    let project = Project::new("- hosts: all\n  tasks: [{ping: {}}]\n")
        .file("ansible.cfg", "[defaults]\nforks = many\n");
    let ended = project.run("-i testing site.yml");
    assert_eq!(ended.code, 5);
    insta::assert_snapshot!(
        ended.stderr,
        @"error: ansible.cfg:2: `forks` must be a whole number, this is `many`"
    );
}

#[test]
fn the_configuration_is_followed() {
    let project = Project::new("- hosts: all\n  tasks: [{ping: {}}]\n")
        .file("ansible.cfg", "[defaults]\ninventory = inventories/testing\n");
    assert_eq!(project.run("site.yml").code, 0);
    let project = project.variable("ANSIBLE_INVENTORY", "c,");
    let ended = project.run("site.yml --list-hosts");
    assert!(ended.stdout.contains("    hosts (1):\n      c\n"), "{}", ended.stdout);
}

#[test]
fn a_password_cannot_be_asked_for_without_a_terminal() {
    use std::os::unix::process::CommandExt;
    let project = Project::new("- hosts: all\n  tasks: [{ping: {}}]\n");
    // A process of a group of its own in no session keeps the terminal of the tests; one whose
    // session has none cannot ask.
    let mut command = std::process::Command::new("setsid");
    command.arg("-w").arg(env!("CARGO_BIN_EXE_rplay"));
    command.args(["-i", "testing", "site.yml", "-K"]).current_dir(project.path());
    command.stdin(std::process::Stdio::null()).process_group(0);
    let ended = project.ended(command.output().unwrap());
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    insta::assert_snapshot!(ended.stderr, @r"
    error: `BECOME password` cannot be asked: there is no terminal
      = help: give it with --become-password-file
    ");
}

#[test]
fn colour_is_kept_out_of_pipes_and_forced_when_asked() {
    let playbook = "- hosts: all\n  gather_facts: false\n  tasks: [{ping: {}}]\n";
    let project = Project::new(playbook);
    let coloured = |project: &Project, line: &str| project.run(line).stdout.contains('\x1b');
    assert!(!coloured(&project, "-i testing site.yml"));
    assert!(coloured(&project, "-i testing site.yml --color always"));
    let project = project.variable("CLICOLOR_FORCE", "1");
    assert!(coloured(&project, "-i testing site.yml"));
    assert!(!coloured(&project, "-i testing site.yml --color never"));
    let project = project.variable("NO_COLOR", "1");
    assert!(!coloured(&project, "-i testing site.yml"));
}

#[test]
fn what_a_playbook_may_mean_to_fail_is_only_warned_of() {
    let bad = "copy: {content: x}";
    for tasks in [
        format!("    - {bad}\n      ignore_errors: true\n"),
        format!("    - {bad}\n      register: r\n      failed_when: r is not failed\n"),
        format!("    - block:\n        - {bad}\n      rescue:\n        - ping:\n"),
        "    - debug: msg={{ 1 | nosuch }}\n      ignore_errors: true\n".to_owned(),
    ] {
        let playbook = format!("- hosts: a\n  gather_facts: false\n  tasks:\n{tasks}");
        let project = Project::new(&playbook);
        let ended = project.run("-i testing site.yml");
        assert_eq!(ended.code, 0, "{tasks}{}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.starts_with("warning["), "{tasks}{}", ended.stderr);
    }
}

#[test]
fn late_faults_begin_a_run_whose_broken_tasks_are_never_reached() {
    let playbook = |last: &str| {
        format!(
            "- hosts: a\n  gather_facts: false\n  tasks:\n    - copy: {{contnet: x, dest: /tmp/x}}\n      \
             when: (a\n      loop: []\n    - debug: {{msg: '{{{{ 1 | nosuch }}}}'}}\n      when: false\n{last}",
        )
    };
    let project = Project::new(&playbook(""));
    assert_eq!(project.run("-i testing site.yml").code, 10);
    let ended = project.run("-i testing site.yml --late-faults");
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let warned: Vec<&str> =
        ended.stderr.lines().filter(|line| line.starts_with("warning")).collect();
    insta::assert_snapshot!(warned.join("\n"), @r"
    warning[unknown-argument]: `copy` has no argument `contnet`
    warning[template-syntax]: unexpected end of input, expected `)`
    warning[unknown-filter]: there is no filter `nosuch`
    ");
    let project = Project::new(&playbook("    - debug: {msg: '{{ 1 | nosuch }}'}\n"));
    let ended = project.run("-i testing site.yml --late-faults");
    assert_eq!(ended.code, 2);
    assert!(
        ended.stdout.contains("No filter named 'nosuch'\n    --> site.yml:9:"),
        "{}",
        ended.stdout
    );
    let project = Project::new(&playbook("    - pnig:\n"));
    assert_eq!(project.run("-i testing site.yml --late-faults").code, 10);
}
