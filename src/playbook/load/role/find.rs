//! Where roles are looked for.

use std::path::{Path, PathBuf};

use super::super::play::roles_beside;
use crate::base::did_you_mean;
use crate::playbook::load::{Loader, unique};
use crate::playbook::{Origin, split_qualified};

/// A role that was found.
pub(super) struct FoundRole {
    /// Its name: as written, with its collection where it is of one.
    pub(super) name: String,
    /// Its folder.
    pub(super) path: PathBuf,
    /// The collection it is of.
    pub(super) collection: Option<String>,
}

impl Loader<'_> {
    /// Finds a role by the name written: in collections, then in folders of roles.
    pub(super) fn find_role(&self, name: &str, origin: &Origin) -> Option<FoundRole> {
        let plain = |name: &str, path| FoundRole { name: name.to_owned(), path, collection: None };
        if Path::new(name).is_absolute() {
            let path = Some(PathBuf::from(name)).filter(|path| path.is_dir())?;
            let last = path.file_name()?.to_str()?.to_owned();
            return Some(plain(&last, path));
        }
        let qualified = split_qualified(name);
        let mut searched = origin.collections.iter();
        let found = match qualified {
            Some((collection, role)) => self.role_of_collection(collection, role),
            None => searched.find_map(|collection| self.role_of_collection(collection, name)),
        };
        if found.is_some() {
            return found;
        }
        // A role of a collection may also lie among the others, by its own name.
        let bare = qualified.map_or(name, |(_, role)| role);
        self.role_folders(origin)
            .into_iter()
            .flat_map(|folder| [folder.join(name), folder.join(bare)])
            .find(|path| path.is_dir())
            .map(|path| plain(name, path))
    }

    fn role_of_collection(&self, collection: &str, role: &str) -> Option<FoundRole> {
        let folder = self.catalogue.library.collection(collection)?;
        let path = folder.join("roles").join(role.replace('.', "/"));
        path.is_dir().then(|| FoundRole {
            name: format!("{collection}.{role}"),
            path,
            collection: Some(collection.to_owned()),
        })
    }

    /// The folders of roles, in their order.
    pub(super) fn role_folders(&self, origin: &Origin) -> Vec<PathBuf> {
        let mut folders = vec![roles_beside(&origin.playbook)];
        if let Some(beside) = origin.role.as_ref().and_then(|role| role.path.parent()) {
            folders.push(beside.to_path_buf());
        }
        folders.extend(self.settings.roles_path.iter().cloned());
        folders.push(origin.playbook.clone());
        unique(folders)
    }
}

/// What to do about a role that is not there: the one that was meant, or how to get it.
pub(super) fn instead_of(name: &str, folders: &[PathBuf], playbook: &Path) -> String {
    const REQUIREMENTS: [&str; 2] = ["requirements.yml", "roles/requirements.yml"];
    let entries = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
    let is_role = |path: &Path| ["tasks", "meta"].iter().any(|part| path.join(part).is_dir());
    let roles = entries.filter(|entry| is_role(&entry.path()));
    let known: Vec<String> =
        roles.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let named = REQUIREMENTS.into_iter().find(|file| {
        std::fs::read_to_string(playbook.join(file)).is_ok_and(|text| text.contains(name))
    });
    let otherwise = match named {
        Some(file) => format!("{file} names it: run `rplay install`"),
        None => "`rplay install` brings the roles of requirements.yml; `roles_path` in \
                 ansible.cfg names further folders"
            .to_owned(),
    };
    did_you_mean(name, known.iter().map(String::as_str), otherwise)
}

/// Folders in a row, from the root.
pub(super) fn listed(folders: &[PathBuf]) -> String {
    let shown = folders.iter().map(|folder| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display().to_string()
    });
    shown.collect::<Vec<_>>().join(":")
}
