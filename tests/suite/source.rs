//! The project's own source files, for the tests that hold them to the house's rules.

use std::path::{Path, PathBuf};

/// One Rust file under `src/` or `modules/`.
pub(super) struct SourceFile {
    /// Its path from the project's root, with `/`.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
    /// Its syntax.
    pub(super) syntax: syn::File,
}

impl SourceFile {
    /// The layer it belongs to; `None` for the roots of the crates.
    pub(super) fn layer(&self) -> Option<&str> {
        if self.path.starts_with("modules/") {
            return Some("modules");
        }
        let (layer, _) = self.path.strip_prefix("src/")?.split_once('/')?;
        Some(layer)
    }
}

/// The project's root.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the library, unit tests in files of their own left out.
pub(super) fn all() -> Vec<SourceFile> {
    let mut paths = vec![];
    walk(&root().join("src"), &mut paths);
    walk(&root().join("modules"), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .filter(|path| path.file_name().is_some_and(|name| name != "tests.rs"))
        .filter(|path| !path.components().any(|part| part.as_os_str() == "tests"))
        .map(|path| {
            let text = read(&path);
            let syntax = syn::parse_file(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let path = path.strip_prefix(root()).expect("below the root").to_owned();
            SourceFile { path: path.to_string_lossy().replace('\\', "/"), text, syntax }
        })
        .filter(|file| !file.path.starts_with("src/derive/"))
        .collect()
}

/// The folders directly under `modules/`, by name.
pub(super) fn module_folders() -> Vec<String> {
    let mut names: Vec<String> = entries(&root().join("modules"))
        .into_iter()
        .filter(|path| path.join("mod.rs").is_file())
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

/// A file's text.
pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether an item is there for tests only.
pub(super) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listing =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    listing.map(|entry| entry.expect("a readable folder").path()).collect()
}
