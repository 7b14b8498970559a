//! Making directories.

use serde::Serialize;

use super::{AttributeChange, FileAttributes, FileKind, FileStat, Seen, fault, script};
use crate::base::Diff;
use crate::sdk::{Failure, Operator, Returned};

/// Directories to be made, the outer before the inner, all with the same owner and permissions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewDirectories {
    /// Their paths.
    pub paths: Vec<String>,
    /// Owner, group and permissions.
    pub attributes: AttributeChange,
}

impl NewDirectories {
    /// The directories that are missing on the way to a path, and that path itself.
    pub fn to(path: &str, seen: &Seen, attributes: &FileAttributes) -> Self {
        let ancestor = seen.ancestor.as_deref().unwrap_or(".");
        let below = path.strip_prefix(ancestor).unwrap_or(path);
        let mut so_far = path[..path.len() - below.len()].trim_end_matches('/').to_owned();
        let mut paths = vec![];
        for part in below.split('/').filter(|part| !part.is_empty()) {
            if !so_far.is_empty() || path.starts_with('/') {
                so_far.push('/');
            }
            so_far.push_str(part);
            paths.push(so_far.clone());
        }
        Self { paths, attributes: attributes.change(seen, None, FileKind::Directory, None) }
    }

    /// What it will look like.
    pub fn diffs(&self) -> Vec<Diff> {
        self.paths.iter().map(|path| Diff::state(path, "absent", "directory")).collect()
    }

    /// Makes them; returns what is known of the last.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let exec = script(include_str!("directories.sh"))
            .args([self.attributes.ownership(), self.attributes.chmod()])
            .args(self.attributes.context_args())
            .args(&self.paths);
        let output = host.run(exec).await?;
        if !output.success() {
            let path = self.paths.last().map_or("", String::as_str);
            return Err(fault::explain("create the directory", path, &output));
        }
        let stat = FileStat::parse(&output.stdout_text());
        Ok(stat.map(|stat| stat.returned()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_part_is_made() {
        let paths = |path: &str, ancestor: &str| {
            let seen = Seen { ancestor: Some(ancestor.to_owned()), ..Seen::default() };
            NewDirectories::to(path, &seen, &FileAttributes::default()).paths
        };
        assert_eq!(paths("/srv/a/b", "/srv"), ["/srv/a", "/srv/a/b"]);
        assert_eq!(paths("/a//b/", "/"), ["/a", "/a/b"]);
        assert_eq!(paths("a/b", "."), ["a", "a/b"]);
        assert_eq!(paths("./a", "."), ["./a"]);
    }
}
