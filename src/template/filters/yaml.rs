//! YAML.

use minijinja::value::Value;
use minijinja::{Error, State};

use super::Family;
use crate::base::Sources;
use crate::template::arguments::{Args, bad};
use crate::template::{convert, operators, python};
use crate::value::Value as Json;
use crate::value::yaml::{self, Scalars, Style};

pub(super) const FILTERS: Family = &[
    ("to_yaml", |state, args| to_yaml(state, args, Style::PLAIN)),
    ("to_nice_yaml", |state, args| to_yaml(state, args, Style::NICE)),
    ("from_yaml", |state, args| {
        // What is no text has been read already.
        if args.value().as_str().is_none() && !args.value().is_undefined() {
            return Ok(args.value().clone());
        }
        let mut documents = documents(args)?;
        match documents.len() {
            0 => Ok(Value::from(())),
            1 => convert::known(state, documents.remove(0)),
            _ => Err(bad("there are several documents: use from_yaml_all")),
        }
    }),
    ("from_yaml_all", |state, args| match args.value().as_str() {
        None if args.value().is_none() => convert::known(state, Json::Array(vec![])),
        None if !args.value().is_undefined() => Ok(args.value().clone()),
        _ => convert::known(state, Json::Array(documents(args)?)),
    }),
];

fn to_yaml(state: &mut State, args: &Args, style: Style) -> Result<Value, Error> {
    let number = |name: &str, default: i32| -> Result<i32, Error> {
        let given = args.int(usize::MAX, name)?.unwrap_or(default.into());
        i32::try_from(given).map_err(|_| bad(format!("`{name}` is too large")))
    };
    let flag = |name: &str| -> Result<Option<bool>, Error> {
        let given = args.get(usize::MAX, name)?.filter(|value| !value.is_none());
        Ok(given.map(|value| value.is_true()))
    };
    for known in ["allow_unicode", "dump_vault_tags", "encoding"] {
        args.get(usize::MAX, known)?;
    }
    let scalars = args.text(usize::MAX, "default_style")?.unwrap_or_default();
    let scalars = Scalars::parse(&scalars)
        .ok_or_else(|| bad(format!("`default_style` is one of ' \" | >, not `{scalars}`")))?;
    let positional = args.int(1, "indent")?.and_then(|indent| i32::try_from(indent).ok());
    let style = Style {
        indent: positional.unwrap_or(style.indent),
        width: number("width", style.width)?,
        flow: match args.get(usize::MAX, "default_flow_style")? {
            Some(flow) if flow.is_none() => None,
            Some(flow) => Some(flow.is_true()),
            None => style.flow,
        },
        sort_keys: flag("sort_keys")?.unwrap_or(style.sort_keys),
        blocks: false,
        scalars,
        canonical: flag("canonical")?.unwrap_or(false),
        explicit_start: flag("explicit_start")?.unwrap_or(style.explicit_start),
    };
    let data = convert::to_data(args.value())?.unwrap_or_default();
    let text = yaml::to_yaml(&data, style);
    operators::count(state, text.len())?;
    Ok(Value::from(text))
}

/// The documents of a text, as data: their texts are no templates.
fn documents(args: &Args) -> Result<Vec<Json>, Error> {
    let text = python::text(args.value())?;
    let sources = Sources::default();
    let source = sources.add("", text);
    let parsed = yaml::parse(&sources, source).map_err(|fault| {
        let place = fault.span().map(|span| sources.line_column(span));
        let place = place.map(|(line, column)| format!(" (line {line}, column {column})"));
        bad(format!("not valid YAML: {}{}", fault.message, place.unwrap_or_default()))
    })?;
    Ok(parsed.documents.iter().map(crate::value::Node::to_value).collect())
}
