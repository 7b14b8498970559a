//! Calls of methods as templates make them.

use super::*;

#[test]
fn what_is_handed_to_a_method_is_not_evaluated_for_it() {
    let host = Host::new("broken: {a: \"{{ 1 / 0 }}\", b: 2}");
    let template = "\"{% set l = [] %}{% set _ = l.append(broken) %}{{ l | length }}\"";
    assert_eq!(host.evaluate(template), json!(1));
    let filter = "\"{{ [] | map('map', attribute='a') | list }}\"";
    assert_eq!(host.evaluate(filter), json!([]));
}

#[test]
fn hyphens_between_words_are_one_dash() {
    let host = Host::new("line: \"one--two---three ----\"");
    assert_eq!(host.evaluate("\"{{ line | wordwrap(6) }}\""), json!("one--\ntwo---\nthree\n----"));
}
