use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::value::{Layer, Variable, yaml};

/// Variables in YAML, as the user writes them, with others laid over them.
struct Variables(Layer, Vec<PathBuf>);

impl Scope for Variables {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn directories(&self) -> Vec<PathBuf> {
        self.1.clone()
    }
}

struct Host {
    templar: Templar,
    variables: Layer,
}

impl Host {
    /// A host whose variables stand in a file.
    fn new(yaml: &str) -> Self {
        let templar = Templar::new(Settings::default());
        let node = parse(&templar, "vars.yml", yaml);
        let pairs = node.as_map().cloned().unwrap_or_default();
        let variables = pairs.into_iter().map(|(key, node)| (key.text, node.into())).collect();
        Self { templar, variables }
    }

    fn with(mut self, name: &str, variable: impl Into<Variable>) -> Self {
        self.variables.insert(name.to_owned(), variable.into());
        self
    }

    fn scope(&self) -> Arc<dyn Scope> {
        Arc::new(Variables(self.variables.clone(), vec![]))
    }

    fn node(&self, yaml: &str) -> Node {
        parse(&self.templar, "site.yml", yaml)
    }

    fn evaluate(&self, yaml: &str) -> Json {
        match self.templar.evaluate(&self.node(yaml), &self.scope()) {
            Ok(value) => value.unwrap_or_else(|| json!("OMITTED")),
            Err(fault) => panic!("{}", self.shown(&fault)),
        }
    }

    fn fault(&self, yaml: &str) -> String {
        let fault = self.templar.evaluate(&self.node(yaml), &self.scope()).unwrap_err();
        self.shown(&fault)
    }

    fn shown(&self, fault: &Diagnostic) -> String {
        let settings = self.templar.settings();
        fault.render(&settings.sources, &settings.redactor, false)
    }

    fn holds(&self, yaml: &str) -> bool {
        match self.templar.condition(&self.node(yaml), &self.scope()) {
            Ok(condition) => condition.value,
            Err(fault) => panic!("{}", self.shown(&fault)),
        }
    }
}

fn parse(templar: &Templar, path: &str, yaml: &str) -> Node {
    let sources = &templar.settings().sources;
    let source = sources.add(path, yaml);
    yaml::parse(sources, source).and_then(yaml::Parsed::single).unwrap()
}

#[test]
fn a_lone_expression_keeps_its_type() {
    let host = Host::new("port: 80\nlist: [1, two]\nnone: null");
    assert_eq!(host.evaluate("\"{{ port }}\""), json!(80));
    assert_eq!(host.evaluate("\"{{ port }} \""), json!("80 "));
    assert_eq!(host.evaluate("\"{{ list }}\""), json!([1, "two"]));
    assert_eq!(host.evaluate("\"x{{ list }}{{ none }}\""), json!("x[1, 'two']"));
    assert_eq!(host.evaluate("\"{{ none }}\""), json!(null));
    assert_eq!(host.evaluate("\"{{ port == 80 }}\""), json!(true));
}

#[test]
fn what_is_rendered_keeps_its_place_and_is_no_template_any_more() {
    let host = Host::new("a: 1");
    let node = host.node("x: plain\ny: [\"{{ a }}\"]");
    let rendered = host.templar.render(&node, &host.scope()).unwrap().unwrap();
    assert_eq!(rendered.get("x").unwrap().data, Data::Text("plain".to_owned()));
    let y = &rendered.get("y").unwrap().as_list().unwrap()[0];
    assert_eq!(
        (&y.data, y.span),
        (&Data::Int(1), node.get("y").unwrap().as_list().unwrap()[0].span)
    );
}

#[test]
fn what_is_omitted_drops_out() {
    let host = Host::new("a: 1");
    assert_eq!(
        host.evaluate("{x: \"{{ b | default(omit) }}\", y: [\"{{ omit }}\", 2], z: \"{{ a }}\"}"),
        json!({"y": [2], "z": 1})
    );
    assert_eq!(host.evaluate("\"{{ omit }}\""), json!("OMITTED"));
    assert_eq!(host.evaluate("\"{{ {'a': omit, 'b': [omit]} }}\""), json!({"b": []}));
}

#[test]
fn variables_are_rendered_where_they_are_used_and_only_then() {
    let host = Host::new(
        "name: web\nurl: \"http://{{ name }}/\"\nbad: \"{{ nope }}\"\nall: {a: \"{{ url }}\", b: \"{{ bad }}\"}",
    );
    assert_eq!(host.evaluate("\"{{ all.a }}\""), json!("http://web/"));
    assert_eq!(host.evaluate("\"{{ all.keys() | list }}\""), json!(["a", "b"]));
    assert_eq!(host.evaluate("\"{{ all.b | default('none') }}\""), json!("none"));
    assert_eq!(host.evaluate("\"{{ bad is defined }}\""), json!(false));
}

#[test]
fn a_variable_of_another_host_is_rendered_in_its_own_scope() {
    let other = Host::new("name: db\nurl: \"http://{{ name }}/\"");
    let hostvars: Layer = [("db1".to_owned(), Variable::Scope(other.scope()))].into();
    let host = Host::new("name: web")
        .with("hostvars", Variable::Scope(Arc::new(Variables(hostvars, vec![]))));
    assert_eq!(host.evaluate("\"{{ hostvars['db1'].url }}\""), json!("http://db/"));
    assert_eq!(host.evaluate("\"{{ hostvars.db1.name ~ name }}\""), json!("dbweb"));
    assert_eq!(host.evaluate("\"{{ hostvars | list }}\""), json!(["db1"]));
    assert_eq!(host.evaluate("\"{{ hostvars.db2.url | default('-') }}\""), json!("-"));
    assert_eq!(
        host.evaluate("\"{{ ['db1'] | map('extract', hostvars, 'url') | first }}\""),
        json!("http://db/")
    );
}

#[test]
fn a_change_of_a_variable_lasts_for_one_rendering() {
    let host = Host::new("list: [1]\ndict: {a: 1}").with("known", json!({"l": [1]}));
    assert_eq!(
        host.evaluate(
            "\"{% set _ = list.append(2) %}{% set _ = dict.update({'b': 2}) %}{{ [list, dict] }}\""
        ),
        json!([[1, 2], {"a": 1, "b": 2}])
    );
    assert_eq!(host.evaluate("\"{% set _ = known.l.append(2) %}{{ known.l }}\""), json!([1, 2]));
    assert_eq!(host.evaluate("\"{{ list }}\""), json!([1]));
}

/// What a host returned, through every path a value can take.
#[test]
fn what_a_host_returned_is_never_a_template() {
    const EVIL: &str = "{{ lookup('pipe', 'touch /tmp/rplay-pwned') }}{% if x %}{# #}";
    let result = json!({
        "stdout": EVIL, "stdout_lines": [EVIL], EVIL: 1, "n": {"deep": [EVIL]},
    });
    let other = Host::new("mine: \"{{ reg.stdout }}\"").with("reg", result.clone());
    let hostvars: Layer = [("h".to_owned(), Variable::Scope(other.scope()))].into();
    let host = Host::new(
        "copy: \"{{ reg.stdout }}\"\nlist: [\"{{ reg.stdout }}\"]\nagain: \"{{ copy }}\"\nkept: |\n  {{ copy }}\n",
    )
    .with("reg", result)
    .with("item", json!(EVIL))
    .with("hostvars", Variable::Scope(Arc::new(Variables(hostvars, vec![]))));
    for template in [
        "{{ reg.stdout }}",
        "{{ reg['stdout'] }}",
        "{{ reg.stdout_lines[0] }}",
        "{{ reg.stdout_lines | first }}",
        "{{ reg.n.deep | last }}",
        "{{ item }}",
        "{{ copy }}",
        "{{ list[0] }}",
        "{{ list | join('') }}",
        "{{ again }}",
        "{{ '' ~ again }}",
        "{{ again + '' }}",
        "{% set x = again %}{{ x }}",
        "{% for x in reg.stdout_lines %}{{ x }}{% endfor %}",
        "{{ reg.keys() | select('match', '.*lookup') | first }}",
        "{{ hostvars.h.reg.stdout }}",
        "{{ hostvars['h'].mine }}",
        "{{ lookup('vars', 'again') }}",
        "{{ query('items', reg.stdout_lines) | first }}",
        "{{ lookup('dict', {'k': copy}).value }}",
        "{{ (reg | to_json | from_json).stdout }}",
        "{{ reg.stdout | default('x') | string | trim }}",
        "{{ '%s' % reg.stdout }}",
        "{{ '%s' | format(reg.stdout) }}",
        "{{ '{}'.format(reg.stdout) }}",
        "{{ reg.stdout if true else '' }}",
        "{{ {'a': reg.stdout}.a }}",
        "{{ reg | combine({}) | dict2items | selectattr('key', 'eq', 'stdout') | map(attribute='value') | first }}",
        "{{ reg.stdout | b64encode | b64decode }}",
        "{{ reg.stdout | regex_replace('^', '') }}",
    ] {
        let node = Node { data: Data::Text(template.to_owned()), span: Span::NOWHERE };
        let value = host.templar.evaluate(&node, &host.scope());
        assert_eq!(value, Ok(Some(json!(EVIL))), "{template}");
    }
    assert_eq!(host.evaluate("\"{{ kept }}\""), json!(format!("{EVIL}\n")));
    assert!(host.holds("reg.stdout is defined and 'lookup' in reg.stdout"));
    assert!(!std::path::Path::new("/tmp/rplay-pwned").exists());
}

#[test]
fn conditions_are_expressions_or_lists_of_them() {
    let host = Host::new("a: 1\nyes_text: \"yes\"\nempty: \"\"\nflag: true");
    assert!(host.holds("a == 1 and flag"));
    assert!(host.holds("[a == 1, flag]"));
    assert!(!host.holds("[flag, a == 2]"));
    assert!(host.holds("true"));
    assert!(!host.holds("empty"));
    assert!(host.holds("\"{{ a }} == 1\""));
    assert!(host.holds("\"'x{{ a }}' == 'x1'\""));
    assert!(host.holds("\"{{ flag }}\""));
    let condition = host.templar.condition(&host.node("[flag, a > 1]"), &host.scope()).unwrap();
    assert_eq!(condition.failing, Some("a > 1".into()));
}

#[test]
fn a_condition_that_is_a_text_saying_no_is_refused() {
    let host = Host::new("use_tls: \"false\"");
    let node = host.node("when: use_tls");
    let fault = host.templar.condition(node.get("when").unwrap(), &host.scope()).unwrap_err();
    insta::assert_snapshot!(host.shown(&fault), @r#"
    error[condition-type]: Conditional result (True) was derived from value of type 'str': a condition must be true or false, this is the text 'false'
     --> site.yml:1:7
      |
    1 | when: use_tls
      |       ^^^^^^^ a text is true unless it is empty, whatever it says
      |
     ::: vars.yml:1:10
      |
    1 | use_tls: "false"
      |          ------- the value comes from here
      |
      = help: the value comes from vars.yml:1:10: write it there without quotes, or here `use_tls | bool`
    "#);
}

#[test]
fn what_is_undefined_is_named_with_its_place() {
    let host = Host::new("app_port: 80\nusers: [{name: a}]");
    insta::assert_snapshot!(host.fault("port: \"{{ app_prot + 1 }}\""), @r#"
    error[undefined-variable]: 'app_prot' is undefined
     --> site.yml:1:11
      |
    1 | port: "{{ app_prot + 1 }}"
      |           ^^^^^^^^ not defined here
      |
      = help: did you mean `app_port`?
    "#);
    insta::assert_snapshot!(host.fault("x: |\n  first\n  {{ users[0].nmae }}\n"), @r"
    error[undefined-variable]: `users[0].nmae` is undefined: object of type 'dict' has no attribute 'nmae'
     --> site.yml:3:6
      |
    3 |   {{ users[0].nmae }}
      |      ^^^^^^^^^^^^^ not defined here
      |
      = help: did you mean `name`?
    ");
}

#[test]
fn what_is_undefined_further_in_is_named_there() {
    let host = Host::new("url: \"http://{{ hots }}/\"\nhost: web");
    insta::assert_snapshot!(host.fault("x: \"{{ url }}\""), @r#"
    error[undefined-variable]: 'hots' is undefined
     --> vars.yml:1:17
      |
    1 | url: "http://{{ hots }}/"
      |                 ^^^^ not defined here
      |
     ::: site.yml:1:8
      |
    1 | x: "{{ url }}"
      |        --- `url` needs it
      |
      = help: did you mean `host`?
    "#);
}

#[test]
fn variables_that_need_themselves_are_named_in_a_circle() {
    let host = Host::new("a: \"{{ b }}\"\nb: \"{{ c }}\"\nc: \"{{ a }}\"");
    insta::assert_snapshot!(host.fault("x: \"{{ a }}\""), @r#"
    error[recursive-variable]: variables refer to each other: a (vars.yml:1) -> b (vars.yml:2) -> c (vars.yml:3) -> a
     --> vars.yml:1:4
      |
    1 | a: "{{ b }}"
      |    ^^^^^^^^^ needs itself
      |
     ::: vars.yml:2:4
      |
    2 | b: "{{ c }}"
      |    --------- `b` comes from here
      |
     ::: vars.yml:3:4
      |
    3 | c: "{{ a }}"
      |    --------- `c` comes from here
      |
     ::: site.yml:1:8
      |
    1 | x: "{{ a }}"
      |        - used here
    "#);
}

#[test]
fn limits_are_kept() {
    let host = Host::new("x: 1");
    for template in [
        "{{ 'x' * 3000000000 }}",
        "{{ range(10000000000) | list }}",
        "{% for a in range(1000000) %}{% for b in range(1000000) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='xxxxxxxxxx') %}{% for a in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x | length }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ] {
        let node = Node { data: Data::Text(template.to_owned()), span: Span::NOWHERE };
        let fault = host.templar.evaluate(&node, &host.scope()).unwrap_err();
        assert!(
            matches!(fault.code, "template-limit" | "template-error"),
            "{template}: {} {}",
            fault.code,
            fault.message
        );
    }
}

#[test]
fn a_chain_of_variables_as_deep_as_allowed_fits_on_the_stack() {
    let mut yaml = String::from("v0: end\n");
    for at in 1..40 {
        yaml.push_str(&format!("v{at}: \"{{{{ v{} }}}}\"\n", at - 1));
    }
    let host = Host::new(&yaml);
    std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(move || assert_eq!(host.evaluate("\"{{ v39 }}\""), json!("end")))
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn names_and_syntax_are_checked_before_the_run() {
    let host = Host::new("a: 1");
    let node = host.node(
        "a: \"{{ x | uper }}\"\nb: \"{{ y is deifned }}\"\nc: \"{{ lookup('fiel', 'x') }}\"\nd: \"{{ z | map('trm') }}\"\ne: \"{{ 1 + }}\"\nf: \"{{ ok | default(1) }}\"",
    );
    let faults = host.templar.check(&node);
    let found: Vec<(&str, String, Option<String>)> = faults
        .iter()
        .map(|f| (f.code, host.templar.settings().sources.slice(f.span().unwrap()), f.help.clone()))
        .collect();
    let help = |text: &str| Some(format!("did you mean `{text}`?"));
    assert_eq!(
        found[..4],
        [
            ("unknown-filter", "uper".to_owned(), help("upper")),
            ("unknown-test", "deifned".to_owned(), help("defined")),
            ("unknown-lookup", "fiel".to_owned(), help("file")),
            ("unknown-filter", "trm".to_owned(), help("trim")),
        ]
    );
    assert_eq!((found.len(), found[4].0), (5, "template-syntax"));
    assert_eq!(host.templar.undeclared(&node), ["ok", "x", "y", "z"]);
}

#[test]
fn what_only_the_engines_compiler_cannot_take_is_a_fault() {
    let host = Host::new("a: 1");
    let node = host.node("\"{% import 'x' as m.n %}\"");
    let faults = host.templar.check(&node);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].message.contains("expected a name behind `as`"), "{}", faults[0].message);
}

#[test]
fn a_template_file_knows_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("motd.j2");
    std::fs::write(&path, "{{ ansible_managed }}\n{{ template_fullpath }}\n").unwrap();
    let render = |variables: &str| {
        let host = Host::new(variables);
        host.templar.render_file(&path, &FileOptions::default(), &host.scope()).unwrap()
    };
    assert_eq!(render("a: 1"), format!("Ansible managed\n{}\n", path.display()));
    assert!(render("ansible_managed: by us").starts_with("by us\n"));
}

mod calls;
mod filters;
