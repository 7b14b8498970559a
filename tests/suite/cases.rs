//! Runs every module's `cases.yml` (recorded state → plan) and checks its `examples.yml`.
//!
//! A case has `case` (what it shows), `args`, `now` (the state as the module serialises it), and
//! what must come of it: `plan` (null: nothing to do; else the change, of which the values given
//! must agree), or `error` (a part of the message); and `returned` (likewise a part).

use std::path::PathBuf;

use rplay::base::{Redactor, Sources, Span};
use rplay::modules::REGISTRY;
use rplay::sdk::{Entry, Rehearsal};
use rplay::value::yaml::{parse, read_file};
use rplay::value::{Data, Key, Mapping, Node, Value};

use super::source;

#[test]
fn every_case_holds() {
    let (mut count, mut faults) = (0, vec![]);
    for entry in REGISTRY {
        for case in list(entry, "cases.yml") {
            count += 1;
            if let Err(fault) = run(entry, &case) {
                let title = case.get("case").and_then(Node::as_str).unwrap_or("(no title)");
                faults.push(format!("modules/{}/cases.yml, {title}:\n  {fault}", entry.name));
            }
        }
    }
    assert!(count > 0, "there are no cases");
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_example_is_a_task_of_its_module() {
    let mut faults = vec![];
    for entry in REGISTRY {
        let tasks = list(entry, "examples.yml");
        if tasks.is_empty() {
            faults.push(format!("modules/{}/examples.yml: it has no task", entry.name));
        }
        for task in tasks {
            let title = task.get("name").and_then(Node::as_str).unwrap_or("(no name)");
            let found: Vec<String> = match arguments(entry, &task) {
                Some(args) => entry.check(&args).into_iter().map(|fault| fault.message).collect(),
                None => vec![format!("it does not call `{}`", entry.name)],
            };
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("modules/{}/examples.yml, {title}: {fault}", entry.name)),
            );
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The items of one of a module's files.
fn list(entry: &Entry, file: &str) -> Vec<Node> {
    let path = PathBuf::from(format!("modules/{}/{file}", entry.name));
    let sources = Sources::default();
    let document = read_file(&sources, &source::root().join(&path))
        .and_then(|id| parse(&sources, id))
        .and_then(rplay::value::yaml::Parsed::single)
        .unwrap_or_else(|fault| panic!("{}", fault.render(&sources, &Redactor::default(), false)));
    match document.data {
        Data::List(items) => items,
        _ => panic!("{}: expected a list", path.display()),
    }
}

fn run(entry: &Entry, case: &Node) -> Result<(), String> {
    const FIELDS: [&str; 6] = ["case", "args", "now", "plan", "error", "returned"];
    let fields = case.as_map().ok_or("expected a mapping")?;
    if let Some(key) = fields.keys().find(|key| !FIELDS.contains(&key.text.as_str())) {
        return Err(format!("a case has no field `{}`", key.text));
    }
    let empty = Node { data: Data::Map(Mapping::new()), span: Span::NOWHERE };
    let args = case.get("args").unwrap_or(&empty);
    let now = case.get("now").map_or(Value::Null, Node::to_value);
    let expected = |name: &str| case.get(name).map(Node::to_value);
    match (entry.rehearse(args, now), expected("plan"), expected("error")) {
        (Err(message), _, Some(Value::String(wanted))) if message.contains(&wanted) => Ok(()),
        (Err(message), _, _) => Err(format!("it fails: {message}")),
        (Ok(_), _, Some(wanted)) => Err(format!("it must fail: {wanted}")),
        (Ok(rehearsal), Some(plan), None) => {
            compare_plan(&plan, &rehearsal)?;
            let returned = Value::Object(rehearsal.returned.into_fields());
            expected("returned").map_or(Ok(()), |wanted| compare("returned", &wanted, &returned))
        }
        (Ok(_), None, None) => Err("it must have `plan` or `error`".to_owned()),
    }
}

fn compare_plan(wanted: &Value, rehearsal: &Rehearsal) -> Result<(), String> {
    let nothing = rehearsal.change.is_null() && rehearsal.diffs.is_empty();
    match (wanted.is_null(), nothing) {
        (true, true) => Ok(()),
        (true, false) => Err(format!("nothing to do expected, found {}", rehearsal.change)),
        (false, true) => Err("a change expected, found nothing to do".to_owned()),
        (false, false) if rehearsal.diffs.iter().all(rplay::sdk::Diff::is_empty) => {
            Err("the change has no diff".to_owned())
        }
        (false, false) => compare("plan", wanted, &rehearsal.change),
    }
}

/// Whether every value that is wanted is there; mappings may have more.
fn compare(place: &str, wanted: &Value, found: &Value) -> Result<(), String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            wanted.iter().try_for_each(|(key, value)| {
                let place = format!("{place}.{key}");
                let other = found.get(key).ok_or_else(|| format!("{place} is not there"))?;
                compare(&place, value, other)
            })
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            wanted.iter().zip(found).enumerate().try_for_each(|(index, (value, other))| {
                compare(&format!("{place}[{index}]"), value, other)
            })
        }
        _ if wanted == found => Ok(()),
        _ => Err(format!("{place}: expected {wanted}, found {found}")),
    }
}

/// The arguments of a task: the mapping under the module's name, with the free form and `args`.
fn arguments(entry: &Entry, task: &Node) -> Option<Node> {
    let is_module = |key: &Key| key.text.rsplit('.').next() == Some(entry.name);
    let (_, given) = task.as_map()?.iter().find(|(key, _)| is_module(key))?;
    let mut pairs = match &given.data {
        Data::Map(pairs) => pairs.clone(),
        Data::Null => Mapping::new(),
        _ => Mapping::from([(
            Key { text: entry.spec.free_form?.to_owned(), span: given.span },
            given.clone(),
        )]),
    };
    if let Some(more) = task.get("args").and_then(Node::as_map) {
        pairs.extend(more.clone());
    }
    Some(Node { data: Data::Map(pairs), span: given.span })
}

#[test]
fn a_part_agrees_and_another_value_does_not() {
    let found = serde_json::json!({"a": 1, "b": [{"c": 2, "d": 3}]});
    let compared = |wanted: Value| compare("x", &wanted, &found);
    assert_eq!(compared(serde_json::json!({"b": [{"c": 2}]})), Ok(()));
    assert_eq!(compared(serde_json::json!({"e": 1})), Err("x.e is not there".to_owned()));
    assert_eq!(
        compared(serde_json::json!({"b": [{"c": 4}]})),
        Err("x.b[0].c: expected 4, found 2".to_owned())
    );
}
