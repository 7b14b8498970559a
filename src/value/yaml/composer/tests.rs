use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::base::Redactor;
use crate::value::Value;

fn read(text: &str) -> Node {
    let sources = Sources::default();
    let source = sources.add("vars.yml", text);
    let parsed = parse(&sources, source).unwrap_or_else(|fault| panic!("{text:?}: {fault:?}"));
    parsed.single().unwrap()
}

fn value(text: &str) -> Value {
    read(text).to_value()
}

/// The first fault, else the warnings, as the user reads them.
fn messages(text: &str) -> String {
    let sources = Sources::default();
    let source = sources.add("vars.yml", text);
    let faults = match parse(&sources, source) {
        Ok(parsed) => {
            let warnings = parsed.warnings.clone();
            parsed.single().map_or_else(|fault| vec![fault], |_| warnings)
        }
        Err(fault) => vec![fault],
    };
    let show = |fault: &Diagnostic| fault.render(&sources, &Redactor::default(), false);
    faults.iter().map(show).collect::<Vec<_>>().join("\n")
}

#[test]
fn values_have_the_types_ansible_gives_them() {
    for (text, expected) in [
        ("mode: 0644", json!({"mode": 420})),
        ("{\"mode\": \"0644\", \"a\":1}", json!({"mode": "0644", "a": 1})),
        ("a: yes\nb: 'yes'\nc: y", json!({"a": true, "b": "yes", "c": "y"})),
        ("t: 1:30", json!({"t": 90})),
        ("d: 2001-12-14 21:59:43", json!({"d": "2001-12-14T21:59:43"})),
        ("big: 99999999999999999999", json!({"big": "99999999999999999999"})),
        (
            "a: !!str 12\nb: !!int '0x10'\nc: !!float 1\nd: !!bool 'yes'\ne: !!null ''",
            json!({"a": "12", "b": 16, "c": 1.0, "d": true, "e": null}),
        ),
        ("a: ! 12", json!({"a": 12})),
        ("a: !!binary aGVs\n  bG8=", json!({"a": "hello"})),
        ("a: !!set {x, y}", json!({"a": ["x", "y"]})),
        (
            "80: x\ntrue: y\nnull: z\n1.5: q\n'': e",
            json!({"80": "x", "True": "y", "None": "z", "1.5": "q", "": "e"}),
        ),
        ("a: =\nb: <<", json!({"a": "=", "b": "<<"})),
        ("a: |\n  x\n", json!({"a": "x\n"})),
        ("a: |\n  x", json!({"a": "x"})),
        ("a: >-\n  x\n  y\n", json!({"a": "x y"})),
        ("", json!(null)),
        ("---\n", json!(null)),
        ("# only a comment", json!(null)),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn a_template_is_text_and_what_is_tagged_unsafe_is_not() {
    let node = read("a: '{{ x }}'\nb: !unsafe '{{ x }}'\nc: !unsafe [ {d: '{{ x }}'}, 12 ]");
    assert!(node.get("a").is_some_and(Node::is_template));
    assert_eq!(node.get("b").map(|b| &b.data), Some(&Data::Verbatim("{{ x }}".to_owned())));
    assert!(!node.get("c").is_some_and(Node::is_unknown));
    assert_eq!(node.get("c").map(Node::to_value), Some(json!([{"d": "{{ x }}"}, 12])));
}

#[test]
fn an_encrypted_value_is_kept_as_it_stands() {
    let node = read("p: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n");
    let text = "$ANSIBLE_VAULT;1.1;AES256\n6162\n".to_owned();
    assert_eq!(node.get("p").map(|p| &p.data), Some(&Data::Vault(text)));
}

#[test]
fn merged_pairs_come_first_and_the_own_ones_win() {
    let base = "b: &b {x: 1, y: 2}\nc: &c {y: 3, z: 4}\n";
    let merged = |rest: &str| value(&format!("{base}d:\n{rest}"))["d"].to_string();
    assert_eq!(merged("  q: 5\n  <<: *b\n  x: 9\n"), r#"{"x":9,"y":2,"q":5}"#);
    assert_eq!(merged("  <<: [*b, *c]\n"), r#"{"y":2,"z":4,"x":1}"#);
    assert_eq!(messages(&format!("{base}d:\n  <<: *b\n  x: 9\n")), "");
}

#[test]
fn spans_cover_what_was_written() {
    let text = "é: 'ö'\r\nlist:\r\n  - a  # one\r\n  - {b: [1, 2]}\r\nplain: two\r\n  lines\r\n";
    let sources = Sources::default();
    let source = sources.add("a.yml", text);
    let node = parse(&sources, source).unwrap().single().unwrap();
    let slice = |node: Option<&Node>| sources.slice(node.unwrap().span);
    assert_eq!(slice(node.get("é")), "'ö'");
    assert_eq!(slice(node.get("list")), "- a  # one\r\n  - {b: [1, 2]}");
    assert_eq!(slice(node.get("list").and_then(|list| list.as_list()?.first())), "a");
    assert_eq!(slice(node.get("plain")), "two\r\n  lines");
    assert_eq!(slice(Some(&node)), text.trim_end());
    let keys = node.as_map().unwrap().keys().map(|key| sources.slice(key.span));
    assert_eq!(keys.collect::<Vec<_>>(), ["é", "list", "plain"]);
}

#[test]
fn odd_files_are_warned_about() {
    insta::assert_snapshot!(messages("port: 80\nname: web\nport: 81\n"), @r#"
    warning[duplicate-key]: Found duplicate mapping key 'port'
     --> vars.yml:3:1
      |
    3 | port: 81
      | ^^^^ this one counts
      |
     ::: vars.yml:1:1
      |
    1 | port: 80
      | ---- this one is ignored
      |
      = help: remove one of them
    "#);
}

#[test]
fn documents_and_tags() {
    insta::assert_snapshot!(messages("a: 1\n---\nb: 2\n"), @r#"
    error[yaml-documents]: expected one YAML document in this file, found several
     --> vars.yml:3:1
      |
    3 | b: 2
      | ^^^^ the second starts here
      |
      = help: remove the `---` before it, or put it in a file of its own
    "#);
    insta::assert_snapshot!(messages("a: !vualt x\n"), @r#"
    error[yaml-tag]: the tag `!vualt` has no meaning for text
     --> vars.yml:1:4
      |
    1 | a: !vualt x
      |    ^^^^^^^^ unknown tag
      |
      = help: did you mean `!vault`?
    "#);
    insta::assert_snapshot!(messages("a: !foo [x]\n"), @r#"
    error[yaml-tag]: the tag `!foo` has no meaning for a list
     --> vars.yml:1:4
      |
    1 | a: !foo [x]
      |    ^^^^^^ unknown tag
      |
      = help: quote a text that starts with `!`; the tags of Ansible are `!vault` and `!unsafe`
    "#);
    insta::assert_snapshot!(messages("a: !!int x\n"), @r#"
    error[yaml-tag]: expected what the tag `!!int` says, found `x`
     --> vars.yml:1:4
      |
    1 | a: !!int x
      |    ^^^^^^^ cannot be read so
    "#);
}

#[test]
fn anchors_and_aliases() {
    insta::assert_snapshot!(messages("base: &base {a: 1}\nb: *bsae\n"), @r#"
    error[yaml-alias]: the alias `*bsae` has no anchor `&bsae` before it
     --> vars.yml:2:4
      |
    2 | b: *bsae
      |    ^^^^^ stands for nothing
      |
      = help: did you mean `base`?
    "#);
    insta::assert_snapshot!(messages("a: &a [*a]\n"), @r#"
    error[yaml-alias]: the alias `*a` stands inside its own anchor
     --> vars.yml:1:8
      |
    1 | a: &a [*a]
      |        ^^ would never end
      |
     ::: vars.yml:1:4
      |
    1 | a: &a [*a]
      |    ---- the anchor
    "#);
    insta::assert_snapshot!(messages("a: &x 1\nb: &x 2\n"), @r#"
    error[yaml-anchor]: the anchor `&x` stands twice in one document
     --> vars.yml:2:4
      |
    2 | b: &x 2
      |    ^^^^ the second
      |
     ::: vars.yml:1:4
      |
    1 | a: &x 1
      |    ---- the first
      |
      = help: give one of them another name
    "#);
}

#[test]
fn merges_and_keys() {
    insta::assert_snapshot!(messages("a:\n  <<: 5\n"), @r#"
    error[yaml-merge]: expected a mapping to merge, found a number
     --> vars.yml:2:7
      |
    2 |   <<: 5
      |       ^ not a mapping
    "#);
    insta::assert_snapshot!(messages("? [a, b]\n: 1\n"), @r#"
    error[yaml-key]: expected a key that is text, found a list
     --> vars.yml:1:3
      |
    1 | ? [a, b]
      |   ^^^^^^ not a key
    "#);
    insta::assert_snapshot!(messages("- debug:\n    msg: {{ foo }} bar\n"), @r#"
    error[yaml-syntax]: a value that starts with a template must be quoted
     --> vars.yml:2:10
      |
    2 |     msg: {{ foo }} bar
      |          ^^^^^^^^^^^^^ not quoted
      |
      = help: write msg: "{{ foo }} bar"
    "#);
}

#[test]
fn hostile_texts_are_refused_at_once() {
    let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (letter, before) in ('b'..='i').zip('a'..) {
        let aliases = vec![format!("*{before}"); 9].join(", ");
        laughs.extend([format!("{letter}: &{letter} [{aliases}]\n")]);
    }
    assert!(messages(&laughs).contains("stand for at most 250000 values"));
    for deep in ["[".repeat(100_000), "- ".repeat(20_000), "? ".repeat(20_000), "{a: ".repeat(5000)]
    {
        assert!(messages(&deep).contains("at most 200 levels"));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        messages(&text);
    }

    #[test]
    fn no_damaged_playbook_makes_it_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[-:\\[\\]{}'\"|>&*!%@# \t\r\n\u{e9}\u{85}\u{2028}\u{0}?,a1<=~]{0,3}", 0..4_usize), 1..6)
    ) {
        let mut text = PLAYBOOK.to_owned();
        for (at, insert, remove) in edits {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary(start + remove).max(start);
            text.replace_range(start..end, &insert);
        }
        messages(&text);
    }

    #[test]
    fn what_is_written_is_read_back(value in values()) {
        for style in [crate::value::yaml::Style::PLAIN, crate::value::yaml::Style::NICE] {
            let text = crate::value::yaml::to_yaml(&value, style);
            prop_assert_eq!(super::tests::value(&text), value.clone(), "{}", text);
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[ -~\n\t\u{e9}]{0,30}", "no|1:30|0x1|=|<<|~|1_0|\\.5|2001-01-01|-|---"];
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(text.clone(), inner, 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

const PLAYBOOK: &str = r#"---
- hosts: web:&prod
  vars: &shared
    greeting: "héllo \u00e9 {{ name }}"
    ports: [80, 443, 0x1F]
  tasks:
    - name: 'it''s a task'
      copy: {content: "{{ greeting }}", dest: /etc/motd, mode: 0644}
      when: ports | length > 1
    - shell: |
        set -e
          echo done
    - debug:
        msg: >-
          folded
          text
      vars:
        <<: *shared
        secret: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          6162
        raw: !unsafe "{{ x }}"
    # a comment
    - ? complex
      : yes
"#;
