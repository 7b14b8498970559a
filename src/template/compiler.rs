//! Texts made ready for the engine, once each.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error};

use super::extent::Range;
use super::rewrite::{self, Mark, Rewritten};

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

/// A text that the engine has under a name.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Begins with [`Prepared::LONE`] where the result keeps its type.
    pub(super) name: String,
    /// As the user wrote it.
    pub(super) source: String,
    /// As the engine compiles it.
    text: String,
    marks: Vec<Mark>,
}

impl Prepared {
    /// The first character of the name of a template that is one expression.
    pub(super) const LONE: char = '=';

    pub(super) fn is_lone(&self) -> bool {
        self.name.starts_with(Self::LONE)
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

/// The texts known so far, by form and text.
#[derive(Debug, Default)]
struct Texts {
    by_text: [HashMap<String, Arc<Prepared>>; 3],
    by_name: HashMap<String, Arc<Prepared>>,
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

impl Compiler {
    /// Texts kept before all are let go of. The texts of a run's files are far fewer; what makes
    /// more are conditions that are themselves results.
    const MOST_TEXTS: usize = 20_000;

    pub(super) fn new(mut pristine: Environment<'static>, syntax: SyntaxConfig) -> Self {
        pristine.set_syntax(syntax.clone());
        let current = RwLock::new(Arc::new(generation(&pristine)));
        Self { pristine, syntax, current }
    }

    /// The environment to render with, and the text as it has it.
    pub(super) fn prepare(
        &self,
        form: Form,
        source: &str,
    ) -> Result<(Arc<Generation>, Arc<Prepared>), Error> {
        let generation = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let known = {
            let texts = generation.texts.read().unwrap_or_else(PoisonError::into_inner);
            texts.by_text[form as usize].get(source).cloned()
        };
        if let Some(prepared) = known {
            return Ok((generation, prepared));
        }
        let rewritten = match form {
            Form::Expression => rewrite::expression(source)?,
            Form::Value | Form::File => {
                rewrite::template(source, &self.syntax, form == Form::Value)?
            }
        };
        let generation = self.with_room(generation);
        let prepared = generation.add(form, source, rewritten);
        Ok((generation, prepared))
    }

    /// Whether the environment has a global of this name.
    pub(super) fn has_global(&self, name: &str) -> bool {
        self.pristine.globals().any(|(other, _)| other == name)
    }

    fn with_room(&self, generation: Arc<Generation>) -> Arc<Generation> {
        let texts = generation.texts.read().unwrap_or_else(PoisonError::into_inner);
        if texts.by_name.len() < Self::MOST_TEXTS {
            drop(texts);
            return generation;
        }
        let fresh = Arc::new(self::generation(&self.pristine));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        fresh
    }
}

fn generation(pristine: &Environment<'static>) -> Generation {
    let mut environment = pristine.clone();
    let texts = Arc::<RwLock<Texts>>::default();
    let known = Arc::clone(&texts);
    environment.set_loader(move |name| {
        let texts = known.read().unwrap_or_else(PoisonError::into_inner);
        Ok(texts.by_name.get(name).map(|prepared| prepared.text.clone()))
    });
    Generation { environment, texts }
}

impl Generation {
    fn add(&self, form: Form, source: &str, rewritten: Rewritten) -> Arc<Prepared> {
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        let kind = if rewritten.lone && form != Form::File { Prepared::LONE } else { '#' };
        let prepared = Arc::new(Prepared {
            name: format!("{kind}{}", texts.by_name.len()),
            source: source.to_owned(),
            text: rewritten.text,
            marks: rewritten.marks,
        });
        texts.by_name.insert(prepared.name.clone(), Arc::clone(&prepared));
        texts.by_text[form as usize].insert(source.to_owned(), Arc::clone(&prepared));
        prepared
    }

    /// The text the engine has under a name, for messages.
    pub(super) fn find(&self, name: &str) -> Option<Arc<Prepared>> {
        let texts = self.texts.read().unwrap_or_else(PoisonError::into_inner);
        texts.by_name.get(name).cloned()
    }
}
