//! Lookups of variables and of the environment.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind};

use super::{Lookup, Request};
use crate::base::{Diagnostic, Span, closest};
use crate::template::arguments::{bad, type_name};
use crate::template::convert;
use crate::template::fault::Fault;
use crate::template::pattern::pattern;
use crate::value::Value as Json;

pub(super) const LOOKUPS: &[Lookup] = &[
    Lookup::new("env", &["default"], env),
    Lookup::new("vars", &["default"], vars),
    Lookup::new("varnames", &[], var_names),
];

fn env(request: &Request) -> Result<Vec<Json>, Error> {
    let fallback = || Ok(request.needed("default")?.cloned().unwrap_or_else(|| "".into()));
    let read = |name: String| match std::env::var(name.split_whitespace().next()?) {
        Ok(value) => Some(Ok(value.into())),
        Err(_) => Some(fallback()),
    };
    request.texts().filter_map(read).collect()
}

fn vars(request: &Request) -> Result<Vec<Json>, Error> {
    let read = |term: &Json| {
        let Some(name) = term.as_str() else {
            let kind = type_name(&request.context.known(term.clone()));
            return Err(bad(format!("Variable name must be 'str' not '{kind}'")));
        };
        let value = request.context.variable(name).filter(|value| !value.is_undefined());
        match value {
            Some(value) if value.kind() == ValueKind::Map || value.kind() != ValueKind::Plain => {
                Ok(convert::to_data(&value)?.unwrap_or_default())
            }
            _ => match (request.options.get("default"), request.needed("default")) {
                (Some(fallback), _) => Ok(fallback.clone()),
                (None, Err(undefined)) => Err(undefined),
                (None, Ok(_)) => Err(unknown(request, name)),
            },
        }
    };
    request.terms.iter().map(read).collect()
}

fn unknown(request: &Request, name: &str) -> Error {
    if let Some(reason) = request.context.reason(name) {
        return Fault::error(ErrorKind::UndefinedError, reason);
    }
    let diagnostic = Diagnostic::error(
        "undefined-variable",
        format!("No variable named '{name}' was found"),
        Span::NOWHERE,
        "",
    );
    let names = request.context.names();
    let diagnostic = match closest(name, names.iter().map(String::as_str)) {
        Some(similar) => diagnostic.help(format!("did you mean `{similar}`?")),
        None => diagnostic,
    };
    Fault::error(ErrorKind::UndefinedError, diagnostic)
}

fn var_names(request: &Request) -> Result<Vec<Json>, Error> {
    let names = request.context.names();
    let mut found = vec![];
    for term in &request.terms {
        let Some(text) = term.as_str() else {
            let kind = type_name(&request.context.known(term.clone()));
            return Err(bad(format!(
                "Invalid setting identifier, {term} is not a string, it is a {kind}"
            )));
        };
        let regex = pattern(text, false, false).map_err(|error| {
            let detail = error.detail().unwrap_or_default();
            bad(format!("Unable to use '{text}' as a search parameter: {detail}"))
        })?;
        for name in &names {
            if regex.is_match(name).map_err(bad)? {
                found.push(name.as_str().into());
            }
        }
    }
    Ok(found)
}
