//! Inventories for the tests of this layer.

use super::Inventory;
use crate::base::{Redactor, Sources};
use crate::value::vault::Keyring;

/// An inventory, what was said about its files, and the directory they lie in.
pub(super) struct Loaded {
    pub(super) inventory: Inventory,
    pub(super) faults: String,
    pub(super) folder: tempfile::TempDir,
}

/// Loads files written to a directory; `-i` names each of `specs` in it.
pub(super) fn load(files: &[(&str, &str)], specs: &[&str]) -> Loaded {
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
    let (sources, redactor) = (Sources::default(), Redactor::default());
    let (inventory, faults) = Inventory::load(&specs, &sources, &Keyring::new(redactor.clone()));
    let shown: Vec<String> =
        faults.iter().map(|fault| fault.render(&sources, &redactor, false)).collect();
    Loaded { inventory, faults: shown.join("\n").replace(&root, "/play"), folder }
}
