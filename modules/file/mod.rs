//! `file`: see [`Args`], which is also what `rplay doc file` prints.

mod change;
mod decide;
mod times;
mod tree;

use serde::{Deserialize, Serialize};

use crate::sdk::file::{FileAttributes, Look, Seen, base_name, parent};
use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, Probe, Returned, Rule,
};
use change::Step;
use times::{Stamps, Timestamp};
use tree::Entry;

const RULES: &[Rule] = &[Rule::If("state", "hard", &["src"])];

/// Makes directories and links, removes files, and sets owners and permissions.
///
/// Content is the business of `copy` and `template`.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// The path.
    #[arg(alias = "dest", alias = "name")]
    path: String,
    /// What must be there. `directory` makes missing parents too; `touch` makes an empty file
    /// where nothing is and sets its times; `file` makes nothing; `absent` removes whole trees.
    /// When not given: what is there already, else `directory` with `recurse`, else `file`.
    state: Option<State>,
    /// What a link leads to; relative to the link's directory for symbolic links.
    src: Option<String>,
    /// Whether owner and permissions are set on everything in a directory. A symbolic link in it
    /// gets the owner itself; what it leads to is left as it is.
    #[arg(default)]
    recurse: bool,
    /// Whether a link is made though its target is missing, or in place of another kind of file.
    #[arg(default)]
    force: bool,
    /// Whether a symbolic link at the path is followed; else it is set itself.
    #[arg(default = true)]
    follow: bool,
    /// When the content was changed last: `preserve`, `now`, or a time in the format given;
    /// `now` with `touch`, else `preserve`.
    modification_time: Option<String>,
    /// How `modification_time` is written.
    #[arg(default = "%Y%m%d%H%M.%S")]
    modification_time_format: String,
    /// When it was read last; as with `modification_time`.
    access_time: Option<String>,
    /// How `access_time` is written.
    #[arg(default = "%Y%m%d%H%M.%S")]
    access_time_format: String,
    /// Owner, group and permissions.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// What must be at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Choice)]
pub enum State {
    /// Nothing.
    Absent,
    /// A directory.
    Directory,
    /// A file that is there already.
    File,
    /// Another name of a file.
    Hard,
    /// A symbolic link.
    Link,
    /// A file, with new times.
    Touch,
}

/// What stands at the path, and what a link would lead to.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    seen: Seen,
    /// What stands at `src`.
    source: Option<Seen>,
    /// Its times, as `%Y%m%d%H%M.%S` in the host's time zone, where they are asked for.
    stamps: Stamps,
    /// Whether it is a directory with something in it.
    full: bool,
    /// Everything in the directory, where that is asked for.
    entries: Vec<Entry>,
}

impl Module for Args {
    type State = Found;
    type Change = Vec<Step>;

    async fn observe(&self, host: &Observer<'_>) -> Result<Found, Failure> {
        const PROBE: Probe = Probe(include_str!("probe.sh"));
        let source = self.source();
        // A hard link keeps its name inside a directory.
        let inside = match (self.state, &self.src) {
            (Some(State::Hard), Some(src)) => base_name(src),
            _ => "",
        };
        // What a link leads to matters where it is that which gets an owner.
        let follow = self.state != Some(State::Link) || self.attributes.is_given();
        let look = Look::at(&self.path).inside(inside).attributes(&self.attributes);
        let mut looks = vec![look.follow(self.follow && follow)];
        looks.extend(source.iter().map(|source| Look::at(source)));
        let flag = |wanted: bool| if wanted { "1" } else { "" };
        let times = self.modified()?.is_given() || self.accessed()?.is_given();
        let args = [&self.path, flag(self.recurse), flag(times), flag(source.is_some())];
        let (seen, rest) = Look::see_all_and(&looks, PROBE, &args, vec![], host).await?;
        let mut seen = seen.into_iter();
        let found = tree::parse(&rest);
        Ok(Found { seen: seen.next().unwrap_or_default(), source: seen.next(), ..found })
    }

    fn plan(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        self.decide(now)
    }

    async fn apply(steps: Vec<Step>, host: &Operator<'_>) -> Result<Returned, Failure> {
        let mut returned = Returned::new();
        for step in steps {
            returned = returned.and(step.apply(host).await?);
        }
        Ok(returned)
    }
}

impl Args {
    /// The path of what a link leads to, as seen from the host's login directory.
    fn source(&self) -> Option<String> {
        let src = self.src.as_deref()?;
        if src.starts_with(['/', '~', '$']) || self.state == Some(State::Hard) {
            return Some(src.to_owned());
        }
        Some(format!("{}/{src}", parent(&self.path).trim_end_matches('/')))
    }

    fn modified(&self) -> Result<Timestamp, Failure> {
        self.timestamp(self.modification_time.as_deref(), &self.modification_time_format)
    }

    fn accessed(&self) -> Result<Timestamp, Failure> {
        self.timestamp(self.access_time.as_deref(), &self.access_time_format)
    }

    fn timestamp(&self, text: Option<&str>, format: &str) -> Result<Timestamp, Failure> {
        match text {
            None if self.state == Some(State::Touch) => Ok(Timestamp::Now),
            None | Some("preserve" | "") => Ok(Timestamp::Preserve),
            Some("now") => Ok(Timestamp::Now),
            Some(text) => Timestamp::read(text, format),
        }
    }
}
