use crate::value::yaml::explain::tests::fault;

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
fn items_that_do_not_line_up() {
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
}

#[test]
fn keys_that_do_not_line_up() {
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
}

#[test]
fn dashes_without_a_space() {
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
}
