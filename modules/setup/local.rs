//! Facts the host's owner keeps in `/etc/ansible/facts.d`.

use super::report::{Report, set};
use crate::sdk::{Fields, Value};

/// `local`: one member for each `*.fact`, by its name.
pub(super) fn local(report: &Report<'_>, facts: &mut Fields) {
    let all: Fields = report
        .parts("fact:")
        .map(|(path, content)| {
            let file = path.rsplit('/').next().unwrap_or(path);
            (file.trim_end_matches(".fact").to_owned(), read(path, content))
        })
        .collect();
    set(facts, "local", all);
}

/// JSON, else INI, else what is wrong with it.
fn read(path: &str, content: &str) -> Value {
    if let Some((_, status)) = content.rsplit_once("\nexit status ") {
        return format!("{path} ended with status {}", status.trim()).into();
    }
    serde_json::from_str(content).ok().or_else(|| ini(content)).unwrap_or_else(|| {
        format!("error loading facts as JSON or ini - please check content: {path}").into()
    })
}

/// Sections of `key = value` or `key: value` lines; keys are in lower case.
fn ini(content: &str) -> Option<Value> {
    let mut sections = Fields::new();
    let mut current = None::<String>;
    for line in content.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.entry(name).or_insert_with(|| Fields::new().into());
            current = Some(name.to_owned());
            continue;
        }
        let (key, value) = line.split_once(['=', ':'])?;
        let section = sections.get_mut(current.as_ref()?)?.as_object_mut()?;
        set(section, &key.trim().to_lowercase(), value.trim());
    }
    (!sections.is_empty()).then(|| sections.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_ini_and_neither() {
        assert_eq!(read("a.fact", "{\"a\": [1]}"), json!({"a": [1]}));
        assert_eq!(
            read("b.fact", "# x\n[General]\nPath = /srv\nurl: http://a:1\n"),
            json!({"General": {"path": "/srv", "url": "http://a:1"}})
        );
        assert_eq!(
            read("/x/c.fact", "no"),
            "error loading facts as JSON or ini - please check content: /x/c.fact"
        );
        assert_eq!(read("d.fact", "out\nexit status 3\n"), "d.fact ended with status 3");
    }

    #[test]
    fn a_template_in_a_fact_stays_text() {
        assert_eq!(read("a.fact", "\"{{ 7 * 7 }}\""), json!("{{ 7 * 7 }}"));
    }
}
