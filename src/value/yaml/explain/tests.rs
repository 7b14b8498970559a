use crate::base::{Redactor, Sources};
use crate::value::yaml::parse;

pub(super) fn fault(text: &str) -> String {
    let sources = Sources::default();
    let source = sources.add("site.yml", text);
    let fault = parse(&sources, source).expect_err("must not parse");
    fault.render(&sources, &Redactor::default(), false)
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
fn commas_that_start_a_value() {
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
