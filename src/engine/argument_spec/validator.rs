//! The walk through a specification and what is given.

use indexmap::IndexMap;

use super::conversion::{Kind, TRUTHS, as_dict, type_name};
use super::rules;
use crate::template::python_text;
use crate::value::{Fields, Value, coerce};

/// Holds values against a specification; comes back with what is wrong, in Ansible's words.
pub(in crate::engine) fn validate(spec: &Fields, mut values: Fields) -> Vec<String> {
    let mut validator = Validator::default();
    validator.level(spec, &Fields::new(), &mut values);
    validator.finish()
}

#[derive(Default)]
struct Validator {
    errors: Vec<String>,
    /// The arguments around, from the outermost.
    around: Vec<String>,
    /// What is given and is not known, each with what is known beside it.
    unknown: IndexMap<String, String>,
}

/// The arguments of a specification, each with what is said of it.
fn arguments(spec: &Fields) -> impl Iterator<Item = (&String, &Fields)> {
    spec.iter().filter_map(|(name, said)| Some((name, said.as_object()?)))
}

fn is(said: &Fields, attribute: &str) -> bool {
    said.get(attribute).and_then(coerce::to_bool).unwrap_or(false)
}

/// What is said under a name, unless it is nothing.
fn said<'a>(said: &'a Fields, attribute: &str) -> Option<&'a Value> {
    said.get(attribute).filter(|value| !value.is_null())
}

/// Whether an argument holds others: a mapping, or a list of mappings.
fn holds_others(said: &Fields) -> bool {
    let is = |attribute: &str, wanted: &str| said.get(attribute).is_some_and(|v| v == wanted);
    is("type", "dict") || is("type", "list") && is("elements", "dict")
}

impl Validator {
    /// One level: the arguments of a specification, or the options of one of them, which says
    /// what must be given together.
    fn level(&mut self, spec: &Fields, rules: &Fields, values: &mut Fields) {
        let aliases = self.aliases(spec, values);
        self.readable_options(spec, values);
        self.unknown(spec, &aliases, values);
        self.tell(rules::exclusive(rules, values));
        for (name, said) in arguments(spec) {
            if let (Some(default), false) = (self::said(said, "default"), values.contains_key(name))
            {
                values.insert(name.clone(), default.clone());
            }
        }
        self.required(spec, values);
        self.types(spec, values);
        self.choices(spec, values);
        for error in rules::needed(rules, values) {
            self.tell(Some(error));
        }
        for name in spec.keys() {
            values.entry(name.clone()).or_insert(Value::Null);
        }
        for (name, said) in arguments(spec) {
            self.options(name, said, values);
        }
    }

    /// Adds what is wrong, with the arguments around it.
    fn tell(&mut self, error: Option<String>) {
        let Some(error) = error else { return };
        self.errors.push(match self.path() {
            Some(path) => format!("{error} found in {path}"),
            None => error,
        });
    }

    fn path(&self) -> Option<String> {
        (!self.around.is_empty()).then(|| self.around.join(" -> "))
    }

    /// Gives each argument the value of its alias; comes back with all aliases.
    fn aliases(&mut self, spec: &Fields, values: &mut Fields) -> Vec<String> {
        let mut all = vec![];
        for (name, said) in arguments(spec) {
            if self::said(said, "default").is_some() && is(said, "required") {
                self.errors.push(format!(
                    "internal error: required and default are mutually exclusive for {name}"
                ));
                break;
            }
            match self::said(said, "aliases") {
                None => {}
                Some(Value::Array(aliases)) => {
                    for alias in aliases.iter().filter_map(Value::as_str) {
                        all.push(alias.to_owned());
                        if let Some(value) = values.get(alias).cloned() {
                            values.insert(name.clone(), value);
                        }
                    }
                }
                Some(_) => {
                    let error = "internal error: aliases must be a list or tuple";
                    self.errors.push(error.to_owned());
                    break;
                }
            }
        }
        all
    }

    /// Notes options that cannot be read as mappings, the first of a level.
    fn readable_options(&mut self, spec: &Fields, values: &Fields) {
        if let Err(error) = options_are_readable(spec, values) {
            self.errors.push(error);
        }
    }

    fn unknown(&mut self, spec: &Fields, aliases: &[String], values: &Fields) {
        let is_known = |name: &String| spec.contains_key(name) || aliases.contains(name);
        for name in values.keys().filter(|name| !is_known(name)) {
            let mut known: Vec<&str> = spec.keys().map(String::as_str).collect();
            let mut aliases: Vec<&str> = aliases.iter().map(String::as_str).collect();
            known.sort_unstable();
            aliases.sort_unstable();
            let mut listed = known.join(", ");
            if !aliases.is_empty() {
                listed.extend([" (", &aliases.join(", "), ")"]);
            }
            let path = self.around.iter().chain([name]).cloned().collect::<Vec<_>>().join(".");
            self.unknown.insert(path, listed);
        }
    }

    fn required(&mut self, spec: &Fields, values: &Fields) {
        let missing = |(name, said): &(&String, &Fields)| {
            is(said, "required") && !values.contains_key(name.as_str())
        };
        let mut missing: Vec<&str> =
            arguments(spec).filter(missing).map(|(name, _)| name.as_str()).collect();
        missing.sort_unstable();
        if !missing.is_empty() {
            self.tell(Some(format!("missing required arguments: {}", missing.join(", "))));
        }
    }

    fn types(&mut self, spec: &Fields, values: &mut Fields) {
        for (name, said) in arguments(spec) {
            let Some(value) = values.get(name) else { continue };
            let may_be_nothing = !is(said, "required") && self::said(said, "default").is_none();
            if value.is_null() && may_be_nothing {
                continue;
            }
            let kind = Kind::of(said, "type");
            match kind.convert(value) {
                Ok(mut converted) => {
                    if self::said(said, "elements").is_some() {
                        converted = self.elements(name, kind, said, converted);
                    }
                    values.insert(name.clone(), converted);
                }
                Err(reason) => {
                    let place =
                        self.path().map_or_else(String::new, |path| format!(" found in '{path}'."));
                    self.errors.push(format!(
                        "argument '{name}' is of type {}{place} and we were unable to convert to \
                         {}: {reason}",
                        type_name(value),
                        kind.name()
                    ));
                }
            }
        }
    }

    /// The elements of a list as their type.
    fn elements(&mut self, name: &str, kind: Kind<'_>, said: &Fields, list: Value) -> Value {
        let place = self.path().map(|path| format!(" found in '{path}'"));
        let place = place.unwrap_or_default();
        let Value::Array(items) = list else {
            let dot = if place.is_empty() { "" } else { "." };
            self.errors.push(format!(
                "Invalid type {} for option '{}'{place}{dot}, elements value check is supported \
                 only with 'list' type",
                kind.name(),
                python_text(&list)
            ));
            return list;
        };
        let wanted = Kind::of(said, "elements");
        let mut converted = vec![];
        for item in items {
            match wanted.convert(&item) {
                Ok(item) => converted.push(item),
                Err(reason) => self.errors.push(format!(
                    "Elements value for option '{name}'{place} is of type {} and we were unable \
                     to convert to {}: {reason}",
                    type_name(&item),
                    wanted.name()
                )),
            }
        }
        converted.into()
    }

    fn choices(&mut self, spec: &Fields, values: &Fields) {
        for (name, said) in arguments(spec) {
            let Some(choices) = self::said(said, "choices") else { continue };
            let Value::Array(choices) = choices else {
                let shown = python_text(choices);
                self.tell(Some(format!(
                    "internal error: choices for argument {name} are not iterable: {shown}"
                )));
                continue;
            };
            let Some(value) = values.get(name) else { continue };
            let listed = |items: &[&Value]| {
                items.iter().map(|item| python_text(item)).collect::<Vec<_>>().join(", ")
            };
            let all = listed(&choices.iter().collect::<Vec<_>>());
            let error = match value {
                Value::Array(items) => {
                    let other: Vec<&Value> =
                        items.iter().filter(|item| !is_among(item, choices)).collect();
                    (!other.is_empty()).then(|| {
                        format!(
                            "value of {name} must be one or more of: {all}. Got no match for: {}",
                            listed(&other)
                        )
                    })
                }
                one if is_among(one, choices) || is_spelt_otherwise(one, choices) => None,
                other => {
                    let got = python_text(other);
                    Some(format!("value of {name} must be one of: {all}, got: {got}"))
                }
            };
            self.tell(error);
        }
    }

    /// The options of an argument that holds others.
    fn options(&mut self, name: &str, said: &Fields, values: &mut Fields) {
        let Some(spec) = said.get("options").and_then(Value::as_object) else { return };
        if !holds_others(said) {
            return;
        }
        let value = match values.get(name) {
            None | Some(Value::Null) if is(said, "apply_defaults") => Value::Object(Fields::new()),
            None | Some(Value::Null) => return,
            Some(value) => value.clone(),
        };
        self.around.push(name.to_owned());
        let elements = match value {
            Value::Array(elements) => elements,
            other => vec![other],
        };
        for element in elements {
            if let Value::Object(mut inner) = element {
                self.level(spec, said, &mut inner);
            } else {
                let error = format!("value of '{name}' must be of type dict or list of dicts");
                self.errors.push(error);
            }
        }
        self.around.pop();
    }

    fn finish(mut self) -> Vec<String> {
        if let Some((_, known)) = self.unknown.last() {
            let known = known.clone();
            let mut names: Vec<&str> = self.unknown.keys().map(String::as_str).collect();
            names.sort_unstable();
            let names = names.join(", ");
            self.errors.push(format!("{names}. Supported parameters include: {known}."));
        }
        self.errors
    }
}

/// Whether what is given for options can be read as mappings, with the options below.
fn options_are_readable(spec: &Fields, values: &Fields) -> Result<(), String> {
    for (name, said) in arguments(spec).filter(|(_, said)| holds_others(said)) {
        let Some(inner) = said.get("options").and_then(Value::as_object) else { continue };
        let elements = match values.get(name) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(elements)) => elements.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        for element in elements {
            let read = match element {
                Value::String(_) => as_dict(element)?,
                other => other.clone(),
            };
            let Value::Object(fields) = read else {
                return Err(format!(
                    "Value '{}' in the sub parameter field '{name}' must be a {}, not '{}'",
                    python_text(element),
                    Kind::of(said, "type").name(),
                    type_name(element)
                ));
            };
            options_are_readable(inner, &fields)?;
        }
    }
    Ok(())
}

fn is_among(value: &Value, choices: &[Value]) -> bool {
    choices.iter().any(|choice| same(value, choice))
}

/// Whether two values are equal to Python, to which true is one and whole numbers are reals.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}

/// Whether `True` or `False` stands for the one choice that means the same: YAML reads `no` and
/// the like as a truth value.
fn is_spelt_otherwise(value: &Value, choices: &[Value]) -> bool {
    let spellings = match value.as_str() {
        Some("True") => &TRUTHS[0],
        Some("False") => &TRUTHS[1],
        _ => return false,
    };
    let truth = Value::Bool(value == "True");
    let means_it = |choice: &&Value| match choice.as_str() {
        Some(text) => spellings.contains(&text),
        None => same(choice, &truth),
    };
    choices.iter().filter(means_it).count() == 1
}

#[cfg(test)]
mod tests;
