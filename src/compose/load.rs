//! Files read into a project.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::dotenv::Variables;
use super::interpolate::Interpolation;
use super::marks::Marks;
use super::paths::{Base, folder_of};
use super::schema::{decode, services_of_version_1};
use super::{Project, merge};
use crate::base::{Diagnostic, Redactor, Sources, Span};
use crate::value::yaml;
use crate::value::{Data, Mapping, Node};

/// The deepest inclusion of files.
const DEPTH: usize = 20;

/// What is to be read.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Name of the project; else that of the files, else that of the folder.
    pub name: Option<String>,
    /// The folder that relative paths begin at; empty where there is none, and a relative path is a
    /// fault.
    pub folder: String,
    /// The folder that the caller stands in, where the one above is relative itself.
    pub here: String,
    /// What it is read from, each laid over those before it.
    pub sources: Vec<Source>,
    /// Files of variables in place of `.env`; absolute paths.
    pub env_files: Option<Vec<String>>,
    /// Profiles whose services belong to the project; `*` for all.
    pub profiles: Vec<String>,
    /// Services that belong to it whatever their profile.
    pub services: Vec<String>,
    /// Variables of the caller.
    pub variables: Variables,
    /// Home of the caller.
    pub home: String,
    /// Whether the content of secrets and configs is needed.
    pub contents: bool,
    /// Whether it is a stack's: services' files of variables are read as they stand, and
    /// `network_mode` keeps no service from its networks.
    pub stack: bool,
}

/// What a project is read from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file, by its path.
    Path(String),
    /// What a file would hold.
    Definition(Node),
}

impl Wanted {
    /// The files that it is read from.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        self.sources.iter().filter_map(|source| match source {
            Source::Path(path) => Some(path),
            Source::Definition(_) => None,
        })
    }
}

/// Files as they were fetched: nothing for those that are not there.
#[derive(Debug, Default)]
pub struct Files(pub BTreeMap<String, Option<Bytes>>);

/// How far reading has come.
#[derive(Debug)]
pub enum Loaded {
    /// These files are needed first; then it is tried again.
    Needs(Vec<String>),
    /// The project.
    Project(Box<Project>),
}

/// Why reading stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// Files are needed.
    Needs(Vec<String>),
    /// Something is wrong with the files.
    Faults(Vec<Diagnostic>),
}

impl From<Diagnostic> for Stop {
    fn from(fault: Diagnostic) -> Self {
        Self::Faults(vec![fault])
    }
}

/// Reads files into a project.
#[derive(Debug)]
pub struct Loader<'f> {
    pub(super) wanted: &'f Wanted,
    files: &'f Files,
    redactor: &'f Redactor,
    /// The texts that places of faults lie in.
    pub sources: Sources,
    pub(super) variables: Variables,
    unset: Vec<String>,
    pub(super) marks: Marks,
}

impl<'f> Loader<'f> {
    /// A reader of what was fetched so far.
    pub fn new(wanted: &'f Wanted, files: &'f Files, redactor: &'f Redactor) -> Self {
        let sources = Sources::default();
        let (variables, marks) = (Variables::new(), Marks::default());
        Self { wanted, files, redactor, sources, variables, unset: vec![], marks }
    }

    /// Reads the project, or tells which files are needed for that.
    ///
    /// # Errors
    ///
    /// What is wrong with the files; the places lie in [`Loader::sources`].
    pub fn load(&mut self) -> Result<Loaded, Vec<Diagnostic>> {
        match self.project() {
            Ok(project) => Ok(Loaded::Project(Box::new(project))),
            Err(Stop::Needs(paths)) => Ok(Loaded::Needs(paths)),
            Err(Stop::Faults(faults)) => Err(faults),
        }
    }

    fn project(&mut self) -> Result<Project, Stop> {
        let wanted = self.wanted;
        // All that is sure to be needed is asked for at once.
        let env_files = self.env_files();
        self.need(env_files.iter().chain(wanted.paths()))?;
        self.variables = self.read_variables(&env_files)?;
        let mut whole: Option<Node> = None;
        for source in &wanted.sources {
            let file = match source {
                Source::Path(path) => {
                    self.with_includes(path, &wanted.folder, Span::NOWHERE, DEPTH)?
                }
                Source::Definition(definition) => self.definition(definition)?,
            };
            whole = Some(
                whole.map_or_else(|| file.clone(), |whole| merge::over(&whole, &file, &self.marks)),
            );
        }
        let whole = whole.unwrap_or(Node { data: Data::Map(Mapping::new()), span: Span::NOWHERE });
        let whole = self.marks.applied(&whole);
        let whole = Base::new(wanted, &wanted.folder).with_contexts(&whole);
        let file = decode(&whole, self.redactor).map_err(Stop::Faults)?;
        let mut project = Project::of(file, &whole, wanted).map_err(Stop::Faults)?;
        self.read_contents(&mut project)?;
        project.variables = std::mem::take(&mut self.variables);
        project.unset = std::mem::take(&mut self.unset);
        Ok(project)
    }

    /// What a file would hold, over what it includes.
    fn definition(&mut self, definition: &Node) -> Result<Node, Stop> {
        let folder = &self.wanted.folder;
        let file = self.prepared(&services_of_version_1(definition), folder)?;
        let file = self.extended(&file, &format!("{folder}/definition"))?;
        self.included(&file, DEPTH)
    }

    /// Fails for want of files that were not fetched.
    pub(super) fn need<'p>(&self, paths: impl IntoIterator<Item = &'p String>) -> Result<(), Stop> {
        let mut missing: Vec<String> =
            paths.into_iter().filter(|path| !self.files.0.contains_key(*path)).cloned().collect();
        missing.sort();
        missing.dedup();
        if missing.is_empty() { Ok(()) } else { Err(Stop::Needs(missing)) }
    }

    /// A fetched file's content; a fault where it is not there.
    pub(super) fn content(&self, path: &str, at: Span) -> Result<&'f Bytes, Stop> {
        self.need([&path.to_owned()])?;
        if let Some(Some(content)) = self.files.0.get(path) {
            return Ok(content);
        }
        let message = format!("{path} is not there");
        Err(Diagnostic::error("compose-file", message, at, "it is named here").into())
    }

    /// Whether a fetched file is there.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.0.get(path).is_some_and(Option::is_some)
    }

    /// A fetched file's text.
    pub(super) fn text(&self, path: &str, at: Span) -> Result<&'f str, Stop> {
        let content = self.content(path, at)?;
        std::str::from_utf8(content).map_err(|_| {
            Diagnostic::error("compose-file", format!("{path} is not UTF-8"), at, "named here")
                .into()
        })
    }

    /// One file with variables put in and paths made absolute, its services not yet extended.
    pub(super) fn file(&mut self, path: &str, at: Span) -> Result<Node, Stop> {
        let folder = folder_of(path);
        self.file_in(path, &folder, at)
    }

    fn file_in(&mut self, path: &str, folder: &str, at: Span) -> Result<Node, Stop> {
        let text = self.text(path, at)?;
        let source = self.sources.add(path, text);
        let mut parsed = yaml::parse_marked(&self.sources, source, Marks::TAGS)?;
        self.marks.add(std::mem::take(&mut parsed.marks));
        let node = parsed.single()?;
        if !matches!(node.data, Data::Map(_)) {
            let message = format!("{path} must hold a mapping");
            return Err(Diagnostic::error("compose-file", message, node.span, node.shown()).into());
        }
        let node = spelt(&node, &self.sources);
        self.prepared(&services_of_version_1(&node), folder)
    }

    fn prepared(&mut self, node: &Node, folder: &str) -> Result<Node, Stop> {
        let mut interpolation = Interpolation::new(&self.variables);
        let node = interpolation.node(node);
        let Interpolation { unset, faults, .. } = interpolation;
        if !faults.is_empty() {
            return Err(Stop::Faults(faults));
        }
        for name in unset {
            if !self.unset.contains(&name) {
                self.unset.push(name);
            }
        }
        let base = Base::new(self.wanted, folder);
        let node = base.file(&node);
        let faults = base.faults();
        if faults.is_empty() { Ok(node) } else { Err(Stop::Faults(faults)) }
    }

    fn with_includes(
        &mut self,
        path: &str,
        folder: &str,
        at: Span,
        depth: usize,
    ) -> Result<Node, Stop> {
        let file = self.file_in(path, folder, at)?;
        let file = self.extended(&file, path)?;
        self.included(&file, depth)
    }

    /// A file over those that it includes.
    fn included(&mut self, file: &Node, depth: usize) -> Result<Node, Stop> {
        let Some(include) = file.get("include") else { return Ok(file.clone()) };
        if depth == 0 {
            let message = "files include one another without end";
            return Err(Diagnostic::error("compose-include", message, include.span, "here").into());
        }
        let mut own = file.clone();
        if let Data::Map(pairs) = &mut own.data {
            pairs.shift_remove("include");
        }
        let mut under: Option<Node> = None;
        for item in include.as_list().unwrap_or(std::slice::from_ref(include)) {
            let included = self.include(item, depth)?;
            refuse_twice(under.as_ref(), &included)?;
            refuse_twice(Some(&own), &included)?;
            under =
                Some(under.map_or_else(
                    || included.clone(),
                    |all| merge::over(&all, &included, &self.marks),
                ));
        }
        Ok(under.map_or_else(|| own.clone(), |under| merge::over(&under, &own, &self.marks)))
    }

    /// One entry of `include`.
    fn include(&mut self, item: &Node, depth: usize) -> Result<Node, Stop> {
        let strings = |node: Option<&Node>| -> Vec<String> {
            let items = node.map(|node| node.as_list().unwrap_or(std::slice::from_ref(node)));
            items.unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned).collect()
        };
        let paths =
            if item.as_map().is_some() { strings(item.get("path")) } else { strings(Some(item)) };
        let Some(first) = paths.first() else {
            let message = "`include` must name a file";
            return Err(Diagnostic::error("compose-include", message, item.span, "here").into());
        };
        let folder = item.get("project_directory").and_then(Node::as_str);
        let folder = folder.map_or_else(|| folder_of(first), str::to_owned);
        let given = strings(item.get("env_file"));
        let usual = format!("{folder}/.env");
        let env_files = if given.is_empty() { vec![usual] } else { given.clone() };
        self.need(env_files.iter().chain(&paths))?;
        let mut variables = Variables::new();
        for path in &env_files {
            if self.has(path) || !given.is_empty() {
                let entries = self.dotenv(path, &self.variables, &variables, item.span)?;
                variables.extend(entries.into_iter().filter_map(|(k, v)| Some((k, v?))));
            }
        }
        variables.extend(self.variables.clone());
        let outer = std::mem::replace(&mut self.variables, variables);
        let mut all: Option<Node> = None;
        for path in &paths {
            let file = self.with_includes(path, &folder, item.span, depth - 1)?;
            all =
                Some(all.map_or_else(|| file.clone(), |all| merge::over(&all, &file, &self.marks)));
        }
        self.variables = outer;
        let all = all.unwrap_or(Node { data: Data::Map(Mapping::new()), span: item.span });
        Ok(Base::new(self.wanted, &folder).with_contexts(&all))
    }
}

/// Refuses what two files both define, and not alike.
fn refuse_twice(one: Option<&Node>, other: &Node) -> Result<(), Stop> {
    for kind in ["services", "networks", "volumes", "secrets", "configs"] {
        let theirs = other.get(kind).and_then(Node::as_map);
        for (key, value) in theirs.into_iter().flatten() {
            let own = one.and_then(|one| one.get(kind)).and_then(|own| own.get(&key.text));
            if let Some(own) = own.filter(|own| own.to_value() != value.to_value()) {
                let what = kind.trim_end_matches('s');
                let message = format!("the {what} `{}` stands in an included file, too", key.text);
                let fault = Diagnostic::error("compose-include", message, own.span, "here")
                    .also(key.span, "and here");
                return Err(fault.into());
            }
        }
    }
    Ok(())
}

/// Scalars as they were spelt where today's YAML takes them for text: `yes`, `22:22`.
fn spelt(node: &Node, sources: &Sources) -> Node {
    let data = match &node.data {
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => {
            let text = sources.slice(node.span);
            let lower = text.to_ascii_lowercase();
            let is_word = ["yes", "no", "on", "off", "y", "n"].contains(&lower.as_str());
            if is_word || text.contains(':') { Data::Text(text) } else { node.data.clone() }
        }
        Data::List(items) => Data::List(items.iter().map(|item| spelt(item, sources)).collect()),
        Data::Map(pairs) => Data::Map(
            pairs.iter().map(|(key, value)| (key.clone(), spelt(value, sources))).collect(),
        ),
        other => other.clone(),
    };
    Node { data, span: node.span }
}

#[cfg(test)]
mod tests;
