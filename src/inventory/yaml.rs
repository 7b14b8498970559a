//! Inventories in the form of YAML or JSON files.

use super::builder::{Builder, Named};
use crate::base::{Diagnostic, did_you_mean};
use crate::value::{Data, Key, Mapping, Node, Variable};

const SECTIONS: [&str; 3] = ["hosts", "children", "vars"];
/// The deepest nesting of groups that is read.
const DEPTH: usize = 60;

/// Reads a YAML inventory into the builder.
pub(super) fn read(builder: &mut Builder, document: &Node) {
    match &document.data {
        Data::Null => {}
        Data::Map(groups) => {
            for (name, group) in groups {
                read_group(builder, name, group, 0);
            }
        }
        _ => {
            let message = format!("expected a mapping of groups, found {}", document.kind());
            fault(builder, document, message, "start with `all:`, and `hosts:` under it");
        }
    }
}

fn read_group(builder: &mut Builder, name: &Key, group: &Node, depth: usize) -> Option<usize> {
    if name.text.is_empty() || name.text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let message = format!("expected the name of a group, found `{}`", name.text.escape_debug());
        builder.fault(Diagnostic::error("inventory-syntax", message, name.span, "not a name"));
        return None;
    }
    let index = builder.group(&name.text);
    let sections = match &group.data {
        Data::Map(sections) if depth < DEPTH => sections,
        Data::Null => return Some(index),
        _ => {
            let message =
                format!("expected a mapping for the group `{}`, found {}", name.text, group.kind());
            fault(builder, group, message, "a group holds `hosts:`, `children:` and `vars:`");
            return Some(index);
        }
    };
    for (section, content) in sections {
        match section.text.as_str() {
            "hosts" => each(builder, section, content, |builder, host, vars| {
                read_host(builder, index, host, vars);
            }),
            "vars" => each(builder, section, content, |builder, name, value| {
                builder.group_var(index, name.text.clone(), value.clone());
            }),
            "children" => each(builder, section, content, |builder, name, child| {
                if let Some(child) = read_group(builder, name, child, depth + 1) {
                    builder.child(index, child, name.span);
                }
            }),
            unknown => {
                let message = format!("`{unknown}` is not part of a group, and is ignored");
                let otherwise = "a group holds `hosts`, `children` and `vars`; a group in a group belongs under `children`";
                builder.fault(
                    Diagnostic::error("inventory-syntax", message, section.span, "ignored")
                        .help(did_you_mean(unknown, SECTIONS, otherwise))
                        .warning(),
                );
            }
        }
    }
    Some(index)
}

/// Runs over the pairs of a section; a single name stands for a mapping without values.
fn each(
    builder: &mut Builder,
    section: &Key,
    content: &Node,
    mut each: impl FnMut(&mut Builder, &Key, &Node),
) {
    match &content.data {
        Data::Map(pairs) => {
            for (key, value) in pairs {
                each(builder, key, value);
            }
        }
        Data::Null => {}
        Data::Text(text) | Data::Verbatim(text) if section.text != "vars" => {
            let key = Key { text: text.clone(), span: content.span };
            each(builder, &key, &Node { data: Data::Null, span: content.span });
        }
        _ => {
            let message =
                format!("expected a mapping under `{}`, found {}", section.text, content.kind());
            let help = match section.text.as_str() {
                "vars" => "write each variable as `name: value`, without a dash",
                "hosts" => "write each host as a key: `web1:`, without a dash",
                _ => "write each group as a key: `web:`, without a dash",
            };
            fault(builder, content, message, help);
        }
    }
}

fn read_host(builder: &mut Builder, group: usize, host: &Key, vars: &Node) {
    if is_plain_number(builder, host) {
        // Scripts look for the first words.
        let message = format!("Host pattern {} must be a string", host.text);
        let label = "a number";
        let fault = Diagnostic::error("inventory-host", message, host.span, label)
            .help("enclose numbers in quotation marks");
        return builder.fault(fault);
    }
    let none = Mapping::new();
    let vars = match &vars.data {
        Data::Map(vars) => vars,
        Data::Null => &none,
        _ => {
            let message = format!(
                "expected the variables of `{}` as a mapping, found {}",
                host.text,
                vars.kind()
            );
            return fault(builder, vars, message, "write each variable as `name: value`");
        }
    };
    let vars: Vec<(String, Variable)> =
        vars.iter().map(|(name, value)| (name.text.clone(), value.clone().into())).collect();
    builder.hosts(group, &Named { text: host.text.clone(), span: host.span }, &vars);
}

/// Whether a key stands in its file as a number, not as a text that looks like one.
fn is_plain_number(builder: &Builder, key: &Key) -> bool {
    let is_number = key.text.parse::<f64>().is_ok() && key.text.bytes().any(|c| c.is_ascii_digit());
    is_number
        && builder.sources.with_text(key.span.source, |text| {
            let written = text.get(key.span.range()).unwrap_or_default();
            !written.starts_with(['"', '\'', '!'])
        })
}

fn fault(builder: &mut Builder, at: &Node, message: String, help: &str) {
    let label = format!("this is {}", at.kind());
    builder.fault(Diagnostic::error("inventory-syntax", message, at.span, label).help(help));
}
