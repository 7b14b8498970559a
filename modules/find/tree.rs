//! What stands below a directory of the host.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Args, Wanted};
use crate::sdk::file::{FileKind, FileStat, Permissions};
use crate::sdk::{Failure, Fields, Observer, Output, Probe, Value};

/// What stands below one directory, as far as it may be found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tree {
    /// The directory, expanded.
    pub(super) path: String,
    /// Whether it is one.
    pub(super) is_directory: bool,
    /// The host's time, in seconds since 1970.
    pub(super) now: i64,
    /// The umask of those who look.
    pub(super) umask: Permissions,
    /// How much there is.
    pub(super) examined: u64,
    /// Directories that may not be read; the levels they are below.
    pub(super) closed: Vec<(String, usize)>,
    /// What may be found, in the order the host tells it.
    pub(super) entries: Vec<Entry>,
}

/// What stands at one path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    /// Its path.
    pub(super) path: String,
    /// Its name and those of the directories it is in, below the one that is searched.
    pub(super) names: Vec<String>,
    /// What the kernel says of it.
    pub(super) stat: FileStat,
}

impl Tree {
    pub(super) async fn look(
        args: &Args,
        path: &str,
        host: &Observer<'_>,
    ) -> Result<Self, Failure> {
        const LOOK: Probe = Probe(include_str!("tree.sh"));
        // One level more is examined, but not found.
        let depth = match (args.recurse, args.depth) {
            (false, _) => "1".to_owned(),
            (true, None | Some(0)) => String::new(),
            (true, Some(depth)) => (depth + 1).to_string(),
        };
        let follow = if args.follow { "-L" } else { "" };
        let words = [path, follow, &depth].map(str::to_owned);
        let output = host.probe_paths(LOOK, words.into_iter().chain(filter(args))).await?;
        if output.left_out > 0 {
            return Err(Failure::new(format!("there is too much below {path} to be told"))
                .help("`depth`, `file_type` or `patterns` make it less"));
        }
        Self::parse(&output).ok_or_else(|| {
            Failure::of_program(&format!("looking at {path}"), &output)
                .help("rplay needs `find`, `xargs` and `stat`: GNU's or BusyBox's")
        })
    }

    fn parse(output: &Output) -> Option<Self> {
        let text = output.stdout_text();
        let mut fields = text.split('\0');
        let path = fields.next()?.to_owned();
        let mut tree = Self { path, now: fields.next()?.trim().parse().ok()?, ..Self::default() };
        tree.umask = Permissions::new(u32::from_str_radix(fields.next()?.trim(), 8).ok()?);
        match fields.next()? {
            "none" => return Some(tree),
            "closed" => {
                tree.is_directory = true;
                tree.closed = vec![(tree.path.clone(), 0)];
                return Some(tree);
            }
            _ => tree.is_directory = true,
        }
        // The directory itself is among them.
        tree.examined = fields.next()?.trim().parse::<u64>().ok()?.saturating_sub(1);
        let full = |names: &[&str]| normal(&format!("{}/{}", tree.path, names.join("/")));
        let closed = fields.next()?.split_terminator("//").map(names);
        tree.closed = closed.map(|names| (full(&names), names.len())).collect();
        for record in fields.next()?.split_terminator("//\n") {
            let (stat, path) = record.split_once("//")?;
            let names = names(path);
            if !names.is_empty() {
                let (path, stat) = (full(&names), FileStat::parse(stat)?);
                let names = names.into_iter().map(str::to_owned).collect();
                tree.entries.push(Entry { path, names, stat });
            }
        }
        Some(tree)
    }

    /// The directories that were to be searched and may not be read, and why.
    pub(super) fn closed(&self, args: &Args) -> Fields {
        let deepest = match (args.recurse, args.depth) {
            (false, _) => 0,
            (true, None | Some(0)) => usize::MAX,
            (true, Some(depth)) => depth as usize,
        };
        let closed = self.closed.iter().filter(|(_, level)| *level <= deepest);
        closed
            .map(|(path, _)| {
                let why = format!("[Errno 13] Permission denied: '{path}'");
                (path.clone(), Value::from(why))
            })
            .collect()
    }

    /// The entries as a walk meets them: of each directory the files, then the directories, then
    /// what is in those.
    pub(super) fn in_order(&self) -> Vec<&Entry> {
        let mut first: HashMap<&[String], usize> = HashMap::new();
        for entry in &self.entries {
            for depth in 1..=entry.names.len() {
                let next = first.len();
                first.entry(&entry.names[..depth]).or_insert(next);
            }
        }
        let place = |entry: &Entry| -> Vec<(bool, bool, usize)> {
            let last = entry.names.len();
            let is_directory = entry.stat.kind == FileKind::Directory;
            let place = |depth| first.get(&entry.names[..depth]).copied().unwrap_or_default();
            (1..=last)
                .map(|depth| (depth < last, depth == last && is_directory, place(depth)))
                .collect()
        };
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_cached_key(|entry| place(entry));
        entries
    }
}

/// What the host itself can leave out, so that less is told: none where all that is met counts.
fn filter(args: &Args) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let kind = match args.file_type {
        _ if args.follow => None,
        Wanted::Any => None,
        Wanted::Directory => Some("d"),
        Wanted::File => Some("f"),
        Wanted::Link => Some("l"),
    };
    words.extend(kind.into_iter().flat_map(|kind| ["-type".to_owned(), kind.to_owned()]));
    // In sets the programs differ.
    let is_plain = |pattern: &String| !pattern.contains(['[', ']', '\\']);
    if !args.use_regex && !args.patterns.is_empty() && args.patterns.iter().all(is_plain) {
        let names = args.patterns.iter().map(|pattern| ["-name".to_owned(), pattern.clone()]);
        words.push("(".to_owned());
        words.extend(names.collect::<Vec<_>>().join(&"-o".to_owned()));
        words.push(")".to_owned());
    }
    words
}

/// The names in a path that `find` prints.
fn names(path: &str) -> Vec<&str> {
    path.split('/').filter(|name| !matches!(*name, "" | ".")).collect()
}

/// A path without `//`, `.` and `..`.
fn normal(path: &str) -> String {
    let mut names: Vec<&str> = vec![];
    let is_absolute = path.starts_with('/');
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => drop(names.pop()),
            ".." if is_absolute => {}
            name => names.push(name),
        }
    }
    format!("{}{}", if is_absolute { "/" } else { "" }, names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain() {
        assert_eq!(normal("/a//b/./c/../d"), "/a/b/d");
        assert_eq!(normal("/../a"), "/a");
        assert_eq!(normal("../../a/b/.."), "../../a");
    }

    #[test]
    fn the_outer_come_before_the_inner() {
        let entry = |path: &str, kind: FileKind| Entry {
            path: path.to_owned(),
            names: path.split('/').map(str::to_owned).collect(),
            stat: FileStat { kind, ..FileStat::default() },
        };
        let tree = Tree {
            entries: vec![
                entry("b", FileKind::Directory),
                entry("b/c", FileKind::Directory),
                entry("b/c/1", FileKind::File),
                entry("b/2", FileKind::File),
                entry("3", FileKind::File),
                entry("a/4", FileKind::File),
                entry("0", FileKind::Link),
            ],
            ..Tree::default()
        };
        let paths: Vec<&str> = tree.in_order().iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["3", "0", "b", "b/2", "b/c", "b/c/1", "a/4"]);
    }

    #[test]
    fn what_the_host_tells_is_read() {
        let stat = "81a4:0:0:3:1:2:3:7:4:1:8:4096:0:0:root:root";
        let said = format!(
            "/x/\x001000\x000022\0open\0 4 \0./a/b//./c//\0{stat}//./a -> \nb//\n{stat}//.//\n"
        );
        let parse = |said: &str| Tree::parse(&Output { stdout: said.into(), ..Output::default() });
        let tree = parse(&said).unwrap();
        assert_eq!((tree.path.as_str(), tree.now, tree.examined), ("/x/", 1000, 3));
        assert_eq!(tree.closed, [("/x/a/b".to_owned(), 2), ("/x/c".to_owned(), 1)]);
        assert_eq!(tree.entries.len(), 1);
        assert_eq!(tree.entries[0].path, "/x/a -> \nb");
        assert!(!parse("/x\x001000\x000022\0none\0").unwrap().is_directory);
        assert_eq!(parse("sh: find: not found"), None);
    }
}
