//! What an inventory is read from: files, directories, programs, and lists of hosts.

use std::path::{Path, PathBuf};

use super::builder::{Builder, Named};
use super::model::UNGROUPED;
use super::{Inventory, dynamic, ini, script, yaml as groups};
use crate::base::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::value::vault::Keyring;
use crate::value::{Value, yaml};

/// Endings of files in a directory that are no inventories.
const IGNORED: [&str; 12] =
    [".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"];
/// Directories beside an inventory that hold something else.
const BESIDE: [&str; 3] = ["group_vars", "host_vars", "vars_plugins"];
/// The deepest directory in a directory that is read.
const DEPTH: usize = 20;

impl Inventory {
    /// Reads what `-i` names: each a file, a directory, a program, or a list of hosts with a
    /// comma in it. Later ones add to earlier ones and override them.
    ///
    /// Everything that is wrong is found at once; the inventory then holds what could be read.
    pub fn load(specs: &[String], sources: &Sources, keyring: &Keyring) -> (Self, Diagnostics) {
        let builder = Builder::new(sources, keyring);
        let mut loader = Loader { builder, sources, keyring };
        for spec in specs {
            loader.load(spec);
        }
        loader.builder.finish()
    }
}

struct Loader<'s> {
    builder: Builder,
    sources: &'s Sources,
    keyring: &'s Keyring,
}

impl Loader<'_> {
    fn load(&mut self, spec: &str) {
        let path = Path::new(spec);
        if path.is_dir() {
            self.builder.vars_beside(path);
            if self.directory(path, 0) == 0 {
                let message = format!("there is no inventory in the directory {spec}");
                let help = "put a file such as `hosts` or `hosts.yml` there";
                self.builder.fault(Diagnostic::plain("inventory-empty", message).help(help));
            }
        } else if path.exists() {
            let parent = path.parent().unwrap_or(Path::new(""));
            let beside = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            self.builder.vars_beside(beside);
            self.file(path, false);
        } else if spec.contains(',') {
            self.list(spec);
        } else if let Err(fault) = yaml::read_file(self.sources, path) {
            let suggestion = fault.help.clone().unwrap_or_default();
            let list = format!("{suggestion} (a list of hosts needs a comma: `{spec},`)");
            self.builder.fault(fault.help(list));
        }
    }

    /// Hosts on the command line.
    fn list(&mut self, spec: &str) {
        self.builder.file = None;
        let source = self.sources.add("-i", spec);
        let group = self.builder.group(UNGROUPED);
        let mut start = 0;
        for part in spec.split(',') {
            let name = part.trim();
            if !name.is_empty() {
                let span = span(source, start, start + part.len());
                self.builder.hosts(group, &Named { text: name.to_owned(), span }, &[]);
            }
            start += part.len() + 1;
        }
    }

    /// Reads every inventory in a directory, sorted by name; how many there were.
    fn directory(&mut self, directory: &Path, depth: usize) -> usize {
        let entries = match std::fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("cannot read the directory {}: {error}", directory.display());
                self.builder.fault(Diagnostic::plain("file-unreadable", message));
                return 0;
            }
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let mut count = 0;
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ignored = name.starts_with('.')
                || BESIDE.contains(&name.as_ref())
                || IGNORED.iter().any(|ending| name.ends_with(ending));
            if ignored {
                continue;
            }
            if path.is_dir() {
                count += if depth < DEPTH { self.directory(&path, depth + 1) } else { 0 };
            } else {
                self.file(&path, true);
                count += 1;
            }
        }
        count
    }

    fn file(&mut self, path: &Path, in_directory: bool) {
        self.builder.file = Some(path.to_path_buf());
        if let Err(fault) = self.read(path, in_directory) {
            self.builder.fault(fault);
        }
    }

    fn read(&mut self, path: &Path, in_directory: bool) -> Result<(), Diagnostic> {
        if script::is_script(path)? {
            return self.script(path);
        }
        let source = self.keyring.read_file(self.sources, path)?;
        let text = self.sources.with_text(source, str::to_owned);
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("yml" | "yaml") => {}
            Some("json") => return self.json(path, source, &text),
            Some("toml") => {
                let message = format!("TOML inventories are not read: {}", path.display());
                return Err(
                    Diagnostic::plain("inventory-syntax", message).help("write it as INI or YAML")
                );
            }
            _ if !looks_like_yaml(&text) => {
                ini::read(&mut self.builder, source, &text);
                return Ok(());
            }
            _ => {}
        }
        let parsed = yaml::parse(self.sources, source)?;
        for warning in &parsed.warnings {
            self.builder.fault(warning.clone());
        }
        let document = parsed.single()?;
        if in_directory && document.as_list().is_some() {
            let message = format!("{} is not an inventory, and is ignored", path.display());
            let fault = Diagnostic::error("inventory-ignored", message, document.span, "a list");
            self.builder.fault(fault.warning());
            return Ok(());
        }
        groups::read(&mut self.builder, &document);
        Ok(())
    }

    /// Either of the two forms that are written as JSON.
    fn json(&mut self, path: &Path, source: SourceId, text: &str) -> Result<(), Diagnostic> {
        if let Ok(document) = serde_json::from_str(text)
            && dynamic::is_dynamic(&document)
        {
            let (at, origin) = (span(source, 0, 0), path.display().to_string());
            let mut nobody = |_: &str| Ok(Value::Object(serde_json::Map::new()));
            dynamic::read(&mut self.builder, &document, at, &origin, &mut nobody);
            return Ok(());
        }
        let document = yaml::parse(self.sources, source)?.single()?;
        groups::read(&mut self.builder, &document);
        Ok(())
    }

    fn script(&mut self, path: &Path) -> Result<(), Diagnostic> {
        let origin = format!("{} --list", path.display());
        let document = parse_output(&origin, &script::run(path, &["--list"])?)?;
        let source = self.sources.add(origin.clone(), "");
        let mut ask = |host: &str| {
            let origin = format!("{} --host {host}", path.display());
            let output = script::run(path, &["--host", host])?;
            // No output means no variables.
            let output = if output.trim().is_empty() { "{}" } else { &output };
            parse_output(&origin, output)
        };
        dynamic::read(&mut self.builder, &document, span(source, 0, 0), &origin, &mut ask);
        Ok(())
    }
}

/// Reads what a program printed.
fn parse_output(origin: &str, output: &str) -> Result<Value, Diagnostic> {
    serde_json::from_str(output).map_err(|error| {
        let start: String = output.trim_start().chars().take(60).collect();
        let message = format!("the inventory script {origin} printed no JSON: {error}");
        Diagnostic::plain("inventory-script", message)
            .help(format!("its output starts with: {}", start.escape_debug()))
    })
}

fn span(source: SourceId, start: usize, end: usize) -> Span {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: byte(start), end: byte(end) }
}

/// Whether a file whose name does not say so is YAML: by the first line that says something.
fn looks_like_yaml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let Some(first) = lines.find(|line| !line.is_empty()) else { return false };
    let key = first.split(" #").next().unwrap_or_default().trim_end();
    first.starts_with("---")
        || first.starts_with('{')
        || (key.ends_with(':') && !key.starts_with('['))
}

#[cfg(test)]
mod tests;
