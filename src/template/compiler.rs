//! Texts made ready for the engine, once each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use minijinja::machinery::ast::Expr;
use minijinja::machinery::{parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind};

use super::extent::{Extents, Range};
use super::fault::Fault;
use super::lookups;
use super::rewrite::{self, Mark, Rewritten};
use super::walk;
use crate::base::Diagnostic;

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// A value of a playbook: backslashes in `{{ }}` stand for themselves.
    Value,
    /// A template file.
    File,
    /// An expression without `{{ }}`: a condition.
    Expression,
}

/// The file a text came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) path: PathBuf,
    /// Bytes of the file before the text: its `#jinja2:` line.
    pub(super) skipped: usize,
}

/// A text that the engine has under a name.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Begins with [`Prepared::LONE`] where the result keeps its type.
    pub(super) name: String,
    /// As the user wrote it.
    pub(super) source: String,
    pub(super) origin: Option<Origin>,
    /// As the engine compiles it.
    text: String,
    marks: Vec<Mark>,
    /// Where the templates it includes are looked for; `None` where it includes none.
    directories: Option<Vec<PathBuf>>,
    form: Form,
    syntax: SyntaxConfig,
}

impl Prepared {
    /// The first character of the name of a template that is one expression.
    pub(super) const LONE: char = '=';

    pub(super) fn is_lone(&self) -> bool {
        self.name.starts_with(Self::LONE)
    }

    /// Visits the expressions of the user's text, to explain what went wrong in one.
    pub(super) fn read(&self, visit: &mut dyn FnMut(&Expr, &Extents)) {
        let in_expression = self.form == Form::Expression;
        let tokens = tokenize(&self.source, in_expression, self.syntax.clone());
        let Ok(tokens) = tokens.collect::<Result<Vec<_>, _>>() else { return };
        let extents = Extents::new(tokens);
        if in_expression {
            if let Ok(expr) = parse_expr(&self.source) {
                visit(&expr, &extents);
            }
        } else if let Ok(ast) = walk::parse(&self.source, self.syntax.clone()) {
            walk::expressions(&ast, &mut |expr, _| visit(expr, &extents));
        }
    }

    /// The stretch of the user's text that a stretch of the compiled one came from.
    pub(super) fn original(&self, range: &std::ops::Range<usize>) -> Option<Range> {
        let around = |mark: &&Mark| mark.new.start < range.end && range.end <= mark.new.end;
        let mark = self
            .marks
            .iter()
            .filter(around)
            .min_by_key(|mark| (mark.new.end - range.end, mark.new.len()))?;
        if mark.new.len() == mark.old.len() {
            // Copied text: the offsets within it are the same.
            let start = mark.old.start + range.start.saturating_sub(mark.new.start);
            return Some(Range { start, end: mark.old.end - (mark.new.end - range.end) });
        }
        Some(mark.old)
    }
}

/// The texts known so far.
#[derive(Debug, Default)]
struct Texts {
    by_text: [HashMap<String, Arc<Prepared>>; 3],
    by_name: HashMap<String, Arc<Prepared>>,
    /// The names of included files, by their path, time and search directories.
    files: HashMap<String, String>,
    /// Why files that are included cannot be.
    broken: HashMap<String, Diagnostic>,
}

/// An environment with the texts it has compiled.
pub(super) struct Generation {
    pub(super) environment: Environment<'static>,
    texts: Arc<RwLock<Texts>>,
}

/// Compiles texts in one syntax.
pub(super) struct Compiler {
    /// The environment without any text.
    pristine: Environment<'static>,
    syntax: SyntaxConfig,
    current: RwLock<Arc<Generation>>,
}

/// What is to be made ready.
pub(super) struct Text<'t> {
    pub(super) form: Form,
    pub(super) source: &'t str,
    pub(super) origin: Option<Origin>,
    /// Where the templates it includes are looked for.
    pub(super) directories: &'t dyn Fn() -> Vec<PathBuf>,
}

impl Compiler {
    /// Texts kept before all are let go of. The texts of a run's files are far fewer; what makes
    /// more are values that change with every host.
    const MOST_TEXTS: usize = 20_000;

    pub(super) fn new(mut pristine: Environment<'static>, syntax: SyntaxConfig) -> Self {
        pristine.set_syntax(syntax.clone());
        let current = RwLock::new(Arc::new(Generation::new(&pristine, &syntax)));
        Self { pristine, syntax, current }
    }

    /// The environment to render with, and the text as it has it.
    pub(super) fn prepare(&self, text: Text) -> Result<(Arc<Generation>, Arc<Prepared>), Error> {
        let generation = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let known = generation.known(text.form, text.source);
        let directories = match &known {
            Some(prepared) if prepared.directories.is_none() && prepared.origin == text.origin => {
                return Ok((generation, Arc::clone(prepared)));
            }
            Some(prepared) if prepared.directories.is_none() => None,
            _ => Some((text.directories)()),
        };
        let key = key(text.source, directories.as_deref(), text.origin.as_ref());
        if let Some(prepared) = generation.known(text.form, &key) {
            return Ok((generation, prepared));
        }
        let rewritten = match text.form {
            Form::Expression => rewrite::expression(text.source)?,
            form => rewrite::template(text.source, &self.syntax, form == Form::Value)?,
        };
        let generation = self.with_room(generation);
        let prepared = generation.add(text, key, rewritten, directories);
        Ok((generation, prepared))
    }

    /// Whether the environment has a global of this name.
    pub(super) fn has_global(&self, name: &str) -> bool {
        self.pristine.globals().any(|(other, _)| other == name)
    }

    /// The environment without any text.
    pub(super) fn pristine(&self) -> &Environment<'static> {
        &self.pristine
    }

    fn with_room(&self, generation: Arc<Generation>) -> Arc<Generation> {
        let full = {
            let texts = generation.texts.read().unwrap_or_else(PoisonError::into_inner);
            texts.by_name.len() >= Self::MOST_TEXTS
        };
        if !full {
            return generation;
        }
        let fresh = Arc::new(Generation::new(&self.pristine, &self.syntax));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        fresh
    }
}

/// What a text is known by: itself, with what else its meaning depends on.
fn key(source: &str, directories: Option<&[PathBuf]>, origin: Option<&Origin>) -> String {
    match (directories, origin) {
        (None, None) => source.to_owned(),
        _ => format!("{directories:?} {origin:?}\n{source}"),
    }
}

impl Generation {
    fn new(pristine: &Environment<'static>, syntax: &SyntaxConfig) -> Self {
        let mut environment = pristine.clone();
        let texts = Arc::<RwLock<Texts>>::default();
        let known = Arc::clone(&texts);
        environment.set_loader(move |name| {
            let texts = known.read().unwrap_or_else(PoisonError::into_inner);
            match texts.broken.get(name) {
                Some(fault) => Err(Fault::error(ErrorKind::InvalidOperation, fault.clone())),
                None => Ok(texts.by_name.get(name).map(|prepared| prepared.text.clone())),
            }
        });
        let (known, syntax) = (Arc::clone(&texts), syntax.clone());
        environment.set_path_join_callback(move |name, parent| {
            include(&known, &syntax, name, parent).map_or(Cow::Borrowed(name), Cow::Owned)
        });
        Self { environment, texts }
    }

    fn known(&self, form: Form, key: &str) -> Option<Arc<Prepared>> {
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        texts.by_text[form as usize].get(key).cloned()
    }

    fn add(
        &self,
        text: Text,
        key: String,
        rewritten: Rewritten,
        directories: Option<Vec<PathBuf>>,
    ) -> Arc<Prepared> {
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        let kind = if rewritten.lone && text.form != Form::File { Prepared::LONE } else { '#' };
        let reaches_out = rewritten.reaches_out;
        let prepared = Arc::new(Prepared {
            name: format!("{kind}{}", texts.by_name.len()),
            source: text.source.to_owned(),
            origin: text.origin,
            text: rewritten.text,
            marks: rewritten.marks,
            directories: directories.filter(|_| reaches_out),
            form: text.form,
            syntax: self.environment.syntax().clone(),
        });
        texts.by_name.insert(prepared.name.clone(), Arc::clone(&prepared));
        let by_text = &mut texts.by_text[text.form as usize];
        if !reaches_out {
            by_text.insert(text.source.to_owned(), Arc::clone(&prepared));
        }
        by_text.insert(key, Arc::clone(&prepared));
        prepared
    }

    /// The text the engine has under a name, for messages.
    pub(super) fn find(&self, name: &str) -> Option<Arc<Prepared>> {
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        texts.by_name.get(name).cloned()
    }
}

/// Makes an included file ready, and gives the name that the engine has it under.
fn include(
    texts: &RwLock<Texts>,
    syntax: &SyntaxConfig,
    name: &str,
    parent: &str,
) -> Option<String> {
    let parent = {
        let texts = texts.read().unwrap_or_else(PoisonError::into_inner);
        texts.by_name.get(parent).cloned()?
    };
    let directories = parent.directories.clone()?;
    let beside = parent.origin.as_ref().and_then(|origin| origin.path.parent());
    let path = lookups::search(&directories, &["templates"], name)
        .into_iter()
        .chain(beside.map(|directory| directory.join(name)))
        .find(|path| path.is_file())?;
    let changed = std::fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
    let key = format!("{directories:?} {changed:?} {}", path.display());
    let mut texts = texts.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = texts.files.get(&key) {
        return Some(name.clone());
    }
    let own = format!("@{}", texts.files.len());
    match read(&path, syntax) {
        Ok((source, rewritten)) => {
            let prepared = Prepared {
                name: own.clone(),
                source,
                origin: Some(Origin { path, skipped: 0 }),
                text: rewritten.text,
                marks: rewritten.marks,
                directories: Some(directories),
                form: Form::File,
                syntax: syntax.clone(),
            };
            texts.by_name.insert(own.clone(), Arc::new(prepared));
        }
        Err(fault) => {
            texts.broken.insert(own.clone(), fault);
        }
    }
    texts.files.insert(key, own.clone());
    Some(own)
}

fn read(path: &Path, syntax: &SyntaxConfig) -> Result<(String, Rewritten), Diagnostic> {
    let shown = path.display();
    let source = std::fs::read_to_string(path).map_err(|error| {
        Diagnostic::plain("template-file", format!("{shown} cannot be read: {error}"))
    })?;
    let source = source.replace("\r\n", "\n");
    let rewritten = rewrite::template(&source, syntax, false).map_err(|error| {
        let line = error.line().map(|line| format!(":{line}")).unwrap_or_default();
        let detail = error.detail().unwrap_or("it is no valid template");
        Diagnostic::plain("template-syntax", format!("{shown}{line}: {detail}"))
    })?;
    Ok((source, rewritten))
}
