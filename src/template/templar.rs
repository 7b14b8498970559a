//! Renders what the user wrote in the scope of a host.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

use super::compiler::{Compiler, Form, Text};
use super::context::Context;
use super::environment;
use super::fault::{self, Fault, Place};
use super::file::{FileOptions, HEADER};
use super::lookups::Request;
use super::part::{Branch, Part};
use super::{Settings, arguments, convert, functions, python, undefined};
use crate::base::{Diagnostic, Span};
use crate::value::{Data, Fields, Key, Mapping, Node, Scope, Value as Json};

/// Renders templates and conditions. A clone shares everything with the one it was made from.
#[derive(Clone)]
pub struct Templar(Arc<Shared>);

struct Shared {
    settings: Settings,
    /// For texts in the usual syntax.
    usual: Arc<Compiler>,
    /// For texts in any other.
    others: RwLock<HashMap<FileOptions, Arc<Compiler>>>,
}

impl std::fmt::Debug for Templar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templar").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Templar {
    /// Makes one for a run.
    pub fn new(settings: Settings) -> Self {
        let syntax = FileOptions::default().syntax().unwrap_or_default();
        let usual = Arc::new(Compiler::new(environment::build(settings.fuel), syntax));
        Self(Arc::new(Shared { settings, usual, others: RwLock::default() }))
    }

    /// What it was told about the run.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The compiler for texts in the usual syntax.
    pub(super) fn usual(&self) -> &Compiler {
        &self.0.usual
    }

    /// Runs a lookup over terms that are already rendered: `with_…`, by the name behind it.
    ///
    /// `options` are the lookup's own; `at` is where it was asked for.
    pub fn lookup(
        &self,
        name: &str,
        terms: Vec<Json>,
        options: Fields,
        scope: &Arc<dyn Scope>,
        at: Span,
    ) -> Result<Vec<Json>, Diagnostic> {
        let context = Context::begin(self, scope);
        let request =
            Request { terms, options, undefined: vec![], context: Arc::clone(&context.0) };
        functions::run(name, &request).map_err(|error| Self::told(&error, at))
    }

    /// Renders everything in a node: templates become data, places stay. Entries and items that
    /// are `omit` drop out; `None` where the node itself is.
    pub fn render(&self, node: &Node, scope: &Arc<dyn Scope>) -> Result<Option<Node>, Diagnostic> {
        self.node(node, &Context::begin(self, scope).0)
    }

    /// Renders everything in a node to plain data; `None` where it is `omit`.
    ///
    /// A text that is one `{{ … }}` and nothing else keeps the type of its value.
    pub fn evaluate(
        &self,
        node: &Node,
        scope: &Arc<dyn Scope>,
    ) -> Result<Option<Json>, Diagnostic> {
        let context = Context::begin(self, scope);
        Ok(self.node(node, &context.0)?.map(|node| node.to_value()))
    }

    /// Evaluates an expression, written without braces, to plain data; `None` where it is `omit`.
    pub fn evaluate_expression(
        &self,
        text: &str,
        scope: &Arc<dyn Scope>,
        at: Span,
    ) -> Result<Option<Json>, Diagnostic> {
        let context = Context::begin(self, scope);
        self.expression(&context.0, text.trim(), at)
            .and_then(|value| convert::to_data(&value))
            .map_err(|error| Self::told(&error, at))
    }

    /// Renders the name of an argument, which must come out as text.
    pub fn render_name(&self, key: &Key, scope: &Arc<dyn Scope>) -> Result<Key, Diagnostic> {
        if !crate::value::has_template(&key.text) {
            return Ok(key.clone());
        }
        let context = Context::begin(self, scope);
        let value = self
            .text(&context.0, &key.text, key.span)
            .map_err(|error| Self::told(&error, key.span))?;
        match value.as_str() {
            Some(text) => Ok(Key { text: text.to_owned(), span: key.span }),
            None => Err(Diagnostic::error(
                "argument-name",
                format!(
                    "Invalid variable name '{value}' of type '{}': a name must be text",
                    arguments::type_name(&value)
                ),
                key.span,
                "this name",
            )),
        }
    }

    /// The same, but items of lists and entries that are undefined drop out.
    pub fn evaluate_defined(
        &self,
        node: &Node,
        scope: &Arc<dyn Scope>,
    ) -> Result<Option<Json>, Diagnostic> {
        let known = |result: Result<Option<Json>, Diagnostic>| match result {
            Err(fault) if fault.code == "undefined-variable" => Ok(None),
            other => other,
        };
        match &node.data {
            Data::List(items) => {
                let items = items.iter().map(|item| self.evaluate_defined(item, scope));
                let items = items.filter_map(Result::transpose).collect::<Result<_, _>>()?;
                Ok(Some(Json::Array(items)))
            }
            Data::Map(pairs) => {
                let mut fields = Fields::new();
                for (key, item) in pairs {
                    let item = self.evaluate_defined(item, scope)?;
                    fields.extend(item.map(|item| (key.text.clone(), item)));
                }
                Ok(Some(Json::Object(fields)))
            }
            Data::Text(_) => match self.named(node, scope) {
                Some(named @ Node { data: Data::List(_) | Data::Map(_), .. }) => {
                    self.evaluate_defined(&named, scope)
                }
                _ => known(self.evaluate(node, scope)),
            },
            _ => known(self.evaluate(node, scope)),
        }
    }

    fn node(&self, node: &Node, context: &Arc<Context>) -> Result<Option<Node>, Diagnostic> {
        let data = match &node.data {
            Data::Text(text) if !is_template(text) => Data::Text(text.clone()),
            Data::Text(_) | Data::Vault(_) => {
                let branch = Branch::new(Arc::new(node.clone()));
                let part = || Part::Written { name: "".into(), branch };
                let value = context
                    .written(node, "this value", part)
                    .and_then(|value| convert::to_data(&value))
                    .map_err(|error| Self::told_inside(&error, node, context))?;
                return Ok(value.map(|value| Node::from_value(&value, node.span)));
            }
            Data::List(items) => {
                let items = items.iter().map(|item| self.node(item, context));
                Data::List(items.filter_map(Result::transpose).collect::<Result<_, _>>()?)
            }
            Data::Map(pairs) => {
                let mut rendered = Mapping::with_capacity(pairs.len());
                for (key, item) in pairs {
                    if let Some(item) = self.node(item, context)? {
                        rendered.insert(self.key(key, context)?, item);
                    }
                }
                Data::Map(rendered)
            }
            other => other.clone(),
        };
        Ok(Some(Node { data, span: node.span }))
    }

    fn key(&self, key: &Key, context: &Arc<Context>) -> Result<Key, Diagnostic> {
        if !crate::value::has_template(&key.text) {
            return Ok(key.clone());
        }
        let text = self
            .text(context, &key.text, key.span)
            .and_then(|value| python::text(&value))
            .map_err(|error| Self::told(&error, key.span))?;
        Ok(Key { text, span: key.span })
    }

    /// The message of an error that is about a value as a whole, if it carries none.
    pub(super) fn told(error: &Error, at: Span) -> Diagnostic {
        Fault::of(error).cloned().unwrap_or_else(|| {
            let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            Diagnostic::error("template-error", message, at, "this fails")
        })
    }

    /// The message of an error about what is further in the value of a node.
    fn told_inside(error: &Error, node: &Node, context: &Arc<Context>) -> Diagnostic {
        let named = match node.as_str() {
            Some(text)
                if error.kind() == ErrorKind::UndefinedError && Fault::of(error).is_none() =>
            {
                undefined::inside(text, context, node.span, 0)
            }
            _ => None,
        };
        named.unwrap_or_else(|| Self::told(error, node.span))
    }

    /// The compiler for a syntax.
    pub(super) fn compiler(&self, options: &FileOptions) -> Result<Arc<Compiler>, Error> {
        let options = FileOptions { newline_sequence: "\n".to_owned(), ..options.clone() };
        if options == FileOptions::default() {
            return Ok(Arc::clone(&self.0.usual));
        }
        let others = self.0.others.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiler) = others.get(&options) {
            return Ok(Arc::clone(compiler));
        }
        drop(others);
        let environment = environment::build(self.0.settings.fuel);
        let compiler = Arc::new(Compiler::new(environment, options.syntax()?));
        let mut others = self.0.others.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(others.entry(options).or_insert(compiler)))
    }

    /// Renders one text of a playbook.
    pub(super) fn text(
        &self,
        context: &Arc<Context>,
        text: &str,
        at: Span,
    ) -> Result<Value, Error> {
        if text.contains('\r') {
            return self.text(context, &text.replace("\r\n", "\n").replace('\r', "\n"), at);
        }
        if text.starts_with(HEADER) {
            return self.text_with_header(context, text, at);
        }
        self.prepared(&self.0.usual, Form::Value, context, text, at)
    }

    fn text_with_header(
        &self,
        context: &Arc<Context>,
        text: &str,
        at: Span,
    ) -> Result<Value, Error> {
        let (options, body) = FileOptions::default().over(text).map_err(|message| {
            let diagnostic = Diagnostic::error("template-syntax", message, at, "in its first line");
            Fault::error(ErrorKind::SyntaxError, diagnostic)
        })?;
        let value = self.prepared(&*self.compiler(&options)?, Form::Value, context, body, at)?;
        match value.as_str() {
            Some(text) if options.newline_sequence != "\n" => {
                Ok(Value::from(text.replace('\n', &options.newline_sequence)))
            }
            _ => Ok(value),
        }
    }

    /// Evaluates one expression.
    pub(super) fn expression(
        &self,
        context: &Arc<Context>,
        text: &str,
        at: Span,
    ) -> Result<Value, Error> {
        self.prepared(&self.0.usual, Form::Expression, context, text, at)
    }

    fn prepared(
        &self,
        compiler: &Compiler,
        form: Form,
        context: &Arc<Context>,
        source: &str,
        at: Span,
    ) -> Result<Value, Error> {
        let directories = &|| context.directories();
        let (generation, prepared) = compiler
            .prepare(Text { form, source, origin: None, directories })
            .map_err(|error| self.syntax(&error, source, at))?;
        generation.render(&prepared, context, at)
    }

    /// A text that is no template.
    fn syntax(&self, error: &Error, text: &str, at: Span) -> Error {
        let place = Place { sources: &self.0.settings.sources, span: at };
        Fault::error(ErrorKind::SyntaxError, fault::syntax(error, text, &place))
    }

    /// The text of an encrypted value; whoever prints it from now on prints a mask.
    pub(super) fn decrypt(&self, envelope: &str, at: Span) -> Result<String, Error> {
        match self.0.settings.keyring.decrypt(envelope) {
            Ok(secret) => Ok(secret.reveal().clone()),
            Err(error) => Err(Fault::error(ErrorKind::InvalidOperation, error.at(at))),
        }
    }

    /// Whether a function or constant of this name is there in every template.
    pub(super) fn has_global(&self, name: &str) -> bool {
        self.0.usual.has_global(name)
    }
}

/// Whether a text has anything to render.
pub(super) fn is_template(text: &str) -> bool {
    crate::value::has_template(text) || text.starts_with(HEADER)
}

#[cfg(test)]
mod tests;
