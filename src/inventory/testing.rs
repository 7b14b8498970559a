//! Inventories for the tests of this layer.

use std::sync::Arc;

use super::{Inventory, Reading, ReadingOptions};
use crate::base::{Redactor, Sources};
use crate::template::{Settings, Templar};
use crate::value::vault::Keyring;

/// What inventories are read with where nothing is set.
pub(super) fn reading() -> Reading {
    let sources = Sources::default();
    Reading {
        templar: Templar::new(Settings { sources: sources.clone(), ..Settings::default() }),
        sources,
        keyring: Keyring::default(),
        extra: Arc::default(),
        options: ReadingOptions::default(),
    }
}

/// An inventory, what was said about its files, and the directory they lie in.
pub(super) struct Loaded {
    pub(super) inventory: Inventory,
    pub(super) faults: String,
    pub(super) folder: tempfile::TempDir,
}

/// Loads files written to a directory; `-i` names each of `specs` in it.
pub(super) fn load(files: &[(&str, &str)], specs: &[&str]) -> Loaded {
    load_with(files, specs, ReadingOptions::default())
}

/// The same where something is set about it.
pub(super) fn load_with(files: &[(&str, &str)], specs: &[&str], options: ReadingOptions) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = folder.path().display().to_string();
    let specs: Vec<String> = specs
        .iter()
        .map(|spec| if spec.contains(',') { (*spec).to_owned() } else { format!("{root}/{spec}") })
        .collect();
    let redactor = Redactor::default();
    let reading = Reading { keyring: Keyring::new(redactor.clone()), options, ..reading() };
    let (inventory, faults) = Inventory::load(&specs, &reading);
    let shown: Vec<String> =
        faults.iter().map(|fault| fault.render(&reading.sources, &redactor, false)).collect();
    Loaded { inventory, faults: shown.join("\n").replace(&root, "/play"), folder }
}
