use serde_json::{Value, json};

use crate::inventory::testing::{load, load_with};
use crate::inventory::{Form, ReadingOptions};

const HOSTS: &str = "all:
  hosts:
    host0:
      tags: {name: host0, environment: test, status: '', type: ~}
      os: ''
      roles: [db, web, '', ~]
      one: value
";

/// The names of the groups that a file of the plugin makes of the host above.
fn groups(options: &str) -> Vec<String> {
    let text = format!("plugin: ansible.builtin.constructed\n{options}");
    let loaded = load(&[("a.yml", HOSTS), ("b.yml", &text)], &["a.yml", "b.yml"]);
    assert_eq!(loaded.faults, "", "{options}");
    loaded.inventory.host_groups("host0").into_iter().map(str::to_owned).collect()
}

fn faults(options: &str) -> String {
    let text = format!("plugin: constructed\n{options}");
    load(&[("a.yml", HOSTS), ("b.yml", &text)], &["a.yml", "b.yml"]).faults
}

#[test]
fn keys_make_groups() {
    let keyed = |entry: &str| groups(&format!("keyed_groups: [{{{entry}}}]\n"));
    assert_eq!(keyed("key: one"), ["_value"]);
    assert_eq!(keyed("key: one, prefix: p, separator: '-'"), ["p-value"]);
    assert_eq!(
        keyed("key: tags, prefix: tag, default_value: running"),
        ["tag_environment_test", "tag_name_host0", "tag_status_running", "tag_type_running"]
    );
    assert_eq!(
        keyed("key: tags, prefix: t, trailing_separator: false"),
        ["t_environment_test", "t_name_host0", "t_status", "t_type"]
    );
    assert_eq!(keyed("key: roles, prefix: r, default_value: x"), ["r_db", "r_web", "r_x"]);
    assert_eq!(keyed("key: os, prefix: os, default_value: any"), ["os_any"]);
    assert_eq!(keyed("key: os, prefix: os"), ["ungrouped"]);
    assert_eq!(keyed("key: '[]', prefix: none, default_value: x"), ["ungrouped"]);
    assert_eq!(keyed("key: missing, prefix: none"), ["ungrouped"]);
    assert_eq!(keyed("key: one, parent_group: 'all_{{ one }}'"), ["_value", "all_value"]);
    let bare = "keyed_groups: [{key: one}]\nleading_separator: false\n";
    assert_eq!(groups(bare), ["value"]);
}

#[test]
fn conditions_make_groups_of_what_was_composed() {
    let options = "compose: {two: one ~ '!', none: missing}\n\
                   groups: {composed: two == 'value!', never: missing is defined}\n";
    assert_eq!(groups(options), ["composed"]);
}

#[test]
fn a_strict_file_fails_with_its_templates() {
    insta::assert_snapshot!(faults("strict: true\ncompose:\n  two: one.upper() + missing\n"), @r"
    error[inventory-constructed]: cannot set `two` for the host host0: 'missing' is undefined
     --> /play/b.yml:4:22
      |
    4 |   two: one.upper() + missing
      |                      ^^^^^^^ not defined here
      |
      = help: define it, or say what holds without it: `missing | default(…)`
    ");
    insta::assert_snapshot!(faults("strict: true\nkeyed_groups: [{key: os}]\n"), @r"
    error[inventory-constructed]: the key is empty for the host host0
     --> /play/b.yml:3:22
      |
    3 | keyed_groups: [{key: os}]
      |                      ^^ this key
    ");
    insta::assert_snapshot!(faults("keyed_groups: [{key: one, default_value: a, trailing_separator: no}]\ngruops: {}\n"), @r"
    warning[inventory-constructed]: `constructed` has no option `gruops`
     --> /play/b.yml:3:1
      |
    3 | gruops: {}
      | ^^^^^^ ignored
      |
      = help: did you mean `groups`?
    error[inventory-constructed]: `default_value` and `trailing_separator` are mutually exclusive
     --> /play/b.yml:2:16
      |
    2 | keyed_groups: [{key: one, default_value: a, trailing_separator: no}]
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ take one of them out
    ");
}

#[test]
fn variables_come_from_files_and_the_command_line_where_it_is_asked_for() {
    let files = [
        ("hosts", "h\n[web]\nh\n[web:vars]\ninline=1\n"),
        ("group_vars/web.yml", "file: 2\n"),
        (
            "made.yml",
            "plugin: constructed\nuse_vars_plugins: true\ncompose: {sum: inline + file}\n",
        ),
        ("plain.yml", "plugin: constructed\ncompose: {alone: inline + file}\n"),
    ];
    let loaded = load(&files, &["hosts", "plain.yml", "made.yml"]);
    let vars: &Value = &loaded.inventory.to_json(None)["_meta"]["hostvars"]["h"];
    assert_eq!(*vars, json!({"inline": 1, "file": 2, "sum": 3}));
}

#[test]
fn what_is_not_enabled_is_not_read() {
    let options = ReadingOptions { enabled: vec![Form::Constructed], ..ReadingOptions::default() };
    let files = [("hosts", "h\n"), ("empty.yml", "")];
    insta::assert_snapshot!(load_with(&files, &["empty.yml"], options).faults, @r"
    error[inventory-plugin]: /play/empty.yml is an inventory for the plugin `yaml`: it is not enabled
     |
     = help: add `yaml` to `enable_plugins`, or to ANSIBLE_INVENTORY_ENABLED
    ");
}
