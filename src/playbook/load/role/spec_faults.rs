//! Faults in argument specifications themselves.

use crate::base::{Diagnostic, closest};
use crate::value::{Data, Key, Node, coerce};

/// The types that an argument may have.
const TYPES: [&str; 12] = [
    "bits", "bool", "bytes", "dict", "float", "int", "json", "jsonarg", "list", "path", "raw",
    "str",
];

/// What is wrong with the specifications of a role as a whole.
pub(super) fn of_specs(specs: &Node) -> Option<Diagnostic> {
    let shaped = matches!(specs.data, Data::Map(_) | Data::Null);
    (!shaped).then(|| no_mapping("`argument_specs` is a mapping of entry points", specs))
}

/// What is wrong with the specification of one entry point.
pub(super) fn of_entry_point(name: &str, spec: &Node) -> Vec<Diagnostic> {
    let mut faults = vec![];
    match &spec.data {
        Data::Map(_) => {
            if let Some(node) = spec.get("options") {
                options(node, &mut faults);
            }
        }
        _ => faults.push(no_mapping(&format!("the spec of `{name}` is a mapping"), spec)),
    }
    faults
}

fn options(node: &Node, faults: &mut Vec<Diagnostic>) {
    match &node.data {
        Data::Map(all) => all.iter().for_each(|(name, spec)| option(name, spec, faults)),
        Data::Null => {}
        _ if node.is_template() => {}
        _ => faults.push(no_mapping("`options` is a mapping of arguments", node)),
    }
}

fn option(name: &Key, spec: &Node, faults: &mut Vec<Diagnostic>) {
    let Data::Map(_) = &spec.data else {
        if !spec.is_template() {
            faults.push(no_mapping(
                &format!("the spec of argument `{name}` is a mapping", name = name.text),
                spec,
            ));
        }
        return;
    };
    let known = |name: &str| {
        let node = spec.get(name).filter(|node| node.data != Data::Null && !node.is_unknown());
        node.map(|node| (coerce::to_text(&node.to_value()), node))
    };
    let (kind, elements) = (known("type"), known("elements"));
    for (kind, node) in kind.iter().chain(&elements) {
        if !TYPES.contains(&kind.as_str()) {
            faults.push(no_type(name, kind, node));
        }
    }
    let is =
        |kind: &Option<(String, &Node)>, wanted| kind.as_ref().is_some_and(|(k, _)| k == wanted);
    if let Some((_, node)) = elements.as_ref().filter(|_| !is(&kind, "list")) {
        let message = format!("`elements` of argument `{}` needs `type: list`", name.text);
        faults.push(fault(message, node, "only a list has elements"));
    }
    for list in ["choices", "aliases"] {
        let node = spec.get(list).filter(|node| node.data != Data::Null && !node.is_template());
        if let Some(node) = node.filter(|node| node.as_list().is_none()) {
            let message = format!("`{list}` of argument `{}` must be a list", name.text);
            faults.push(fault(message, node, &format!("this is {}", node.shown())));
        }
    }
    let required = spec.get("required").is_some_and(|node| node.data == Data::Bool(true));
    let default = spec.get("default").filter(|node| node.data != Data::Null);
    if let Some(node) = default.filter(|_| required) {
        let message = format!("argument `{}` is required and has a default", name.text);
        faults.push(fault(message, node, "a default is for what may be left out"));
    }
    if let Some(node) = spec.get("options") {
        if !(is(&kind, "dict") || is(&kind, "list") && is(&elements, "dict")) {
            let message = format!("`options` of argument `{}` are not looked at", name.text);
            let label = "need `type: dict`, or `type: list` with `elements: dict`";
            faults.push(fault(message, node, label).warning());
        }
        options(node, faults);
    }
}

fn no_type(name: &Key, kind: &str, node: &Node) -> Diagnostic {
    let message = format!("argument `{}` has a type that there is not: `{kind}`", name.text);
    let help = match closest(kind, TYPES) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("there are: {}", TYPES.join(", ")),
    };
    fault(message, node, "no type").help(help)
}

fn no_mapping(message: &str, node: &Node) -> Diagnostic {
    fault(message.to_owned(), node, &format!("this is {}", node.shown()))
}

fn fault(message: String, node: &Node, label: &str) -> Diagnostic {
    Diagnostic::error("argument-spec", message, node.span, label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Sources;
    use crate::value::yaml;

    fn faults(text: &str) -> Vec<String> {
        let sources = Sources::default();
        let source = sources.add("argument_specs.yml".to_owned(), text);
        let node = yaml::parse(&sources, source).unwrap().single().unwrap();
        of_entry_point("main", &node).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn a_sound_spec_has_no_faults() {
        let sound = "options: {a: {type: list, elements: dict, options: {b: {default: 1}}}, c: {}}";
        assert!(faults(sound).is_empty());
        assert!(faults("short_description: nothing more").is_empty());
    }

    #[test]
    fn each_fault_is_told() {
        let text = "
options:
  a: {type: strr, choices: x}
  b: {elements: str}
  c: {required: true, default: 1}
  d: {type: dict, options: {e: {type: number}}}
  f: text
  g: {options: {}}
";
        assert_eq!(
            faults(text),
            [
                "argument `a` has a type that there is not: `strr`",
                "`choices` of argument `a` must be a list",
                "`elements` of argument `b` needs `type: list`",
                "argument `c` is required and has a default",
                "argument `e` has a type that there is not: `number`",
                "the spec of argument `f` is a mapping",
                "`options` of argument `g` are not looked at",
            ]
        );
        assert_eq!(faults("[]"), ["the spec of `main` is a mapping"]);
        assert_eq!(faults("options: 1"), ["`options` is a mapping of arguments"]);
    }
}
