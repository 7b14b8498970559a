//! What stands below a directory of the host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sdk::file::{Content, FileStat, Link, Permissions, Seen};

/// What stands at the paths that were asked about; what is not in it does not exist.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Manifest(BTreeMap<String, Found>);

/// What stands at one path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Found {
    /// What the kernel says of it.
    pub(super) stat: FileStat,
    /// The path it holds, if it is a symbolic link.
    pub(super) target: Option<String>,
    /// Whether it is a symbolic link that leads to a directory.
    pub(super) leads_to_directory: bool,
    /// The SHA-1 of its content, where it is a file that can be read.
    pub(super) checksum: Option<String>,
    /// Its content, where that is shown.
    pub(super) content: Option<Content>,
}

impl Manifest {
    /// Reads the sections that `manifest.sh` prints; none where they are not understood.
    pub(super) fn parse<'a>(sections: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut manifest = Self::default();
        let sections: Vec<&str> = sections.collect();
        for batch in sections.chunks_exact(3) {
            for record in records(batch[0]) {
                let (line, path) = record.split_once("//")?;
                let found = Found { stat: FileStat::parse(line)?, ..Found::default() };
                manifest.0.insert(relative(path).to_owned(), found);
            }
            for record in records(batch[1]) {
                manifest.note(record)?;
            }
            for line in batch[2].lines() {
                let (sum, path) = (line.get(..SUM)?, line.get(SUM + 2..)?);
                manifest.sum(path, sum);
            }
        }
        Some(manifest)
    }

    fn note(&mut self, record: &str) -> Option<()> {
        let (kind, rest) = record.split_once("//")?;
        let (path, value) = rest.split_once("//")?;
        match kind {
            "sum" => self.sum(path, value.get(..SUM)?),
            "link" => {
                // One that leads nowhere has nothing else to be told of it where links are followed.
                self.0.entry(relative(path).to_owned()).or_default().target =
                    Some(value.to_owned());
            }
            _ => self.0.get_mut(relative(path))?.leads_to_directory = true,
        }
        Some(())
    }

    fn sum(&mut self, path: &str, sum: &str) {
        if let Some(found) = self.0.get_mut(relative(path)) {
            found.checksum = Some(sum.to_owned());
        }
    }

    /// What stands at a path.
    pub(super) fn get(&self, path: &str) -> Option<&Found> {
        self.0.get(path)
    }

    /// Adds the content of a file, if it is that.
    pub(super) fn reveal(&mut self, path: &str, content: Content) {
        if let Some(found) = self.0.get_mut(path) {
            let sum = crate::sdk::file::Algorithm::Sha1.sum(&content.0);
            found.content = Some(content).filter(|_| found.checksum.as_ref() == Some(&sum));
        }
    }
}

impl Found {
    /// As a look at the full path alone would tell it.
    pub(super) fn seen(found: Option<&Self>, path: String, umask: Permissions) -> Seen {
        let Some(found) = found else { return Seen { path, umask, ..Seen::default() } };
        let link = |target: &String| Link { target: target.clone(), ..Link::default() };
        Seen {
            path,
            umask,
            stat: Some(found.stat.clone()),
            link: found.target.as_ref().map(link),
            checksum: found.checksum.clone(),
            content: found.content.clone(),
            ..Seen::default()
        }
    }
}

/// How many digits a SHA-1 has.
const SUM: usize = 40;

fn records(section: &str) -> impl Iterator<Item = &str> {
    section.split_terminator("//\n")
}

fn relative(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::file::FileKind;

    const SHA: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

    fn parse(output: &str) -> Option<Manifest> {
        Manifest::parse(output.split('\0'))
    }

    #[test]
    fn every_name_is_read_as_it_is() {
        let stat = |kind: &str, name: &str| {
            format!("{kind}:0:0:0:1:2:3:7:4:1:8:4096:0:0:root:root//./{name}//\n")
        };
        let output = [
            stat("81a4", "a -> b\nc  d") + &stat("a1ff", "link") + &stat("41ed", "dir"),
            format!(
                "sum//./a -> b\nc  d//{SHA}  -//\nlink//./link//x//y//\ndirectory//./link////\n"
            ),
            String::new(),
            stat("81a4", "dir/f"),
            String::new(),
            format!("{SHA}  ./dir/f\n"),
        ];
        let manifest = parse(&format!("{}\0", output.join("\0"))).unwrap();
        assert_eq!(manifest.get("a -> b\nc  d").unwrap().checksum.as_deref(), Some(SHA));
        assert_eq!(manifest.get("dir/f").unwrap().checksum.as_deref(), Some(SHA));
        let link = manifest.get("link").unwrap();
        assert_eq!((link.target.as_deref(), link.leads_to_directory), (Some("x//y"), true));
        assert_eq!(manifest.get("dir").unwrap().stat.kind, FileKind::Directory);
        assert_eq!(manifest.get("none"), None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(parse("nonsense//\n\0\0\0"), None);
        assert_eq!(parse("\0\0not a sum\n\0"), None);
    }

    #[test]
    fn a_content_that_is_another_is_not_shown() {
        let mut manifest = Manifest::default();
        let found = Found { checksum: Some(SHA.to_owned()), ..Found::default() };
        manifest.0.insert("a".to_owned(), found);
        manifest.reveal("a", Content(b"other".to_vec()));
        assert_eq!(manifest.get("a").unwrap().content, None);
        manifest.reveal("a", Content(vec![]));
        assert!(manifest.get("a").unwrap().content.is_some());
    }
}
