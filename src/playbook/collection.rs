//! Collections: names that have one, and the folders they lie in.

use std::path::Path;

/// The folder, in one of those that hold collections, below which each has its own.
pub(super) const ROOT: &str = "ansible_collections";

/// A name as its collection and what it names there: `namespace.collection` and `name`, which may
/// have dots itself.
pub fn split_qualified(name: &str) -> Option<(&str, &str)> {
    let (namespace, rest) = name.split_once('.')?;
    let (collection, bare) = rest.split_once('.')?;
    let parts = [namespace, collection].into_iter().chain(bare.split('.'));
    let end = namespace.len() + 1 + collection.len();
    parts.into_iter().all(is_word).then_some((&name[..end], bare))
}

/// The collection in which a file or folder lies.
pub fn collection_of(path: &Path) -> Option<String> {
    let path = std::path::absolute(path).ok()?;
    let mut parts = path.iter().skip_while(|part| *part != ROOT).skip(1);
    let (namespace, collection) = (parts.next()?.to_str()?, parts.next()?.to_str()?);
    (is_word(namespace) && is_word(collection)).then(|| format!("{namespace}.{collection}"))
}

fn is_word(part: &str) -> bool {
    let mut signs = part.chars();
    signs.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && signs.all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_its_collection_has_three_parts_or_more() {
        assert_eq!(split_qualified("my.own.web"), Some(("my.own", "web")));
        assert_eq!(split_qualified("my.own.sub.web"), Some(("my.own", "sub.web")));
        assert_eq!(split_qualified("geerlingguy.docker"), None);
        assert_eq!(split_qualified("../a.b.c"), None);
        assert_eq!(split_qualified("a.b.c-d"), None);
        assert_eq!(split_qualified("a..c"), None);
    }

    #[test]
    fn a_folder_tells_its_collection() {
        let of = |path: &str| collection_of(Path::new(path));
        let inside = "/srv/collections/ansible_collections/my/own/playbooks";
        assert_eq!(of(inside).as_deref(), Some("my.own"));
        assert_eq!(of("/srv/ansible_collections/my"), None);
        assert_eq!(of("/srv/playbooks"), None);
    }
}
