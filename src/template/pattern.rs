//! Regular expressions of templates, compiled once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use minijinja::Error;

use super::arguments::bad;
use crate::value::regex::{Regex, RegexOptions};

/// Expressions kept before all are let go of.
const MOST: usize = 500;

type Known = HashMap<(bool, bool), HashMap<String, Arc<Regex>>>;

static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);

/// A regular expression in Python's dialect.
pub(super) fn pattern(text: &str, ignore_case: bool, multiline: bool) -> Result<Arc<Regex>, Error> {
    let flags = (ignore_case, multiline);
    {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(regex) = known.get(&flags).and_then(|by_text| by_text.get(text)) {
            return Ok(Arc::clone(regex));
        }
    }
    let options = RegexOptions { ignore_case, multiline, ..RegexOptions::default() };
    let regex = Regex::new(text, options)
        .map_err(|error| bad(format!("`{text}` is no valid regular expression: {error}")))?;
    let regex = Arc::new(regex);
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if known.values().map(HashMap::len).sum::<usize>() >= MOST {
        known.clear();
    }
    known.entry(flags).or_default().insert(text.to_owned(), Arc::clone(&regex));
    Ok(regex)
}

/// The same, matching only at the beginning of a text: Python's `re.match`.
pub(super) fn prefix(text: &str, ignore_case: bool, multiline: bool) -> Result<Arc<Regex>, Error> {
    pattern(&format!("\\A(?:{text})"), ignore_case, multiline)
}
