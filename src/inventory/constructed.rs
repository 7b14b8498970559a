//! Groups and variables made from those that hosts already have: the plugin `constructed`.

use std::sync::Arc;

use super::Host;
use super::builder::{Builder, Named};
use super::reading::Reading;
use super::scope::{HostScope, Seen};
use crate::base::{Diagnostic, Span, did_you_mean};
use crate::template::python_text;
use crate::value::{Data, Mapping, Node, Scope, Value, Variable, coerce};

const CODE: &str = "inventory-constructed";
const OPTIONS: [&str; 12] = [
    "plugin",
    "strict",
    "compose",
    "groups",
    "keyed_groups",
    "leading_separator",
    "use_vars_plugins",
    "use_extra_vars",
    "cache",
    "cache_plugin",
    "cache_timeout",
    "cache_connection",
];

/// Reads a file of this plugin: adds to all hosts that are known by now.
///
/// # Errors
///
/// Where the file cannot be followed, or, if it is `strict`, where a template fails.
pub(super) fn read(
    builder: &mut Builder,
    reading: &Reading,
    file: &Node,
) -> Result<(), Diagnostic> {
    let Some(options) = file.as_map() else { return Ok(()) };
    for key in options.keys().filter(|key| !OPTIONS.contains(&key.text.as_str())) {
        let message = format!("`constructed` has no option `{}`", key.text);
        let help = did_you_mean(&key.text, OPTIONS, format!("there are: {}", OPTIONS.join(", ")));
        builder.fault(Diagnostic::error(CODE, message, key.span, "ignored").help(help).warning());
    }
    let plan = Plan::of(reading, options)?;
    builder.settle();
    let count = builder.inventory().hosts().len();
    for host in 0..count {
        plan.host(builder, host)?;
    }
    Ok(())
}

/// What a file asks for.
struct Plan<'r> {
    reading: &'r Reading,
    strict: bool,
    seen: Seen,
    use_extra: bool,
    leading_separator: bool,
    compose: Option<&'r Mapping>,
    groups: Option<&'r Mapping>,
    keyed: Vec<Keyed<'r>>,
}

/// One entry of `keyed_groups`.
struct Keyed<'r> {
    key: &'r Node,
    prefix: String,
    separator: String,
    parent: Option<&'r Node>,
    default: Option<String>,
    trailing_separator: bool,
}

impl<'r> Plan<'r> {
    fn of(reading: &'r Reading, options: &'r Mapping) -> Result<Self, Diagnostic> {
        let flag = |name: &str, otherwise: bool| flag(options, name, otherwise);
        let keyed = match options.get("keyed_groups").map(|node| (node, node.as_list())) {
            None => &[],
            Some((_, Some(list))) => list,
            Some((node, None)) => return Err(expected("keyed_groups", "a list", node)),
        };
        let mapping = |name: &str| match options.get(name) {
            None => Ok(None),
            Some(node) if node.data == Data::Null => Ok(None),
            Some(node) => node.as_map().map(Some).ok_or_else(|| expected(name, "a mapping", node)),
        };
        let everything = flag("use_vars_plugins", false)?;
        Ok(Self {
            reading,
            strict: flag("strict", false)?,
            seen: if everything { Seen::Everything } else { Seen::Inventory },
            use_extra: flag("use_extra_vars", reading.options.use_extra_vars)?,
            leading_separator: flag("leading_separator", true)?,
            compose: mapping("compose")?,
            groups: mapping("groups")?,
            keyed: keyed.iter().map(Keyed::of).collect::<Result<_, _>>()?,
        })
    }

    fn host(&self, builder: &mut Builder, index: usize) -> Result<(), Diagnostic> {
        let Some(host) = builder.inventory().host_at(index).cloned() else { return Ok(()) };
        let extra = Some(&self.reading.extra).filter(|_| self.use_extra);
        let scope = HostScope::shared(builder.inventory(), &host, self.seen, extra);
        let mut made: Vec<(String, Variable)> = vec![];
        for (name, expression) in self.compose.into_iter().flatten() {
            let value = self.evaluate(expression, &scope);
            let what = || format!("cannot set `{}` for the host {}", name.text, host.name);
            if let Some(value) = self.unless_lenient(value, what)?.flatten() {
                made.push((name.text.clone(), value.into()));
            }
        }
        let at = Span::NOWHERE;
        builder.vars_of(&Named { text: host.name.clone(), span: at }, &made);
        let Some(host) = builder.inventory().host_at(index).cloned() else { return Ok(()) };
        let plain = HostScope::shared(builder.inventory(), &host, self.seen, None);
        for (name, condition) in self.groups.into_iter().flatten() {
            let holds = self.reading.templar.condition(condition, &plain);
            let what = || format!("cannot add the host {} to the group {}", host.name, name.text);
            if self.unless_lenient(holds, what)?.is_some_and(|condition| condition.value) {
                let group = builder.group(&name.text);
                builder.host(group, &host.name, []);
            }
        }
        let scope = HostScope::shared(builder.inventory(), &host, self.seen, extra);
        for keyed in &self.keyed {
            self.keyed(builder, &host, keyed, &scope)?;
        }
        Ok(())
    }

    /// Puts a host into the groups that one entry makes of its key.
    fn keyed(
        &self,
        builder: &mut Builder,
        host: &Host,
        keyed: &Keyed<'_>,
        scope: &Arc<dyn Scope>,
    ) -> Result<(), Diagnostic> {
        let what = || format!("cannot make a group for the host {}", host.name);
        let Some(key) = self.unless_lenient(self.evaluate(keyed.key, scope), what)? else {
            return Ok(());
        };
        let Some(names) = keyed.names(&key.unwrap_or_default())? else {
            let fault = || keyed.fault(format!("the key is empty for the host {}", host.name));
            return if self.strict { Err(fault()) } else { Ok(()) };
        };
        let parent = match keyed.parent {
            None => None,
            Some(parent) => {
                let parent = self.reading.templar.evaluate(parent, scope);
                match self.unless_lenient(parent, || "cannot make a parent group".to_owned())? {
                    None => return Ok(()),
                    Some(parent) => parent.map(|name| coerce::to_text(&name)),
                }
            }
        };
        let bare = keyed.prefix.is_empty() && !self.leading_separator;
        let separator = if bare { "" } else { &keyed.separator };
        for name in names {
            let group = builder.group(&format!("{}{separator}{name}", keyed.prefix));
            builder.host(group, &host.name, []);
            if let Some(parent) = parent.as_ref().filter(|parent| !parent.is_empty()) {
                let parent = builder.group(parent);
                builder.child(parent, group, keyed.key.span);
            }
        }
        Ok(())
    }

    /// The value of an expression; of what is no text, itself.
    fn evaluate(&self, node: &Node, scope: &Arc<dyn Scope>) -> Result<Option<Value>, Diagnostic> {
        match node.as_str() {
            Some(text) => self.reading.templar.evaluate_expression(text, scope, node.span),
            None => self.reading.templar.evaluate(node, scope),
        }
    }

    /// What was made; nothing where that failed and the file is not strict.
    fn unless_lenient<T>(
        &self,
        result: Result<T, Diagnostic>,
        what: impl Fn() -> String,
    ) -> Result<Option<T>, Diagnostic> {
        match result {
            Ok(made) => Ok(Some(made)),
            Err(_) if !self.strict => Ok(None),
            Err(fault) => {
                let message = format!("{}: {}", what(), fault.message);
                Err(Diagnostic { code: CODE, message, ..fault })
            }
        }
    }
}

impl<'r> Keyed<'r> {
    fn of(node: &'r Node) -> Result<Self, Diagnostic> {
        let entry = node
            .as_map()
            .filter(|entry| !entry.is_empty())
            .ok_or_else(|| expected("an entry of keyed_groups", "a mapping", node))?;
        let text = |name: &str| entry.get(name).map(|node| coerce::to_text(&node.to_value()));
        let Some(key) = entry.get("key") else {
            let message = "an entry of `keyed_groups` needs a `key`";
            return Err(Diagnostic::error(CODE, message, node.span, "no key"));
        };
        let (default, trailing) = (text("default_value"), entry.get("trailing_separator"));
        if default.is_some() && trailing.is_some() {
            let message = "`default_value` and `trailing_separator` are mutually exclusive";
            return Err(Diagnostic::error(CODE, message, node.span, "take one of them out"));
        }
        Ok(Self {
            key,
            prefix: text("prefix").unwrap_or_default(),
            separator: text("separator").unwrap_or_else(|| "_".to_owned()),
            parent: entry.get("parent_group").filter(|node| node.to_value() != Value::Null),
            default,
            trailing_separator: flag(entry, "trailing_separator", true)?,
        })
    }

    /// The names of groups, without their prefix; nothing where the key is empty.
    fn names(&self, key: &Value) -> Result<Option<Vec<String>>, Diagnostic> {
        let empty = |value: &Value| value.is_null() || *value == "";
        let or_default = |value: &Value| match &self.default {
            Some(default) if empty(value) => default.clone(),
            _ => python_text(value),
        };
        Ok(match key {
            Value::Null => self.default.clone().map(|default| vec![default]),
            Value::String(name) if name.is_empty() => {
                self.default.clone().map(|default| vec![default])
            }
            Value::String(name) => Some(vec![name.clone()]),
            Value::Array(items) => Some(items.iter().map(or_default).collect()),
            Value::Object(fields) => Some(
                fields
                    .iter()
                    .map(|(name, value)| {
                        if empty(value) && self.default.is_none() && !self.trailing_separator {
                            return name.clone();
                        }
                        format!("{name}{}{}", self.separator, or_default(value))
                    })
                    .collect(),
            ),
            Value::Bool(false) => None,
            Value::Number(number) if number.as_f64() == Some(0.0) => None,
            other => {
                let message =
                    format!("expected text, a list or a mapping, found {}", python_text(other));
                return Err(self.fault(message));
            }
        })
    }

    fn fault(&self, message: String) -> Diagnostic {
        Diagnostic::error(CODE, message, self.key.span, "this key")
    }
}

fn flag(options: &Mapping, name: &str, otherwise: bool) -> Result<bool, Diagnostic> {
    match options.get(name) {
        None => Ok(otherwise),
        Some(node) => {
            coerce::to_bool(&node.to_value()).ok_or_else(|| expected(name, "true or false", node))
        }
    }
}

fn expected(name: &str, wanted: &str, node: &Node) -> Diagnostic {
    let message = format!("{name} must be {wanted}, this is {}", node.kind());
    Diagnostic::error(CODE, message, node.span, format!("not {wanted}"))
}

#[cfg(test)]
mod tests;
