//! Tests of text: patterns, versions, addresses.

use minijinja::value::Value;
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad};
use crate::template::context::Context;
use crate::template::pattern::{pattern, prefix};
use crate::template::version::{self, Scheme};
use crate::template::{operators, python};

pub(super) const TESTS: Family = &[
    ("match", |_, args| matches(args, "match")),
    ("search", |_, args| matches(args, "search")),
    ("regex", |_, args| {
        let kind = args.text(4, "match_type")?.unwrap_or_else(|| "search".to_owned());
        matches(args, &kind)
    }),
    ("version", version),
    ("version_compare", version),
    ("url", |_, args| uri(args, |address| !address.scheme.is_empty() && !address.host.is_empty())),
    ("uri", |_, args| uri(args, |_| true)),
    ("urn", |_, args| {
        Ok(Value::from(python::text(args.value())?.to_lowercase().starts_with("urn:")))
    }),
    ("vault_encrypted", |state, args| {
        let text = args.value().as_str().unwrap_or_default();
        let context = Context::of(state)?;
        let opened = context.templar.settings().keyring.has_opened(text);
        Ok(Value::from(opened || crate::value::vault::is_vault(text)))
    }),
];

fn matches(args: &Args, kind: &str) -> Result<Value, Error> {
    let expression = args.text(1, "pattern")?.ok_or_else(|| bad("it needs a pattern"))?;
    let (ignore_case, multiline) = (args.flag(2, "ignorecase")?, args.flag(3, "multiline")?);
    let text = python::text(args.value())?;
    let regex = match kind {
        "search" => pattern(&expression, ignore_case, multiline)?,
        "match" => prefix(&expression, ignore_case, multiline)?,
        "fullmatch" => pattern(&format!("\\A(?:{expression})\\Z"), ignore_case, multiline)?,
        other => {
            return Err(bad(format!(
                "`match_type` must be search, match or fullmatch, not `{other}`"
            )));
        }
    };
    regex.is_match(&text).map(Value::from).map_err(bad)
}

fn version(_: &mut State, args: &Args) -> Result<Value, Error> {
    let other = args.text(1, "version")?.ok_or_else(|| bad("it needs a version"))?;
    let operator = args.text(2, "operator")?.unwrap_or_else(|| "eq".to_owned());
    let strict = args.get(3, "strict")?.filter(|strict| !strict.is_none());
    let scheme = match (args.text(4, "version_type")?.as_deref(), strict) {
        (Some(_), Some(_)) => return Err(bad("`strict` and `version_type` exclude each other")),
        (None, Some(strict)) if strict.is_true() => Scheme::Strict,
        (None | Some("loose"), _) => Scheme::Loose,
        (Some("strict"), _) => Scheme::Strict,
        (Some("semver" | "semantic"), _) => Scheme::Semantic,
        (Some("pep440"), _) => Scheme::Pep440,
        (Some(other), _) => {
            return Err(bad(format!(
                "`version_type` must be loose, strict, semver or pep440, not `{other}`"
            )));
        }
    };
    let version = python::text(args.value())?;
    if version.is_empty() {
        return Err(bad("Input version value cannot be empty"));
    }
    if other.is_empty() {
        return Err(bad("Version parameter to compare against cannot be empty"));
    }
    let ordering = version::compare(scheme, &version, &other)?;
    Ok(Value::from(match operator.as_str() {
        "==" | "=" | "eq" => ordering.is_eq(),
        "!=" | "<>" | "ne" => ordering.is_ne(),
        "<" | "lt" => ordering.is_lt(),
        "<=" | "le" => ordering.is_le(),
        ">" | "gt" => ordering.is_gt(),
        ">=" | "ge" => ordering.is_ge(),
        _ => {
            return Err(bad(format!(
                "there is no comparison `{operator}`: use ==, !=, <, <=, > or >="
            )));
        }
    }))
}

/// The scheme and host of an address, as far as it has them.
struct Address<'a> {
    scheme: &'a str,
    host: &'a str,
}

/// Whether a text is an address of this kind, with one of the schemes that are asked for.
fn uri(args: &Args, fits: fn(&Address) -> bool) -> Result<Value, Error> {
    let schemes = args.get(1, "schemes")?.filter(|schemes| !schemes.is_none());
    let Some(text) = args.value().as_str() else { return Ok(Value::from(false)) };
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let (scheme, rest) =
        text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).unwrap_or(("", text));
    let host = rest.strip_prefix("//").unwrap_or_default();
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let expected = match schemes {
        Some(schemes) => operators::contains(&schemes, &Value::from(scheme))?,
        None => true,
    };
    Ok(Value::from(expected && fits(&Address { scheme, host })))
}
