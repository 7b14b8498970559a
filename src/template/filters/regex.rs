//! Filters with regular expressions.

use minijinja::value::Value;
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad};
use crate::template::objects::List;
use crate::template::pattern::pattern;
use crate::template::{operators, python};
use crate::value::regex::{Captures, Regex, Replacement};

pub(super) const FILTERS: Family = &[
    ("regex_replace", replace),
    ("regex_search", search),
    ("regex_findall", find_all),
    ("regex_escape", escape),
];

fn replace(state: &mut State, args: &Args) -> Result<Value, Error> {
    let expression = args.text(1, "pattern")?.unwrap_or_default();
    let replacement = args.text(2, "replacement")?.unwrap_or_default();
    let (ignore_case, multiline) = (args.flag(3, "ignorecase")?, args.flag(4, "multiline")?);
    let limit = args.int(5, "count")?.unwrap_or(0);
    let mandatory = args.int(6, "mandatory_count")?.unwrap_or(0);
    let regex = pattern(&expression, ignore_case, multiline)?;
    let replacement = Replacement::parse(&replacement).map_err(bad)?;
    let text = python::text(args.value())?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let (replaced, count) = regex.replace(&text, &replacement, limit).map_err(bad)?;
    if mandatory > 0 && usize::try_from(mandatory) != Ok(count) {
        return Err(bad(format!(
            "'{expression}' should match {mandatory} times, but matches {count} times"
        )));
    }
    operators::count(state, replaced.len())?;
    Ok(Value::from(replaced))
}

fn search(_: &mut State, args: &Args) -> Result<Value, Error> {
    let regex = pattern(
        &args.text(1, "regex")?.unwrap_or_default(),
        args.flag(usize::MAX, "ignorecase")?,
        args.flag(usize::MAX, "multiline")?,
    )?;
    let text = python::text(args.value())?;
    let Some(found) = regex.search(&text).map_err(bad)? else {
        return Ok(Value::from(()));
    };
    let groups = args.positional().get(2..).unwrap_or_default();
    if groups.is_empty() {
        return Ok(group(&found, 0));
    }
    let wanted = groups.iter().map(|name| named(&regex, &found, &python::text(name)?));
    Ok(List::value(wanted.collect::<Result<_, Error>>()?))
}

/// The group that `\1` or `\g<name>` names.
fn named(regex: &Regex, found: &Captures, name: &str) -> Result<Value, Error> {
    let inner = name
        .strip_prefix("\\g<")
        .and_then(|name| name.strip_suffix('>'))
        .or_else(|| name.strip_prefix('\\'))
        .ok_or_else(|| bad(format!("a group is written `\\1` or `\\g<name>`, not `{name}`")))?;
    let number = match inner.parse::<usize>() {
        Ok(number) => Some(number),
        Err(_) => regex.group_names().iter().position(|known| *known == Some(inner)),
    };
    match number {
        Some(number) if number <= regex.groups() => Ok(group(found, number)),
        _ => Err(bad(format!("the expression has no group `{inner}`"))),
    }
}

fn group(found: &Captures, number: usize) -> Value {
    found.get(number).map_or(Value::from(()), |group| Value::from(group.as_str()))
}

fn find_all(_: &mut State, args: &Args) -> Result<Value, Error> {
    let expression = args.text(1, "regex")?.unwrap_or_default();
    let (multiline, ignore_case) = (args.flag(2, "multiline")?, args.flag(3, "ignorecase")?);
    let regex = pattern(&expression, ignore_case, multiline)?;
    let text = python::text(args.value())?;
    // A group that took no part is empty here.
    let part = |found: &Captures, number: usize| {
        Value::from(found.get(number).map_or("", |group| group.as_str()))
    };
    let all = regex.find_all(&text).map_err(bad)?;
    let all = all.iter().map(|found| match regex.groups() {
        0 => part(found, 0),
        1 => part(found, 1),
        count => List::value((1..=count).map(|number| part(found, number)).collect()),
    });
    Ok(List::value(all.collect()))
}

fn escape(_: &mut State, args: &Args) -> Result<Value, Error> {
    let text = python::text(args.value())?;
    match args.text(1, "re_type")?.as_deref() {
        None | Some("python") => Ok(Value::from(Regex::escape(&text))),
        Some("posix_basic") => {
            let special = |c: char| matches!(c, '\\' | '.' | '[' | ']' | '^' | '$' | '*');
            let escaped =
                text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c]));
            Ok(Value::from(escaped.collect::<String>()))
        }
        Some("posix_extended") => Err(bad("Regex type (posix_extended) not yet implemented")),
        Some(other) => Err(bad(format!(
            "Invalid regex type ({other}): `re_type` must be python or posix_basic"
        ))),
    }
}
