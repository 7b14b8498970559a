//! `first_found`.

use minijinja::Error;

use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::value::{Fields, Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] =
    &[Lookup::new("first_found", &["files", "paths", "skip"], first_found)];

/// Where a name without a directory is looked for.
const SUBFOLDERS: &[&str] = &["files", "templates", "vars", "tasks"];

fn first_found(request: &Request) -> Result<Vec<Json>, Error> {
    let (mut names, mut skip) = (vec![], request.flag("skip", false)?);
    collect(&request.terms, &request.options, &mut names, &mut skip)?;
    for name in &names {
        let candidates = request.candidates(SUBFOLDERS, name);
        if let Some(found) = candidates.iter().find(|path| path.exists()) {
            let found = std::path::absolute(found).unwrap_or_else(|_| found.clone());
            return Ok(vec![found.display().to_string().into()]);
        }
    }
    if skip {
        return Ok(vec![]);
    }
    Err(bad(format!("none of these files exists: {}", names.join(", "))))
}

/// The names to look for, in order: each file in each path.
fn collect(
    terms: &[Json],
    options: &Fields,
    names: &mut Vec<String>,
    skip: &mut bool,
) -> Result<(), Error> {
    if terms.is_empty() {
        names.extend(joined(options));
    }
    for term in terms {
        match term {
            Json::String(_) if options.contains_key("paths") => {
                let mut options = options.clone();
                options.insert("files".to_owned(), term.clone());
                names.extend(joined(&options));
            }
            Json::String(name) => names.push(name.clone()),
            Json::Array(inner) => collect(inner, options, names, skip)?,
            Json::Object(fields) => {
                names.extend(joined(fields));
                *skip |= fields.get("skip").and_then(coerce::to_bool).unwrap_or(false);
            }
            other => {
                return Err(bad(format!(
                    "names of files are needed, or mappings with `files`, not '{}'",
                    python_type(other)
                )));
            }
        }
    }
    Ok(())
}

fn python_type(value: &Json) -> &'static str {
    match value {
        Json::Null => "NoneType",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "float",
        Json::Number(_) => "int",
        Json::String(_) => "str",
        Json::Array(_) => "list",
        Json::Object(_) => "dict",
    }
}

fn joined(fields: &Fields) -> Vec<String> {
    let list = |name: &str| {
        let separators = |c| c == ',' || c == ';' || (name == "paths" && c == ':');
        match fields.get(name) {
            Some(Json::String(text)) => {
                text.split(separators).map(|part| part.trim().to_owned()).collect()
            }
            Some(Json::Array(items)) => items.iter().map(coerce::to_text).collect(),
            _ => Vec::new(),
        }
    };
    let (files, paths) = (list("files"), list("paths"));
    if paths.is_empty() {
        return files;
    }
    let in_path =
        |path: &String| files.iter().map(|file| format!("{path}/{file}")).collect::<Vec<_>>();
    paths.iter().flat_map(in_path).collect()
}
