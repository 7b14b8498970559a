//! One rendering: the scope it looks into, what it has found there, and what it may still use.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use minijinja::value::Value;
use minijinja::{Error, ErrorKind, State};

use super::Templar;
use super::convert;
use super::fault::{self, Fault};
use super::objects::{List, Mapping, Variables, lock};
use super::part::{Branch, Part, Step};
use super::templar;
use crate::base::{Diagnostic, Span};
use crate::value::{Data, Fields, Node, Scope, Value as Json, Variable};

/// How deep variables may refer to one another.
const DEEPEST: usize = 48;

/// The most bytes that the operators of one rendering may put together.
const MOST_BUILT: usize = 256 * 1024 * 1024;

/// The longest single text.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;

/// A variable that is being rendered.
#[derive(Debug, Clone)]
struct Link {
    /// The scope and the node, by address: both outlive the rendering.
    id: (usize, usize),
    name: String,
    at: Span,
}

/// What one rendering shares among the scopes it looks into.
#[derive(Debug, Default)]
struct Run {
    /// The variables being rendered, the outermost first.
    chain: Mutex<Vec<Link>>,
    built: AtomicUsize,
    /// Every scope that was looked into, to let go of what it remembers at the end.
    contexts: Mutex<Vec<Arc<Context>>>,
}

/// One scope in one rendering.
pub(super) struct Context {
    pub(super) templar: Templar,
    pub(super) scope: Arc<dyn Scope>,
    run: Arc<Run>,
    /// What was looked up; `None` where there is no such variable.
    memo: Mutex<HashMap<String, Option<Value>>>,
    /// Why variables that exist are undefined all the same.
    reasons: Mutex<HashMap<String, Diagnostic>>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Context")
    }
}

/// Holds a rendering; when it is dropped, everything looked up is let go of.
pub(super) struct Rendering(pub(super) Arc<Context>);

impl Drop for Rendering {
    fn drop(&mut self) {
        // Remembered values hold their context, which holds them.
        let contexts = std::mem::take(&mut *lock(&self.0.run.contexts));
        for context in contexts {
            lock(&context.memo).clear();
        }
    }
}

impl Context {
    /// Begins a rendering.
    pub(super) fn begin(templar: &Templar, scope: &Arc<dyn Scope>) -> Rendering {
        Rendering(Self::enter(templar.clone(), Arc::clone(scope), &Arc::default()))
    }

    fn enter(templar: Templar, scope: Arc<dyn Scope>, run: &Arc<Run>) -> Arc<Self> {
        let context = Arc::new(Self {
            templar,
            scope,
            run: Arc::clone(run),
            memo: Mutex::default(),
            reasons: Mutex::default(),
        });
        lock(&run.contexts).push(Arc::clone(&context));
        context
    }

    /// The context of the template that a filter or function was called in.
    pub(super) fn of(state: &State) -> Result<Arc<Self>, Error> {
        state
            .lookup(Self::HANDLE)
            .and_then(|value| value.downcast_object::<Variables>())
            .map(|variables| Arc::clone(&variables.0))
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "there are no variables here"))
    }

    /// The name under which a template's root gives itself.
    const HANDLE: &'static str = "__scope";

    /// The same rendering seen from another scope.
    pub(super) fn other(&self, scope: Arc<dyn Scope>) -> Arc<Self> {
        Self::enter(self.templar.clone(), scope, &self.run)
    }

    /// The same scope with more variables in it.
    pub(super) fn with(&self, fields: Fields) -> Arc<Self> {
        self.other(Arc::new(Overlay { fields, under: Arc::clone(&self.scope) }))
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.scope.names()
    }

    pub(super) fn directories(&self) -> Vec<PathBuf> {
        self.scope.directories()
    }

    /// The root object of a template in this scope.
    pub(super) fn root(self: &Arc<Self>) -> Value {
        Value::from_object(Variables(Arc::clone(self)))
    }

    /// A variable; undefined where it refers to what is not defined.
    pub(super) fn variable(self: &Arc<Self>, name: &str) -> Option<Value> {
        if name == Self::HANDLE {
            return Some(self.root());
        }
        if let Some(known) = lock(&self.memo).get(name) {
            return known.clone();
        }
        let value = self.scope.lookup(name).map(|variable| match variable {
            Variable::Scope(scope) => Value::from_object(Variables(self.other(scope))),
            Variable::Known(data) => {
                let part = Part::Known(Branch::new(Arc::clone(&data)));
                self.data(&data, || part)
            }
            Variable::Written(node) => {
                let branch = Branch::new(Arc::clone(&node));
                let part = || Part::Written { name: name.into(), branch };
                self.settle(name, self.written(&node, name, part))
            }
        });
        lock(&self.memo).insert(name.to_owned(), value.clone());
        value
    }

    /// The value of one item or entry.
    pub(super) fn child(self: &Arc<Self>, part: &Part, step: Step) -> Option<Value> {
        match part {
            Part::Known(branch) => {
                let data = branch.peek(&step)?;
                Some(self.data(data, || Part::Known(branch.join(step))))
            }
            Part::Written { name, branch } => {
                let node = branch.peek(&step)?;
                let inner = branch.join(step);
                let shown = format!("{name}{}", inner.shown());
                let part = || Part::Written { name: Arc::clone(name), branch: inner };
                Some(self.settle(&shown, self.written(node, &shown, part)))
            }
        }
    }

    /// Plain data as a value.
    pub(super) fn known(self: &Arc<Self>, data: Json) -> Value {
        let data = Arc::new(data);
        let part = Part::Known(Branch::new(Arc::clone(&data)));
        self.data(&data, || part)
    }

    fn data(self: &Arc<Self>, data: &Json, part: impl FnOnce() -> Part) -> Value {
        convert::scalar(data).unwrap_or_else(|| match data {
            Json::Array(_) => Value::from_object(List::of(Arc::clone(self), part())),
            _ => Value::from_object(Mapping::of(Arc::clone(self), part())),
        })
    }

    /// What the user wrote, as a value. `name` is the variable it belongs to.
    pub(super) fn written(
        self: &Arc<Self>,
        node: &Node,
        name: &str,
        part: impl FnOnce() -> Part,
    ) -> Result<Value, Error> {
        Ok(match &node.data {
            Data::Null => Value::from(()),
            Data::Bool(flag) => Value::from(*flag),
            Data::Int(number) => Value::from(*number),
            Data::Float(number) => Value::from(*number),
            Data::Verbatim(text) => Value::from(text.as_str()),
            Data::Text(text) if !templar::is_template(text) => Value::from(text.as_str()),
            Data::Text(text) => {
                let _link = self.link(node, name)?;
                self.templar.text(self, text, node.span)?
            }
            Data::Vault(envelope) => Value::from(self.templar.decrypt(envelope, node.span)?),
            Data::List(_) => Value::from_object(List::of(Arc::clone(self), part())),
            Data::Map(_) => Value::from_object(Mapping::of(Arc::clone(self), part())),
        })
    }

    /// A value that fails where it is used, and is undefined where that is why it fails.
    fn settle(&self, name: &str, result: Result<Value, Error>) -> Value {
        result.unwrap_or_else(|error| {
            if error.kind() != ErrorKind::UndefinedError {
                return Value::from(error);
            }
            if let Some(reason) = Fault::of(&error) {
                lock(&self.reasons).insert(name.to_owned(), reason.clone());
            }
            Value::UNDEFINED
        })
    }

    /// Why a variable or a part of one is undefined although it exists.
    pub(super) fn reason(&self, name: &str) -> Option<Diagnostic> {
        lock(&self.reasons).get(name).cloned()
    }

    /// Notes that a variable is being rendered, until the guard is dropped.
    fn link(self: &Arc<Self>, node: &Node, name: &str) -> Result<LinkGuard, Error> {
        let scope = Arc::as_ptr(&self.scope).cast::<()>() as usize;
        let id = (scope, std::ptr::from_ref(node) as usize);
        let mut chain = lock(&self.run.chain);
        if let Some(at) = chain.iter().position(|link| link.id == id) {
            let sources = &self.templar.settings().sources;
            let links: Vec<_> =
                chain[at..].iter().map(|link| (link.name.clone(), link.at)).collect();
            return Err(Fault::error(
                ErrorKind::InvalidOperation,
                fault::recursion(&links, sources),
            ));
        }
        if chain.len() >= DEEPEST {
            let message = format!("variables refer to one another more than {DEEPEST} deep");
            let diagnostic =
                Diagnostic::error("recursive-variable", message, node.span, "the deepest one");
            return Err(Fault::error(ErrorKind::InvalidOperation, diagnostic));
        }
        chain.push(Link { id, name: name.to_owned(), at: node.span });
        Ok(LinkGuard(Arc::clone(&self.run)))
    }

    /// Counts what an operator puts together against the limits.
    pub(super) fn build(&self, bytes: usize) -> Result<(), Error> {
        let before = self.run.built.fetch_add(bytes, Ordering::Relaxed);
        if bytes > LONGEST || before.saturating_add(bytes) > MOST_BUILT {
            return Err(fault::too_much());
        }
        Ok(())
    }
}

struct LinkGuard(Arc<Run>);

impl Drop for LinkGuard {
    fn drop(&mut self) {
        lock(&self.0.chain).pop();
    }
}

/// Variables laid over a scope.
struct Overlay {
    fields: Fields,
    under: Arc<dyn Scope>,
}

impl Scope for Overlay {
    fn lookup(&self, name: &str) -> Option<Variable> {
        let own = self.fields.get(name).map(|value| value.clone().into());
        own.or_else(|| self.under.lookup(name))
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.under.names();
        names.extend(self.fields.keys().cloned());
        names.dedup();
        names
    }

    fn directories(&self) -> Vec<PathBuf> {
        self.under.directories()
    }
}
