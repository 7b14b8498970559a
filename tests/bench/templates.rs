//! Compiles and renders two hundred templates, as `templates.py` has Ansible do.
//!
//! Prints the seconds of the best round: what else the machine does is in all the others. Each
//! round has a new `Templar`, so that nothing compiled is used twice.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rplay::base::Span;
use rplay::template::{Settings, Templar};
use rplay::value::{Data, Key, Layer, Level, Node, Scope, Value, Variable, Vars};

const COUNT: usize = 200;
const ROUNDS: usize = 51;

struct Variables(Vars);

impl Scope for Variables {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.0.get(name)
    }

    fn names(&self) -> Vec<String> {
        self.0.names()
    }
}

/// A value as if the user had written it: its texts are templates.
fn written(value: &Value) -> Node {
    let span = Span::NOWHERE;
    let data = match value {
        Value::String(text) => Data::Text(text.clone()),
        Value::Array(items) => Data::List(items.iter().map(written).collect()),
        Value::Object(fields) => {
            let key = |text: &String| Key { text: text.clone(), span };
            Data::Map(fields.iter().map(|(name, item)| (key(name), written(item))).collect())
        }
        other => return Node::from_value(other, span),
    };
    Node { data, span }
}

/// The templates that need no files and render, the first of them.
fn templates(cases: &Value) -> Vec<Node> {
    let cases = cases["cases"].as_array().into_iter().flatten();
    let fits = |case: &&Value| {
        case["ok"] == true && !matches!(case["cat"].as_str(), Some("lookups" | "include"))
    };
    let texts = cases.filter(fits).filter_map(|case| case["tpl"].as_str());
    let node = |text: &str| Node { data: Data::Text(text.to_owned()), span: Span::NOWHERE };
    texts.take(COUNT).map(node).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/jinja-cases.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let fields = cases["vars"].as_object().ok_or("no variables")?;
    let layer: Layer =
        fields.iter().map(|(name, value)| (name.clone(), written(value).into())).collect();
    let mut vars = Vars::default();
    vars.push(Level::Play, Arc::new(layer));
    let scope: Arc<dyn Scope> = Arc::new(Variables(vars));
    let templates = templates(&cases);
    let mut times = vec![];
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let templar = Templar::new(Settings::default());
        let rendered = templates.iter().filter(|node| templar.evaluate(node, &scope).is_ok());
        let rendered = rendered.count();
        times.push(begun.elapsed());
        if rendered * 20 < templates.len() * 19 {
            return Err(format!("{rendered} of {} templates render", templates.len()).into());
        }
    }
    let best = times.iter().min().ok_or("no rounds")?;
    writeln!(std::io::stdout(), "{}", best.as_secs_f64())?;
    Ok(())
}
