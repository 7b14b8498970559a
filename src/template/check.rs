//! What can be said of a template before it is rendered.

use std::path::Path;

use minijinja::Error;
use minijinja::machinery::ast::{CallArg, Expr};
use minijinja::machinery::parse_expr;

use super::Templar;
use super::compiler::Compiler;
use super::extent::Range;
use super::fault::{self, Place};
use super::file::{FileOptions, HEADER};
use super::{filters, lookups, predicates, walk};
use crate::base::{Diagnostic, Span, did_you_mean};
use crate::value::{Data, Node, has_template};

impl Templar {
    /// Whether there is a filter of this name, also with its collection before it.
    pub fn has_filter(&self, name: &str) -> bool {
        filters::all().any(|filter| is_called(name, filter.name, filter.home))
    }

    /// Whether there is a test of this name.
    pub fn has_test(&self, name: &str) -> bool {
        predicates::all().any(|test| is_called(name, test.name, test.home))
    }

    /// Whether there is a lookup of this name.
    pub fn has_lookup(&self, name: &str) -> bool {
        lookups::find(name).is_some()
    }

    /// The names of all filters, without collections.
    pub fn filters() -> Vec<&'static str> {
        filters::all().map(|filter| filter.name).collect()
    }

    /// The names of all tests.
    pub fn tests() -> Vec<&'static str> {
        predicates::all().map(|test| test.name).collect()
    }

    /// The names of all lookups.
    pub fn lookups() -> Vec<&'static str> {
        lookups::all().map(|lookup| lookup.name).collect()
    }

    /// Checks the templates in a node: their syntax, and that the filters, tests and lookups they
    /// name exist.
    pub fn check(&self, node: &Node) -> Vec<Diagnostic> {
        let mut faults = vec![];
        each_text(node, &mut |text, at| {
            if has_template(text) {
                self.check_text(text, at, &mut faults);
            }
        });
        faults
    }

    /// Checks a template file likewise.
    pub fn check_file(&self, path: &Path, text: &str) -> Vec<Diagnostic> {
        let source = self.settings().sources.add(path.display().to_string(), text);
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut faults = vec![];
        self.check_text(text, Span { source, start: 0, end }, &mut faults);
        faults
    }

    /// Checks a condition likewise.
    pub fn check_condition(&self, node: &Node) -> Vec<Diagnostic> {
        let mut faults = vec![];
        each_text(node, &mut |text, at| match text.trim() {
            "" => {}
            text if has_template(text) => self.check_text(text, at, &mut faults),
            text => match parse_expr(text) {
                Ok(expr) => self.check_expr(&expr, text, at, &mut faults),
                Err(error) => faults.push(self.syntax_fault(&error, text, at)),
            },
        });
        faults
    }

    /// The variables that the templates in a node read, in alphabetical order.
    pub fn undeclared(&self, node: &Node) -> Vec<String> {
        self.names(
            node,
            |compiler, text| {
                if has_template(text) { compiler.undeclared(text) } else { vec![] }
            },
        )
    }

    /// The variables that a condition reads, in alphabetical order.
    pub fn undeclared_in_condition(&self, node: &Node) -> Vec<String> {
        self.names(node, |compiler, text| {
            if has_template(text) {
                compiler.undeclared(text)
            } else {
                compiler.undeclared_in_expression(text.trim())
            }
        })
    }

    fn names(&self, node: &Node, read: fn(&Compiler, &str) -> Vec<String>) -> Vec<String> {
        let mut names = vec![];
        each_text(node, &mut |text, _| names.extend(read(self.usual(), text)));
        names.sort();
        names.dedup();
        names
    }

    fn check_text(&self, text: &str, at: Span, faults: &mut Vec<Diagnostic>) {
        let (options, body) = match FileOptions::default().over(text) {
            Ok(read) if text.starts_with(HEADER) => read,
            _ => (FileOptions::default(), text),
        };
        let syntax = options.syntax().unwrap_or_default();
        match walk::parse(body, syntax) {
            Ok(ast) => walk::expressions(&ast, &mut |expr, _| {
                self.check_expr(expr, body, at, faults);
            }),
            Err(error) => faults.push(self.syntax_fault(&error, body, at)),
        }
    }

    fn syntax_fault(&self, error: &Error, text: &str, at: Span) -> Diagnostic {
        fault::syntax(error, text, &Place { sources: &self.settings().sources, span: at })
    }

    fn check_expr(&self, expr: &Expr, text: &str, at: Span, faults: &mut Vec<Diagnostic>) {
        let place = Place { sources: &self.settings().sources, span: at };
        let mut older = vec![];
        let mut unknown = |kind: &Kind, name: &str, range: Range| {
            let at = place.locate(text, Some(range));
            faults.push(kind.unknown(name, at));
        };
        walk::parts(expr, &mut |part| {
            let named = |kind: Kind, name: &str, start: u32| {
                let start = start as usize;
                (kind, name.to_owned(), Range { start, end: start + name.len() })
            };
            let found = match part {
                Expr::Filter(e) => {
                    let name = e.name.split_whitespace().collect::<String>();
                    if self.has_filter(&name) {
                        in_filter(&name, &e.args)
                    } else if filters::TESTS.contains(&name.as_str()) {
                        let (_, _, range) = named(Kind::Filter, e.name, e.span().start_offset);
                        older.push(older_filter(&name, place.locate(text, Some(range))));
                        None
                    } else {
                        Some(named(Kind::Filter, e.name, e.span().start_offset))
                    }
                }
                Expr::Test(e) => Some(named(Kind::Test, e.name, e.span().start_offset)),
                Expr::Call(e) => match &e.expr {
                    Expr::Var(var) if matches!(var.id, "lookup" | "query" | "q") => {
                        constant(&e.args, 0).map(|(name, range)| (Kind::Lookup, name, range))
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some((kind, name, range)) = found
                && !kind.is_known(self, &name)
            {
                unknown(&kind, &name, range);
            }
            true
        });
        faults.extend(older);
    }
}

/// The notice of a test that is called as a filter.
fn older_filter(name: &str, at: Span) -> Diagnostic {
    let today = if name == "version_compare" { "version" } else { name };
    let message = format!("`|{name}` is read as `is {today}`, which is how it is written today");
    Diagnostic::error("older-spelling", message, at, "an older spelling").warning()
}

/// Whether a name is that of a filter or test, with its collection before it or without.
fn is_called(name: &str, known: &str, home: &str) -> bool {
    let plain = name.strip_prefix(home).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
    plain == known
}

/// What a template can name.
#[derive(Clone, Copy)]
enum Kind {
    Filter,
    Test,
    Lookup,
}

impl Kind {
    fn is_known(self, templar: &Templar, name: &str) -> bool {
        match self {
            Self::Filter => templar.has_filter(name),
            Self::Test => templar.has_test(name),
            Self::Lookup => templar.has_lookup(name),
        }
    }

    fn unknown(self, name: &str, at: Span) -> Diagnostic {
        let (code, noun, names) = match self {
            Self::Filter => ("unknown-filter", "filter", Templar::filters()),
            Self::Test => ("unknown-test", "test", Templar::tests()),
            Self::Lookup => ("unknown-lookup", "lookup", Templar::lookups()),
        };
        let plain = name.rsplit('.').next().unwrap_or(name);
        let otherwise =
            format!("the {noun}s of ansible-core are there, and the common ones of collections");
        Diagnostic::error(
            code,
            format!("there is no {noun} `{name}`"),
            at,
            format!("no such {noun}"),
        )
        .help(did_you_mean(plain, names, otherwise))
    }
}

/// The filter or test that another filter applies to each item: `map("uper")`.
fn in_filter(name: &str, args: &[CallArg]) -> Option<(Kind, String, Range)> {
    let (kind, index) = match name.rsplit('.').next().unwrap_or(name) {
        "map" => (Kind::Filter, 0),
        "select" | "reject" => (Kind::Test, 0),
        "selectattr" | "rejectattr" => (Kind::Test, 1),
        _ => return None,
    };
    constant(args, index).map(|(name, range)| (kind, name, range))
}

/// A positional argument that is written out, and where its text stands.
fn constant(args: &[CallArg], index: usize) -> Option<(String, Range)> {
    match args.get(index) {
        Some(CallArg::Pos(Expr::Const(e))) => {
            let text = e.value.as_str()?.to_owned();
            let span = Range::from(e.span());
            Some((text, Range { start: span.start + 1, end: span.end.max(span.start + 2) - 1 }))
        }
        _ => None,
    }
}

/// Visits every text of a node that may be a template.
fn each_text(node: &Node, visit: &mut impl FnMut(&str, Span)) {
    match &node.data {
        Data::Text(text) => visit(text, node.span),
        Data::List(items) => items.iter().for_each(|item| each_text(item, visit)),
        Data::Map(pairs) => {
            for (key, item) in pairs {
                if has_template(&key.text) {
                    visit(&key.text, key.span);
                }
                each_text(item, visit);
            }
        }
        _ => {}
    }
}

impl Compiler {
    fn undeclared(&self, text: &str) -> Vec<String> {
        let Ok(template) = self.pristine().template_from_str(text) else { return vec![] };
        self.without_globals(template.undeclared_variables(false))
    }

    fn undeclared_in_expression(&self, text: &str) -> Vec<String> {
        let Ok(expression) = self.pristine().compile_expression(text) else { return vec![] };
        self.without_globals(expression.undeclared_variables(false))
    }

    fn without_globals(&self, names: impl IntoIterator<Item = String>) -> Vec<String> {
        names.into_iter().filter(|name| !self.has_global(name)).collect()
    }
}
