//! Modules of the user's own: files in `library/` folders, and those of collections.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;

use super::Catalogue;
use super::collection::ROOT;

/// A module of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryModule {
    /// Its name, without a collection.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// How it is called.
    pub style: Style,
}

/// How a module of the user's own is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A program, with the path of its arguments in JSON.
    Binary,
    /// A script, with the path of its arguments in JSON.
    WantJson,
    /// A script, with the path of its arguments as `name=value`.
    Old,
    /// A script that has its arguments in JSON in its text, in place of [`JSON_ARGUMENTS`].
    JsonInside,
    /// Python that needs Ansible's own: it cannot be run here.
    Python,
    /// `PowerShell`, for hosts that are not reached here.
    PowerShell,
}

/// What stands in a script for its arguments in JSON.
pub const JSON_ARGUMENTS: &str = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>";

/// The endings of files that are no modules.
const NO_MODULES: &[&str] =
    &["pyc", "pyo", "swp", "bak", "rpm", "md", "txt", "rst", "orig", "yaml", "yml", "ini", "go"];

/// The folders that modules of the user's own are looked for in.
///
/// As with Ansible, the folder of a role counts for all that comes after the role.
#[derive(Debug, Default)]
pub struct Library(Mutex<Folders>);

/// Folders that the settings name.
#[derive(Debug, Clone, Default)]
pub struct LibraryPaths {
    /// Folders of modules, after those beside playbooks and in roles.
    pub modules: Vec<PathBuf>,
    /// Folders that hold `ansible_collections`, after those beside playbooks.
    pub collections: Vec<PathBuf>,
}

/// The files of each folder by the names they are found under.
type Files = BTreeMap<String, PathBuf>;

#[derive(Debug, Default)]
struct Folders {
    /// Beside playbooks and in roles.
    beside: IndexMap<PathBuf, Files>,
    /// Those of the settings, which come after.
    configured: IndexMap<PathBuf, Files>,
    /// Folders that hold `ansible_collections`.
    collections: Vec<PathBuf>,
}

impl Library {
    fn lock(&self) -> MutexGuard<'_, Folders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what lies beside a playbook: `library/` and `collections/`.
    pub fn add_playbook(&self, folder: &Path) {
        self.add_folder(folder.join("library"));
        let collections = folder.join("collections");
        let mut folders = self.lock();
        if !folders.collections.contains(&collections) {
            folders.collections.insert(0, collections);
        }
    }

    /// Adds the `library/` of a role.
    pub fn add_role(&self, role: &Path) {
        self.add_folder(role.join("library"));
    }

    /// Adds the folders of the settings.
    pub fn configure(&self, paths: &LibraryPaths) {
        let mut folders = self.lock();
        for folder in &paths.modules {
            let files = files(folder);
            folders.configured.entry(folder.clone()).or_insert(files);
        }
        folders.collections.extend_from_slice(&paths.collections);
    }

    fn add_folder(&self, folder: PathBuf) {
        let mut folders = self.lock();
        if !folders.beside.contains_key(&folder) {
            let files = files(&folder);
            folders.beside.insert(folder, files);
        }
    }

    /// Finds a module by the name written in a task; one without a collection also in those that
    /// the task searches.
    pub fn search(&self, written: &str, collections: &[String]) -> Option<LibraryModule> {
        let qualified = |collection: &String| self.find(&format!("{collection}.{written}"));
        let searched = if written.contains('.') { &[] } else { collections };
        searched.iter().find_map(qualified).or_else(|| self.find(written))
    }

    /// Finds a module by the name written in a task.
    pub fn find(&self, written: &str) -> Option<LibraryModule> {
        let (path, name) = match written.rsplit_once('.') {
            Some(("ansible.builtin", _)) => return None,
            Some(("ansible.legacy", name)) => (self.plain(name)?, name),
            _ if self.plain(written).is_some() => (self.plain(written)?, written),
            Some((collection, name)) => (self.in_collection(collection, name)?, name),
            None => return None,
        };
        let style = Style::of(&fs::read(&path).ok()?, &path);
        Some(LibraryModule { name: name.to_owned(), path, style })
    }

    fn plain(&self, name: &str) -> Option<PathBuf> {
        let folders = self.lock();
        folders
            .beside
            .values()
            .chain(folders.configured.values())
            .find_map(|files| files.get(name))
            .cloned()
    }

    fn in_collection(&self, collection: &str, name: &str) -> Option<PathBuf> {
        // The modules of these are part of the program.
        if Catalogue::bare(&format!("{collection}.x")).is_some() {
            return None;
        }
        files(&self.collection(collection)?.join("plugins/modules")).remove(name)
    }

    /// The folder of a collection: `namespace.name`.
    pub fn collection(&self, name: &str) -> Option<PathBuf> {
        let (space, collection) = name.split_once('.')?;
        self.lock().collections.iter().find_map(|folder| {
            // The folder that holds `ansible_collections` is named, or that one itself.
            let inside = folder.ends_with(ROOT);
            let root = if inside { folder.clone() } else { folder.join(ROOT) };
            Some(root.join(space).join(collection)).filter(|path| path.is_dir())
        })
    }
}

/// The modules of a folder, by their names with and without their endings.
fn files(folder: &Path) -> Files {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let mut files = Files::new();
    for path in paths {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let (Some(name), Some(stem)) = (text(path.file_name()), text(path.file_stem())) else {
            continue;
        };
        if NO_MODULES.contains(&ending) || name.ends_with('~') || stem == "__init__" {
            continue;
        }
        for name in [name, stem] {
            if !name.starts_with('.') {
                files.entry(name).or_insert_with(|| path.clone());
            }
        }
    }
    files
}

fn text(part: Option<&std::ffi::OsStr>) -> Option<String> {
    part?.to_str().map(str::to_owned)
}

impl Style {
    /// How a module is called, told by its content.
    fn of(content: &[u8], path: &Path) -> Self {
        if content.iter().take(1024).any(|byte| !is_text(*byte)) {
            return Self::Binary;
        }
        let text = String::from_utf8_lossy(content);
        let lower = text.to_lowercase();
        if text.contains("#<<INCLUDE_ANSIBLE_MODULE_COMMON>>") || text.lines().any(needs_ansible) {
            Self::Python
        } else if path.extension().is_some_and(|ending| ending == "ps1")
            || [
                "#requires -module",
                "#requires -version",
                "#ansiblerequires -",
                "# powershell_common",
            ]
            .iter()
            .any(|sign| lower.contains(sign))
        {
            Self::PowerShell
        } else if text.contains(JSON_ARGUMENTS) {
            Self::JsonInside
        } else if text.contains("WANT_JSON") {
            Self::WantJson
        } else {
            Self::Old
        }
    }

    /// The language of modules that cannot be run here.
    pub fn foreign(self) -> Option<&'static str> {
        match self {
            Self::Python => Some("Python with ansible.module_utils"),
            Self::PowerShell => Some("PowerShell"),
            _ => None,
        }
    }
}

/// Whether a line of Python imports what Ansible brings along for modules.
fn needs_ansible(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (first, from) = (words.next(), words.next().unwrap_or_default());
    let ours = |path: &str| {
        path.starts_with("ansible.module_utils")
            || (path.starts_with("ansible_collections.") && path.contains(".module_utils"))
            || (path.starts_with("..") && path.contains("module_utils"))
    };
    match first {
        Some("import") => ours(from),
        Some("from") => {
            ours(from)
                || (from == "ansible" && words.nth(1).is_some_and(|name| name == "module_utils"))
        }
        _ => false,
    }
}

/// Whether a byte may stand in a text: a letter, a blank, or one of the few signs that steer.
fn is_text(byte: u8) -> bool {
    matches!(byte, 7..=10 | 12 | 13 | 27 | 0x20..=0x7e | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(text: &str) -> Style {
        Style::of(text.as_bytes(), Path::new("x"))
    }

    #[test]
    fn a_module_is_called_as_its_content_says() {
        assert_eq!(Style::of(b"\x7fELF\x02\x01", Path::new("x")), Style::Binary);
        assert_eq!(style("#!/bin/sh\n. \"$1\"\n"), Style::Old);
        assert_eq!(style("#!/usr/bin/perl\n# WANT_JSON\n"), Style::WantJson);
        assert_eq!(style("#!/bin/sh\nx='<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'"), Style::JsonInside);
        for line in [
            "from ansible.module_utils.basic import AnsibleModule",
            "import ansible.module_utils.basic",
            "  from ansible.module_utils.basic import *",
            "from ansible_collections.a.b.plugins.module_utils.c import d",
            "from ..module_utils.c import d",
            "from ansible import module_utils",
        ] {
            assert_eq!(style(&format!("#!/usr/bin/python\n# WANT_JSON\n{line}\n")), Style::Python);
        }
        assert_eq!(style("#!/usr/bin/python\n# not from ansible.module_utils\n"), Style::Old);
        assert_eq!(style("#Requires -Module Ansible.ModuleUtils"), Style::PowerShell);
    }

    #[test]
    fn modules_are_found_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "#!/bin/sh\n").unwrap();
        };
        write("play/library/greet.sh");
        write("play/library/notes.md");
        write("role/library/greet");
        write("role/library/ping");
        write("play/collections/ansible_collections/my/own/plugins/modules/count.pl");
        write("more/late");
        let library = Library::default();
        let modules = vec![folder.path().join("more")];
        library.configure(&LibraryPaths { modules, collections: vec![] });
        library.add_playbook(&folder.path().join("play"));
        library.add_role(&folder.path().join("role"));
        let found = |name: &str| {
            let path = library.find(name)?.path;
            Some(path.strip_prefix(folder.path()).unwrap().display().to_string())
        };
        assert_eq!(found("greet").as_deref(), Some("play/library/greet.sh"));
        assert_eq!(found("greet.sh").as_deref(), Some("play/library/greet.sh"));
        assert_eq!(found("ansible.legacy.ping").as_deref(), Some("role/library/ping"));
        assert_eq!(found("ansible.builtin.ping"), None);
        assert_eq!(found("late").as_deref(), Some("more/late"));
        assert!(found("my.own.count").is_some_and(|path| path.ends_with("modules/count.pl")));
        assert_eq!(found("notes"), None);
        assert_eq!(found("community.docker.greet"), None);
    }
}
