use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::base::Redactor;
use crate::inventory::ReadingOptions;
use crate::inventory::testing::load;

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
        let (inventory, faults) = Inventory::load(&[spec], &crate::inventory::testing::reading());
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
        let (inventory, faults) = Inventory::load(&specs, &crate::inventory::testing::reading());
        assert!(faults.is_empty(), "{sample}: {faults:?}");
        assert_eq!(inventory.hosts().len(), hosts, "{sample}");
        for host in inventory.hosts() {
            let (layers, faults) = inventory.layers(&host.name, None);
            assert!(faults.is_empty() && !layers.is_empty(), "{sample}: {}", host.name);
        }
    }
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
    Found duplicate mapping key 'a'
    expected a mapping of variables, found a list
    ");
    insta::assert_snapshot!(messages("h2").1, @r"
    /play/group_vars/all.yml is not read, as /play/group_vars/all stands beside it
    Found duplicate mapping key 'a'
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
        let mut builder = super::super::builder::Builder::new(&sources, &Keyring::default(), &ReadingOptions::default());
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
