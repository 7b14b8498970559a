use std::sync::Arc;

use crate::base::Sources;
use crate::template::{Settings, Templar};
use crate::value::{Layer, Node, Scope, Value, Variable, yaml};

fn parse(text: &str) -> Node {
    let sources = Sources::default();
    let source = sources.add("site.yml", text);
    yaml::parse(&sources, source).unwrap().documents.remove(0)
}

/// A scope with variables of the user's, and one that a host returned.
fn scope(written: &str) -> Arc<dyn Scope> {
    let mut layer: Layer = parse(written)
        .as_map()
        .unwrap()
        .iter()
        .map(|(key, node)| (key.text.clone(), Variable::Written(Arc::new(node.clone()))))
        .collect();
    let returned = Value::from("1 == 1");
    layer.insert("returned".to_owned(), Variable::Known(Arc::new(returned)));
    Arc::new(Names(layer))
}

struct Names(Layer);

impl Scope for Names {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

fn holds(written: &str, condition: &str) -> Result<bool, String> {
    let templar = Templar::new(Settings::default());
    let condition = templar.condition(&parse(condition), &scope(written));
    condition.map(|condition| condition.value).map_err(|fault| fault.message)
}

#[test]
fn a_name_stands_for_the_conditions_that_are_written_behind_it() {
    let vars = "port: 80\nchecks: [port == 80, port > 100]\nwell: [port == 80]\nall: '{{ well }}'\n\
                item: {when: port > 100}";
    assert_eq!(holds(vars, "'{{ checks }}'"), Ok(false));
    assert_eq!(holds(vars, "'{{ well }}'"), Ok(true));
    assert_eq!(holds(vars, "'{{ all }}'"), Ok(true));
    assert_eq!(holds(vars, "'{{ item.when }}'"), Ok(false));
    assert_eq!(holds(vars, "'{{ checks[0] }}'"), Ok(true));
}

#[test]
fn what_a_host_returned_is_no_condition() {
    let message = "Encountered untrusted template or expression: '1 == 1'";
    assert_eq!(holds("a: 1", "'{{ returned }}'"), Err(message.to_owned()));
    assert_eq!(holds("a: 1", "'{{ \"1 == 1\" }}'"), Err(message.to_owned()));
    assert_eq!(holds("checks: [!unsafe 1 == 1]", "'{{ checks }}'"), Err(message.to_owned()));
}

#[test]
fn texts_that_say_yes_or_no_are_read_as_before() {
    assert_eq!(holds("flag: 'yes'", "'{{ flag }}'"), Ok(true));
    assert!(holds("flag: 'no'", "'{{ flag }}'").is_err());
    assert_eq!(holds("list: []", "'{{ list | length }}'"), Ok(false));
}
