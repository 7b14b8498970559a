//! The contents that a diff shows.

use super::entry::EntryKind;
use super::tree::Tree;
use crate::sdk::file::{Content, FileKind, Payload, Source};
use crate::sdk::{Failure, Observer, Probe};

const CONTENTS: Probe = Probe(include_str!("contents.sh"));

/// How many files' contents are shown; of the others only the sizes.
const FILES: usize = 100;
/// The most bytes of a file that is shown.
const LONGEST: u64 = 64 * 1024;

impl Tree {
    /// Takes the contents of the files that differ into memory, old and new, as far as they are
    /// short and few.
    pub(super) async fn reveal(&mut self, force: bool, host: &Observer<'_>) -> Result<(), Failure> {
        let mut paths = vec![];
        let mut left = FILES;
        for entry in &mut self.entries {
            let EntryKind::File(source) = &mut entry.kind else { continue };
            let found = self.found.get(&entry.path);
            let same = found.is_some_and(|found| {
                !force || found.checksum.as_deref() == Some(source.checksum.as_str())
            });
            let Payload::Local { path, size } = &source.payload else { continue };
            if same || *size > LONGEST || left == 0 {
                continue;
            }
            left -= 1;
            let bytes = tokio::fs::read(path).await.map_err(|error| {
                Failure::new(format!("cannot read {}: {error}", path.display()))
            })?;
            *source = Source { mode: source.mode, ..Source::bytes(bytes) };
            let is_short = |kind: FileKind, size: u64| kind == FileKind::File && size <= LONGEST;
            if found.is_some_and(|found| is_short(found.stat.kind, found.stat.size)) {
                paths.push(entry.path.clone());
            }
        }
        if paths.is_empty() {
            return Ok(());
        }
        let most = LONGEST.to_string();
        let args = [self.root.path.as_bytes().to_vec(), most.into_bytes()]
            .into_iter()
            .chain(paths.iter().map(|path| Content::from_text(&format!("./{path}")).0));
        let output = host.probe(CONTENTS, args).await?;
        for (path, content) in paths.iter().zip(output.stdout.split(|byte| *byte == 0)) {
            self.found.reveal(path, Content(content.to_vec()));
        }
        Ok(())
    }
}
