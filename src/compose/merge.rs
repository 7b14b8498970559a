//! Files laid over one another, and services over those they extend.

use indexmap::IndexMap;

use super::form::scalar;
use super::marks::Marks;
use crate::value::{Data, Key, Mapping, Node};

/// Keys whose lists of `NAME=value` are mappings in truth.
const PAIRS: [&str; 9] = [
    "environment",
    "labels",
    "args",
    "annotations",
    "sysctls",
    "storage_opt",
    "additional_contexts",
    "driver_opts",
    "log_opt",
];
/// Keys whose lists of names are mappings in truth.
const NAMES: [&str; 2] = ["depends_on", "networks"];
/// Keys whose value is replaced as a whole.
const WHOLE: [&str; 3] = ["command", "entrypoint", "test"];

/// Lays a file over another.
pub(super) fn over(base: &Node, upper: &Node, marks: &Marks) -> Node {
    // At the top, `networks` is a mapping of networks and not the list of a service.
    merge(base, upper, "", marks)
}

fn merge(base: &Node, upper: &Node, key: &str, marks: &Marks) -> Node {
    if marks.replaces(upper) || marks.resets(base) {
        return upper.clone();
    }
    if WHOLE.contains(&key) || upper.data == Data::Null {
        return if upper.data == Data::Null { base.clone() } else { upper.clone() };
    }
    let (base, upper) = (as_mapping(base, key), as_mapping(upper, key));
    let data = match (&base.data, &upper.data) {
        (Data::Map(below), Data::Map(above)) => {
            let mut all: Mapping = below.clone();
            for (name, value) in above {
                let value = match below.get(&name.text[..]) {
                    Some(under) => merge(under, value, &name.text, marks),
                    None => value.clone(),
                };
                all.insert(name.clone(), value);
            }
            Data::Map(all)
        }
        (Data::List(below), Data::List(above)) => Data::List(lists(below, above, key)),
        // `dns: 8.8.8.8` over a list, and the other way round.
        (Data::List(below), Data::Text(_) | Data::Verbatim(_)) => {
            Data::List(lists(below, std::slice::from_ref(&upper), key))
        }
        _ => return upper,
    };
    Node { data, span: upper.span }
}

/// One list after the other; what is about the same thing is replaced where it stands.
fn lists(below: &[Node], above: &[Node], key: &str) -> Vec<Node> {
    let mut all: IndexMap<String, Node> = IndexMap::new();
    for (index, item) in below.iter().chain(above).enumerate() {
        let id = identity(item, key).unwrap_or_else(|| format!("#{index}"));
        all.insert(id, item.clone());
    }
    all.into_values().collect()
}

/// What an item of a list is about.
fn identity(item: &Node, key: &str) -> Option<String> {
    let part = |name: &str| item.get(name).and_then(scalar).unwrap_or_default();
    match key {
        "volumes" | "devices" => match scalar(item) {
            Some(text) => {
                let parts: Vec<&str> = text.split(':').collect();
                Some((*parts.get(1).filter(|p| p.starts_with('/')).unwrap_or(&parts[0])).to_owned())
            }
            None => Some(part("target")),
        },
        "secrets" | "configs" => match scalar(item) {
            Some(name) => Some(name),
            None => Some(Some(part("target")).filter(|t| !t.is_empty()).unwrap_or(part("source"))),
        },
        "ports" if item.as_map().is_some() => Some(format!(
            "{}:{}:{}/{}",
            part("host_ip"),
            part("published"),
            part("target"),
            part("protocol")
        )),
        "config" | "preferences" | "post_start" | "pre_stop" | "include" => None,
        _ => scalar(item),
    }
}

/// A list that is a mapping in truth, as one.
fn as_mapping(node: &Node, key: &str) -> Node {
    let Data::List(items) = &node.data else { return node.clone() };
    let entry = |item: &Node| {
        let text = scalar(item)?;
        let (name, value) = match text.split_once('=') {
            Some((name, value)) if PAIRS.contains(&key) => {
                (name.to_owned(), Data::Verbatim(value.to_owned()))
            }
            _ => (text, Data::Null),
        };
        Some((Key { text: name, span: item.span }, Node { data: value, span: item.span }))
    };
    if !PAIRS.contains(&key) && !NAMES.contains(&key) {
        return node.clone();
    }
    match items.iter().map(entry).collect::<Option<Mapping>>() {
        Some(pairs) => Node { data: Data::Map(pairs), span: node.span },
        None => node.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Sources;
    use crate::value::yaml;

    fn parse(text: &str) -> Node {
        let sources = Sources::default();
        let source = sources.add("x", text);
        yaml::parse(&sources, source).unwrap().single().unwrap()
    }

    #[test]
    fn the_upper_file_wins_and_lists_are_joined() {
        let base = "
services:
  web:
    image: a
    command: [run, me]
    environment: [A=1, B=2]
    ports: ['80:80']
    volumes: ['./a:/data', 'v:/v']
    networks: [front]
    dns: [1.1.1.1]
    healthcheck: {test: [CMD, a], interval: 5s}
";
        let upper = "
services:
  web:
    command: other
    environment: {B: 3, C: 4}
    ports: ['80:80', '81:81']
    volumes: ['./b:/data']
    networks: {back: {aliases: [w]}}
    dns: 8.8.8.8
    healthcheck: {test: [CMD, b]}
  db: {image: d}
";
        let merged = over(&parse(base), &parse(upper), &Marks::default()).to_value();
        insta::assert_snapshot!(serde_json::to_string(&merged["services"]["web"]).unwrap(), @r#"{"image":"a","command":"other","environment":{"A":"1","B":3,"C":4},"ports":["80:80","81:81"],"volumes":["./b:/data","v:/v"],"networks":{"front":null,"back":{"aliases":["w"]}},"dns":["1.1.1.1","8.8.8.8"],"healthcheck":{"test":["CMD","b"],"interval":"5s"}}"#);
        assert_eq!(merged["services"]["db"]["image"], "d");
    }
}
