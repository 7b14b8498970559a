use std::path::PathBuf;

use super::*;
use crate::base::Redactor;
use crate::value::Value;

fn inventory() -> Inventory {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/inventory/ini/hosts");
    let specs = [path.display().to_string()];
    Inventory::load(&specs, &crate::inventory::testing::reading()).0
}

fn names(hosts: &[&Host]) -> Vec<String> {
    hosts.iter().map(|host| host.name.clone()).collect()
}

fn select(inventory: &Inventory, pattern: &str, limit: Option<&str>) -> Vec<String> {
    let parse = |text: &str| Pattern::parse(text, Span::NOWHERE).unwrap();
    names(&inventory.select(&parse(pattern), limit.map(parse).as_ref()).0)
}

#[test]
fn patterns_pick_what_they_pick_for_ansible() {
    let cases = include_str!("../../../tests/inventory/patterns.json");
    let cases: Vec<Value> = serde_json::from_str(cases).unwrap();
    let inventory = inventory();
    for case in &cases {
        let hosts = select(&inventory, case["pattern"].as_str().unwrap(), case["limit"].as_str());
        assert_eq!(Value::from(hosts), case["hosts"], "{case}");
    }
}

fn warnings(pattern: &str) -> String {
    let sources = Sources::default();
    let source = sources.add("site.yml", format!("- hosts: {pattern}\n"));
    let end = u32::try_from(9 + pattern.len()).unwrap();
    let at = Span { source, start: 9, end };
    let faults = match Pattern::parse(pattern, at) {
        Ok(pattern) => inventory().select(&pattern, None).1,
        Err(fault) => fault.into(),
    };
    let shown = faults.iter().map(|fault| fault.render(&sources, &Redactor::default(), false));
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn parts_that_pick_nothing_are_told() {
    insta::assert_snapshot!(warnings("wbe:db:nosuch"), @r"
    warning[host-pattern]: no host and no group matches `wbe`
     --> site.yml:1:10
      |
    1 | - hosts: wbe:db:nosuch
      |          ^^^^^^^^^^^^^ picks no host
      |
      = help: did you mean `web`?
    warning[host-pattern]: no host and no group matches `nosuch`
     --> site.yml:1:10
      |
    1 | - hosts: wbe:db:nosuch
      |          ^^^^^^^^^^^^^ picks no host
      |
      = help: groups: web, db, prod, other, empty
    ");
    insta::assert_snapshot!(warnings("web[99]"), @r"
    warning[host-pattern]: the subscript behind `web` picks no host
     --> site.yml:1:10
      |
    1 | - hosts: web[99]
      |          ^^^^^^^ picks no host
    ");
    insta::assert_snapshot!(warnings("~(web"), @r"
    error[host-pattern]: expected a pattern of hosts, found `(web`: Parsing error at position 9: Opening parenthesis without closing parenthesis
     --> site.yml:1:10
      |
    1 | - hosts: ~(web
      |          ^^^^^ not a pattern
    ");
    assert_eq!(warnings("empty"), "");
    assert_eq!(warnings("all"), "");
}

#[test]
fn a_limit_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.retry");
    std::fs::write(&path, "db1\n\nweb02.example.com\n").unwrap();
    let (sources, inventory) = (Sources::default(), inventory());
    let limit = Pattern::parse_limit(&format!("@{},lone", path.display()), &sources).unwrap();
    let all = Pattern::parse("all", Span::NOWHERE).unwrap();
    let picked = names(&inventory.select(&all, Some(&limit)).0);
    assert_eq!(picked, ["lone", "web02.example.com", "db1"]);
    let missing = Pattern::parse_limit("@/no/such/file", &sources).unwrap_err();
    assert_eq!(missing.message, "there is no file /no/such/file");
}

#[test]
fn a_bracket_that_is_not_closed_stands_for_itself() {
    let inventory = inventory();
    let picked = |pattern| select(&inventory, pattern, None);
    assert_eq!(picked("[]:web01*"), picked("web01*"));
    assert!(picked("[").is_empty() && picked("db[").is_empty());
}

#[test]
fn a_colon_parts_only_where_it_separates() {
    assert_eq!(split("a:b[1:2]:!c"), ["a", "b[1:2]", "!c"]);
    assert_eq!(split("a:b,c"), ["a:b", "c"]);
    assert_eq!(split("!fe80::1"), ["!fe80::1"]);
    assert_eq!(split(" a , ,b "), ["a", "b"]);
}
