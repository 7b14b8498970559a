//! What an inventory is read from: files, directories, programs, and lists of hosts.

use std::path::{Path, PathBuf};

use fancy_regex::Regex;

use super::builder::{Builder, Named};
use super::model::UNGROUPED;
use super::reading::{Form, Reading};
use super::{Inventory, constructed, dynamic, generator, ini, script, toml, yaml as groups};
use crate::base::{Diagnostic, Diagnostics, SourceId, Span};
use crate::value::{Node, Value, yaml};

/// Directories beside an inventory that hold something else.
const BESIDE: [&str; 3] = ["group_vars", "host_vars", "vars_plugins"];
/// The deepest directory in a directory that is read.
const DEPTH: usize = 20;

impl Inventory {
    /// Reads what `-i` names: each a file, a directory, a program, or a list of hosts with a
    /// comma in it. Later ones add to earlier ones and override them.
    ///
    /// Everything that is wrong is found at once; the inventory then holds what could be read.
    pub fn load(specs: &[String], reading: &Reading) -> (Self, Diagnostics) {
        let Reading { sources, keyring, options, .. } = reading;
        let builder = Builder::new(sources, keyring, options);
        let mut loader = Loader { builder, reading, ignored: vec![], form: Form::Ini };
        loader.read_patterns();
        let mut unread = vec![];
        for spec in specs {
            let before = loader.builder.errors();
            loader.load(spec);
            if loader.builder.errors() > before {
                unread.push((spec.as_str(), loader.form));
            }
        }
        let (inventory, faults) = loader.builder.finish();
        (inventory, judge(faults, &unread, specs.len(), reading))
    }
}

/// What the faults of inventories mean, as it was set.
fn judge(
    mut faults: Diagnostics,
    unread: &[(&str, Form)],
    count: usize,
    reading: &Reading,
) -> Diagnostics {
    let unparsed = reading.options.unparsed;
    if !unparsed.any_fails {
        let found = std::mem::take(&mut faults).into_vec();
        faults.extend(found.into_iter().map(Diagnostic::warning));
        for (spec, form) in unread {
            // Scripts look for these words.
            let message = format!(
                "Unable to parse {spec} as an inventory source: Failed to parse inventory with \
                 '{}' plugin",
                form.name()
            );
            faults.push(Diagnostic::plain("inventory-unread", message).warning());
        }
    }
    if unread.len() == count {
        let none = "No inventory was parsed";
        if unparsed.all_fail {
            faults.push(Diagnostic::plain("inventory-unread", none));
        } else if unparsed.warns {
            let message = format!("{none}, only implicit localhost is available");
            faults.push(Diagnostic::plain("inventory-unread", message).warning());
        }
    }
    faults
}

struct Loader<'r> {
    builder: Builder,
    reading: &'r Reading,
    /// What is passed over in a directory.
    ignored: Vec<Regex>,
    /// The form that was read last.
    form: Form,
}

impl Loader<'_> {
    fn read_patterns(&mut self) {
        for pattern in &self.reading.options.ignored_patterns {
            match Regex::new(pattern) {
                Ok(pattern) => self.ignored.push(pattern),
                Err(error) => {
                    let message = format!("`{pattern}`, a pattern of files to ignore: {error}");
                    self.builder.fault(Diagnostic::plain("inventory-ignore", message));
                }
            }
        }
    }

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
        } else if let Err(fault) = yaml::read_file(&self.reading.sources, path) {
            let suggestion = fault.help.clone().unwrap_or_default();
            let list = format!("{suggestion} (a list of hosts needs a comma: `{spec},`)");
            self.builder.fault(fault.help(list));
        }
    }

    /// Notes that a form is read; an error where it is not enabled.
    fn using(&mut self, form: Form, path: &Path) -> Result<(), Diagnostic> {
        let enabled = &self.reading.options.enabled;
        let by_auto = matches!(form, Form::Constructed | Form::Generator);
        self.form = form;
        if enabled.contains(&form) || by_auto && enabled.contains(&Form::Auto) {
            return Ok(());
        }
        let (path, name) = (path.display(), form.name());
        let message = format!("{path} is an inventory for the plugin `{name}`: it is not enabled");
        Err(Diagnostic::plain("inventory-plugin", message)
            .help(format!("add `{name}` to `enable_plugins`, or to ANSIBLE_INVENTORY_ENABLED")))
    }

    /// Hosts on the command line.
    fn list(&mut self, spec: &str) {
        self.builder.file = None;
        let ranges = self.reading.options.enabled.contains(&Form::AdvancedHostList);
        let form = if ranges { Form::AdvancedHostList } else { Form::HostList };
        if let Err(fault) = self.using(form, Path::new(spec)) {
            return self.builder.fault(fault);
        }
        let source = self.reading.sources.add("-i", spec);
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
        let endings = &self.reading.options.ignored_endings;
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ignored = name.starts_with('.')
                || BESIDE.contains(&name.as_ref())
                || endings.iter().any(|ending| name.ends_with(ending.as_str()))
                || self
                    .ignored
                    .iter()
                    .any(|pattern| pattern.is_match(name.as_ref()).unwrap_or(false));
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
            self.using(Form::Script, path)?;
            return self.script(path);
        }
        let source = self.reading.keyring.read_file(&self.reading.sources, path)?;
        let text = self.reading.sources.with_text(source, str::to_owned);
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("yml" | "yaml") => {}
            Some("json") => {
                self.using(Form::Yaml, path)?;
                return self.json(path, source, &text);
            }
            Some("toml") => {
                self.using(Form::Toml, path)?;
                return toml::read(&mut self.builder, source, &text);
            }
            _ if !looks_like_yaml(&text) => {
                self.using(Form::Ini, path)?;
                ini::read(&mut self.builder, source, &text);
                return Ok(());
            }
            _ => {}
        }
        let parsed = yaml::parse(&self.reading.sources, source)?;
        for warning in &parsed.warnings {
            self.builder.fault(warning.clone());
        }
        let document = parsed.single()?;
        if let Some(plugin) = document.get("plugin") {
            return self.plugin(path, plugin, &document);
        }
        self.using(Form::Yaml, path)?;
        if in_directory && document.as_list().is_some() {
            let message = format!("{} is not an inventory, and is ignored", path.display());
            let fault = Diagnostic::error("inventory-ignored", message, document.span, "a list");
            self.builder.fault(fault.warning());
            return Ok(());
        }
        groups::read(&mut self.builder, &document);
        Ok(())
    }

    /// A file of settings for one of the plugins that make hosts, groups or variables.
    fn plugin(&mut self, path: &Path, name: &Node, document: &Node) -> Result<(), Diagnostic> {
        let form = name.as_str().and_then(|name| name.parse().ok());
        match form {
            Some(form @ Form::Constructed) => {
                self.using(form, path)?;
                constructed::read(&mut self.builder, self.reading, document)
            }
            Some(form @ Form::Generator) => {
                self.using(form, path)?;
                generator::read(&mut self.builder, self.reading, document)
            }
            _ => {
                self.form = Form::Auto;
                let message = format!(
                    "expected hosts and groups, found the settings of the inventory plugin {}",
                    name.shown()
                );
                let help = "rplay has the plugins `constructed` and `generator`: for others use a \
                            script that prints JSON, or save what `ansible-inventory --list` \
                            prints as hosts.json";
                Err(Diagnostic::error("inventory-plugin", message, name.span, "not known")
                    .help(help))
            }
        }
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
        let document = yaml::parse(&self.reading.sources, source)?.single()?;
        groups::read(&mut self.builder, &document);
        Ok(())
    }

    fn script(&mut self, path: &Path) -> Result<(), Diagnostic> {
        let origin = format!("{} --list", path.display());
        let printed = script::run(path, &["--list"])?;
        if self.reading.options.script_stderr && !printed.errors.trim().is_empty() {
            let message = format!("{origin} says: {}", printed.errors.trim_end());
            self.builder.fault(Diagnostic::plain("inventory-script", message).warning());
        }
        let document = parse_output(&origin, &printed.output)?;
        let source = self.reading.sources.add(origin.clone(), "");
        let mut ask = |host: &str| {
            let origin = format!("{} --host {host}", path.display());
            let output = script::run(path, &["--host", host])?.output;
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
