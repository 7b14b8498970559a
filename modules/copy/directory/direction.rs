//! Where a directory is copied from and to.

use crate::sdk::file::base_name;

/// From where to where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Direction<'a> {
    /// The directory, as it was written: with a slash at its end only what is in it is copied.
    pub(crate) src: &'a str,
    /// The directory that it is put into.
    pub(crate) dest: &'a str,
    /// Whether symbolic links are copied as what they lead to.
    pub(crate) follow: bool,
}

impl Direction<'_> {
    /// The name that the directory keeps; empty where only what is in it is copied.
    pub(super) fn name(&self) -> &str {
        let name = base_name(self.src);
        if self.src.ends_with('/') || [".", ".."].contains(&name) { "" } else { name }
    }

    /// A path that is a directory even where nothing is there yet.
    pub(super) fn dest(&self) -> String {
        format!("{}/", self.dest.trim_end_matches('/'))
    }

    /// What the task returns as its destination: the directory that was written, expanded.
    pub(super) fn returned(&self, root: &str) -> String {
        let name = self.name();
        let dest = root.strip_suffix(name).filter(|_| !name.is_empty()).unwrap_or(root);
        format!("{}/", dest.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_leaves_the_name_behind() {
        let name = |src| Direction { src, dest: "/srv", follow: true }.name().to_owned();
        assert_eq!([name("a/site"), name("site/"), name("a/."), name("..")], ["site", "", "", ""]);
    }

    #[test]
    fn what_is_returned_is_where_it_was_put() {
        let returned = |src, root| Direction { src, dest: "~/www", follow: true }.returned(root);
        assert_eq!(returned("site", "/home/a/www/site"), "/home/a/www/");
        assert_eq!(returned("www/", "/home/a/www"), "/home/a/www/");
        assert_eq!(returned("site/", "/"), "/");
    }
}
