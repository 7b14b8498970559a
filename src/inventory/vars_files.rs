//! `group_vars/` and `host_vars/`: files of variables beside an inventory or a playbook.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{Diagnostic, Diagnostics, Sources};
use crate::value::vault::Keyring;
use crate::value::{Data, Layer, yaml};

/// Whose variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject<'n> {
    Group(&'n str),
    Host(&'n str),
}

/// What was read for one subject: nothing where there are no files.
pub(super) type Read = (Option<Arc<Layer>>, Arc<Diagnostics>);

/// The variable files of a run, each read once, when it is first needed.
#[derive(Debug)]
pub(super) struct VarsFiles {
    sources: Sources,
    keyring: Keyring,
    /// The faults of files that are not there.
    nothing: Arc<Diagnostics>,
    /// What lies in `group_vars/` and `host_vars/` of each directory that was looked into.
    folders: Mutex<HashMap<PathBuf, Arc<Beside>>>,
}

/// The folders of one directory.
#[derive(Debug, Default)]
struct Beside {
    groups: Folder,
    hosts: Folder,
}

/// One `group_vars/` or `host_vars/`.
#[derive(Debug, Default)]
struct Folder {
    /// The files and directories, by the name they are for, in the order they are preferred.
    entries: HashMap<String, Vec<PathBuf>>,
    read: Mutex<HashMap<String, Read>>,
}

/// The endings of variable files, in the order they are preferred; none comes first.
const ENDINGS: [&str; 4] = ["", "yml", "yaml", "json"];
/// The deepest directory under `group_vars/NAME/` that is read.
const DEPTH: usize = 20;

impl VarsFiles {
    pub(super) fn new(sources: Sources, keyring: Keyring) -> Self {
        Self { sources, keyring, nothing: Arc::default(), folders: Mutex::default() }
    }

    /// The variables of a group or a host that stand in files under a directory.
    pub(super) fn read(&self, directory: &Path, subject: Subject) -> Read {
        // Beside an inventory and beside a playbook here are the same place, under the same name.
        let beside = self.beside(directory.strip_prefix(".").unwrap_or(directory));
        let (folder, name) = match subject {
            Subject::Group(name) => (&beside.groups, name),
            Subject::Host(name) => (&beside.hosts, name),
        };
        let Some(paths) = folder.entries.get(name) else { return (None, self.nothing.clone()) };
        if let Some(read) = folder.read.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return read.clone();
        }
        let (layer, faults) = self.load(paths);
        let read = (Some(Arc::new(layer)), Arc::new(faults));
        folder
            .read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), read.clone());
        read
    }

    fn beside(&self, directory: &Path) -> Arc<Beside> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(beside) = folders.get(directory) {
            return Arc::clone(beside);
        }
        let folder =
            |name: &str| Folder { entries: list(&directory.join(name)), read: Mutex::default() };
        let beside = Beside { groups: folder("group_vars"), hosts: folder("host_vars") };
        let beside = Arc::new(beside);
        folders.insert(directory.to_path_buf(), Arc::clone(&beside));
        beside
    }

    /// Reads the preferred one of a name's files, and warns of the others.
    fn load(&self, paths: &[PathBuf]) -> (Layer, Diagnostics) {
        let (mut layer, mut faults) = (Layer::new(), Diagnostics::default());
        let Some((path, ignored)) = paths.split_first() else { return (layer, faults) };
        for other in ignored {
            let message =
                format!("{} is not read, as {} stands beside it", other.display(), path.display());
            faults.push(
                Diagnostic::plain("vars-ignored", message)
                    .help(format!(
                        "move it into the directory {}/",
                        path.with_extension("").display()
                    ))
                    .warning(),
            );
        }
        let mut files = vec![];
        collect(path, 0, &mut files);
        for file in files {
            if let Err(fault) = self.load_file(&file, &mut layer, &mut faults) {
                faults.push(fault);
            }
        }
        (layer, faults)
    }

    fn load_file(
        &self,
        path: &Path,
        layer: &mut Layer,
        faults: &mut Diagnostics,
    ) -> Result<(), Diagnostic> {
        let source = self.keyring.read_file(&self.sources, path)?;
        let parsed = yaml::parse(&self.sources, source)?;
        faults.extend(parsed.warnings.clone());
        let document = parsed.single()?;
        match document.data {
            Data::Null => {}
            Data::Map(pairs) => {
                layer.extend(pairs.into_iter().map(|(name, value)| (name.text, value.into())));
            }
            _ => {
                let message = format!("expected a mapping of variables, found {}", document.kind());
                let label = format!("this is {}", document.kind());
                return Err(Diagnostic::error("vars-syntax", message, document.span, label)
                    .help("write each variable as `name: value`, without a dash"));
            }
        }
        Ok(())
    }
}

/// What lies in a folder, by the name it is for.
fn list(folder: &Path) -> HashMap<String, Vec<PathBuf>> {
    let mut found: HashMap<String, Vec<(usize, PathBuf)>> = HashMap::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        for (rank, ending) in ENDINGS.iter().enumerate() {
            let subject = match ending {
                &"" => Some(name),
                ending => name.strip_suffix(ending).and_then(|name| name.strip_suffix('.')),
            };
            // A directory is preferred by its bare name only.
            if let Some(subject) = subject.filter(|_| rank == 0 || !path.is_dir()) {
                found.entry(subject.to_owned()).or_default().push((rank, path.clone()));
            }
        }
    }
    let sorted = found.into_iter().map(|(name, mut paths)| {
        paths.sort();
        (name, paths.into_iter().map(|(_, path)| path).collect())
    });
    sorted.collect()
}

/// The files of a path: itself, or those in the directory, sorted, each directory's in its place.
fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        return files.push(path.to_path_buf());
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let ending = path.extension().unwrap_or_default();
        if path.is_dir() && depth < DEPTH {
            collect(&path, depth + 1, files);
        } else if ENDINGS.iter().any(|known| ending == *known) && path.is_file() {
            files.push(path);
        }
    }
}
