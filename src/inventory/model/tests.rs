use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::base::Redactor;

struct Loaded {
    inventory: Inventory,
    faults: String,
    folder: tempfile::TempDir,
}

/// Loads files written to a directory; `-i` names each of `specs` in it.
fn load(files: &[(&str, &str)], specs: &[&str]) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = folder.path().display().to_string();
    let specs: Vec<String> = specs
        .iter()
        .map(|spec| if spec.contains(',') { (*spec).to_owned() } else { format!("{root}/{spec}") })
        .collect();
    let (sources, redactor) = (Sources::default(), Redactor::default());
    let (inventory, faults) = Inventory::load(&specs, &sources, &Keyring::new(redactor.clone()));
    let shown: Vec<String> =
        faults.iter().map(|fault| fault.render(&sources, &redactor, false)).collect();
    Loaded { inventory, faults: shown.join("\n").replace(&root, "/play"), folder }
}

fn faults(hosts: &str) -> String {
    load(&[("hosts", hosts)], &["hosts"]).faults
}

fn yaml_faults(hosts: &str) -> String {
    load(&[("hosts.yml", hosts)], &["hosts.yml"]).faults
}

#[test]
fn inventories_mean_what_they_mean_to_ansible() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/inventory");
    for (case, file) in [
        ("ini", "hosts"),
        ("values", "hosts"),
        ("yaml", "hosts.yml"),
        ("directory", ""),
        ("precedence", "hosts"),
        ("script", "inventory.sh"),
        ("dynamic", "hosts.sh"),
    ] {
        let spec = folder.join(case).join(file).display().to_string();
        let (inventory, faults) =
            Inventory::load(&[spec], &Sources::default(), &Keyring::default());
        assert!(!faults.has_errors(), "{case}: {faults:?}");
        let expected = std::fs::read(folder.join(format!("{case}.json"))).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        assert_eq!(inventory.to_json(None), expected, "{case}");
    }
}

#[test]
fn the_sample_inventories_hold_together() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("inventories");
    for (sample, hosts) in [("single", 1), ("staging", 2), ("production", 7), ("swarm", 8)] {
        let specs = [folder.join(sample).display().to_string()];
        let (inventory, faults) = Inventory::load(&specs, &Sources::default(), &Keyring::default());
        assert!(faults.is_empty(), "{sample}: {faults:?}");
        assert_eq!(inventory.hosts().len(), hosts, "{sample}");
        for host in inventory.hosts() {
            let (layers, faults) = inventory.layers(&host.name, None);
            assert!(faults.is_empty() && !layers.is_empty(), "{sample}: {}", host.name);
        }
    }
}

#[test]
fn ini_faults() {
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
fn host_faults() {
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
fn yaml_faults_are_all_told_at_once() {
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
    error[inventory-syntax]: expected hosts and groups, found the settings of the inventory plugin `aws_ec2`
     --> /play/hosts.yml:1:1
      |
    1 | plugin: aws_ec2
      | ^^^^^^^^^^^^^^^ this is a mapping
      |
      = help: rplay runs no inventory plugins: use a script that prints JSON, or save what `ansible-inventory --list` prints as hosts.json
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
    error[inventory-syntax]: TOML inventories are not read: /play/hosts.toml
     |
     = help: write it as INI or YAML
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
        let (_, faults) = Inventory::load(&specs, &Sources::default(), &Keyring::default());
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

#[test]
fn hosts_may_stand_on_the_command_line() {
    let loaded = load(&[("hosts", "h2\n")], &["h1, web[1:2]:2222,", "hosts"]);
    assert_eq!(loaded.faults, "");
    let names: Vec<&str> = loaded.inventory.hosts().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["h1", "web1", "web2", "h2"]);
    assert!(loaded.inventory.host("localhost").is_some_and(|host| host.implicit));
}

#[test]
fn later_sources_add_to_earlier_ones() {
    let files = [
        ("a", "[web]\nh1 x=1 y=1\n[prod:children]\nlater\n"),
        ("b.yml", "later: {hosts: {h1: {x: 2}}}\n"),
    ];
    let loaded = load(&files, &["a", "b.yml"]);
    assert_eq!(loaded.faults, "");
    assert_eq!(loaded.inventory.host_groups("h1"), ["later", "prod", "web"]);
    assert_eq!(loaded.inventory.to_json(None)["_meta"]["hostvars"]["h1"], json!({"x": 2, "y": 1}));
}

#[test]
fn files_beside_the_playbook_are_stronger_than_those_beside_the_inventory() {
    let files = [
        ("inv/hosts", "[web]\nh\n"),
        ("inv/group_vars/web.yml", "a: inventory web\nb: inventory web\nc: inventory web\n"),
        ("inv/host_vars/h.yml", "d: inventory host\n"),
        ("play/group_vars/all.yml", "a: playbook all\n"),
        ("play/group_vars/web.yml", "b: playbook web\n"),
        ("play/host_vars/h.yml", "c: playbook host\nd: playbook host\n"),
    ];
    let loaded = load(&files, &["inv"]);
    let playbook = loaded.folder.path().join("play");
    assert_eq!(
        loaded.inventory.to_json(Some(&playbook))["_meta"]["hostvars"]["h"],
        json!({"a": "inventory web", "b": "playbook web", "c": "playbook host", "d": "playbook host"})
    );
    let levels: Vec<Level> = loaded
        .inventory
        .layers("h", Some(&playbook))
        .0
        .into_iter()
        .map(|(level, _)| level)
        .collect();
    assert!(levels.is_sorted());
}

#[test]
fn faults_of_variable_files_come_with_the_hosts_that_need_them() {
    let files = [
        ("hosts", "[web]\nh1\n[db]\nh2\n"),
        ("group_vars/web.yml", "- a\n"),
        ("group_vars/all/x.yml", "a: 1\na: 2\n"),
        ("group_vars/all.yml", "b: 1\n"),
        ("group_vars/db.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
    ];
    let loaded = load(&files, &["hosts"]);
    assert_eq!(loaded.faults, "");
    let messages = |host: &str| {
        let (layers, faults) = loaded.inventory.layers(host, None);
        let shown: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
        let root = loaded.folder.path().display().to_string();
        (layers.len(), shown.join("\n").replace(&root, "/play"))
    };
    insta::assert_snapshot!(messages("h1").1, @r"
    /play/group_vars/all.yml is not read, as /play/group_vars/all stands beside it
    the key `a` stands twice in one mapping
    expected a mapping of variables, found a list
    ");
    insta::assert_snapshot!(messages("h2").1, @r"
    /play/group_vars/all.yml is not read, as /play/group_vars/all stands beside it
    the key `a` stands twice in one mapping
    cannot decrypt /play/group_vars/db.yml: the encrypted text is damaged: it does not hold salt, HMAC and ciphertext
    ");
    assert_eq!(messages("localhost").0, 2);
}

#[test]
fn hosts_share_the_layers_of_their_groups() {
    let loaded = load(&[("hosts", "[web]\nh1\nh2\n[web:vars]\na=1\n")], &["hosts"]);
    let layer = |host: &str| Arc::clone(&loaded.inventory.layers(host, None).0[0].1);
    assert!(Arc::ptr_eq(&layer("h1"), &layer("h2")));
}

#[test]
fn hosts_and_groups_are_added_while_a_run_is_under_way() {
    let mut inventory = load(&[("hosts", "h1\n[web]\nh2\n")], &["hosts"]).inventory;
    let vars = Layer::from([("a".to_owned(), json!(1).into())]);
    inventory.add_host("h1", ["new"], vars);
    inventory.add_host("h3", [], Layer::new());
    inventory.add_child("outer", "new");
    inventory.add_child("new", "outer");
    assert_eq!(inventory.host_groups("h1"), ["new", "outer"]);
    assert_eq!(inventory.host_groups("h3"), ["ungrouped"]);
    let groups = inventory.groups();
    assert_eq!(groups["all"], ["h3", "h2", "h1"]);
    assert_eq!(groups["outer"], ["h1"]);
    let (layers, _) = inventory.layers("h1", None);
    assert!(
        layers
            .iter()
            .any(|(level, layer)| *level == Level::InventoryHost && layer.contains_key("a"))
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-c\\[\\]:=#; \n\"'\\\\,\\-{}0-9~!&*?é]{0,60}") {
        let sources = Sources::default();
        let source = sources.add("hosts", text.clone());
        let mut builder = super::super::builder::Builder::new(&sources, &Keyring::default());
        super::super::ini::read(&mut builder, source, &text);
        let (inventory, faults) = builder.finish();
        inventory.to_json(None);
        for fault in faults.iter() {
            fault.render(&sources, &Redactor::default(), false);
        }
        let pattern = crate::inventory::Pattern::parse(&text, crate::base::Span::NOWHERE);
        if let Ok(pattern) = pattern {
            inventory.select(&pattern, None);
        }
    }
}
