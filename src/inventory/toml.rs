//! Inventories in the form of TOML files.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::builder::Builder;
use super::yaml;
use crate::base::{Diagnostic, SourceId, Span};
use crate::value::{Data, Key, Mapping, Node};

const CODE: &str = "inventory-syntax";

/// Reads a TOML inventory into the builder.
///
/// # Errors
///
/// Where it is no TOML, or holds nothing.
pub(super) fn read(builder: &mut Builder, source: SourceId, text: &str) -> Result<(), Diagnostic> {
    let reader = Reader { source };
    let document = DeTable::parse(text).map_err(|error| {
        let at = reader.span(error.span().unwrap_or(0..text.len().min(1)));
        let message = format!("expected TOML: {}", error.message());
        Diagnostic::error(CODE, message, at, "not TOML")
    })?;
    let document = reader.table(document.get_ref(), document.span(), 0);
    if document.as_map().is_none_or(Mapping::is_empty) {
        let message = "expected groups and hosts, found an empty file";
        return Err(Diagnostic::error(CODE, message, document.span, "empty"));
    }
    yaml::read(builder, &document);
    Ok(())
}

struct Reader {
    source: SourceId,
}

impl Reader {
    /// A table as a mapping. Groups, which are the tables of depth 1, list their children.
    fn table(&self, table: &DeTable<'_>, at: std::ops::Range<usize>, depth: usize) -> Node {
        let pairs = table.iter().map(|(key, value)| {
            let name = key.get_ref().to_string();
            let node = match (depth, name.as_str(), value.get_ref()) {
                (1, "children", DeValue::Array(groups)) => {
                    let groups = groups.iter().filter_map(|group| {
                        let span = self.span(group.span());
                        let text = group.get_ref().as_str()?.to_owned();
                        Some((Key { text, span }, Node { data: Data::Null, span }))
                    });
                    Node { data: Data::Map(groups.collect()), span: self.span(value.span()) }
                }
                _ => self.value(value, depth + 1),
            };
            (Key { text: name, span: self.span(key.span()) }, node)
        });
        Node { data: Data::Map(pairs.collect()), span: self.span(at) }
    }

    fn value(&self, value: &Spanned<DeValue<'_>>, depth: usize) -> Node {
        let data = match value.get_ref() {
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Integer(number) => {
                let digits = number.as_str();
                match i64::from_str_radix(digits, number.radix()) {
                    Ok(number) => Data::Int(number),
                    Err(_) => Data::Text(digits.to_owned()),
                }
            }
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => Data::Float(number),
                Err(_) => Data::Text(number.as_str().to_owned()),
            },
            DeValue::Boolean(flag) => Data::Bool(*flag),
            DeValue::Datetime(time) => Data::Text(time.to_string()),
            DeValue::Array(items) => {
                Data::List(items.iter().map(|item| self.value(item, depth + 1)).collect())
            }
            DeValue::Table(table) => return self.table(table, value.span(), depth),
        };
        Node { data, span: self.span(value.span()) }
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: byte(range.start), end: byte(range.end) }
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::testing::load;

    #[test]
    fn groups_are_tables() {
        let text = "[web]\nchildren = [\"front\"]\n[web.vars]\nport = 80\nratio = 0.5\n\
                    [front.hosts.\"f[1:2]\"]\nlist = [1, \"{{ x }}\"]\non = 2020-01-01\n[front.hosts]\nlone = {}\n";
        let loaded = load(&[("hosts.toml", text)], &["hosts.toml"]);
        assert_eq!(loaded.faults, "");
        let document = loaded.inventory.to_json(None);
        assert_eq!(document["front"]["hosts"], serde_json::json!(["f1", "f2", "lone"]));
        let vars = serde_json::json!(
            {"port": 80, "ratio": 0.5, "list": [1, "{{ x }}"], "on": "2020-01-01"}
        );
        assert_eq!(document["_meta"]["hostvars"]["f2"], vars);
    }

    #[test]
    fn what_is_no_toml_is_shown() {
        insta::assert_snapshot!(load(&[("hosts.toml", "[web\n")], &["hosts.toml"]).faults, @r"
        error[inventory-syntax]: expected TOML: unclosed table, expected `]`
         --> /play/hosts.toml:1:5
          |
        1 | [web
          |     ^ not TOML
        ");
        insta::assert_snapshot!(load(&[("hosts.toml", "")], &["hosts.toml"]).faults, @r"
        error[inventory-syntax]: expected groups and hosts, found an empty file
         --> /play/hosts.toml:1:1
          |
        1 |
          | ^ empty
        ");
    }
}
