//! The form of the files: blocks, conditions, included files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::expand_home;
use crate::remote::ssh::known_hosts::Place;
use crate::remote::ssh::options::home;
use crate::remote::ssh::pattern::fits;

/// What files say, in order.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) blocks: Vec<Block>,
    /// Each with the number of the block it stands in.
    pub(super) directives: Vec<(usize, Directive)>,
}

/// Lines that count together, or do not: that is decided at the first of them.
#[derive(Debug)]
pub(super) struct Block {
    /// The block that includes the file it stands in.
    pub(super) outer: Option<usize>,
    /// All of them must hold.
    pub(super) conditions: Vec<Condition>,
}

/// One line: a keyword and its arguments.
#[derive(Debug, Clone)]
pub(super) struct Directive {
    /// In lower case.
    pub(super) keyword: String,
    pub(super) arguments: Vec<String>,
    /// All behind the keyword as it stands, for commands.
    pub(super) rest: String,
    pub(super) place: Place,
}

/// When a block counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// `Host` and `Match originalhost`: the name as it was given.
    Host(Vec<String>),
    All,
    Final,
    /// `Match host`: the name to connect to.
    Target(Vec<String>),
    User(Vec<String>),
    LocalUser(Vec<String>),
    Not(Box<Condition>),
    /// Names are never made canonical here.
    Never,
}

/// The deepest nesting of included files, as in OpenSSH.
const DEEPEST: usize = 16;

/// Reads a file and what it includes.
pub(super) fn read(path: &Path, contents: &mut Contents) -> Result<(), String> {
    // Included files of the system's are looked for beside it.
    let user = path.starts_with(home());
    let beside = match path.parent() {
        Some(directory) if !user => directory.to_owned(),
        _ => home().join(".ssh"),
    };
    Reader { contents, beside: &beside }.file(path, None, 0)
}

struct Reader<'a> {
    contents: &'a mut Contents,
    beside: &'a Path,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, outer: Option<usize>, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!("{} is included too deep", path.display()));
        }
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let mut block = self.begin(outer, vec![]);
        for (index, line) in text.lines().enumerate() {
            let place = Place { file: path.to_owned(), line: index + 1 };
            let Some(directive) = Directive::parse(line, place)? else { continue };
            match directive.keyword.as_str() {
                "host" => {
                    let names = directive.some_arguments()?.to_vec();
                    block = self.begin(outer, vec![Condition::Host(names)]);
                }
                "match" => block = self.begin(outer, conditions(&directive)?),
                "include" => {
                    for pattern in directive.some_arguments()? {
                        for file in files(&self.beside.join(expand_home(pattern))) {
                            self.file(&file, Some(block), depth + 1)?;
                        }
                    }
                }
                _ => self.contents.directives.push((block, directive)),
            }
        }
        Ok(())
    }

    /// Begins a block; returns its number.
    fn begin(&mut self, outer: Option<usize>, conditions: Vec<Condition>) -> usize {
        self.contents.blocks.push(Block { outer, conditions });
        self.contents.blocks.len() - 1
    }
}

impl Directive {
    /// Reads a line; none where it is empty or a comment.
    fn parse(line: &str, place: Place) -> Result<Option<Self>, String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
        let (keyword, rest) = line.split_at(end);
        let rest = rest.trim_start();
        let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
        let arguments =
            words(rest).ok_or_else(|| format!("{place}: a quote is not closed in `{rest}`"))?;
        let (keyword, rest) = (keyword.to_lowercase(), rest.to_owned());
        Ok(Some(Self { keyword, arguments, rest, place }))
    }

    /// The first argument.
    pub(super) fn value(&self) -> Result<&str, String> {
        self.some_arguments().map(|arguments| arguments[0].as_str())
    }

    /// The first argument, read.
    pub(super) fn read<T>(
        &self,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, String> {
        read(self.value()?).ok_or_else(|| {
            let Self { keyword, rest, place, .. } = self;
            format!("{place}: `{keyword}` must be {expected}, this is `{rest}`")
        })
    }

    /// The arguments, at least one.
    pub(super) fn some_arguments(&self) -> Result<&[String], String> {
        if self.arguments.is_empty() {
            return Err(format!("{}: `{}` needs a value", self.place, self.keyword));
        }
        Ok(&self.arguments)
    }
}

/// Takes arguments apart: quotes hold spaces, a `#` begins a comment.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = vec![];
    let mut signs = text.chars().peekable();
    loop {
        while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
        match signs.peek() {
            None | Some('#') => return Some(words),
            Some(_) => {}
        }
        let (mut word, mut quote) = (String::new(), None);
        while let Some(sign) = signs.next_if(|sign| quote.is_some() || !sign.is_whitespace()) {
            match (sign, quote) {
                ('"' | '\'', None) => quote = Some(sign),
                (_, Some(open)) if sign == open => quote = None,
                ('\\', _) if matches!(signs.peek(), Some('"' | '\'' | '\\')) => {
                    word.extend(signs.next());
                }
                _ => word.push(sign),
            }
        }
        if quote.is_some() {
            return None;
        }
        words.push(word);
    }
}

/// The conditions of a `Match` line.
fn conditions(directive: &Directive) -> Result<Vec<Condition>, String> {
    let place = &directive.place;
    let mut words = directive.some_arguments()?.iter();
    let mut found = vec![];
    while let Some(word) = words.next() {
        let (negated, name) = match word.strip_prefix('!') {
            Some(name) => (true, name),
            None => (false, word.as_str()),
        };
        let (name, joined) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, None),
        };
        let mut patterns = || {
            let text = joined.clone().or_else(|| words.next().cloned());
            let text = text.ok_or_else(|| format!("{place}: `Match {name}` needs a value"))?;
            Ok::<_, String>(text.split(',').map(str::to_owned).collect())
        };
        let condition = match name.to_lowercase().as_str() {
            "all" => Condition::All,
            "final" => Condition::Final,
            "canonical" => Condition::Never,
            "host" => Condition::Target(patterns()?),
            "originalhost" => Condition::Host(patterns()?),
            "user" => Condition::User(patterns()?),
            "localuser" => Condition::LocalUser(patterns()?),
            _ => {
                return Err(format!(
                    "{place}: expected all, final, canonical, host, originalhost, user or \
                     localuser after `Match`, found `{name}`, which is not supported"
                ));
            }
        };
        found.push(if negated { Condition::Not(Box::new(condition)) } else { condition });
    }
    Ok(found)
}

/// The files a pattern stands for, in the order of their names.
fn files(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let part = part.as_os_str().to_string_lossy();
        found = if part.contains(['*', '?']) {
            found.iter().flat_map(|directory| children(directory, &part)).collect()
        } else {
            found.iter().map(|directory| directory.join(&*part)).collect()
        };
    }
    found.retain(|file| file.is_file());
    found
}

fn children(directory: &Path, pattern: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return vec![] };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            fits(&name, pattern) && (pattern.starts_with('.') || !name.starts_with('.'))
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}
