//! Template files: how they are written, and the line that says so.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use jiff::Zoned;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

use super::Templar;
use super::compiler::{Form, Origin, Text};
use super::context::Context;
use super::fault::{self, Fault};
use super::lookups;
use super::python;
use crate::base::{Diagnostic, Span};
use crate::value::{Fields, Scope};

/// How a template file is written: the options of the module `template`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileOptions {
    /// Begins a statement: `{%`.
    pub block_start_string: String,
    /// Ends a statement: `%}`.
    pub block_end_string: String,
    /// Begins an expression: `{{`.
    pub variable_start_string: String,
    /// Ends an expression: `}}`.
    pub variable_end_string: String,
    /// Begins a comment: `{#`.
    pub comment_start_string: String,
    /// Ends a comment: `#}`.
    pub comment_end_string: String,
    /// Begins a line that is a statement.
    pub line_statement_prefix: Option<String>,
    /// Begins a comment that ends with its line.
    pub line_comment_prefix: Option<String>,
    /// Whether the newline after a statement is taken away.
    pub trim_blocks: bool,
    /// Whether the spaces before a statement are taken away.
    pub lstrip_blocks: bool,
    /// What ends a line of the result.
    pub newline_sequence: String,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self {
            block_start_string: "{%".to_owned(),
            block_end_string: "%}".to_owned(),
            variable_start_string: "{{".to_owned(),
            variable_end_string: "}}".to_owned(),
            comment_start_string: "{#".to_owned(),
            comment_end_string: "#}".to_owned(),
            line_statement_prefix: None,
            line_comment_prefix: None,
            trim_blocks: true,
            lstrip_blocks: false,
            newline_sequence: "\n".to_owned(),
        }
    }
}

/// What a template begins with where it says itself how it is written.
pub(super) const HEADER: &str = "#jinja2:";

impl FileOptions {
    /// The delimiters by the names of their options.
    pub(super) fn delimiters_mut(&mut self) -> [(&'static str, &mut String); 6] {
        [
            ("block_start_string", &mut self.block_start_string),
            ("block_end_string", &mut self.block_end_string),
            ("variable_start_string", &mut self.variable_start_string),
            ("variable_end_string", &mut self.variable_end_string),
            ("comment_start_string", &mut self.comment_start_string),
            ("comment_end_string", &mut self.comment_end_string),
        ]
    }

    pub(super) fn syntax(&self) -> Result<SyntaxConfig, Error> {
        let mut builder = SyntaxConfig::builder();
        builder
            .block_delimiters(self.block_start_string.clone(), self.block_end_string.clone())
            .variable_delimiters(
                self.variable_start_string.clone(),
                self.variable_end_string.clone(),
            )
            .comment_delimiters(self.comment_start_string.clone(), self.comment_end_string.clone())
            .trim_blocks(self.trim_blocks)
            .lstrip_blocks(self.lstrip_blocks);
        if let Some(prefix) = &self.line_statement_prefix {
            builder.line_statement_prefix(prefix.clone());
        }
        if let Some(prefix) = &self.line_comment_prefix {
            builder.line_comment_prefix(prefix.clone());
        }
        builder.build()
    }

    /// Reads a text's own first line, and gives the options with it and the rest of the text.
    pub(super) fn over<'t>(&self, text: &'t str) -> Result<(Self, &'t str), String> {
        let Some(rest) = text.strip_prefix(HEADER) else {
            return Ok((self.clone(), text));
        };
        let (line, body) =
            rest.split_once('\n').ok_or("a line break is missing after the `#jinja2:` line")?;
        let mut options = self.clone();
        for pair in settings(line) {
            let (name, value) = pair.split_once(':').ok_or_else(|| {
                format!("Missing key-value separator `:` in `{pair}`, which must be `name: value`")
            })?;
            options.set(name.trim(), value.trim())?;
        }
        Ok((options, body))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let flag = || match value {
            "True" | "true" => Ok(true),
            "False" | "false" => Ok(false),
            _ => Err(format!("`{name}` must be True or False, not {value}")),
        };
        let text = || unquoted(value).ok_or_else(|| format!("`{name}` must be a quoted text"));
        match name {
            "trim_blocks" => self.trim_blocks = flag()?,
            "lstrip_blocks" => self.lstrip_blocks = flag()?,
            // The last newline is kept in any case.
            "keep_trailing_newline" => drop(flag()?),
            "newline_sequence" => self.newline_sequence = text()?,
            "line_statement_prefix" => self.line_statement_prefix = Some(text()?),
            "line_comment_prefix" => self.line_comment_prefix = Some(text()?),
            _ => match self.delimiters_mut().into_iter().find(|(known, _)| *known == name) {
                Some((_, delimiter)) => *delimiter = text()?,
                None => return Err(format!("there is no option `{name}` for a `#jinja2:` line")),
            },
        }
        Ok(())
    }
}

/// Splits at commas outside of quotes.
fn settings(line: &str) -> Vec<&str> {
    let (mut all, mut start, mut quote) = (vec![], 0, None);
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == ',' => {
                all.push(line[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    all.push(line[start..].trim());
    all.retain(|setting| !setting.is_empty());
    all
}

fn unquoted(text: &str) -> Option<String> {
    let quoted = |sign: char| text.strip_prefix(sign)?.strip_suffix(sign);
    let inner = quoted('"').or_else(|| quoted('\''))?;
    Some(inner.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t"))
}

impl Templar {
    /// Renders a template file, as the module `template` does.
    ///
    /// Its first line may say how it is written (`#jinja2: trim_blocks: False`). Files that it
    /// includes, imports or extends are searched in the scope's directories, then beside it.
    pub fn render_file(
        &self,
        path: &Path,
        options: &FileOptions,
        scope: &Arc<dyn Scope>,
    ) -> Result<String, Diagnostic> {
        let context = Context::begin(self, scope);
        lookups::read(self, path)
            .and_then(|text| self.file_value(path, &text, options, &context.0))
            .and_then(
                |value| if value.is_none() { Ok(String::new()) } else { python::text(&value) },
            )
            .map_err(|error| Self::told(&error, Span::NOWHERE))
    }

    /// What the text of a template file comes out as: a text, unless it is one expression and
    /// nothing else.
    pub(super) fn file_value(
        &self,
        path: &Path,
        text: &str,
        options: &FileOptions,
        context: &Arc<Context>,
    ) -> Result<Value, Error> {
        let text = text.replace("\r\n", "\n");
        if text.is_empty() {
            return Ok(Value::from(""));
        }
        let at = |range: std::ops::Range<usize>| {
            let source = self.settings().sources.add(path.display().to_string(), text.as_str());
            let end = |at| u32::try_from(at).unwrap_or(u32::MAX);
            Span { source, start: end(range.start), end: end(range.end) }
        };
        let invalid = |message: String| {
            let end = text.find('\n').unwrap_or(text.len());
            let diagnostic = Diagnostic::error("template-syntax", message, at(0..end), "here");
            Fault::error(ErrorKind::SyntaxError, diagnostic)
        };
        let (options, body) = options.over(&text).map_err(invalid)?;
        let compiler = self.compiler(&options)?;
        let skipped = text.len() - body.len();
        let prepared = compiler.prepare(Text {
            form: Form::File,
            source: body,
            origin: Some(Origin { path: path.to_owned(), skipped }),
            directories: &|| context.directories(),
        });
        let (generation, prepared) = prepared.map_err(|error| {
            let place =
                fault::Place { sources: &self.settings().sources, span: at(skipped..text.len()) };
            Fault::error(ErrorKind::SyntaxError, fault::syntax(&error, body, &place))
        })?;
        let context = context.with(about(path, context));
        let value = generation.render(&prepared, &context, Span::NOWHERE)?;
        Ok(match (value.as_str(), options.newline_sequence.as_str()) {
            (Some(text), other) if other != "\n" => Value::from(text.replace('\n', other)),
            _ => value,
        })
    }
}

/// What a template file knows of itself. `ansible_managed` may be set by the user.
fn about(path: &Path, context: &Context) -> Fields {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let machine = rustix::system::uname();
    let known = [
        ("template_path", path.display().to_string()),
        ("template_fullpath", full.display().to_string()),
        ("template_host", machine.nodename().to_string_lossy().into_owned()),
    ];
    let known = known.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
    let mut fields: Fields = known.collect();
    if let Ok(metadata) = path.metadata() {
        fields.insert("template_uid".to_owned(), owner(metadata.uid()).into());
        let changed = metadata.modified().ok().and_then(|time| Zoned::try_from(time).ok());
        fields.extend(changed.map(|time| ("template_mtime".to_owned(), moment(&time).into())));
    }
    fields.insert("template_run_date".to_owned(), moment(&Zoned::now()).into());
    if context.scope.lookup("ansible_managed").is_none() {
        fields.insert("ansible_managed".to_owned(), "Ansible managed".into());
    }
    fields
}

/// A time as Python writes one.
fn moment(time: &Zoned) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

/// The name of a user of this machine, or the number of one who has none.
fn owner(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = uid.to_string();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    });
    named.unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_how_a_template_is_written() {
        let text = "#jinja2: trim_blocks: False, variable_start_string: \"[,[\"\nbody";
        let (options, body) = FileOptions::default().over(text).unwrap();
        assert_eq!(body, "body");
        assert!(!options.trim_blocks);
        assert_eq!(options.variable_start_string, "[,[");
    }

    #[test]
    fn a_wrong_first_line_is_refused() {
        let refused = |line: &str| FileOptions::default().over(line).unwrap_err();
        assert_eq!(
            refused("#jinja2: trim_blocks: \"true\"\n"),
            "`trim_blocks` must be True or False, not \"true\""
        );
        assert_eq!(refused("#jinja2: a: 1\n"), "there is no option `a` for a `#jinja2:` line");
        assert_eq!(
            refused("#jinja2: trim_blocks: True"),
            "a line break is missing after the `#jinja2:` line"
        );
    }
}
