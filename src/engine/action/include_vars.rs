//! `include_vars`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fancy_regex::Regex;

use super::{Action, ActionCall, Done};
use crate::engine::include::{find_vars, missing_vars, read_vars};
use crate::engine::work::template;
use crate::playbook::reserved_name;
use crate::sdk::{Failure, Returned};
use crate::spec::Rule;
use crate::value::vault::is_vault;
use crate::value::{Data, Fields, Key, Layer, Mapping, Node, Value, Variable, merged};

/// Reads variables from a file, or from the files of a folder, when it is reached.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(free_form = "file", rules = &[
    Rule::OneOf(&["file", "dir"]),
    Rule::Exclusive(&["file", "dir"]),
])]
pub(crate) struct Args {
    /// The file.
    file: Option<String>,
    /// The folder; its files are read in the order of their names.
    dir: Option<String>,
    /// A variable that holds all of them, instead of one for each.
    name: Option<String>,
    /// How many folders deep; 0 for all.
    #[arg(default = 0_u32)]
    depth: u32,
    /// The endings of the files that are read.
    #[arg(default = ["json", "yaml", "yml"].map(str::to_owned))]
    extensions: Vec<String>,
    /// Whether files in the folder with other endings are passed over; one of them is a failure
    /// if not.
    #[arg(default)]
    ignore_unknown_extensions: bool,
    /// Files that are passed over: regular expressions that the ends of their names match.
    #[arg(default)]
    ignore_files: Vec<String>,
    /// A regular expression that names of files must match.
    files_matching: Option<String>,
    /// Whether mappings are laid over those of the same name that are known, or replace them.
    #[arg(alias = "hash_behavior")]
    hash_behaviour: Option<HashBehaviour>,
}

/// What becomes of mappings that are known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rplay_derive::Choice)]
enum HashBehaviour {
    /// They are replaced.
    Replace,
    /// They keep the members that the new ones do not have.
    Merge,
}

impl Action for Args {
    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let step = call.step;
        let (origin, at) = (&step.task.origin, step.task.action.at);
        let named = self.file.as_ref().or(self.dir.as_ref()).cloned().unwrap_or_default();
        let found =
            find_vars(&named, origin).ok_or_else(|| template(missing_vars(&named, origin, at)))?;
        let files = if self.file.is_some() { vec![found] } else { self.files_below(&found)? };
        let encrypted = files.iter().any(|file| is_encrypted(file));
        let mut layer = Layer::new();
        for file in &files {
            layer.extend(read_vars(&step.run, file, at).map_err(template)?);
        }
        let mut shown = Fields::new();
        for (name, variable) in &layer {
            if let Variable::Written(node) = variable
                && let Some(warning) = reserved_name(name, node.span)
            {
                let place = step.run.sources.place(node.span);
                step.run.events.notice(format!("{}.\nOrigin: {place}", warning.message));
            }
            if let Variable::Written(node) = variable {
                shown.insert(name.clone(), node.to_value());
            }
        }
        if let Some(name) = &self.name {
            let name = name.clone();
            layer = Layer::from([(name, as_one(layer, at))]);
        }
        if self.hash_behaviour == Some(HashBehaviour::Merge) {
            for (name, variable) in &mut layer {
                let known = call.scope.lookup(name);
                if let Some(both) = known.and_then(|known| merged(&known, variable)) {
                    *variable = both;
                }
            }
        }
        let shown = match &self.name {
            Some(name) => Fields::from_iter([(name.clone(), Value::Object(shown))]),
            None => shown,
        };
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let files: Vec<String> =
            files.iter().map(|path| absolute(path).display().to_string()).collect();
        let mut done = Done::default();
        done.outcome.returned = Returned::new()
            .with("ansible_included_var_files", files)
            .with("ansible_facts", Value::Object(shown));
        done.effects.vars = layer;
        done.hidden = encrypted;
        Ok(done)
    }
}

/// Whether a file is a vault as a whole.
fn is_encrypted(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| is_vault(&text))
}

/// Which files of a folder are taken, by their names.
struct Choice {
    matching: Option<Regex>,
    ignored: Vec<Regex>,
}

impl Choice {
    fn takes(&self, name: &str) -> bool {
        let fits = |regex: &Regex| regex.is_match(name).unwrap_or(false);
        self.matching.as_ref().is_none_or(fits) && !self.ignored.iter().any(fits)
    }
}

/// Variables as the members of one.
fn as_one(layer: Layer, at: crate::base::Span) -> Variable {
    let pairs: Mapping = layer
        .into_iter()
        .filter_map(|(name, variable)| match variable {
            Variable::Written(node) => {
                Some((Key { text: name, span: node.span }, node.as_ref().clone()))
            }
            _ => None,
        })
        .collect();
    Variable::Written(Arc::new(Node { data: Data::Map(pairs), span: at }))
}

impl Args {
    fn files_below(&self, dir: &Path) -> Result<Vec<PathBuf>, Failure> {
        let regex = |name: &str, pattern: &str| {
            Regex::new(pattern).map_err(|error| {
                Failure::new(format!("`{name}` is no regular expression: {error}"))
            })
        };
        let matching = self.files_matching.as_ref();
        let matching = matching.map(|pattern| regex("files_matching", pattern)).transpose()?;
        let ignored = self.ignore_files.iter();
        let ignored = ignored.map(|pattern| regex("ignore_files", &format!("(?:{pattern})$")));
        let choice = Choice { matching, ignored: ignored.collect::<Result<_, _>>()? };
        let mut files = vec![];
        self.collect(dir, 1, &choice, &mut files)?;
        Ok(files)
    }

    fn collect(
        &self,
        dir: &Path,
        depth: u32,
        choice: &Choice,
        files: &mut Vec<PathBuf>,
    ) -> Result<(), Failure> {
        let entries = std::fs::read_dir(dir)
            .map_err(|error| Failure::new(format!("cannot read `{}`: {error}", dir.display())))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                if self.depth == 0 || depth < self.depth {
                    self.collect(&path, depth + 1, choice, files)?;
                }
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            if !choice.takes(&name) {
                continue;
            }
            if self.extensions.contains(&ending) {
                files.push(path);
            } else if !self.ignore_unknown_extensions {
                let (path, known) = (path.display(), self.extensions.join(", "));
                let message = format!("{path} does not have a valid extension: {known}");
                let returned = Returned::new().with("message", message.as_str());
                return Err(Failure::new(message).returning(returned).help(
                    "`ignore_unknown_extensions: true` passes such files over, `extensions` \
                     takes others",
                ));
            }
        }
        Ok(())
    }
}
