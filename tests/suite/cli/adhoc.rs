//! One module over hosts.

use super::Project;

fn shell(project: &Project, line: &str, more: &[&str]) -> super::Ended {
    let mut args = vec!["adhoc", "all", "-i", "testing", "-m", "shell", "-a", line];
    args.extend(more);
    project.ended(project.program(&args).output().unwrap())
}

#[test]
fn each_host_speaks_in_turn_its_two_outputs_apart() {
    let project = Project::new("");
    let line = "echo {{ inventory_hostname }}; echo err >&2; exit {{ 0 if inventory_hostname == 'b' else 3 }}";
    let ended = shell(&project, line, &[]);
    insta::assert_snapshot!(ended.stdout, @r"
    a | FAILED | rc=3 >>
    a
    -- stderr --
    err
    b | CHANGED | rc=0 >>
    b
    -- stderr --
    err
    ");
    assert_eq!((ended.code, ended.stderr.as_str()), (2, ""));
}

#[test]
fn hosts_that_said_the_same_are_shown_as_one_when_asked() {
    let project = Project::new("");
    insta::assert_snapshot!(shell(&project, "echo same", &["--group-output"]).stdout, @r"
    2 hosts: a, b | CHANGED | rc=0 >>
    same
    ");
}

#[test]
fn braces_that_are_no_template_can_be_written() {
    let project = Project::new("");
    let line = "echo '{%raw%}{{.Names}}{%endraw%}'";
    let ended = shell(&project, line, &["-l", "a"]);
    assert_eq!(ended.stdout, "a | CHANGED | rc=0 >>\n{{.Names}}\n");
}

#[test]
fn the_module_is_command_unless_given() {
    let project = Project::new("");
    let ended = project.run("adhoc a -i testing -a echo");
    assert_eq!(ended.stdout, "a | CHANGED | rc=0 >>\n");
    let ended = project.run("adhoc a -i testing -m ping");
    insta::assert_snapshot!(ended.stdout, @r#"
    a | SUCCESS =>
    {
      "ping": "pong",
      "changed": false
    }
    "#);
    let ended = project.run("adhoc a -i testing -a id --check");
    assert!(ended.stdout.contains("would run: id"), "{}", ended.stdout);
    assert_eq!(ended.code, 0);
}

#[test]
fn a_pattern_that_picks_nothing_ends_with_11() {
    let project = Project::new("");
    let ended = project.run("adhoc nowhere -i testing -m ping -a data=x");
    assert_eq!(ended.code, 11);
    insta::assert_snapshot!(ended.stdout, @r"
    warning[host-pattern]: no host and no group matches `nowhere`
     --> command line:1:1
      |
    1 | nowhere -m ping -a data=x
      | ^^^^^^^ picks no host
      |
      = help: the inventory has no groups
    no hosts matched
    ");
    let ended = project.run("adhoc all -i testing -m ping --list-hosts");
    assert!(ended.stdout.contains("hosts (2):\n    a\n    b\n"), "{}", ended.stdout);
}

/// The command under the name that ansible-core gives it.
fn as_ansible(project: &Project, args: &[&str]) -> super::Ended {
    use std::os::unix::process::CommandExt;
    let mut all = vec!["all", "-i", "inventories/testing", "-l", "a"];
    all.extend(args);
    project.ended(project.program(&all).arg0("ansible").output().unwrap())
}

/// Lines without the numbers of jobs and the times, which differ each time.
fn steady(text: &str) -> String {
    let passing = ["ansible_job_id", "results_file", "delta", "start", "end"];
    let keys = passing.map(|key| format!("    \"{key}\":"));
    let kept = text.lines().filter(|line| !keys.iter().any(|key| line.starts_with(key)));
    kept.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn a_module_can_be_left_in_the_background() {
    let project = Project::new("").variable("ANSIBLE_ASYNC_DIR", "jobs");
    let ended = as_ansible(&project, &["-B", "20", "-P", "0", "-a", "echo hi"]);
    insta::assert_snapshot!(steady(&ended.stdout), @r#"
    a | CHANGED => {
        "changed": true,
        "finished": false,
        "started": true
    }
    "#);
    let ended = as_ansible(&project, &["-B", "20", "-P", "1", "-a", "echo hi"]);
    insta::assert_snapshot!(steady(&ended.stdout), @r#"
    a | CHANGED => {
        "changed": true,
        "cmd": [
            "echo",
            "hi"
        ],
        "finished": true,
        "msg": "",
        "rc": 0,
        "started": true,
        "stderr": "",
        "stderr_lines": [],
        "stdout": "hi",
        "stdout_lines": [
            "hi"
        ]
    }
    "#);
    let ended =
        as_ansible(&project, &["-B", "20", "-P", "1", "-m", "shell", "-a", "echo hi; exit 3"]);
    assert_eq!(ended.stdout, "a | FAILED | rc=3 >>\nhinon-zero return code\n");
    let ended = as_ansible(&project, &["-B", "1", "-P", "1", "-a", "sleep 5"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stdout.starts_with("a | FAILED | rc=-1 >>\n"), "{}", ended.stdout);
    let ended = as_ansible(&project, &["-B", "0", "-P", "0", "-a", "echo hi"]);
    assert_eq!(ended.stdout, "a | CHANGED | rc=0 >>\nhi\n");
}

#[test]
fn each_result_can_have_a_file() {
    let project = Project::new("");
    let ended = project.run("adhoc all -i testing -t out/results -m ping");
    assert_eq!(ended.code, 0);
    assert_eq!(project.read("out/results/a"), r#"{"changed": false, "ping": "pong"}"#);
    assert_eq!(project.read("out/results/b"), r#"{"changed": false, "ping": "pong"}"#);
    let ended = project.run("adhoc a -i testing --tree out/results -m fail -a msg=no");
    assert_eq!(ended.code, 2);
    assert_eq!(project.read("out/results/a"), r#"{"changed": false, "msg": "no"}"#);
    let ended = project.run("adhoc a -i testing --tree inventories/testing -m ping");
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("cannot make the folder inventories/testing: "), "{ended:?}");
}

#[test]
fn a_host_without_a_file_name_leaves_the_others_theirs() {
    let project =
        Project::new("").file("inventories/odd", "../x\nb\n[all:vars]\nansible_connection=local\n");
    let ended = project.run("adhoc all -i odd -t out -m ping");
    assert_eq!(ended.code, 0);
    assert_eq!(
        ended.stderr,
        "warning: the report in out is incomplete: `../x` is no name of a file\n"
    );
    assert!(project.path().join("out/b").exists() && !project.path().join("x").exists());
}
