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
