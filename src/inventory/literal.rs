//! Values of INI inventories: Python literals where they are ones, else text.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::base::Span;
use crate::value::{Data, Key, Mapping, Node, coerce};

/// The deepest nesting of a literal; a deeper one is text.
const DEPTH: usize = 50;

/// Reads a value: `80`, `True`, `['a', 1]`, `{'a': 1}`, `"quoted"`, or text as it stands.
pub(crate) fn literal(text: &str, span: Span) -> Node {
    let could_be = |first: char| first.is_ascii_digit() || "+-.'\"[({NTFrRuUbBs#".contains(first);
    let data = Some(text.trim_start())
        .filter(|text| text.starts_with(could_be))
        .and_then(|text| Reader { rest: text.char_indices().peekable(), text, span }.whole());
    Node { data: data.unwrap_or_else(|| Data::Text(text.to_owned())), span }
}

struct Reader<'t> {
    rest: Peekable<CharIndices<'t>>,
    text: &'t str,
    span: Span,
}

impl Reader<'_> {
    /// The whole text as one literal; several with commas between are a tuple.
    fn whole(mut self) -> Option<Data> {
        let first = self.value(0)?;
        let data = if self.eat(',') {
            let mut items = self.items(None, 0)?;
            items.insert(0, self.node(first));
            Data::List(items)
        } else {
            first
        };
        self.blanks();
        matches!(self.peek(), None | Some('#')).then_some(data)
    }

    fn value(&mut self, depth: usize) -> Option<Data> {
        self.blanks();
        match self.peek()? {
            _ if depth > DEPTH => None,
            '[' => self.sequence(']', depth).map(Data::List),
            '(' => self.tuple(depth),
            '{' => self.braces(depth),
            // Python's own text of a value that JSON has not.
            '.' if self.text[self.offset()..].starts_with("...") => {
                for _ in 0..3 {
                    self.rest.next();
                }
                Some(Data::Text("...".to_owned()))
            }
            '+' | '-' | '.' | '0'..='9' => self.number(),
            '\'' | '"' => self.strings(),
            _ => self.word(),
        }
    }

    fn sequence(&mut self, close: char, depth: usize) -> Option<Vec<Node>> {
        self.rest.next();
        self.items(Some(close), depth)
    }

    /// Values with commas between, a comma after the last allowed, up to the closing sign.
    fn items(&mut self, close: Option<char>, depth: usize) -> Option<Vec<Node>> {
        let mut items = vec![];
        loop {
            self.blanks();
            match (self.peek(), close) {
                (None | Some('#'), None) => return Some(items),
                (next, Some(close)) if next == Some(close) => {
                    self.rest.next();
                    return Some(items);
                }
                _ => {}
            }
            let value = self.value(depth + 1)?;
            items.push(self.node(value));
            self.blanks();
            if !self.eat(',') && self.peek() != close && close.is_some() {
                return None;
            }
        }
    }

    /// `(1, 2)`, `()`, or a value in parentheses.
    fn tuple(&mut self, depth: usize) -> Option<Data> {
        let start = self.offset();
        let mut items = self.sequence(')', depth)?;
        let inner = self.text[start..self.offset()].trim_end_matches(')').trim_end();
        if items.len() == 1 && !inner.ends_with(',') {
            return items.pop().map(|item| item.data);
        }
        Some(Data::List(items))
    }

    /// A dictionary or a set.
    fn braces(&mut self, depth: usize) -> Option<Data> {
        self.rest.next();
        let (mut pairs, mut members) = (Mapping::new(), vec![]);
        loop {
            self.blanks();
            if self.eat('}') {
                break;
            }
            let first = self.value(depth + 1)?;
            self.blanks();
            if self.eat(':') {
                let value = self.value(depth + 1)?;
                let text = match self.node(first).to_value() {
                    serde_json::Value::Null => "None".to_owned(),
                    value => coerce::to_text(&value),
                };
                pairs.insert(Key { text, span: self.span }, self.node(value));
            } else {
                members.push(self.node(first));
            }
            self.blanks();
            if !self.eat(',') && self.peek() != Some('}') {
                return None;
            }
        }
        match (pairs.is_empty(), members.is_empty()) {
            (_, true) => Some(Data::Map(pairs)),
            (true, false) => Some(Data::List(members)),
            (false, false) => None,
        }
    }

    fn number(&mut self) -> Option<Data> {
        let negative = self.eat('-');
        if negative || self.eat('+') {
            self.blanks();
        }
        let start = self.offset();
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
            || (matches!(self.peek(), Some('+' | '-'))
                && self.text[start..self.offset()].ends_with(['e', 'E'])
                && !self.text[start..].starts_with("0x"))
        {
            self.rest.next();
        }
        number(&self.text[start..self.offset()], negative)
    }

    /// Strings side by side are one.
    fn strings(&mut self) -> Option<Data> {
        let mut text = String::new();
        while matches!(self.peek(), Some('\'' | '"')) {
            text += &self.string(false)?;
            self.blanks();
        }
        Some(Data::Text(text))
    }

    fn string(&mut self, raw: bool) -> Option<String> {
        let quote = self.rest.next()?.1;
        let triple: String = [quote; 3].iter().collect();
        let close = if self.text[self.offset() - 1..].starts_with(&triple) {
            self.rest.next();
            self.rest.next();
            triple
        } else {
            quote.to_string()
        };
        let mut text = String::new();
        loop {
            if self.text[self.offset()..].starts_with(&close) {
                for _ in close.chars() {
                    self.rest.next();
                }
                return Some(text);
            }
            match self.rest.next()?.1 {
                '\\' if raw => text.extend(['\\', self.rest.next()?.1]),
                '\\' => self.escape(&mut text)?,
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        let escaped = self.rest.next()?.1;
        let meant = match escaped {
            '\\' | '\'' | '"' => escaped,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'x' => self.code_point(2)?,
            'u' => self.code_point(4)?,
            'U' => self.code_point(8)?,
            'N' => return None,
            '0'..='7' => {
                let mut code = escaped.to_digit(8)?;
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
                    self.rest.next();
                    code = code * 8 + digit;
                }
                char::from_u32(code)?
            }
            _ => {
                text.push('\\');
                escaped
            }
        };
        text.push(meant);
        Some(())
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let mut code = 0_u32;
        for _ in 0..digits {
            code = code.checked_mul(16)? + self.rest.next()?.1.to_digit(16)?;
        }
        char::from_u32(code)
    }

    /// `None`, `True`, `False`, `set()`, or a string with a letter before it.
    fn word(&mut self) -> Option<Data> {
        let start = self.offset();
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.rest.next();
        }
        let word = &self.text[start..self.offset()];
        match word {
            "None" => Some(Data::Null),
            "True" => Some(Data::Bool(true)),
            "False" => Some(Data::Bool(false)),
            "set" => (self.eat('(') && self.eat(')')).then(|| Data::List(vec![])),
            _ => match word.to_ascii_lowercase().as_str() {
                "u" if self.is_quote() => self.string(false).map(Data::Text),
                "r" if self.is_quote() => self.string(true).map(Data::Text),
                // Ansible trusts no bytes to be a template.
                "b" if self.is_quote() => self.string(false).map(Data::Verbatim),
                "br" | "rb" if self.is_quote() => self.string(true).map(Data::Verbatim),
                _ => None,
            },
        }
    }

    fn node(&self, data: Data) -> Node {
        Node { data, span: self.span }
    }

    fn is_quote(&mut self) -> bool {
        matches!(self.peek(), Some('\'' | '"'))
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|(_, next)| *next)
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.next_if(|(_, next)| *next == wanted).is_some()
    }

    fn blanks(&mut self) {
        while self.eat(' ') || self.eat('\t') {}
    }

    fn offset(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }
}

/// A number as Python writes it: no leading zeros, single underscores between digits.
fn number(text: &str, negative: bool) -> Option<Data> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with('_') || lower.ends_with('_') || lower.contains("__") {
        return None;
    }
    let digits = lower.replace('_', "");
    let radix = match digits.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    if radix != 10 || digits.bytes().all(|c| c.is_ascii_digit()) {
        let plain = if radix == 10 { &digits } else { &digits[2..] };
        let leading_zero = radix == 10 && plain.starts_with('0') && plain.contains(|c| c != '0');
        if leading_zero || plain.starts_with(['+', '-']) {
            return None;
        }
        let number = i128::from_str_radix(plain, radix).ok()?;
        let number = if negative { -number } else { number };
        return Some(
            i64::try_from(number).map_or_else(|_| Data::Verbatim(number.to_string()), Data::Int),
        );
    }
    if let Some(imaginary) = digits.strip_suffix('j').filter(|_| !negative)
        && imaginary.parse::<f64>().is_ok()
    {
        return Some(Data::Verbatim(digits));
    }
    let starts_right = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let float: f64 = digits.parse().ok().filter(|_| starts_right)?;
    Some(Data::Float(if negative { -float } else { float }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> serde_json::Value {
        literal(text, Span::NOWHERE).to_value()
    }

    #[test]
    fn python_literals_have_their_values() {
        for (text, expected) in [
            ("80", json!(80)),
            (" 5", json!(5)),
            ("-5", json!(-5)),
            ("- 1", json!(-1)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0b11", json!(3)),
            ("1_000", json!(1000)),
            ("00", json!(0)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("-1.5e-3", json!(-0.0015)),
            ("1e3", json!(1000.0)),
            ("99999999999999999999", json!("99999999999999999999")),
            ("None", json!(null)),
            ("True", json!(true)),
            ("'a' 'b'", json!("ab")),
            ("'\\x41\\n\\u00e9\\q\\101'", json!("A\né\\qA")),
            ("r'a\\b'", json!("a\\b")),
            ("\"\"\"x\"\"\"", json!("x")),
            ("[1, 'two',]", json!([1, "two"])),
            ("(1,2)", json!([1, 2])),
            ("(1,)", json!([1])),
            ("(1)", json!(1)),
            ("()", json!([])),
            ("1,2", json!([1, 2])),
            ("{1, 2}", json!([1, 2])),
            ("{'a': {}, 1: [None]}", json!({"a": {}, "1": [null]})),
            ("set()", json!([])),
            ("5 # five", json!(5)),
            ("'a' # b", json!("a")),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn everything_else_is_text() {
        for text in [
            "",
            "yes",
            "true",
            "null",
            "010",
            "1__0",
            "5L",
            "1.5.2",
            "-",
            ".",
            "--1",
            "1 2",
            "0x",
            "not True",
            "foo # bar",
            "\"a\" \"b",
            "[1,",
            "{a:1}",
            "f'a'",
            "...",
            "'a\\",
            "-'a'",
            "infinity",
            "nan",
            "10.0.0.1",
            "/bin/sh",
            "[a]",
            "{'a':1, 2}",
            "1+2j",
        ] {
            assert_eq!(read(text), json!(text), "{text}");
        }
        let deep = "[".repeat(10_000);
        assert_eq!(read(&deep), json!(deep));
    }
}
