//! `assemble`: see [`Args`], which is also what `rplay doc assemble` prints.

mod fragments;

use serde::{Deserialize, Serialize};

use crate::sdk::file::{
    Algorithm, FileAttributes, FileChange, FileKind, Look, Seen, Source, WantedFile,
};
use crate::sdk::{
    Arguments, Failure, Module, Observer, Operator, Plan, Regex, RegexOptions, Returned, Search,
    Side,
};
use fragments::{Fragment, join};

/// Puts a file together from the fragments in a directory, in the order of their names.
///
/// A line feed goes between two fragments where the first has none at its end.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The directory with the fragments; what is in its own directories is none.
    src: String,
    /// The file.
    dest: String,
    /// Whether the directory is on the host; else it is looked for in `files/` when relative.
    #[arg(default = true)]
    remote_src: bool,
    /// What is put between two fragments, with a line feed behind it; `\n` and the like are
    /// understood.
    delimiter: Option<String>,
    /// Regular expression that a fragment's name must contain.
    regexp: Option<String>,
    /// Whether files whose names begin with a dot are left out.
    #[arg(default)]
    ignore_hidden: bool,
    /// Keeps a file that is replaced under another name; returned as `backup_file`.
    #[arg(default)]
    backup: bool,
    /// Whether fragments of the machine that runs rplay are decrypted where they are vaults.
    #[arg(default = true)]
    decrypt: bool,
    /// Command that must accept the file before it is put in place; `%s` stands for its path.
    validate: Option<String>,
    /// Owner, group and permissions.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// The fragments, and what stands in the file's place.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    fragments: Vec<Fragment>,
    dest: Seen,
}

impl Module for Args {
    type State = State;
    type Change = FileChange;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let dest = Look::at(&self.dest)
            .checksum(Algorithm::Sha1)
            .attributes(&self.attributes)
            .content(Side::SHOWN);
        if self.remote_src {
            let (fragments, dest) = fragments::of_host(&self.src, dest, host).await?;
            return Ok(State { fragments, dest });
        }
        let path = host.controller().find(Search::Files, &self.src)?;
        let fragments = fragments::of_controller(host.controller(), &path, self.decrypt)?;
        Ok(State { fragments, dest: dest.see(host).await? })
    }

    fn plan(&self, now: &State) -> Result<Plan<FileChange>, Failure> {
        let State { fragments, dest } = now;
        let bytes = join(&self.chosen(fragments)?, self.delimiter.as_deref(), self.remote_src);
        let md5sum = Algorithm::Md5.sum(&bytes);
        let source = Source::bytes(bytes);
        let returned = Returned::new()
            .with("src", &self.src)
            .with("checksum", &source.checksum)
            .with("md5sum", md5sum)
            .with("msg", "OK");
        let wanted = WantedFile {
            // A link to a file that has the content already stays.
            follow: dest.checksum.as_ref() == Some(&source.checksum),
            source,
            attributes: &self.attributes,
            force: true,
            backup: self.backup,
            validate: self.validate.as_deref(),
            edited: false,
        };
        Ok(wanted.plan(dest)?.returning(returned))
    }

    async fn apply(change: FileChange, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    /// The fragments that count, in their order.
    fn chosen<'a>(&self, fragments: &'a [Fragment]) -> Result<Vec<&'a Fragment>, Failure> {
        let regex = match &self.regexp {
            Some(text) => Some(Regex::new(text, RegexOptions::default()).map_err(|fault| {
                Failure::new(format!("Invalid Regexp ({fault}) in \"{text}\""))
            })?),
            None => None,
        };
        let mut chosen = vec![];
        for fragment in fragments.iter().filter(|fragment| fragment.kind == FileKind::File) {
            let name = &fragment.name;
            let matches = match &regex {
                Some(regex) => regex.is_match(name).map_err(Failure::new)?,
                None => true,
            };
            if matches && !(self.ignore_hidden && name.starts_with('.')) {
                chosen.push(fragment);
            }
        }
        chosen.sort_by(|a, b| a.name.cmp(&b.name));
        match chosen.iter().find(|fragment| fragment.content.is_none()) {
            Some(closed) => {
                let path = format!("{}/{}", self.src.trim_end_matches('/'), closed.name);
                Err(Failure::new(format!("the fragment {path} cannot be read"))
                    .help("`become: true` reads it as root"))
            }
            None => Ok(chosen),
        }
    }
}
