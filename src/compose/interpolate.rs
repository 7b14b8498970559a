//! Variables in the values of a file: `$NAME`, `${NAME:-default}` and their like.

use super::Variables;
use crate::base::{Diagnostic, Span};
use crate::value::{Data, Key, Node};

/// The deepest nesting of one default in another that is read.
const DEPTH: usize = 20;

/// Puts variables into values, and notes what is wrong.
pub(super) struct Interpolation<'v> {
    variables: &'v Variables,
    /// Variables that are not set and have no default, each once.
    pub(super) unset: Vec<String>,
    pub(super) faults: Vec<Diagnostic>,
}

impl<'v> Interpolation<'v> {
    pub(super) fn new(variables: &'v Variables) -> Self {
        Self { variables, unset: vec![], faults: vec![] }
    }

    /// A value with the variables in all its texts replaced; keys are left as they stand.
    pub(super) fn node(&mut self, node: &Node) -> Node {
        let data = match &node.data {
            Data::Text(text) | Data::Verbatim(text) => {
                Data::Verbatim(self.text(text, node.span).unwrap_or_default())
            }
            Data::List(items) => Data::List(items.iter().map(|item| self.node(item)).collect()),
            Data::Map(pairs) => Data::Map(
                pairs
                    .iter()
                    .map(|(key, value)| {
                        (Key { text: key.text.clone(), span: key.span }, self.node(value))
                    })
                    .collect(),
            ),
            other => other.clone(),
        };
        Node { data, span: node.span }
    }

    /// A text with its variables replaced; `None` after noting a fault.
    pub(super) fn text(&mut self, text: &str, at: Span) -> Option<String> {
        if !text.contains('$') {
            return Some(text.to_owned());
        }
        match self.expand(text, DEPTH) {
            Ok(text) => Some(text),
            Err((message, help)) => {
                let fault = Diagnostic::error("compose-variable", message, at, "in this value");
                self.faults.push(fault.help(help));
                None
            }
        }
    }

    fn expand(&mut self, text: &str, depth: usize) -> Result<String, (String, String)> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let end = closing(after).ok_or_else(|| unfinished(text))?;
                out.push_str(&self.braced(&after[..end], depth)?);
                rest = &after[end + 1..];
            } else {
                let end = name_length(rest);
                if end == 0 {
                    return Err(unfinished(text));
                }
                out.push_str(&self.value(&rest[..end]));
                rest = &rest[end..];
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// What stands between `${` and `}`.
    fn braced(&mut self, inner: &str, depth: usize) -> Result<String, (String, String)> {
        let end = name_length(inner);
        let (name, rest) = inner.split_at(end);
        if name.is_empty() || depth == 0 {
            return Err(unfinished(&format!("${{{inner}}}")));
        }
        if rest.is_empty() {
            return Ok(self.value(name));
        }
        let (or_empty, sign) = match rest.strip_prefix(':') {
            Some(sign) => (true, sign),
            None => (false, rest),
        };
        let set = self.variables.get(name).filter(|value| !(or_empty && value.is_empty())).cloned();
        let word = |sign: char| sign.len_utf8();
        let mut signs = sign.chars();
        match signs.next() {
            Some('-') => match set {
                Some(value) => Ok(value),
                None => self.expand(&sign[word('-')..], depth - 1),
            },
            Some('+') => match set {
                Some(_) => self.expand(&sign[word('+')..], depth - 1),
                None => Ok(String::new()),
            },
            Some('?') => {
                if let Some(value) = set {
                    return Ok(value);
                }
                let why = self.expand(&sign[word('?')..], depth - 1)?;
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                Err((
                    format!("the variable `{name}` is required and has no value{why}"),
                    format!("set `{name}` in the task's `environment` or in an env file"),
                ))
            }
            _ => Err(unfinished(&format!("${{{inner}}}"))),
        }
    }

    fn value(&mut self, name: &str) -> String {
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        if !self.unset.iter().any(|other| other == name) {
            self.unset.push(name.to_owned());
        }
        String::new()
    }
}

/// Where the brace that was opened before this text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut before = '\0';
    for (at, sign) in text.char_indices() {
        match sign {
            '{' if before == '$' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
        before = sign;
    }
    None
}

/// How many bytes of a text are the name of a variable.
fn name_length(text: &str) -> usize {
    let starts = text.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_');
    if !starts {
        return 0;
    }
    text.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(text.len())
}

fn unfinished(text: &str) -> (String, String) {
    (
        format!("`{text}` has a `$` that begins no variable"),
        "write `${NAME}`, `${NAME:-default}`, or `$$` for a single `$`".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(text: &str) -> Result<String, String> {
        let variables: Variables =
            [("A", "1"), ("E", ""), ("B", "two")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let mut interpolation = Interpolation::new(&variables);
        interpolation
            .text(text, Span::NOWHERE)
            .ok_or_else(|| interpolation.faults[0].message.clone())
    }

    #[test]
    fn variables_have_values_defaults_and_alternatives() {
        for (text, expanded) in [
            ("a$A-${B}", "a1-two"),
            ("$$A $${B}", "$A ${B}"),
            ("${X:-d} ${X-d} ${E:-d} ${E-d}", "d d d "),
            ("${A:+yes} ${X:+yes} ${E+set}", "yes  set"),
            ("${X:-${Y:-$A}}", "1"),
            ("${X:-{a}}", "{a}"),
            ("$X$A", "1"),
            ("${A:?no}", "1"),
            ("a}b", "a}b"),
        ] {
            assert_eq!(expand(text).as_deref(), Ok(expanded), "{text}");
        }
    }

    #[test]
    fn what_is_required_or_unfinished_is_a_fault() {
        let said = ["${X:?say it}", "${E:?}", "100$", "${A", "${A!x}", "${}"]
            .map(|text| expand(text).unwrap_err())
            .join("\n");
        insta::assert_snapshot!(said, @r"
        the variable `X` is required and has no value: say it
        the variable `E` is required and has no value
        `100$` has a `$` that begins no variable
        `${A` has a `$` that begins no variable
        `${A!x}` has a `$` that begins no variable
        `${}` has a `$` that begins no variable
        ");
    }

    #[test]
    fn nesting_has_an_end() {
        let text = format!("{}x{}", "${X:-".repeat(50), "}".repeat(50));
        assert!(expand(&text).is_err());
    }

    #[test]
    fn what_is_not_set_is_told_once() {
        let variables = Variables::default();
        let mut interpolation = Interpolation::new(&variables);
        interpolation.text("$X $Y ${X} ${Z:-}", Span::NOWHERE);
        assert_eq!(interpolation.unset, ["X", "Y"]);
    }
}
