//! The fragments of a file.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::sdk::file::{Content, FileKind, Look, Seen};
use crate::sdk::{Controller, Failure, Observer, Probe, unescape};

/// What stands in the directory of fragments; symbolic links are followed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Fragment {
    /// Its name.
    pub(super) name: String,
    /// Only files are fragments.
    pub(super) kind: FileKind,
    /// What is in it, where it can be read.
    pub(super) content: Option<Content>,
}

/// Reads the fragments of a directory of the host, and looks at the file: one round trip.
pub(super) async fn of_host(
    src: &str,
    dest: Look<'_>,
    host: &Observer<'_>,
) -> Result<(Vec<Fragment>, Seen), Failure> {
    const READ: Probe = Probe(include_str!("fragments.sh"));
    let looks = [dest, Look::at(src)];
    let (seen, output) = Look::see_all_and(&looks, READ, &[], vec![], host).await?;
    let [dest, folder] = <[Seen; 2]>::try_from(seen)
        .map_err(|_| Failure::new(format!("the host does not tell of {src}")))?;
    let path = &folder.path;
    match folder.followed() {
        None => Err(Failure::new(format!("Source ({path}) does not exist"))
            .help("with `remote_src: false` it is a directory of the machine that runs rplay")),
        Some(stat) if stat.kind != FileKind::Directory => {
            Err(Failure::new(format!("Source ({path}) is not a directory")))
        }
        Some(_) if !folder.rights.contains('r') || !folder.rights.contains('x') => {
            Err(Failure::new(format!("Source ({path}) may not be read by the task's user"))
                .help("`become: true` reads it as root"))
        }
        Some(_) => match parse(&output) {
            Some(fragments) => Ok((fragments, dest)),
            None => Err(Failure::new(format!("the fragments in {path} changed while being read"))
                .help("run the play again")),
        },
    }
}

/// Reads what the probe prints: for each file its name, NUL, its size, NUL, and its content.
fn parse(mut output: &[u8]) -> Option<Vec<Fragment>> {
    let mut fragments = vec![];
    while !output.is_empty() {
        let mut next = || {
            let end = output.iter().position(|byte| *byte == 0)?;
            let (field, rest) = output.split_at(end);
            output = &rest[1..];
            Some(Content(field.to_vec()).to_text())
        };
        let (name, size) = (next()?, next()?);
        let content = match size.trim() {
            "" => None,
            size => {
                let (content, rest) = output.split_at_checked(size.parse().ok()?)?;
                output = rest;
                Some(Content(content.to_vec()))
            }
        };
        fragments.push(Fragment { name, content, ..Fragment::default() });
    }
    Some(fragments)
}

/// Reads the fragments of a directory of the controller.
pub(super) fn of_controller(
    controller: &dyn Controller,
    path: &Path,
    decrypt: bool,
) -> Result<Vec<Fragment>, Failure> {
    if !path.is_dir() {
        return Err(Failure::new(format!("Source ({}) is not a directory", path.display())));
    }
    let cannot =
        |error: std::io::Error| Failure::new(format!("cannot read {}: {error}", path.display()));
    let mut fragments = vec![];
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let Some(name) = path.file_name().filter(|_| path.is_file()) else { continue };
        let content = if decrypt {
            controller.read(&path)?.to_vec()
        } else {
            std::fs::read(&path).map_err(cannot)?
        };
        fragments.push(Fragment {
            name: name.to_string_lossy().into_owned(),
            kind: FileKind::File,
            content: Some(Content(content)),
        });
    }
    Ok(fragments)
}

/// The fragments one behind the other.
pub(super) fn join(fragments: &[&Fragment], delimiter: Option<&str>, is_remote: bool) -> Vec<u8> {
    let delimiter = delimiter.map(unescape).filter(|delimiter| !delimiter.is_empty());
    let mut bytes: Vec<u8> = vec![];
    for (index, fragment) in fragments.iter().enumerate() {
        if index > 0 {
            let before = fragments[index - 1].content.as_ref();
            if before.is_none_or(|content| !content.0.ends_with(b"\n")) {
                bytes.push(b'\n');
            }
            if let Some(delimiter) = &delimiter {
                bytes.extend_from_slice(delimiter);
                // Ansible adds one to every delimiter of its own fragments.
                if !is_remote || !delimiter.ends_with(b"\n") {
                    bytes.push(b'\n');
                }
            }
        }
        bytes.extend(fragment.content.iter().flat_map(|content| &content.0));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(contents: &[&str], delimiter: Option<&str>, is_remote: bool) -> String {
        let fragments: Vec<Fragment> = contents
            .iter()
            .map(|text| Fragment {
                content: Some(Content(text.as_bytes().to_vec())),
                ..Fragment::default()
            })
            .collect();
        let bytes = join(&fragments.iter().collect::<Vec<_>>(), delimiter, is_remote);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn fragments_never_share_a_line() {
        assert_eq!(joined(&["a", "b\n", "c"], None, true), "a\nb\nc");
        assert_eq!(joined(&["a", "", "c"], Some(""), true), "a\n\nc");
        assert_eq!(joined(&[], Some("#"), true), "");
    }

    #[test]
    fn a_delimiter_has_its_own_line() {
        assert_eq!(joined(&["a", "b\n", "c"], Some("#"), true), "a\n#\nb\n#\nc");
        assert_eq!(joined(&["a", "b"], Some(r"#\n"), true), "a\n#\nb");
        assert_eq!(joined(&["a", "b"], Some(r"#\n"), false), "a\n#\n\nb");
    }

    #[test]
    fn what_was_cut_off_is_not_taken_for_a_fragment() {
        let names = |output: &[u8]| {
            let fragments = parse(output)?;
            Some(fragments.into_iter().map(|fragment| fragment.name).collect::<Vec<_>>())
        };
        assert_eq!(
            names(b"a\x001\0xb\0\0c\x000\0"),
            Some(vec!["a".into(), "b".into(), "c".into()])
        );
        assert_eq!(names(b"a\x005\0xy"), None);
        assert_eq!(names(b"a"), None);
    }
}
