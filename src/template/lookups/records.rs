//! Lookups in files of records: CSV and INI.

use minijinja::Error;

use super::ini::Ini;
use super::request::words;
use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::template::pattern::prefix;
use crate::value::{Value as Json, coerce};

const CSV_OPTIONS: &[&str] = &["file", "delimiter", "col", "keycol", "default", "encoding"];

const INI_OPTIONS: &[&str] = &[
    "file",
    "section",
    "type",
    "re",
    "default",
    "encoding",
    "allow_no_value",
    "allow_none",
    "case_sensitive",
    "interpolation",
];

pub(super) const LOOKUPS: &[Lookup] =
    &[Lookup::new("csvfile", CSV_OPTIONS, csv_file), Lookup::new("ini", INI_OPTIONS, ini)];

/// One term, taken apart, with the lookup's options behind its own.
struct Term<'r> {
    request: &'r Request,
    /// What is looked for.
    key: String,
    pairs: Vec<(String, String)>,
}

impl<'r> Term<'r> {
    fn parse(request: &'r Request, term: &str, options: &[&str]) -> Result<Self, Error> {
        let (bare, pairs) = words(term);
        if let Some((name, _)) = pairs.iter().find(|(name, _)| !options.contains(&name.as_str())) {
            return Err(bad(format!("{name} is not a valid option")));
        }
        Ok(Self { request, key: bare.join(" "), pairs })
    }

    /// An option, as the term gives it or as the lookup does.
    fn option(&self, name: &str) -> Option<String> {
        let own = self.pairs.iter().rev().find(|(key, _)| key == name);
        own.map(|(_, value)| value.clone()).or_else(|| self.request.text(name))
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        let given = self.option(name).and_then(|text| coerce::to_bool(&text.into()));
        given.unwrap_or(default)
    }

    /// What is given where nothing is found.
    fn fallback(&self) -> Option<Vec<Json>> {
        if let Some((_, text)) = self.pairs.iter().rev().find(|(key, _)| key == "default") {
            return Some(vec![text.as_str().into()]);
        }
        Some(match self.request.option("default")? {
            Json::Array(items) => items.clone(),
            other => vec![other.clone()],
        })
    }

    /// The text of the file it is to be found in.
    fn text(&self, default: &str) -> Result<(String, String), Error> {
        let name = self.option("file").unwrap_or_else(|| default.to_owned());
        let path = self.request.find(&["files"], &name)?;
        let text = self.request.read_as(&path, self.option("encoding").as_deref())?;
        Ok((name, text))
    }
}

fn csv_file(request: &Request) -> Result<Vec<Json>, Error> {
    let missing = || bad("Search key is required but was not found");
    if request.terms.is_empty() {
        return Err(missing());
    }
    let mut found = vec![];
    for term in request.texts() {
        let term = Term::parse(request, &term, CSV_OPTIONS)?;
        if term.key.is_empty() {
            return Err(missing());
        }
        let column = |name: &str, default: usize| match term.option(name) {
            Some(text) => text.parse().map_err(|_| {
                bad(format!(
                    "'{name}' has an invalid value: it is the number of a column, not '{text}'"
                ))
            }),
            None => Ok(default),
        };
        let (column, key_column) = (column("col", 1)?, column("keycol", 0)?);
        let delimiter = match term.option("delimiter").as_deref() {
            None | Some("TAB" | "t" | "\\t") => b'\t',
            Some(text) => text.bytes().next().unwrap_or(b'\t'),
        };
        let (_, text) = term.text("ansible.csv")?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let row = reader.records().flatten().find(|row| row.get(key_column) == Some(&term.key));
        match row.as_ref().and_then(|row| row.get(column)) {
            Some(cell) => found.push(cell.into()),
            None => found.extend(term.fallback().unwrap_or_default()),
        }
    }
    Ok(found)
}

fn ini(request: &Request) -> Result<Vec<Json>, Error> {
    let mut found = vec![];
    for term in request.texts() {
        let term = Term::parse(request, &term, INI_OPTIONS)?;
        if term.key.is_empty() {
            return Err(bad(
                "No key to look up was provided as first term within string inline options",
            ));
        }
        let (name, text) = term.text("ansible.ini")?;
        let case_sensitive = term.flag("case_sensitive", false);
        let properties = term.option("type").as_deref() == Some("properties");
        let section = term.option("section").unwrap_or_else(|| "global".to_owned());
        let reader = Ini {
            section: (!properties).then_some(section.as_str()),
            case_sensitive,
            no_value: term.flag("allow_no_value", false) || term.flag("allow_none", false),
            interpolation: term.flag("interpolation", true),
        };
        let entries = reader.entries(&text).map_err(|fault| bad(format!("{fault} in '{name}'")))?;
        let Some(entries) = entries else {
            match term.fallback() {
                Some(fallback) => found.extend(fallback),
                None => return Err(bad(format!("No section: '{section}' in '{name}'"))),
            }
            continue;
        };
        let fold = |key: &str| if case_sensitive { key.to_owned() } else { key.to_lowercase() };
        if term.flag("re", false) {
            let regex = prefix(&term.key, false, false)?;
            for (name, value) in &entries {
                if regex.is_match(name).map_err(bad)? {
                    found.extend(value.as_deref().map(Json::from));
                }
            }
            continue;
        }
        match entries.iter().find(|(name, _)| *name == fold(&term.key)) {
            Some((_, value)) => found.extend(value.as_deref().map(Json::from)),
            None => found.extend(term.fallback().unwrap_or_else(|| vec!["".into()])),
        }
    }
    Ok(found)
}
