//! Inventories in the form that scripts print and `ansible-inventory --list` writes.

use super::builder::{Builder, Named};
use super::host::name_fault;
use crate::base::{Diagnostic, Span};
use crate::value::yaml::ENCRYPTED;
use crate::value::{Data, Fields, Key, Node, Value, Variable};

/// What says that a text is never a template.
pub(super) const UNSAFE: &str = "__ansible_unsafe";
/// The key of what is not a group.
const META: &str = "_meta";

/// Whether a document has this form rather than that of a YAML inventory.
pub(super) fn is_dynamic(document: &Value) -> bool {
    document.get(META).is_some()
}

/// Reads a document in this form into the builder. `at` is the place of everything in it, and
/// `ask` answers for a host's variables where the document itself does not hold any host's.
pub(super) fn read(
    builder: &mut Builder,
    document: &Value,
    at: Span,
    origin: &str,
    ask: &mut dyn FnMut(&str) -> Result<Value, Diagnostic>,
) {
    let Value::Object(groups) = document else {
        let message = format!("{origin}: expected a JSON object of groups");
        return builder.fault(Diagnostic::plain("inventory-script", message));
    };
    let mut reader = Reader { builder, at, origin, hosts: vec![] };
    for (name, content) in groups.iter().filter(|(name, _)| *name != META) {
        reader.group(name, content);
    }
    let hostvars = groups.get(META).and_then(|meta| meta.get("hostvars"));
    if let Some(Value::Object(hostvars)) = hostvars {
        for (host, vars) in hostvars {
            reader.host_vars(host, vars);
        }
    } else if groups.get(META).is_none() {
        for host in std::mem::take(&mut reader.hosts) {
            match ask(&host) {
                Ok(vars) => reader.host_vars(&host, &vars),
                Err(fault) => reader.builder.fault(fault),
            }
        }
    }
}

struct Reader<'b> {
    builder: &'b mut Builder,
    at: Span,
    origin: &'b str,
    /// Every host that a group lists.
    hosts: Vec<String>,
}

impl Reader<'_> {
    fn group(&mut self, name: &str, content: &Value) {
        let group = self.builder.group(name);
        match content {
            Value::Array(hosts) => self.members(group, name, hosts),
            Value::Object(parts)
                if ["hosts", "children", "vars"].iter().any(|part| parts.contains_key(*part)) =>
            {
                self.parts(group, name, parts);
            }
            // The oldest form: a group that is its only host, its variables never templates.
            Value::Object(vars) => {
                self.host(group, name);
                for (key, value) in vars {
                    let value = match value.get(UNSAFE) {
                        Some(text) => Node::from_value(text, self.at),
                        None => Node::from_value(value, self.at),
                    };
                    self.builder.group_var(group, key.clone(), value);
                }
            }
            _ => self.fault(&format!("the group `{name}` must be a list of hosts or an object")),
        }
    }

    fn parts(&mut self, group: usize, name: &str, parts: &Fields) {
        match parts.get("hosts") {
            None | Some(Value::Null) => {}
            Some(Value::Array(hosts)) => self.members(group, name, hosts),
            Some(_) => self.fault(&format!("`hosts` of the group `{name}` must be a list")),
        }
        match parts.get("vars") {
            None | Some(Value::Null) => {}
            Some(Value::Object(vars)) => {
                for (key, value) in vars {
                    self.builder.group_var(group, key.clone(), written(value, self.at));
                }
            }
            Some(_) => self.fault(&format!("`vars` of the group `{name}` must be an object")),
        }
        match parts.get("children") {
            None | Some(Value::Null) => {}
            Some(Value::Array(children)) => {
                for child in children.iter().filter_map(Value::as_str) {
                    let index = self.builder.group(child);
                    self.builder.child(group, index, self.at);
                }
            }
            Some(_) => self.fault(&format!("`children` of the group `{name}` must be a list")),
        }
    }

    fn members(&mut self, group: usize, name: &str, hosts: &[Value]) {
        for host in hosts {
            match host.as_str() {
                Some(host) => self.host(group, host),
                None => self.fault(&format!("the hosts of the group `{name}` must be names")),
            }
        }
    }

    fn host(&mut self, group: usize, name: &str) {
        if let Some(why) = name_fault(name) {
            return self.fault(&format!("invalid host `{}`: {why}", name.escape_debug()));
        }
        self.builder.host(group, name, []);
        self.hosts.push(name.to_owned());
    }

    fn host_vars(&mut self, host: &str, vars: &Value) {
        let Value::Object(vars) = vars else {
            return self.fault(&format!("the variables of `{host}` must be an object"));
        };
        let vars: Vec<(String, Variable)> = vars
            .iter()
            .map(|(name, value)| (name.clone(), written(value, self.at).into()))
            .collect();
        self.builder.vars_of(&Named { text: host.to_owned(), span: self.at }, &vars);
    }

    fn fault(&mut self, what: &str) {
        let message = format!("{}: {what}", self.origin);
        self.builder.fault(Diagnostic::plain("inventory-script", message));
    }
}

/// A value as if the user had written it: its text may be a template.
fn written(value: &Value, span: Span) -> Node {
    let tagged = |tag: &str| value.as_object().filter(|fields| fields.len() == 1)?.get(tag);
    if let Some(text) = tagged(UNSAFE) {
        return Node::from_value(text, span);
    }
    if let Some(envelope) = tagged(ENCRYPTED).and_then(Value::as_str) {
        return Node { data: Data::Vault(envelope.to_owned()), span };
    }
    let data = match value {
        Value::String(text) => Data::Text(text.clone()),
        Value::Array(items) => Data::List(items.iter().map(|item| written(item, span)).collect()),
        Value::Object(fields) => Data::Map(
            fields
                .iter()
                .map(|(key, item)| (Key { text: key.clone(), span }, written(item, span)))
                .collect(),
        ),
        scalar => return Node::from_value(scalar, span),
    };
    Node { data, span }
}
