use super::*;
use crate::inventory::testing::load;

fn faults(hosts: &str) -> String {
    load(&[("hosts", hosts)], &["hosts"]).faults
}

fn yaml_faults(hosts: &str) -> String {
    load(&[("hosts.yml", hosts)], &["hosts.yml"]).faults
}

#[test]
fn headers_that_are_none() {
    insta::assert_snapshot!(faults("[web\nweb1\n[a b]\nx y z\n[web:foo]\nq\n[:vars]\n"), @r"
    error[inventory-host]: invalid host `[web`: a `[` without its `]`
     --> /play/hosts:1:1
      |
    1 | [web
      | ^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    error[inventory-syntax]: expected `[group]`, `[group:children]` or `[group:vars]`
     --> /play/hosts:3:2
      |
    3 | [a b]
      |  ^^^ not the name of a group
      |
      = help: a name holds no blanks, colons or brackets
    error[inventory-syntax]: expected `[web:children]` or `[web:vars]`, found `foo`
     --> /play/hosts:5:2
      |
    5 | [web:foo]
      |  ^^^^^^^ no kind of section
      |
      = help: a section is `hosts`, `children` or `vars`
    ");
}

#[test]
fn lines_that_are_no_hosts_or_variables() {
    insta::assert_snapshot!(faults("[web]\nweb1 web2\nweb3 a=\"b\nweb4 c=1 d\n"), @r#"
    error[inventory-syntax]: expected `name=value` behind the host, found `web2`
     --> /play/hosts:2:6
      |
    2 | web1 web2
      |      ^^^^ no value
      |
      = help: one host stands on a line; quote a value that holds blanks
    error[inventory-syntax]: a quote or an escape is opened and never closed
     --> /play/hosts:3:8
      |
    3 | web3 a="b
      |        ^ opened here
      |
      = help: close it on the same line
    error[inventory-syntax]: expected `name=value` behind the host, found `d`
     --> /play/hosts:4:10
      |
    4 | web4 c=1 d
      |          ^ no value
      |
      = help: one host stands on a line; quote a value that holds blanks
    "#);
    insta::assert_snapshot!(faults("[web:vars]\nport 80\n[web]\n"), @r"
    error[inventory-syntax]: expected `name=value`, found `port 80`
     --> /play/hosts:2:1
      |
    2 | port 80
      | ^^^^^^^ no `=`
      |
      = help: hosts belong in the section of the group itself
    ");
}

#[test]
fn groups_that_are_not_defined() {
    insta::assert_snapshot!(faults("[prod:children]\nwbe\ndb a=1\n[web]\n[stag:vars]\nx=1\n[stage]\n"), @r"
    error[inventory-syntax]: expected the name of a group, found `db a=1`
     --> /play/hosts:3:1
      |
    3 | db a=1
      | ^^^^^^ not a group
      |
      = help: hosts belong in the section of a group itself
    error[inventory-group]: the group `wbe` is listed as a child but is not defined
     --> /play/hosts:2:1
      |
    2 | wbe
      | ^^^ not a group
      |
      = help: did you mean `web`?
    error[inventory-group]: the group `stag` gets variables but is not defined
     --> /play/hosts:5:2
      |
    5 | [stag:vars]
      |  ^^^^^^^^^ not a group
      |
      = help: did you mean `stage`?
    ");
}

#[test]
fn groups_that_hold_each_other() {
    insta::assert_snapshot!(faults("[a:children]\nb\n[b:children]\nc\n[c:children]\na\n"), @r"
    error[inventory-loop]: groups hold each other: c -> a -> b -> c
     --> /play/hosts:6:1
      |
    6 | a
      | ^ closes the loop
      |
      = help: remove one of these children
    ");
    insta::assert_snapshot!(faults("[a:children]\nall\n"), @r"
    error[inventory-loop]: groups hold each other: a -> all -> a
     --> /play/hosts:2:1
      |
    2 | all
      | ^^^ closes the loop
      |
      = help: remove one of these children
    ");
}

#[test]
fn a_file_that_is_no_inventory_does_not_drown_the_user() {
    let shown = faults(&"this is prose\n".repeat(1000));
    assert_eq!(shown.matches("error[inventory-syntax]").count(), 100);
    assert!(shown.contains("there are more than 100 faults: the rest is not shown"));
}

#[test]
fn names_that_could_mean_something_on_a_command_line() {
    insta::assert_snapshot!(faults("[web]\n-oProxyCommand=touch${IFS}/x\n\"a b\"\na;b\nx\u{1b}[31m\n"), @r#"
    error[inventory-host]: invalid host `-oProxyCommand=touch${IFS}/x`: a name must not start with `-`
     --> /play/hosts:2:1
      |
    2 | -oProxyCommand=touch${IFS}/x
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    error[inventory-host]: invalid host `a b`: a name must not hold blanks
     --> /play/hosts:3:1
      |
    3 | "a b"
      | ^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    error[inventory-host]: invalid host `a;b`: a name must not hold `;`
     --> /play/hosts:4:1
      |
    4 | a;b
      | ^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    error[inventory-host]: invalid host `x\u{1b}[31m`: a name must not hold `\u{1b}`
     --> /play/hosts:5:1
      |
    5 | x␛[31m
      | ^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    "#);
}

#[test]
fn ranges_and_ports_that_are_none() {
    insta::assert_snapshot!(faults("web[3:1]\nweb:abc\nweb[1:3000000]\nweb[a:3]\n"), @r"
    error[inventory-host]: invalid host `web[3:1]`: expected a range such as `[1:20]` or `[a:f]`, found an end before the start in `[3:1]`
     --> /play/hosts:1:1
      |
    1 | web[3:1]
      | ^^^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    error[inventory-host]: invalid host `web:abc`: expected a port from 1 to 65535, found `abc`
     --> /play/hosts:2:1
      |
    2 | web:abc
      | ^^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    error[inventory-host]: invalid host `web[1:3000000]`: expected at most 100000 hosts from one line, found `[1:3000000]`
     --> /play/hosts:3:1
      |
    3 | web[1:3000000]
      | ^^^^^^^^^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    error[inventory-host]: invalid host `web[a:3]`: expected a range such as `[1:20]` or `[a:f]`, found something else in `[a:3]`
     --> /play/hosts:4:1
      |
    4 | web[a:3]
      | ^^^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    ");
}

#[test]
fn variables_that_no_host_can_be_reached_with() {
    insta::assert_snapshot!(faults("w ansible_host=-oProxyCommand=x ansible_port=70000 ansible_user='a b'\nv ansible_port={{x}} ansible_host=::1\n"), @r"
    error[inventory-variable]: invalid `ansible_host`: a name must not start with `-`
     --> /play/hosts:1:16
      |
    1 | w ansible_host=-oProxyCommand=x ansible_port=70000 ansible_user='a b'
      |                ^^^^^^^^^^^^^^^^ cannot be used to reach the host
    error[inventory-variable]: invalid `ansible_port`: expected a port from 1 to 65535, found `70000`
     --> /play/hosts:1:46
      |
    1 | w ansible_host=-oProxyCommand=x ansible_port=70000 ansible_user='a b'
      |                                              ^^^^^ cannot be used to reach the host
    error[inventory-variable]: invalid `ansible_user`: a user's name must not hold ` `
     --> /play/hosts:1:65
      |
    1 | w ansible_host=-oProxyCommand=x ansible_port=70000 ansible_user='a b'
      |                                                                 ^^^^^ cannot be used to reach the host
    ");
}

#[test]
fn names_and_priorities_that_are_odd() {
    insta::assert_snapshot!(faults("[web]\ndb\n[db]\nx\n"), @"warning[inventory-name]: `db` is both a host and a group: a pattern means the group");
    insta::assert_snapshot!(faults("[web:vars]\nansible_group_priority=high\n[web]\n"), @r"
    error[inventory-variable]: expected a whole number for `ansible_group_priority`, found `high`
     --> /play/hosts:2:24
      |
    2 | ansible_group_priority=high
      |                        ^^^^ not a whole number
    ");
}

#[test]
fn faults_of_a_yaml_inventory_are_all_told_at_once() {
    insta::assert_snapshot!(yaml_faults("all:\n  hosts:\n    - web1\n  vars:\n    - a: 1\n  childs:\n    web:\n"), @r"
    error[inventory-syntax]: expected a mapping under `hosts`, found a list
     --> /play/hosts.yml:3:5
      |
    3 |     - web1
      |     ^^^^^^ this is a list
      |
      = help: write each host as a key: `web1:`, without a dash
    error[inventory-syntax]: expected a mapping under `vars`, found a list
     --> /play/hosts.yml:5:5
      |
    5 |     - a: 1
      |     ^^^^^^ this is a list
      |
      = help: write each variable as `name: value`, without a dash
    warning[inventory-syntax]: `childs` is not part of a group, and is ignored
     --> /play/hosts.yml:6:3
      |
    6 |   childs:
      |   ^^^^^^ ignored
      |
      = help: a group holds `hosts`, `children` and `vars`; a group in a group belongs under `children`
    ");
    insta::assert_snapshot!(yaml_faults("all:\n  hosts:\n    web1: 5\n    web[1:: {}\n"), @r"
    error[inventory-syntax]: expected the variables of `web1` as a mapping, found a number
     --> /play/hosts.yml:3:11
      |
    3 |     web1: 5
      |           ^ this is a number
      |
      = help: write each variable as `name: value`
    error[inventory-host]: invalid host `web[1:`: a `[` without its `]`
     --> /play/hosts.yml:4:5
      |
    4 |     web[1:: {}
      |     ^^^^^^ not a host
      |
      = help: write a name, an address, or a range such as `web[01:20]`; a port goes behind a colon
    ");
}

#[test]
fn groups_of_another_kind() {
    insta::assert_snapshot!(yaml_faults("all: [web1]\n'a b': {}\n"), @r"
    error[inventory-syntax]: expected a mapping for the group `all`, found a list
     --> /play/hosts.yml:1:6
      |
    1 | all: [web1]
      |      ^^^^^^ this is a list
      |
      = help: a group holds `hosts:`, `children:` and `vars:`
    error[inventory-syntax]: expected the name of a group, found `a b`
     --> /play/hosts.yml:2:1
      |
    2 | 'a b': {}
      | ^^^^^ not a name
    ");
    insta::assert_snapshot!(yaml_faults("- hosts: all\n"), @r"
    error[inventory-syntax]: expected a mapping of groups, found a list
     --> /play/hosts.yml:1:1
      |
    1 | - hosts: all
      | ^^^^^^^^^^^^ this is a list
      |
      = help: start with `all:`, and `hosts:` under it
    ");
}

#[test]
fn yaml_that_is_no_inventory() {
    insta::assert_snapshot!(yaml_faults("a: {children: {b: }}\nb: {children: {a: }}\n"), @r"
    error[inventory-loop]: groups hold each other: b -> a -> b
     --> /play/hosts.yml:2:16
      |
    2 | b: {children: {a: }}
      |                ^ closes the loop
      |
      = help: remove one of these children
    ");
    insta::assert_snapshot!(yaml_faults("plugin: aws_ec2\n"), @r"
    error[inventory-plugin]: expected hosts and groups, found the settings of the inventory plugin `aws_ec2`
     --> /play/hosts.yml:1:9
      |
    1 | plugin: aws_ec2
      |         ^^^^^^^ not known
      |
      = help: rplay has the plugins `constructed` and `generator`: for others use a script that prints JSON, or save what `ansible-inventory --list` prints as hosts.json
    ");
    insta::assert_snapshot!(yaml_faults("all:\n  hosts:\n\tweb1:\n"), @r"
    error[yaml-syntax]: a tab cannot indent YAML
     --> /play/hosts.yml:3:1
      |
    3 |     web1:
      | ^^^^ a tab
      |
      = help: use spaces
    ");
}

#[test]
fn sources_that_are_none() {
    insta::assert_snapshot!(load(&[("hosts.ini", "")], &["hosts.in"]).faults, @r"
    error[file-not-found]: there is no file /play/hosts.in
     |
     = help: did you mean `hosts.ini`? (a list of hosts needs a comma: `/play/hosts.in,`)
    ");
    insta::assert_snapshot!(load(&[("testing/group_vars/all.yml", ""), ("testing/a.md", "")], &["testing"]).faults, @r"
    error[inventory-empty]: there is no inventory in the directory /play/testing
     |
     = help: put a file such as `hosts` or `hosts.yml` there
    ");
    insta::assert_snapshot!(load(&[("inv/hosts", "h\n"), ("inv/site.yml", "- hosts: all\n")], &["inv"]).faults, @r"
    warning[inventory-ignored]: /play/inv/site.yml is not an inventory, and is ignored
     --> /play/inv/site.yml:1:1
      |
    1 | - hosts: all
      | ^^^^^^^^^^^^ a list
    ");
    insta::assert_snapshot!(load(&[("hosts.toml", "")], &["hosts.toml"]).faults, @r"
    error[inventory-syntax]: expected groups and hosts, found an empty file
     --> /play/hosts.toml:1:1
      |
    1 |
      | ^ empty
    ");
    assert_eq!(load(&[("hosts", "# nothing\n")], &["hosts"]).faults, "");
}

#[test]
fn scripts_that_print_something_else() {
    let run = |text: &str| {
        use std::os::unix::fs::PermissionsExt;
        let loaded = load(&[("inv.sh", text)], &[]);
        let path = loaded.folder.path().join("inv.sh");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let specs = [path.display().to_string()];
        let (_, faults) = Inventory::load(&specs, &crate::inventory::testing::reading());
        let faults: Vec<String> = faults
            .iter()
            .map(|fault| format!("{} ({})", fault.message, fault.help.as_deref().unwrap_or("-")))
            .collect();
        faults.join("\n").replace(&loaded.folder.path().display().to_string(), "/play")
    };
    insta::assert_snapshot!(run("#!/bin/sh\necho Traceback\n"), @r"the inventory script /play/inv.sh --list printed no JSON: expected value at line 1 column 1 (its output starts with: Traceback\n)");
    insta::assert_snapshot!(run("#!/bin/sh\necho '[1]'\n"), @"/play/inv.sh --list: expected a JSON object of groups (-)");
    insta::assert_snapshot!(run("#!/bin/sh\necho '{\"a\": 5, \"b\": {\"hosts\": \"h\", \"vars\": [], \"children\": {}}, \"c\": [\"-x\", 1]}'\n"), @r"
    /play/inv.sh --list: the group `a` must be a list of hosts or an object (-)
    /play/inv.sh --list: `hosts` of the group `b` must be a list (-)
    /play/inv.sh --list: `vars` of the group `b` must be an object (-)
    /play/inv.sh --list: `children` of the group `b` must be a list (-)
    /play/inv.sh --list: invalid host `-x`: a name must not start with `-` (-)
    /play/inv.sh --list: the hosts of the group `c` must be names (-)
    ");
    insta::assert_snapshot!(run("#!/no/such/program\n"), @"the inventory script /play/inv.sh --list cannot be started: No such file or directory (os error 2) (its first line must name a program that is installed)");
}
