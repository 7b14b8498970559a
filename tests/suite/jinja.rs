//! Templates mean what they mean to Ansible: 739 of them, with ansible-core 2.19's own results.
//!
//! `tests/conformance/jinja-cases.json` holds the templates, the variables they may use and what
//! Ansible made of them; `jinja-differences.txt` beside it names each case that comes out
//! otherwise here, and why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rplay::base::Span;
use rplay::template::{Settings, Templar};
use rplay::value::{Data, Key, Node, Scope, Value, Variable};
use serde_json::json;

const CASES: &str = include_str!("../conformance/jinja-cases.json");
const DIFFERENCES: &str = include_str!("../conformance/jinja-differences.txt");

/// The templates that cases include.
const INCLUDED: &[(&str, &str)] = &[
    ("a.j2", "A={{ a }}"),
    ("m.j2", "{% macro hi(x) %}hi {{ x }}{% endmacro %}"),
    ("base.j2", "head\n{% block body %}base{% endblock %}foot"),
    ("i.j2", "i={{ i }};"),
    ("v.j2", "v={{ v }};"),
];

/// What comes out of these differs from run to run.
const RANDOM: [u64; 1] = [513];

struct Variables {
    by_name: BTreeMap<String, Arc<Node>>,
    /// As the cases have them: `varnames` shows their order.
    names: Vec<String>,
    directory: PathBuf,
}

impl Scope for Variables {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.by_name.get(name).map(|node| Variable::Written(Arc::clone(node)))
    }

    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn directories(&self) -> Vec<PathBuf> {
        vec![self.directory.clone()]
    }
}

/// A value as if the user had written it: its texts are templates.
fn written(value: &Value) -> Node {
    let span = Span::NOWHERE;
    let data = match value {
        Value::String(text) => Data::Text(text.clone()),
        Value::Array(items) => Data::List(items.iter().map(written).collect()),
        Value::Object(fields) => Data::Map(
            fields
                .iter()
                .map(|(key, item)| (Key { text: key.clone(), span }, written(item)))
                .collect(),
        ),
        other => return Node::from_value(other, span),
    };
    Node { data, span }
}

/// A result as the cases write results down: each value with its type.
fn tagged(value: &Value) -> Value {
    match value {
        Value::Null => json!({"t": "n"}),
        Value::Bool(flag) => json!({"t": "b", "v": flag}),
        Value::Number(number) if number.is_f64() => {
            json!({"t": "f", "v": number.as_f64()})
        }
        Value::Number(number) => json!({"t": "i", "v": number.to_string()}),
        Value::String(text) => json!({"t": "s", "v": text}),
        Value::Array(items) => json!({"t": "l", "v": items.iter().map(tagged).collect::<Vec<_>>()}),
        Value::Object(fields) => {
            let pairs =
                fields.iter().map(|(key, item)| (json!({"t": "s", "v": key}), tagged(item)));
            json!({"t": "m", "v": pairs.collect::<Vec<_>>()})
        }
    }
}

/// Keys are text here, dates are text, and floats are compared as numbers.
fn comparable(expected: &Value) -> Value {
    let inner = &expected["v"];
    match expected["t"].as_str() {
        Some("l") => {
            let items = inner.as_array().into_iter().flatten().map(comparable);
            json!({"t": "l", "v": items.collect::<Vec<_>>()})
        }
        Some("m") => {
            let pairs = inner.as_array().into_iter().flatten().map(|pair| {
                let key = pair[0]["v"].as_str().map_or(pair[0]["v"].to_string(), str::to_owned);
                (json!({"t": "s", "v": key}), comparable(&pair[1]))
            });
            json!({"t": "m", "v": pairs.collect::<Vec<_>>()})
        }
        Some("f") => {
            let number: f64 = inner.as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
            json!({"t": "f", "v": number})
        }
        Some("d") => json!({"t": "s", "v": inner}),
        Some("bytes") => {
            let text = inner.as_str().unwrap_or_default();
            json!({"t": "s", "v": text.trim_start_matches("b'").trim_end_matches('\'')})
        }
        _ => expected.clone(),
    }
}

fn included(directory: &Path) {
    let inc = directory.join("templates/inc");
    std::fs::create_dir_all(&inc).expect("a directory");
    for (name, text) in INCLUDED {
        std::fs::write(inc.join(name), text).expect("a file");
    }
}

#[test]
fn templates_mean_what_they_mean_to_ansible() {
    let cases: Value = serde_json::from_str(CASES).expect("JSON");
    let differences: BTreeMap<u64, &str> = DIFFERENCES
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(id, reason)| (id.parse().expect("the number of a case"), reason))
        .collect();
    let directory = tempfile::tempdir().expect("a directory");
    included(directory.path());
    let fields = cases["vars"].as_object().expect("variables");
    let scope: Arc<dyn Scope> = Arc::new(Variables {
        by_name: fields.iter().map(|(name, v)| (name.clone(), Arc::new(written(v)))).collect(),
        names: fields.keys().cloned().collect(),
        directory: directory.path().to_owned(),
    });
    let templar = Templar::new(Settings::default());
    let (mut agreed, mut faults) = (0, vec![]);
    for case in cases["cases"].as_array().expect("cases") {
        let id = case["i"].as_u64().expect("a number");
        if RANDOM.contains(&id) {
            continue;
        }
        let template = case["tpl"].as_str().expect("a template");
        let node = Node { data: Data::Text(template.to_owned()), span: Span::NOWHERE };
        let got = match templar.evaluate(&node, &scope) {
            Ok(Some(value)) => Ok(tagged(&value)),
            Ok(None) => Err("omitted".to_owned()),
            Err(diagnostic) => Err(diagnostic.message),
        };
        let expected = case["ok"].as_bool().unwrap_or(false).then(|| comparable(&case["r"]));
        let same = got.as_ref().ok() == expected.as_ref();
        agreed += u32::from(same);
        match (same, differences.get(&id)) {
            (false, None) => faults.push(format!(
                "{id} {template:?}\n  ansible: {}\n  rplay:   {got:?}",
                expected.map_or_else(|| case["err"].to_string(), |value| value.to_string()),
            )),
            (true, Some(reason)) => {
                faults.push(format!("{id} agrees, but jinja-differences.txt says: {reason}"));
            }
            _ => {}
        }
    }
    assert!(faults.is_empty(), "{agreed} agree; {}:\n{}", faults.len(), faults.join("\n"));
}
