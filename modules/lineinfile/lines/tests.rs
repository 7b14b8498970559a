use proptest::prelude::*;

use super::*;
use crate::sdk::{Arguments, Data, Key, Node, Redactor, Span};

fn args(pairs: &[(&str, &str)]) -> Args {
    let pairs = [("path", "/x")].iter().chain(pairs).map(|(key, text)| {
        let data = Data::Verbatim((*text).to_owned());
        let key = Key { text: (*key).to_owned(), span: Span::NOWHERE };
        (key, Node { data, span: Span::NOWHERE })
    });
    let node = Node { data: Data::Map(pairs.collect()), span: Span::NOWHERE };
    Args::decode("lineinfile", &node, &Redactor::default()).unwrap()
}

fn insert(text: &str, pairs: &[(&str, &str)]) -> (String, String) {
    let args = args(pairs);
    let edit = Request::new(&args).unwrap().insert(text).unwrap();
    (edit.text, edit.message)
}

#[test]
fn the_last_match_is_replaced_and_others_stay() {
    let change = |firstmatch| {
        insert("a=1\nb\na=2\n", &[("regexp", "^a="), ("line", "a=3"), ("firstmatch", firstmatch)]).0
    };
    assert_eq!(change("no"), "a=1\nb\na=3\n");
    assert_eq!(change("yes"), "a=3\nb\na=2\n");
    let text = insert("one\ntwo\n", &[("search_string", "w"), ("line", "2")]).0;
    assert_eq!(text, "one\n2\n");
}

#[test]
fn a_line_that_is_there_is_not_added_again() {
    assert_eq!(insert("a\nb\n", &[("line", "a")]), ("a\nb\n".to_owned(), String::new()));
    assert_eq!(insert("a\nb", &[("line", "b")]).0, "a\nb\n", "its end is added");
    assert_eq!(insert("a\r\nb\n", &[("line", "a")]).0, "a\nb\n");
    let text = insert("b\n", &[("regexp", "^a"), ("line", "b")]).0;
    assert_eq!(text, "b\n", "the expression matches nothing, the line is there");
}

#[test]
fn a_new_line_goes_to_its_place() {
    let added = |text, pairs: &[_]| {
        let (text, message) = insert(text, &[pairs, &[("line", "new")]].concat());
        assert_eq!(message, "line added");
        text
    };
    assert_eq!(added("a\nb", &[]), "a\nb\nnew\n");
    assert_eq!(added("", &[]), "new\n");
    assert_eq!(added("a\nb", &[("insertbefore", "BOF")]), "new\na\nb");
    assert_eq!(added("a\nb\na\n", &[("insertafter", "^a")]), "a\nb\na\nnew\n");
    assert_eq!(
        added("a\nb\na\n", &[("insertafter", "^a"), ("firstmatch", "yes")]),
        "a\nnew\nb\na\n"
    );
    assert_eq!(added("a\nb\na\n", &[("insertbefore", "^a")]), "a\nb\nnew\na\n");
    assert_eq!(added("a\nb\n", &[("insertbefore", "^none")]), "a\nb\nnew\n");
    assert_eq!(added("a\nb", &[("insertafter", "^b$")]), "a\nb\nnew\n");
    assert_eq!(added("a\nb", &[("insertbefore", "^b$")]), "a\nnew\nb");
}

#[test]
fn groups_of_the_match_stand_in_the_line() {
    let pairs = [("regexp", r"^(\w+)=(?P<v>.*)$"), ("line", r"\1 = \g<v>;"), ("backrefs", "yes")];
    assert_eq!(insert("a=1\n", &pairs).0, "a = 1;\n");
    assert_eq!(insert("none\n", &pairs), ("none\n".to_owned(), String::new()));
}

#[test]
fn lines_that_match_are_removed() {
    let remove = |pairs: &[(&str, &str)]| {
        let args = args(&[pairs, &[("state", "absent")]].concat());
        let (edit, found) = Request::new(&args).unwrap().remove("a\nb\nab\na").unwrap();
        (edit.text, edit.message, found)
    };
    assert_eq!(remove(&[("regexp", "^a$")]), ("b\nab\n".into(), "2 line(s) removed".into(), 2));
    assert_eq!(remove(&[("line", "ab")]), ("a\nb\na".into(), "1 line(s) removed".into(), 1));
    assert_eq!(remove(&[("search_string", "x")]), ("a\nb\nab\na".into(), String::new(), 0));
}

#[test]
fn says_what_is_wrong_with_an_expression() {
    let fault = |pairs: &[_]| Request::new(&args(pairs)).err().unwrap().to_string();
    assert_eq!(
        fault(&[("regexp", r"\h"), ("line", "x")]),
        r"`regexp` is not a regular expression: bad escape \h at position 0: \h"
    );
    assert_eq!(fault(&[("line", "x"), ("backrefs", "yes")]), "`backrefs` needs `regexp`");
}

proptest! {
    /// Whatever is asked of whatever text: the second time nothing is left to do.
    #[test]
    fn a_second_run_changes_nothing(
        text in "([ab=]{0,3}(\n|\r\n)){0,5}[ab=]{0,3}",
        line in "[ab=]{1,3}",
        expression in prop::option::of(r"\^?[ab=]{0,2}\$?"),
        place in prop::option::of((prop::bool::ANY, r"\^?[ab]{1,2}|EOF|BOF")),
        first in prop::bool::ANY,
    ) {
        let mut pairs = vec![("line", line.as_str())];
        // An expression that does not match its own line replaces other lines for ever.
        let stable = |e: &&String| {
            Regex::new(e, RegexOptions::default()).unwrap().is_match(&line).unwrap()
        };
        if let Some(expression) = expression.as_ref().filter(stable) {
            pairs.push(("regexp", expression));
        }
        if let Some((after, place)) = &place {
            pairs.push((if *after { "insertafter" } else { "insertbefore" }, place));
        }
        if first {
            pairs.push(("firstmatch", "yes"));
        }
        let once = insert(&text, &pairs).0;
        prop_assert_eq!(&insert(&once, &pairs).0, &once);
        prop_assert!(once.lines().any(|l| l == line));
    }
}
