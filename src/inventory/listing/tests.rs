#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of any lifetime is only a closure"
)]

use std::collections::HashSet;

use serde_json::json;

use super::*;
use crate::inventory::testing::load;

const FILES: [(&str, &str); 3] = [
    (
        "hosts.yml",
        "front:\n  children: {web: {hosts: {w1: {a: !unsafe '{{ x }}'}, w2: }}}\n  vars: {b: 1}\n\
         back:\n  hosts: {w1: }\n  vars: {ansible_group_priority: 5, c: '{{ b }}'}\n\
         all: {hosts: {lone: {inventory_dir: mine}}}\n",
    ),
    ("group_vars/web.yml", "d: [yes, ~]\n"),
    ("host_vars/w2.yml", "e: 2\n"),
];

fn shown(export: bool, show: impl Fn(&Listing<'_>) -> Value) -> Value {
    let loaded = load(&FILES, &["hosts.yml"]);
    let (extra, hosts) = (&Layer::new(), None);
    show(&Listing { inventory: &loaded.inventory, playbook: None, extra, export, hosts })
}

#[test]
fn an_export_keeps_variables_where_they_are_set() {
    assert_eq!(
        shown(true, |listing| listing.json()),
        json!({
            "_meta": {"hostvars": {
                "w1": {"a": {"__ansible_unsafe": "{{ x }}"}},
                "w2": {"e": 2},
            }},
            "all": {"children": ["ungrouped", "front", "back"]},
            "ungrouped": {"hosts": ["lone"]},
            "front": {"children": ["web"], "vars": {"b": 1}},
            "web": {"hosts": ["w1", "w2"], "vars": {"d": [true, null]}},
            "back": {"hosts": ["w1"], "vars": {"c": "{{ b }}", "ansible_group_priority": 5}},
        })
    );
}

#[test]
fn a_yaml_inventory_has_each_hosts_variables_once() {
    assert_eq!(
        shown(false, |listing| listing.yaml()),
        json!({"all": {"children": {
            "ungrouped": {"hosts": {"lone": {}}},
            "front": {"children": {"web": {"hosts": {
                "w1": {"a": "{{ x }}", "b": 1, "c": "{{ b }}", "d": [true, null]},
                "w2": {"b": 1, "d": [true, null], "e": 2},
            }}}},
            "back": {"hosts": {"w1": {}}},
        }}})
    );
}

#[test]
fn a_toml_inventory_has_a_table_for_each_group() {
    assert_eq!(
        shown(true, |listing| listing.toml()),
        json!({
            "ungrouped": {"hosts": {"lone": {}}},
            "front": {"children": ["web"], "vars": {"b": 1}},
            "web": {"hosts": {"w1": {"a": "{{ x }}"}, "w2": {"e": 2}}, "vars": {"d": [true, null]}},
            "back": {"hosts": {"w1": {}}, "vars": {"c": "{{ b }}", "ansible_group_priority": 5}},
        })
    );
}

#[test]
fn a_limit_leaves_hosts_out() {
    let loaded = load(&FILES, &["hosts.yml"]);
    let hosts = Some(HashSet::from(["w2"]));
    let extra = &Layer::from([("x".to_owned(), Value::from(1).into())]);
    let listing =
        Listing { inventory: &loaded.inventory, playbook: None, extra, export: false, hosts };
    let document = listing.json();
    assert_eq!(
        document["_meta"]["hostvars"],
        json!({"w2": {"b": 1, "d": [true, null], "e": 2, "x": 1}})
    );
    assert_eq!(document.get("back"), None);
}

#[test]
fn groups_are_shown_as_a_tree() {
    let graph = |vars| {
        let shown = shown(true, |listing| listing.graph("all", vars).into());
        shown.as_str().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(graph(false), @r"
    @all:
      |--@ungrouped:
      |  |--lone
      |--@front:
      |  |--@web:
      |  |  |--w1
      |  |  |--w2
      |--@back:
      |  |--w1
    ");
    insta::assert_snapshot!(graph(true), @r"
    @all:
      |--@ungrouped:
      |  |--lone
      |--@front:
      |  |--@web:
      |  |  |--w1
      |  |  |  |--{a = {{ x }}}
      |  |  |--w2
      |  |  |  |--{e = 2}
      |  |  |--{d = [True, None]}
      |  |--{b = 1}
      |--@back:
      |  |--w1
      |  |  |--{a = {{ x }}}
      |  |--{ansible_group_priority = 5}
      |  |--{c = {{ b }}}
    ");
    assert_eq!(shown(true, |listing| listing.graph("none", true).into()), Value::Null);
}
