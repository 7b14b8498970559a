//! `find`: see [`Args`], which is also what `rplay doc find` prints.

mod contents;
mod criteria;
mod tree;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sdk::file::{Algorithm, FileKind};
use crate::sdk::{
    Arguments, Choice, Failure, Fields, Mode, Module, Observer, Operator, Plan, Probe, Returned,
    Value,
};
use contents::Searched;
use criteria::Criteria;
use tree::{Entry, Tree};

/// Finds files below directories by their name, age, size, permissions and content; changes
/// nothing.
///
/// All that is asked for must hold. Returned are `files`, each as the module `stat` tells of it,
/// their number `matched`, the number `examined` of all that was looked at, and `skipped_paths`:
/// what could not be looked at, and why.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The directories.
    #[arg(alias = "name", alias = "path")]
    paths: Vec<String>,
    /// Patterns of names, of which one must match: with `*`, `?` and `[a-z]`, or regular
    /// expressions with `use_regex`. Every name fits when none is given.
    #[arg(default, alias = "pattern")]
    patterns: Vec<String>,
    /// Patterns of names, of which none may match.
    #[arg(default, alias = "exclude")]
    excludes: Vec<String>,
    /// Whether patterns are regular expressions, which must match from the start of the name.
    #[arg(default)]
    use_regex: bool,
    /// What is found.
    #[arg(default)]
    file_type: Wanted,
    /// Whether directories in the directories are searched too.
    #[arg(default)]
    recurse: bool,
    /// With `recurse`: how many levels deep.
    depth: Option<u32>,
    /// Whether symbolic links to directories are followed.
    #[arg(default)]
    follow: bool,
    /// Whether names that begin with a dot are found.
    #[arg(default)]
    hidden: bool,
    /// How old it is at least, or at most where negative: seconds, or with a unit as in `-2d`, of
    /// `s`, `m`, `h`, `d` and `w`.
    age: Option<String>,
    /// The time that counts for `age`.
    #[arg(default)]
    age_stamp: Stamp,
    /// How large a file is at least, or at most where negative: bytes, or with a unit as in `10m`,
    /// of `b`, `k`, `m`, `g` and `t`.
    size: Option<String>,
    /// Permissions that it has, in octal digits or symbols.
    mode: Option<Mode>,
    /// Whether it has these permissions and no others; else one of them is enough.
    #[arg(default = true)]
    exact_mode: bool,
    /// Regular expression that a file's content matches: from the start of a line, or anywhere with
    /// `read_whole_file`. For files of up to 64 MiB.
    contains: Option<String>,
    /// Whether `contains` is searched in the whole content at once.
    #[arg(default)]
    read_whole_file: bool,
    /// Encoding of the content for `contains`; UTF-8 when not given.
    encoding: Option<String>,
    /// Whether the checksums of files are returned.
    #[arg(default)]
    get_checksum: bool,
    /// How checksums are made.
    #[arg(default, alias = "checksum", alias = "checksum_algo")]
    checksum_algorithm: Algorithm,
    /// How many are found at most, the outer before the inner.
    limit: Option<u32>,
}

/// What is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
pub enum Wanted {
    /// Anything.
    Any,
    /// Directories.
    Directory,
    /// Files.
    #[default]
    File,
    /// Symbolic links.
    Link,
}

/// The time that counts for the age.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
pub enum Stamp {
    /// When it was read last.
    Atime,
    /// When its inode was changed last.
    Ctime,
    /// When its content was changed last.
    #[default]
    Mtime,
}

/// What stands below the directories.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    trees: Vec<Tree>,
    /// What came of searching the contents, by path.
    #[serde(default)]
    searched: BTreeMap<String, Searched>,
    /// Checksums by path.
    #[serde(default)]
    checksums: BTreeMap<String, String>,
}

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let criteria = Criteria::new(self)?;
        let mut trees = vec![];
        for path in &self.paths {
            trees.push(Tree::look(self, path, host).await?);
        }
        let mut state = State { trees, searched: BTreeMap::new(), checksums: BTreeMap::new() };
        if self.contains.is_some() && self.file_type == Wanted::File {
            state.searched = contents::search(self, &criteria, &state.trees, host).await?;
        }
        if self.get_checksum {
            state.checksums = self.sum_up(&state.select(self, &criteria), host).await?;
        }
        Ok(state)
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        let criteria = Criteria::new(self)?;
        let found = now.select(self, &criteria);
        let files: Vec<Value> = found.entries.iter().map(|entry| now.told(entry)).collect();
        let message = match (found.warnings.is_empty(), found.limited) {
            (false, _) => "Not all paths examined, check warnings for details",
            (true, true) => "Limit of matches reached",
            (true, false) => "All paths examined",
        };
        let mut returned = Returned::new()
            .with("matched", files.len())
            .with("files", files)
            .with("examined", now.trees.iter().map(|tree| tree.examined).sum::<u64>())
            .with("skipped_paths", found.skipped)
            .with("msg", message);
        if !found.warnings.is_empty() {
            returned.set("warnings", found.warnings);
        }
        Ok(Plan::Keep(returned))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

impl Args {
    /// The checksums of the files that were found.
    async fn sum_up(
        &self,
        found: &Found<'_>,
        host: &Observer<'_>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        const SUMS: Probe = Probe(include_str!("sums.sh"));
        let files: Vec<&String> = found
            .entries
            .iter()
            .filter(|entry| entry.stat.kind == FileKind::File)
            .map(|entry| &entry.path)
            .collect();
        let mut sums = BTreeMap::new();
        for some in files.chunks(500) {
            let words = [self.checksum_algorithm.word()];
            let words = words.into_iter().chain(some.iter().map(|path| path.as_str()));
            let output = host.probe_paths(SUMS, words).await?;
            let said = output.stdout_text();
            let pairs = some.iter().zip(said.lines()).filter(|(_, sum)| !sum.is_empty());
            sums.extend(pairs.map(|(path, sum)| ((*path).clone(), sum.to_owned())));
        }
        Ok(sums)
    }
}

/// What was found.
#[derive(Debug, Default)]
struct Found<'a> {
    entries: Vec<&'a Entry>,
    /// What could not be looked at, and why.
    skipped: Fields,
    warnings: Vec<String>,
    limited: bool,
}

impl State {
    fn select(&self, args: &Args, criteria: &Criteria) -> Found<'_> {
        let mut found = Found::default();
        for tree in &self.trees {
            found.skipped.extend(tree.closed(args));
            if let Err(why) = self.select_in(tree, args, criteria, &mut found) {
                let path = &tree.path;
                let warning = format!("Skipped '{path}' path due to this access issue: {why}");
                found.warnings.push(warning);
                found.skipped.insert(path.clone(), why.into());
            }
            if found.limited {
                break;
            }
        }
        found
    }

    /// Adds what fits in one tree; an error is why the rest of it was not looked at.
    fn select_in<'a>(
        &'a self,
        tree: &'a Tree,
        args: &Args,
        criteria: &Criteria,
        found: &mut Found<'a>,
    ) -> Result<(), String> {
        if !tree.is_directory {
            return Err(format!("'{}' is not a directory", tree.path));
        }
        for entry in tree.in_order() {
            if !criteria.fits(entry, tree.now, tree.umask) {
                continue;
            }
            match self.searched.get(&entry.path) {
                None | Some(Searched::Matches) => found.entries.push(entry),
                Some(Searched::Differs) => {}
                Some(Searched::Unreadable(why)) => return Err(why.clone()),
            }
            if args.limit.is_some_and(|limit| found.entries.len() >= limit as usize) {
                found.limited = true;
                break;
            }
        }
        Ok(())
    }

    fn told(&self, entry: &Entry) -> Value {
        let mut fields = entry.stat.fields();
        fields.insert("path".to_owned(), entry.path.clone().into());
        if let Some(sum) = self.checksums.get(&entry.path) {
            fields.insert("checksum".to_owned(), sum.clone().into());
        }
        fields.into()
    }
}
