//! What is in files.

use std::borrow::Cow;
use std::collections::BTreeMap;

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use super::Args;
use super::criteria::{Criteria, matches_at_start};
use super::tree::{Entry, Tree};
use crate::sdk::{Failure, Observer, Probe, Regex};

/// What came of searching a content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Searched {
    /// The expression matches.
    Matches,
    /// It does not, or the file cannot be read.
    Differs,
    /// The content is no text, and why.
    Unreadable(String),
}

/// The largest file that is searched, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// How many bytes, and how many files, are read in one round trip.
const TOGETHER: (u64, usize) = (8 * 1024 * 1024, 500);

/// Searches the files that are as they must be otherwise, until as many match as are wanted.
pub(super) async fn search(
    args: &Args,
    criteria: &Criteria,
    trees: &[Tree],
    host: &Observer<'_>,
) -> Result<BTreeMap<String, Searched>, Failure> {
    let mut searched = BTreeMap::new();
    let Some(regex) = &criteria.contains else { return Ok(searched) };
    let fits = |tree: &&Tree, entry: &&Entry| criteria.fits(entry, tree.now, tree.umask);
    let candidates = trees
        .iter()
        .flat_map(|tree| tree.in_order().into_iter().filter(move |entry| fits(&tree, entry)));
    let limit = args.limit.map_or(usize::MAX, |limit| limit as usize);
    let mut matched = 0;
    for batch in batches(candidates.collect()) {
        for (entry, content) in batch.iter().zip(read(&batch, host).await?) {
            let came = match content {
                None => Searched::Differs,
                Some(_) if entry.stat.size > LARGEST => Searched::Unreadable(format!(
                    "{} is larger than 64 MiB: its content is not searched",
                    entry.path
                )),
                Some(content) => match decode(&content, &entry.path, args.encoding.as_deref()) {
                    Ok(text) if is_found(regex, &text, args.read_whole_file) => Searched::Matches,
                    Ok(_) => Searched::Differs,
                    Err(why) => Searched::Unreadable(why),
                },
            };
            matched += usize::from(came == Searched::Matches);
            searched.insert(entry.path.clone(), came);
        }
        if matched >= limit {
            break;
        }
    }
    Ok(searched)
}

/// Files that are read together; a large one is alone.
fn batches(entries: Vec<&Entry>) -> Vec<Vec<&Entry>> {
    let mut batches: Vec<Vec<&Entry>> = vec![];
    let mut size = 0;
    for entry in entries {
        size += entry.stat.size;
        match batches.last_mut() {
            Some(batch) if size <= TOGETHER.0 && batch.len() < TOGETHER.1 => batch.push(entry),
            _ => {
                size = entry.stat.size;
                batches.push(vec![entry]);
            }
        }
    }
    batches
}

/// The contents of files; none for one that cannot be read.
async fn read(batch: &[&Entry], host: &Observer<'_>) -> Result<Vec<Option<Vec<u8>>>, Failure> {
    if let [entry] = batch
        && entry.stat.size > TOGETHER.0
    {
        let mut content = vec![];
        for index in 0.. {
            let part = host.file_part(&entry.path, index).await?;
            content.extend_from_slice(&part);
            if part.len() < Observer::PART || content.len() as u64 > LARGEST {
                break;
            }
        }
        return Ok(vec![Some(content)]);
    }
    let paths = batch.iter().map(|entry| &entry.path);
    let output = host.probe(Probe(include_str!("contents.sh")), paths).await?;
    let changed = || Failure::new("files changed while they were searched: run the play again");
    parse(&output.stdout, batch.len()).ok_or_else(changed)
}

/// Reads what the probe prints: for each file its size, NUL, and its content.
fn parse(mut output: &[u8], count: usize) -> Option<Vec<Option<Vec<u8>>>> {
    let mut contents = vec![];
    for _ in 0..count {
        let end = output.iter().position(|byte| *byte == 0)?;
        let (size, rest) = output.split_at(end);
        let size = std::str::from_utf8(size).ok()?.trim();
        let length = if size.is_empty() { 0 } else { size.parse().ok()? };
        let (content, rest) = rest[1..].split_at_checked(length)?;
        contents.push((!size.is_empty()).then(|| content.to_vec()));
        output = rest;
    }
    Some(contents)
}

/// A content as text, its line ends made line feeds; else why it is none, in Ansible's words.
fn decode(content: &[u8], path: &str, encoding: Option<&str>) -> Result<String, String> {
    let name = encoding.unwrap_or("utf-8");
    // Python takes more spellings than the web does.
    let label = name.to_lowercase().replace('_', "-");
    let label = match label.as_str() {
        "latin-1" => "latin1",
        "utf8-sig" | "utf-8-sig" => "utf-8",
        label => label,
    };
    let encoding_of = Encoding::for_label(label.as_bytes());
    let known = encoding_of.ok_or_else(|| format!("unknown encoding: {name}"))?;
    let text: Option<Cow<'_, str>> = match label {
        "ascii" | "us-ascii" if !content.is_ascii() => None,
        _ => known.decode_without_bom_handling_and_without_replacement(content),
    };
    let text = text.ok_or_else(|| {
        let name = encoding
            .unwrap_or("None (default determined by the Python built-in function \"open\")");
        format!("Failed to read the file {path} due to an encoding error. current encoding: {name}")
    })?;
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn is_found(regex: &Regex, text: &str, whole: bool) -> bool {
    if whole {
        return regex.is_match(text).unwrap_or(false);
    }
    text.split_inclusive('\n').any(|line| matches_at_start(regex, line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::RegexOptions;

    #[test]
    fn an_expression_is_held_against_lines_or_the_whole() {
        let found = |pattern: &str, whole| {
            let regex = Regex::new(pattern, RegexOptions::default()).unwrap();
            is_found(&regex, "one KO\ntwo\nOK\n", whole)
        };
        assert!(found(".*KO$", false) && !found("KO$", false) && !found("KO$", true));
        assert!(found("OK$", true) && found("KO\ntwo", true) && !found("one KO\ntwo", false));
    }

    #[test]
    fn contents_are_read_in_their_encoding() {
        let hello = [0xc4, 0xe3, 0xba, 0xc3];
        assert_eq!(decode(&hello, "/x", Some("gbk")).unwrap(), "你好");
        assert_eq!(decode(b"a\r\nb\rc", "/x", None).unwrap(), "a\nb\nc");
        assert_eq!(decode(b"\xe9", "/x", Some("latin_1")).unwrap(), "é");
        assert_eq!(
            decode(&hello, "/x", Some("utf-8")).unwrap_err(),
            "Failed to read the file /x due to an encoding error. current encoding: utf-8"
        );
        assert_eq!(decode(b"", "/x", Some("none")).unwrap_err(), "unknown encoding: none");
    }

    #[test]
    fn what_is_cut_off_is_not_understood() {
        let parsed = parse(b" 2\0ab\x000\0", 3).unwrap();
        assert_eq!(parsed, [Some(b"ab".to_vec()), None, Some(vec![])]);
        assert_eq!(parse(b"5\0ab", 1), None);
    }
}
