//! A tree of values held against the specification.

use super::file::File;
use crate::base::{Diagnostic, Redactor, Span};
use crate::spec::{Argument, Arguments, Kind, Reader};
use crate::value::{Data, Key, Mapping, Node};

/// Keys whose members have names of the user's own, so that `x-` there is nothing special.
const FREE: [&str; 11] = [
    "environment",
    "labels",
    "args",
    "options",
    "driver_opts",
    "sysctls",
    "annotations",
    "extra_hosts",
    "log_opt",
    "storage_opt",
    "additional_contexts",
];

/// A project written in a task.
#[derive(Debug, Clone)]
pub struct Definition(pub Node);

impl Argument for Definition {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        if node.as_map().is_none() {
            reader.wrong_type(name, node, "a mapping in the form of a compose file");
            return None;
        }
        let faults = check(node);
        let holds = faults.is_empty();
        for fault in faults {
            reader.note(fault);
        }
        holds.then(|| Self(node.clone()))
    }
}

/// The faults of a file that no variable can mend, nor another file that is laid over it: keys that
/// the specification does not know, and values of a wrong type.
pub fn check(node: &Node) -> Vec<Diagnostic> {
    let node = plain(&services_of_version_1(node));
    let mut faults = vec![];
    let mut reader = Reader::written("compose", &File::SPEC, &node, &mut faults);
    File::read(&mut reader);
    let mut open = vec![];
    note_open(&node, &mut open);
    faults.retain(|fault| match fault.code {
        // It may stand in another file.
        "argument-missing" => false,
        // A variable may stand for anything.
        "argument-type" | "argument-choice" => {
            fault.labels.first().is_none_or(|(span, _)| !open.contains(span))
        }
        _ => true,
    });
    in_order(faults)
}

/// Notes where values stand that are not known before their variables are; true where this is one.
fn note_open(node: &Node, open: &mut Vec<Span>) -> bool {
    let is_open = match &node.data {
        Data::Text(text) | Data::Verbatim(text) => text.contains('$') || node.is_template(),
        // All of them are noted, not only the first.
        Data::List(items) => items.iter().filter(|item| note_open(item, open)).count() > 0,
        Data::Map(pairs) => pairs.values().filter(|item| note_open(item, open)).count() > 0,
        _ => false,
    };
    if is_open {
        open.push(node.span);
    }
    is_open
}

/// Reads a whole file; extensions are passed over.
pub(super) fn decode(node: &Node, redactor: &Redactor) -> Result<File, Vec<Diagnostic>> {
    let node = plain(node);
    let mut faults = vec![];
    let mut reader = Reader::rendered("compose", &File::SPEC, &node, redactor, &mut faults);
    match File::read(&mut reader) {
        Some(file) if faults.is_empty() => Ok(file),
        _ => Err(in_order(faults)),
    }
}

/// Faults in the order of their places, and in the words of compose.
fn in_order(faults: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut faults: Vec<Diagnostic> = faults.into_iter().map(in_words_of_compose).collect();
    faults.sort_by_key(|fault| fault.span().map(|span| (span.source, span.start)));
    faults
}

/// A file of version 1 has services and nothing else.
pub(super) fn services_of_version_1(node: &Node) -> Node {
    const TOP: [&str; 8] =
        ["version", "name", "services", "networks", "volumes", "secrets", "configs", "include"];
    let Data::Map(pairs) = &node.data else { return node.clone() };
    let is_service = |(key, value): (&Key, &Node)| {
        !TOP.contains(&key.text.as_str())
            && value.as_map().is_some_and(|service| {
                ["image", "build"].iter().any(|key| service.contains_key(*key))
            })
    };
    if pairs.is_empty() || pairs.contains_key("services") || !pairs.iter().any(is_service) {
        return node.clone();
    }
    let key = Key { text: "services".to_owned(), span: node.span };
    Node { data: Data::Map(Mapping::from_iter([(key, node.clone())])), span: node.span }
}

/// A tree without the keys that belong to nobody.
fn plain(node: &Node) -> Node {
    let data = match &node.data {
        Data::List(items) => Data::List(items.iter().map(plain).collect()),
        Data::Map(pairs) => Data::Map(
            pairs
                .iter()
                .filter(|(key, _)| !key.text.starts_with("x-"))
                .map(|(key, value)| {
                    let free = FREE.contains(&key.text.as_str());
                    (key.clone(), if free { value.clone() } else { plain(value) })
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Node { data, span: node.span }
}

fn in_words_of_compose(mut fault: Diagnostic) -> Diagnostic {
    fault.message = fault
        .message
        .replace("` has no argument `", "` has no key `")
        .replace("` needs the argument `", "` needs the key `");
    for (_, label) in &mut fault.labels {
        if label == "not an argument of this module" {
            "not a key of the Compose specification".clone_into(label);
        }
    }
    fault.help = fault.help.filter(|help| !help.contains("rplay doc"));
    fault
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Sources;
    use crate::value::yaml;

    fn faults(text: &str) -> String {
        let sources = Sources::default();
        let source = sources.add("compose.yml", text);
        let node = yaml::parse(&sources, source).unwrap().single().unwrap();
        check(&node)
            .iter()
            .map(|fault| fault.render(&sources, &Redactor::default(), false))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn faults_have_places_and_suggestions() {
        insta::assert_snapshot!(
            faults("services:\n  web:\n    imagee: app\n    ports: 80\n    deploy: {replica: 2}\n"),
            @r"
        error[unknown-argument]: `compose.services.web` has no key `imagee`
         --> compose.yml:3:5
          |
        3 |     imagee: app
          |     ^^^^^^ not a key of the Compose specification
          |
          = help: did you mean `image`?
        error[argument-type]: `compose.services.web.ports` must be a list of ports
         --> compose.yml:4:12
          |
        4 |     ports: 80
          |            ^^ this is `80`
        error[unknown-argument]: `compose.services.web.deploy` has no key `replica`
         --> compose.yml:5:14
          |
        5 |     deploy: {replica: 2}
          |              ^^^^^^^ not a key of the Compose specification
          |
          = help: did you mean `replicas`?
        ");
    }

    #[test]
    fn extensions_templates_and_version_1_are_no_faults() {
        for text in [
            "x-a: 1\nservices: {web: {image: a, x-b: 2, build: {x-c: 1}}}",
            "services: {web: {image: '{{ image }}', ports: '{{ ports }}'}}",
            "web: {image: a, links: [db]}\ndb: {image: b}",
            "services: {web: {image: a, ports: [{target: 80, published: '${P}'}, '${P}:80'], mem_limit: '${M}', read_only: '${R}', deploy: {replicas: $N}}}",
        ] {
            assert_eq!(faults(text), "", "{text}");
        }
    }
}
