//! Files laid over one another, and services over those they extend.

use indexmap::IndexMap;

use super::form::scalar;
use super::marks::Marks;
use crate::value::{Data, Key, Mapping, Node};

/// How one value is laid over another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Mappings are joined, and so are lists; anything else is replaced.
    Usual,
    /// The upper one is all there is.
    Whole,
    /// A list of `NAME=value` is a mapping in truth.
    Pairs,
    /// A list of names is a mapping in truth.
    Names,
    /// A text is a list of one in truth.
    Several,
    /// Files of which each is read over those before it, so that their order counts.
    Ordered,
    /// Hosts and their addresses: a mapping is a list in truth.
    Hosts,
    /// Options are those of a driver: with another driver they are of no use.
    Logging,
    /// A text is the folder of the build.
    Build,
    /// A list of mounts or devices: one for each path in the container.
    Targets,
    /// A list of secrets or configs: one for each file.
    Files,
}

impl Rule {
    /// The rule for the value at a place.
    fn of(path: &[&str]) -> Self {
        match path {
            ["services", _, rest @ ..] => Self::of_service(rest),
            ["networks" | "volumes" | "secrets" | "configs", _, "labels" | "driver_opts"]
            | ["networks", _, "ipam", "options"] => Self::Pairs,
            _ => Self::Usual,
        }
    }

    fn of_service(path: &[&str]) -> Self {
        match path {
            ["command" | "entrypoint"] | ["healthcheck", "test"] => Self::Whole,
            ["environment" | "labels" | "annotations" | "sysctls" | "storage_opt" | "log_opt"]
            | ["build", "args" | "labels" | "additional_contexts"]
            | ["deploy", "labels"]
            | ["logging", "options"]
            | ["networks", _, "driver_opts"] => Self::Pairs,
            ["depends_on" | "networks"] => Self::Names,
            ["dns" | "dns_search" | "dns_opt" | "tmpfs"] => Self::Several,
            ["env_file" | "label_file"] => Self::Ordered,
            ["extra_hosts"] | ["build", "extra_hosts"] => Self::Hosts,
            ["logging"] => Self::Logging,
            ["build"] => Self::Build,
            ["volumes" | "devices"] => Self::Targets,
            ["secrets" | "configs"] => Self::Files,
            _ => Self::Usual,
        }
    }

    /// A value in the one form that can be joined with another.
    fn form(self, node: &Node) -> Node {
        match self {
            Self::Pairs | Self::Names => as_mapping(node, self),
            Self::Several | Self::Ordered if scalar(node).is_some() || node.as_map().is_some() => {
                Node { data: Data::List(vec![node.clone()]), span: node.span }
            }
            Self::Hosts => as_hosts(node),
            Self::Build if scalar(node).is_some() => {
                let key = Key { text: "context".to_owned(), span: node.span };
                Node { data: Data::Map(Mapping::from_iter([(key, node.clone())])), span: node.span }
            }
            _ => node.clone(),
        }
    }

    /// What an item of a list is about.
    fn identity(self, item: &Node) -> Option<String> {
        let part = |name: &str| item.get(name).and_then(scalar).unwrap_or_default();
        match (self, scalar(item)) {
            (Self::Ordered, _) => None,
            (Self::Targets, Some(text)) => {
                let parts: Vec<&str> = text.split(':').collect();
                let target = parts.get(1).filter(|part| part.starts_with('/'));
                Some((*target.unwrap_or(&parts[0])).to_owned())
            }
            (Self::Targets, None) => Some(part("target")),
            (Self::Files, None) => {
                Some(Some(part("target")).filter(|t| !t.is_empty()).unwrap_or(part("source")))
            }
            (_, text) => text,
        }
    }
}

/// Lays a file over another.
pub(super) fn over(base: &Node, upper: &Node, marks: &Marks) -> Node {
    merge(base, upper, &[], marks)
}

/// Lays a service over the one that it extends.
pub(super) fn service_over(base: &Node, upper: &Node, marks: &Marks) -> Node {
    merge(base, upper, &["services", ""], marks)
}

fn merge(base: &Node, upper: &Node, path: &[&str], marks: &Marks) -> Node {
    if marks.replaces(upper) || marks.resets(base) {
        return upper.clone();
    }
    if upper.data == Data::Null {
        return base.clone();
    }
    let rule = Rule::of(path);
    let (base, upper) = (rule.form(base), rule.form(upper));
    let driver = |node: &Node| node.get("driver").and_then(scalar);
    let differ = |one: Option<String>, other: Option<String>| {
        one.is_some() && other.is_some() && one != other
    };
    let data = match (&base.data, &upper.data) {
        _ if rule == Rule::Whole => return upper,
        (Data::Map(_), _) if rule == Rule::Logging && differ(driver(&base), driver(&upper)) => {
            return upper;
        }
        (Data::Map(below), Data::Map(above)) => {
            let mut all: Mapping = below.clone();
            for (name, value) in above {
                let value = match below.get(&name.text[..]) {
                    Some(under) => merge(under, value, &[path, &[&name.text]].concat(), marks),
                    None => value.clone(),
                };
                all.insert(name.clone(), value);
            }
            Data::Map(all)
        }
        (Data::List(below), Data::List(above)) => Data::List(lists(below, above, rule)),
        (Data::List(below), _) if scalar(&upper).is_some() => {
            Data::List(lists(below, std::slice::from_ref(&upper), rule))
        }
        _ => return upper,
    };
    Node { data, span: upper.span }
}

/// One list after the other; what is about the same thing is replaced where it stands.
fn lists(below: &[Node], above: &[Node], rule: Rule) -> Vec<Node> {
    let mut all: IndexMap<String, Node> = IndexMap::new();
    for (index, item) in below.iter().chain(above).enumerate() {
        let id = rule.identity(item).unwrap_or_else(|| format!("#{index}"));
        all.insert(id, item.clone());
    }
    all.into_values().collect()
}

/// A list that is a mapping in truth, as one.
fn as_mapping(node: &Node, rule: Rule) -> Node {
    let Data::List(items) = &node.data else { return node.clone() };
    let entry = |item: &Node| {
        let text = scalar(item)?;
        let (name, value) = match text.split_once('=') {
            Some((name, value)) if rule == Rule::Pairs => {
                (name.to_owned(), Data::Verbatim(value.to_owned()))
            }
            _ => (text, Data::Null),
        };
        Some((Key { text: name, span: item.span }, Node { data: value, span: item.span }))
    };
    match items.iter().map(entry).collect::<Option<Mapping>>() {
        Some(pairs) => Node { data: Data::Map(pairs), span: node.span },
        None => node.clone(),
    }
}

/// Hosts and their addresses as a list of `HOST=ADDRESS`, so that the same one is found again.
fn as_hosts(node: &Node) -> Node {
    let line = |host: &str, address: &str, span| Node {
        data: Data::Verbatim(format!("{}={}", host.trim(), address.trim())),
        span,
    };
    let items: Option<Vec<Node>> = match &node.data {
        Data::Map(pairs) => pairs
            .iter()
            .flat_map(|(host, value)| {
                let addresses = value.as_list().unwrap_or(std::slice::from_ref(value));
                addresses
                    .iter()
                    .map(|address| Some(line(&host.text, &scalar(address)?, address.span)))
            })
            .collect(),
        Data::List(items) => items
            .iter()
            .map(|item| {
                let text = scalar(item)?;
                let split = text.split_once('=').or_else(|| text.split_once(':'));
                split.map(|(host, address)| line(host, address, item.span))
            })
            .collect(),
        _ => None,
    };
    items.map_or_else(|| node.clone(), |items| Node { data: Data::List(items), span: node.span })
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

    /// One service of a name over another, as JSON.
    fn service(name: &str, base: &str, upper: &str) -> String {
        let file = |service: &str| parse(&format!("services: {{{name}: {{{service}}}}}"));
        let merged = over(&file(base), &file(upper), &Marks::default()).to_value();
        serde_json::to_string(&merged["services"][name]).unwrap()
    }

    #[test]
    fn nothing_that_both_say_is_lost() {
        let all = [
            ("env_file: a.env", "env_file: b.env"),
            ("env_file: a.env", "env_file: [b.env, a.env]"),
            ("env_file: {path: a.env}", "env_file: b.env"),
            ("dns: 1.1.1.1, tmpfs: /a", "dns: 2.2.2.2, tmpfs: [/b]"),
            ("dns_search: [a], label_file: a", "dns_search: b, label_file: b"),
            ("extra_hosts: ['a:1', 'b=2']", "extra_hosts: {c: 3, a: 1}"),
            ("extra_hosts: {a: [1, 2]}", "extra_hosts: ['a:3']"),
            ("build: ./web", "build: {target: dev}"),
            ("build: {target: dev, args: [A=1]}", "build: ./web"),
            (
                "build: {args: [A=1], extra_hosts: {a: 1}}",
                "build: {args: {B: 2}, extra_hosts: ['b:2']}",
            ),
            ("networks: {n: {driver_opts: {a: 1}}}", "networks: [n, m]"),
        ]
        .map(|(base, upper)| service("web", base, upper));
        insta::assert_snapshot!(all.join("\n"), @r#"
        {"env_file":["a.env","b.env"]}
        {"env_file":["a.env","b.env","a.env"]}
        {"env_file":[{"path":"a.env"},"b.env"]}
        {"dns":["1.1.1.1","2.2.2.2"],"tmpfs":["/a","/b"]}
        {"dns_search":["a","b"],"label_file":["a","b"]}
        {"extra_hosts":["a=1","b=2","c=3"]}
        {"extra_hosts":["a=1","a=2","a=3"]}
        {"build":{"context":"./web","target":"dev"}}
        {"build":{"target":"dev","args":["A=1"],"context":"./web"}}
        {"build":{"args":{"A":"1","B":2},"extra_hosts":["a=1","b=2"]}}
        {"networks":{"n":{"driver_opts":{"a":1}},"m":null}}
        "#);
    }

    #[test]
    fn options_of_another_driver_are_left_out() {
        let base = "logging: {driver: json-file, options: {max-size: 1m}}";
        let all = [
            "logging: {driver: syslog, options: {tag: a}}",
            "logging: {driver: json-file, options: {max-file: 2}}",
            "logging: {options: {max-file: 2}}",
        ]
        .map(|upper| service("web", base, upper));
        insta::assert_snapshot!(all.join("\n"), @r#"
        {"logging":{"driver":"syslog","options":{"tag":"a"}}}
        {"logging":{"driver":"json-file","options":{"max-size":"1m","max-file":2}}}
        {"logging":{"driver":"json-file","options":{"max-size":"1m","max-file":2}}}
        "#);
    }

    #[test]
    fn a_service_may_be_called_like_a_setting() {
        for name in ["test", "command", "entrypoint", "environment", "networks", "build", "logging"]
        {
            let merged = service(name, "image: a, command: x, driver: a", "command: y, driver: b");
            assert_eq!(merged, r#"{"image":"a","command":"y","driver":"b"}"#, "{name}");
        }
        let secrets = |text: &str| parse(&format!("secrets: {{test: {text}}}"));
        let merged = over(&secrets("{file: a, name: n}"), &secrets("{file: b}"), &Marks::default());
        assert_eq!(merged.to_value()["secrets"]["test"]["name"], "n");
    }
}
