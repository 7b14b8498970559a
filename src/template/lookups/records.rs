//! Lookups in files of records: CSV and INI.

use minijinja::Error;

use super::request::words;
use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::template::pattern::prefix;
use crate::value::{Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] = &[
    Lookup::new(
        "csvfile",
        &["file", "delimiter", "col", "keycol", "default", "encoding"],
        csv_file,
    ),
    Lookup::new(
        "ini",
        &[
            "file",
            "section",
            "type",
            "re",
            "default",
            "encoding",
            "allow_no_value",
            "case_sensitive",
            "interpolation",
        ],
        ini,
    ),
];

/// An option, as the term gives it or as the lookup does.
fn given(request: &Request, pairs: &[(String, String)], name: &str) -> Option<String> {
    let own = pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    own.or_else(|| request.text(name))
}

fn csv_file(request: &Request) -> Result<Vec<Json>, Error> {
    let mut found = vec![];
    for term in request.texts() {
        let (bare, pairs) = words(&term);
        let key = bare.join(" ");
        let option = |name: &str| given(request, &pairs, name);
        let column = |name: &str, default: usize| match option(name) {
            Some(text) => text
                .parse()
                .map_err(|_| bad(format!("`{name}` must be a number of a column, not `{text}`"))),
            None => Ok(default),
        };
        let (column, key_column) = (column("col", 1)?, column("keycol", 0)?);
        let delimiter = match option("delimiter").as_deref() {
            None | Some("TAB" | "t" | "\\t") => b'\t',
            Some(text) => text.bytes().next().unwrap_or(b'\t'),
        };
        let name = option("file").unwrap_or_else(|| "ansible.csv".to_owned());
        let text = request.read(&request.find(&["files"], &name)?)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let row = reader.records().flatten().find(|row| row.get(key_column) == Some(&key));
        match row.as_ref().and_then(|row| row.get(column)) {
            Some(cell) => found.push(cell.into()),
            None => found.extend(request.option("default").cloned()),
        }
    }
    Ok(found)
}

fn ini(request: &Request) -> Result<Vec<Json>, Error> {
    let mut found = vec![];
    for term in request.texts() {
        let (bare, pairs) = words(&term);
        let key = bare.join(" ");
        let option = |name: &str| given(request, &pairs, name);
        let flag = |name: &str| {
            option(name).and_then(|text| coerce::to_bool(&text.into())).unwrap_or(false)
        };
        let name = option("file").unwrap_or_else(|| "ansible.ini".to_owned());
        let text = request.read(&request.find(&["files"], &name)?)?;
        let section = match option("type").as_deref() {
            Some("properties") => String::new(),
            _ => option("section").unwrap_or_else(|| "global".to_owned()),
        };
        let entries = entries(&text, &section, flag("case_sensitive"));
        let fold = |key: &str| {
            if flag("case_sensitive") { key.to_owned() } else { key.to_lowercase() }
        };
        if flag("re") {
            let regex = prefix(&key, false, false)?;
            for (name, value) in &entries {
                if regex.is_match(name).map_err(bad)? {
                    found.push(value.as_str().into());
                }
            }
            continue;
        }
        match entries.iter().rev().find(|(name, _)| *name == fold(&key)) {
            Some((_, value)) => found.push(value.as_str().into()),
            None => found.push(option("default").unwrap_or_default().into()),
        }
    }
    Ok(found)
}

/// The keys and values of one section, as Python's configparser reads them.
fn entries(text: &str, wanted: &str, case_sensitive: bool) -> Vec<(String, String)> {
    let (mut entries, mut section) = (Vec::<(String, String)>::new(), "");
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            continue;
        }
        if section != wanted && section != "DEFAULT" {
            continue;
        }
        if line.starts_with(char::is_whitespace)
            && let Some((_, value)) = entries.last_mut()
        {
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        let (key, value) = trimmed.split_once(['=', ':']).unwrap_or((trimmed, ""));
        let key = key.trim();
        let key = if case_sensitive { key.to_owned() } else { key.to_lowercase() };
        entries.push((key, value.trim().to_owned()));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_its_own_keys_and_the_defaults() {
        let text = "[DEFAULT]\nport = 1\n[web]\nName: a\n  b\n; no\n[db]\nname=c\n";
        let found = entries(text, "web", false);
        assert_eq!(found, [("port".into(), "1".into()), ("name".into(), "a\nb".into())]);
    }
}
