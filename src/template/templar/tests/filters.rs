//! Filters as templates see them.

use super::*;

#[test]
fn a_group_is_a_pair_with_names() {
    let host = Host::new("all: [{n: a, e: 1}, {n: b, e: 2}, {n: c, e: 1}]");
    let grouped = "all | groupby('e')";
    let value = |template: &str| host.evaluate(&format!("\"{{{{ {template} }}}}\""));
    assert_eq!(value(&format!("{grouped} | map(attribute='grouper')")), json!([1, 2]));
    assert_eq!(value(&format!("({grouped})[0].list | map(attribute='n')")), json!(["a", "c"]));
    assert_eq!(value(&format!("{grouped} | map('first')")), json!([1, 2]));
    assert_eq!(value(&format!("({grouped})[1] | string")), json!("(2, [{'n': 'b', 'e': 2}])"));
    assert_eq!(value(&format!("({grouped})[1]")), json!([2, [{"n": "b", "e": 2}]]));
    let looped =
        "{% for which, them in all | groupby('e') %}{{ which }}{{ them | length }} {% endfor %}";
    assert_eq!(host.evaluate(&format!("\"{looped}\"")), json!("12 21 "));
}

#[test]
fn a_salt_makes_the_same_vault_again() {
    let host = Host::new("{}");
    let sealed = host.evaluate("\"{{ 'secret' | vault('test', salt=7) }}\"");
    let expected = "$ANSIBLE_VAULT;1.2;AES256;filter_default\n\
        33370a34333734353636633035656232613935353432656132646533346233326431346232616261\n\
        6133383034376566366261316365633931356133633337396363370a376664386236313834326561\n\
        6338373864623763613165366636633031303739\n";
    assert_eq!(sealed, json!(expected));
    let opened = host.evaluate("\"{{ 'secret' | vault('test') | unvault('test') }}\"");
    assert_eq!(opened, json!("secret"));
}
