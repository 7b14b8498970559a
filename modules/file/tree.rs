//! Everything in a directory.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::change::Step;
use super::times::Stamps;
use super::{Args, Found};
use crate::sdk::Diff;
use crate::sdk::file::{FileStat, Permissions, Seen};

/// A file or directory in a directory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    path: String,
    stat: FileStat,
}

/// The most entries that a diff names.
const SHOWN: usize = 20;

/// Reads what the probe prints.
pub(super) fn parse(output: &[u8]) -> Found {
    let text = String::from_utf8_lossy(output);
    let mut fields = text.splitn(4, '\0');
    let mut next = || fields.next().unwrap_or_default().to_owned();
    let stamps = Stamps { modified: next(), accessed: next() };
    let full = next() == "full";
    // The line of a name with a line feed in it is no entry.
    let entries = next().lines().filter_map(entry).collect();
    Found { stamps, full, entries, ..Found::default() }
}

fn entry(line: &str) -> Option<Entry> {
    let [mode, uid, gid, owner, group, path] =
        line.splitn(6, ':').collect::<Vec<_>>().try_into().ok()?;
    let names = format!("{mode}:{uid}:{gid}:0:0:0:0:0:0:0:0:0:0:0:{owner}:{group}");
    // `find DIR/` prints `DIR/` for the directory itself, and `DIR//entry` where it had a slash.
    let path = path.replacen("//", "/", 1);
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(&path).to_owned();
    Some(Entry { path, stat: FileStat::parse(&names)? })
}

impl Args {
    /// The steps that make a tree what it must be, each for all that need the same; and what
    /// differs. Empty where nothing does.
    pub(super) fn tree(&self, now: &Found) -> (Vec<Step>, Vec<Diff>) {
        let nothing = Seen { umask: now.seen.umask, ..Seen::default() };
        let mut owners: IndexMap<String, Vec<String>> = IndexMap::new();
        let mut modes: IndexMap<String, (Permissions, Vec<String>)> = IndexMap::new();
        let mut diffs = vec![];
        for Entry { path, stat } in &now.entries {
            let change = self.attributes.change(&nothing, Some(stat), stat.kind, None);
            diffs.extend(change.diff(path, Some(stat), &nothing));
            let ownership = change.ownership();
            if !ownership.is_empty() {
                owners.entry(ownership).or_default().push(path.clone());
            }
            if let Some(mode) = change.mode {
                let group = modes.entry(mode.for_chmod()).or_insert((mode, vec![]));
                group.1.push(path.clone());
            }
        }
        if diffs.len() > SHOWN {
            let more = diffs.len() - SHOWN;
            diffs.truncate(SHOWN);
            let subject = format!("{more} more in {}", now.seen.path);
            diffs.push(Diff::state(subject, "as they are", "as those above"));
        }
        // A new owner takes set-user-id away, so that the permissions come last.
        let own = owners.into_iter().map(|(ownership, paths)| Step::Own { ownership, paths });
        let permit = modes.into_values().map(|(mode, paths)| Step::Permit { mode, paths });
        (own.chain(permit).collect(), diffs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::file::FileKind;

    #[test]
    fn directories_files_and_links_are_listed() {
        let found = parse(
            b"\0\0\x0041ed:0:0:root:root:/srv/a/\n81a4:7:8:app:app:/srv/a//b:c\n\
            a1ff:0:0:root:root:/srv/a/link\n",
        );
        let seen: Vec<_> =
            found.entries.iter().map(|entry| (entry.path.as_str(), entry.stat.kind)).collect();
        assert_eq!(
            seen,
            [
                ("/srv/a", FileKind::Directory),
                ("/srv/a/b:c", FileKind::File),
                ("/srv/a/link", FileKind::Link)
            ]
        );
        assert_eq!(entry("41ed:0:0:root:root:/").map(|entry| entry.path).as_deref(), Some("/"));
    }
}
