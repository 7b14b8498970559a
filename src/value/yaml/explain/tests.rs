use crate::base::{Redactor, Sources};
use crate::value::yaml::parse;

fn fault(text: &str) -> String {
    let sources = Sources::default();
    let source = sources.add("site.yml", text);
    let fault = parse(&sources, source).expect_err("must not parse");
    fault.render(&sources, &Redactor::default(), false)
}

#[test]
fn tabs() {
    insta::assert_snapshot!(fault("- hosts: all\n\ttasks: []\n"), @r"
    error[yaml-syntax]: a tab cannot indent YAML
     --> site.yml:2:1
      |
    2 |     tasks: []
      | ^^^^ a tab
      |
      = help: use spaces
    ");
    insta::assert_snapshot!(fault("a:\n  b: 1\n\tc: 2\n"), @r"
    error[yaml-syntax]: a tab cannot indent YAML
     --> site.yml:3:1
      |
    3 |     c: 2
      | ^^^^ a tab
      |
      = help: use spaces
    ");
}

#[test]
fn templates_without_quotes() {
    insta::assert_snapshot!(fault("- debug:\n    msg: {{ foo }} \"bar\"\n"), @r#"
    error[yaml-syntax]: a value that starts with a template must be quoted
     --> site.yml:2:10
      |
    2 |     msg: {{ foo }} "bar"
      |          ^^^^^^^^^^^^^^^ not quoted
      |
      = help: write msg: '{{ foo }} "bar"'
    "#);
    insta::assert_snapshot!(fault("- {{ foo }}\n"), @r#"
    error[yaml-syntax]: a value that starts with a template must be quoted
     --> site.yml:1:3
      |
    1 | - {{ foo }}
      |   ^^^^^^^^^ not quoted
      |
      = help: write "{{ foo }}"
    "#);
}

#[test]
fn quotes() {
    insta::assert_snapshot!(fault("a: \"x\nb: 1\n"), @r#"
    error[yaml-syntax]: a quote is opened and never closed
     --> site.yml:1:4
      |
    1 | a: "x
      |    ^ opened here
      |
      = help: close it at the end of the value
    "#);
    insta::assert_snapshot!(fault("a: \"x\nb: \"y\"\n"), @r#"
    error[yaml-syntax]: text goes on after the closing quote
     --> site.yml:2:5
      |
    2 | b: "y"
      |     ^ after the quote
      |
     ::: site.yml:1:4
      |
    1 | a: "x
      |    - opened here, and closed only on the marked line
      |
      = help: close the quote on its own line
    "#);
    insta::assert_snapshot!(fault("a: \"foo\" bar\n"), @r#"
    error[yaml-syntax]: text goes on after the closing quote
     --> site.yml:1:10
      |
    1 | a: "foo" bar
      |          ^ after the quote
      |
      = help: quote the whole value: a: '"foo" bar'
    "#);
    insta::assert_snapshot!(fault("- 'foo' bar\n"), @r#"
    error[yaml-syntax]: text goes on after the closing quote
     --> site.yml:1:9
      |
    1 | - 'foo' bar
      |         ^ after the quote
      |
      = help: quote the whole value: "'foo' bar"
    "#);
    insta::assert_snapshot!(fault("a: 'x\n---\nb: 1\n"), @r"
    error[yaml-syntax]: a quote is opened and never closed
     --> site.yml:1:4
      |
    1 | a: 'x
      |    ^ opened here
      |
      = help: close it at the end of the value
    ");
}

#[test]
fn colons() {
    insta::assert_snapshot!(fault("- name: a: b\n"), @r#"
    error[yaml-syntax]: a value that holds a colon and a space must be quoted
     --> site.yml:1:10
      |
    1 | - name: a: b
      |          ^ this colon looks like a second key
      |
      = help: write name: "a: b"
    "#);
    insta::assert_snapshot!(fault("- shell: echo \"a: b\" c:\n"), @r#"
    error[yaml-syntax]: a value that holds a colon and a space must be quoted
     --> site.yml:1:17
      |
    1 | - shell: echo "a: b" c:
      |                 ^ this colon looks like a second key
      |
      = help: write shell: 'echo "a: b" c:'
    "#);
    insta::assert_snapshot!(fault("a: 1\nb c\nd: 2\n"), @r"
    error[yaml-syntax]: expected `key: value`, found no colon
     --> site.yml:2:1
      |
    2 | b c
      | ^^^ neither a key nor the continuation of the value above
      |
      = help: add the colon, or indent the line so that it continues the value above
    ");
    insta::assert_snapshot!(fault("a: 1\nb:c\nd: 2\n"), @r"
    error[yaml-syntax]: a space is missing after the colon of `key: value`
     --> site.yml:2:2
      |
    2 | b:c
      |  ^ no space after it
      |
      = help: write b: c
    ");
}

#[test]
fn indentation() {
    insta::assert_snapshot!(fault("- name: install\n   apt: x\n"), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 1
     --> site.yml:2:4
      |
    2 |    apt: x
      |    ^^^^^^ indented with 3 spaces
      |
     ::: site.yml:1:3
      |
    1 | - name: install
      |   ------------- what it should line up with
      |
      = help: indent it with 2 spaces; with more, where it belongs to the line above
    ");
    insta::assert_snapshot!(fault("- hosts: all\n  tasks:\n    - a: 1\n   - b: 2\n"), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 3
     --> site.yml:4:4
      |
    4 |    - b: 2
      |    ^^^^^^ indented with 3 spaces
      |
     ::: site.yml:3:5
      |
    3 |     - a: 1
      |     ------ what it should line up with
      |
      = help: indent it with 4 spaces; with more, where it belongs to the line above
    ");
    insta::assert_snapshot!(fault("- hosts: all\n tasks: []\n"), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 1
     --> site.yml:2:2
      |
    2 |  tasks: []
      |  ^^^^^^^^^ indented with 1 space
      |
     ::: site.yml:1:3
      |
    1 | - hosts: all
      |   ---------- what it should line up with
      |
      = help: indent it with 2 spaces; with more, where it belongs to the line above
    ");
    insta::assert_snapshot!(fault("a:\n    b:\n      c: 1\n   d: 2\n"), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 2
     --> site.yml:4:4
      |
    4 |    d: 2
      |    ^^^^ indented with 3 spaces
      |
     ::: site.yml:2:5
      |
    2 |     b:
      |     -- what it should line up with
      |
      = help: indent it with 4 spaces; with more, where it belongs to the line above
    ");
    insta::assert_snapshot!(fault("a: b\n c: d\n"), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 1
     --> site.yml:2:2
      |
    2 |  c: d
      |  ^^^^ indented with 1 space
      |
     ::: site.yml:1:1
      |
    1 | a: b
      | ---- what it should line up with
      |
      = help: start it at the left edge; with more, where it belongs to the line above
    ");
}

#[test]
fn lists_among_keys() {
    insta::assert_snapshot!(fault("- a\nb: 1\n"), @r"
    error[yaml-syntax]: expected the next item of the list, found a line without a dash
     --> site.yml:2:1
      |
    2 | b: 1
      | ^^^^ this line
      |
     ::: site.yml:1:1
      |
    1 | - a
      | - the list starts here
      |
      = help: start the line with `- `, or indent it so that it belongs to the item above
    ");
    insta::assert_snapshot!(fault("a: 1\n- b\n"), @r"
    error[yaml-syntax]: expected the next key of the mapping, found a list item
     --> site.yml:2:1
      |
    2 | - b
      | ^^^ this line
      |
     ::: site.yml:1:1
      |
    1 | a: 1
      | - the mapping starts here
      |
      = help: indent the list so that it belongs to the key above
    ");
    insta::assert_snapshot!(fault("a: - b\n"), @r"
    error[yaml-syntax]: a list cannot start here
     --> site.yml:1:4
      |
    1 | a: - b
      |    ^ this dash
      |
      = help: put `- …` on a line of its own, indented under its key; quote a text that starts with a dash
    ");
}

#[test]
fn brackets() {
    insta::assert_snapshot!(fault("a: [1, 2\nb: 3\n"), @r"
    error[yaml-syntax]: expected `,` or `]`
     --> site.yml:2:2
      |
    2 | b: 3
      |  ^ found this instead
      |
     ::: site.yml:1:4
      |
    1 | a: [1, 2
      |    - the `[` is opened here
      |
      = help: add the `,` or the `]`; quote a text that starts with `[`
    ");
    insta::assert_snapshot!(fault("a: {x: 1 y: 2}\n"), @r"
    error[yaml-syntax]: expected `,` or `}`
     --> site.yml:1:11
      |
    1 | a: {x: 1 y: 2}
      |           ^ found this instead
      |
     ::: site.yml:1:4
      |
    1 | a: {x: 1 y: 2}
      |    - the `{` is opened here
      |
      = help: add the `,` or the `}`; quote a text that starts with `{`
    ");
}

#[test]
fn signs_with_a_meaning() {
    insta::assert_snapshot!(fault("a: @x\n"), @r#"
    error[yaml-syntax]: a value cannot start with `@`
     --> site.yml:1:4
      |
    1 | a: @x
      |    ^ has a meaning of its own in YAML
      |
      = help: quote the value: "@x"
    "#);
    insta::assert_snapshot!(fault("a: *.txt\n"), @r#"
    error[yaml-syntax]: a value cannot start with `*`
     --> site.yml:1:4
      |
    1 | a: *.txt
      |    ^ has a meaning of its own in YAML
      |
      = help: quote the value: "*.txt"
    "#);
    insta::assert_snapshot!(fault("a: \"\\d\"\n"), @r#"
    error[yaml-syntax]: not an escape that YAML knows in double quotes
     --> site.yml:1:5
      |
    1 | a: "\d"
      |     ^ this backslash
      |
      = help: use single quotes, where a backslash is just that, or write `\\`
    "#);
    insta::assert_snapshot!(fault("a: \u{7}\n"), @r"
    error[yaml-syntax]: this is not YAML: control characters are not allowed
     --> site.yml:1:4
      |
    1 | a: ␇
      |    ^ here
    ");
    insta::assert_snapshot!(fault("a: |\n  x\n y: 1\n"), @r"
    error[yaml-syntax]: bad indentation: this line does not line up with line 1
     --> site.yml:3:2
      |
    3 |  y: 1
      |  ^^^^ indented with 1 space
      |
     ::: site.yml:1:1
      |
    1 | a: |
      | ---- what it should line up with
      |
      = help: start it at the left edge; with more, where it belongs to the line above
    ");
}

#[test]
fn blanks_that_look_like_spaces() {
    insta::assert_snapshot!(fault("a:\n  b: 1\n \u{a0}c: 2\n"), @r"
    error[yaml-syntax]: only spaces can indent YAML
     --> site.yml:3:2
      |
    3 |   c: 2
      |  ^ looks like a space, and is another character
      |
      = help: use spaces
    ");
}

#[test]
fn lines_that_follow_nothing() {
    insta::assert_snapshot!(fault("  a: 1\nb: 2\n"), @r"
    error[yaml-syntax]: the document ends above this line
     --> site.yml:2:1
      |
    2 | b: 2
      | ^^^^ belongs to nothing
      |
      = help: indent every line at least as far as the first; start another document with `---`
    ");
    insta::assert_snapshot!(fault("- a\n-b\n- c\n"), @r"
    error[yaml-syntax]: a space is missing after the dash of a list item
     --> site.yml:2:1
      |
    2 | -b
      | ^^ this line
      |
      = help: write `- ` before the item
    ");
    insta::assert_snapshot!(fault("- a: 1\n-b: 2\n"), @r"
    error[yaml-syntax]: a space is missing after the dash of a list item
     --> site.yml:2:1
      |
    2 | -b: 2
      | ^^^^^ this line
      |
     ::: site.yml:1:1
      |
    1 | - a: 1
      | - the list starts here
      |
      = help: write `- ` before the item
    ");
    insta::assert_snapshot!(fault("a: 1\n]b: 2\n"), @r"
    error[yaml-syntax]: expected the next key of the mapping
     --> site.yml:2:1
      |
    2 | ]b: 2
      | ^^^^^ this line
      |
     ::: site.yml:1:1
      |
    1 | a: 1
      | - the mapping starts here
      |
      = help: write `key: value`, or quote the key
    ");
    insta::assert_snapshot!(fault("a: | text\nb: 1\n"), @r"
    error[yaml-syntax]: the text behind `|` starts on the next line
     --> site.yml:1:6
      |
    1 | a: | text
      |      ^^^^ on the same line
      |
      = help: move it down and indent it; quote a text that starts with `|`
    ");
    insta::assert_snapshot!(fault("a: ,b\n"), @r#"
    error[yaml-syntax]: a value cannot start with `,`
     --> site.yml:1:4
      |
    1 | a: ,b
      |    ^ has a meaning of its own in YAML
      |
      = help: quote the value: ",b"
    "#);
}
