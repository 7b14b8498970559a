//! Hosts, inventories and variables that are not what the user thinks: what is told, and that the
//! other hosts do their work.

use insta::assert_snapshot;

use super::Project;
use super::mistakes::{PLAYBOOK, failures, on_one_host, run};

#[test]
fn a_host_that_refuses_connections() {
    let project = Project::new(PLAYBOOK).file(
        "hosts",
        "refused ansible_host=127.0.0.1 ansible_port=1\nhere ansible_connection=local\n",
    );
    let said = run(&project, "-i hosts site.yml");
    assert!(said.contains("\nchanged: [here]\n"), "{said}");
    assert_snapshot!(failures(&said), @r"
    UNREACHABLE [Say hello] site.yml:4:7
      1 host: refused
        connection refused: 127.0.0.1:1
        help: is sshd running there, and on this port?

    2 hosts: 1 unreachable, 1 changed; 1 task in TIME
    exit code 4
    ");
}

#[test]
fn a_host_whose_name_nobody_knows() {
    let project = Project::new(PLAYBOOK).file(
        "hosts",
        "nameless ansible_host=no-such-host.invalid\nhere ansible_connection=local\n",
    );
    let said = run(&project, "-i hosts site.yml");
    assert!(said.contains("\nchanged: [here]\n"), "{said}");
    assert_snapshot!(without_resolver(failures(&said)), @r"
    UNREACHABLE [Say hello] site.yml:4:7
      1 host: nameless
        cannot resolve the name `no-such-host.invalid`: (the resolver's words)
        help: is the name right? `ansible_host` gives an address of its own

    2 hosts: 1 unreachable, 1 changed; 1 task in TIME
    exit code 4
    ");
}

/// Resolvers differ in how they say that there is no such name.
fn without_resolver(said: &str) -> String {
    said.lines()
        .map(|line| {
            line.split_once("`no-such-host.invalid`: ").map_or_else(
                || line.to_owned(),
                |(begin, _)| format!("{begin}`no-such-host.invalid`: (the resolver's words)"),
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn variables_that_are_none() {
    assert_snapshot!(on_one_host(&Project::new(PLAYBOOK), "-e a"), @r#"
    error[extra-vars]: --extra-vars "a" is not key=value, JSON or @file
     --> --extra-vars:1:1
      |
    1 | a
      | ^ not understood
      |
      = help: write -e name=value, -e '{"name": "value"}' or -e @file.yml
    exit code 5
    "#);
}

#[test]
fn variables_of_a_file_that_is_not_there() {
    assert_snapshot!(on_one_host(&Project::new(PLAYBOOK), "-e @more.yml"), @r"
    error[file-not-found]: there is no file more.yml
     --> --extra-vars:1:1
      |
    1 | @more.yml
      | ^^^^^^^^^ named here
      |
      = help: looked in .
    exit code 5
    ");
}

#[test]
fn no_inventory() {
    assert_snapshot!(run(&Project::new(PLAYBOOK), "site.yml"), @r"
    PLAY [all]
    skipping: no hosts matched

    PLAY RECAP

    0 hosts: none took part; 0 tasks in TIME
    warning: there is no inventory: give one with -i; only localhost is known
    error: no play has a host
      = help: --allow-empty accepts that; `rplay inventory --graph` shows the hosts there are
    exit code 11
    ");
}

#[test]
fn an_inventory_that_is_not_there() {
    assert_snapshot!(run(&Project::new(PLAYBOOK), "-i hosts site.yml"), @r"
    error[file-not-found]: there is no file hosts
     |
     = help: looked in . (a list of hosts needs a comma: `hosts,`)
    exit code 10
    ");
}

#[test]
fn a_pattern_that_matches_nothing() {
    let playbook = PLAYBOOK.replace("hosts: all", "hosts: wbe");
    let project = Project::new(&playbook).file("hosts", "[web]\nlocalhost\n");
    assert_snapshot!(run(&project, "-i hosts site.yml"), @r"
    warning[host-pattern]: no host and no group matches `wbe`
     --> site.yml:1:10
      |
    1 | - hosts: wbe
      |          ^^^ picks no host
      |
      = help: did you mean `web`?

    PLAY [wbe]
    skipping: no hosts matched

    PLAY RECAP

    0 hosts: none took part; 0 tasks in TIME
    error: no play has a host
      = help: --allow-empty accepts that; `rplay inventory --graph` shows the hosts there are
    exit code 11
    ");
}

#[test]
fn a_limit_that_matches_nothing() {
    let project = Project::new(PLAYBOOK).file("hosts", "[web]\nlocalhost\n");
    assert_snapshot!(run(&project, "-i hosts -l db site.yml"), @r"
    warning[host-pattern]: no host and no group matches `db`
     |
     = help: groups: web

    PLAY [all]
    skipping: no hosts matched

    PLAY RECAP

    0 hosts: none took part; 0 tasks in TIME
    error: no play has a host
      = help: --allow-empty accepts that; `rplay inventory --graph` shows the hosts there are
    exit code 11
    ");
}
