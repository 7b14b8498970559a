//! An installation: what is there, what is missing, and what came of it.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use futures_util::StreamExt;

use super::fetch::{Fetched, fetch};
use super::lock::{Entry, Lock};
use super::place::Staging;
use super::requirements::Requirements;
use super::source::{Kind, Wanted};
use crate::base::{Diagnostic, Redactor};

/// How many are fetched at a time.
const AT_ONCE: usize = 4;

/// How and where to install.
#[derive(Debug)]
pub(in crate::cli) struct Installation {
    /// The folder for roles.
    pub(in crate::cli) roles: PathBuf,
    /// The folder for `ansible_collections`.
    pub(in crate::cli) collections: PathBuf,
    /// Of which kind only; of both unless given.
    pub(in crate::cli) only: Option<Kind>,
    /// What was installed before.
    pub(in crate::cli) lock: PathBuf,
    /// Whether what is there is replaced.
    pub(in crate::cli) force: bool,
    /// Whether what is fetched may be another than what is locked.
    pub(in crate::cli) update: bool,
    /// Whether it is only told what would be done.
    pub(in crate::cli) check: bool,
}

/// What became of a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Step {
    /// It is of a kind that is not asked for.
    Left,
    /// It was there.
    Present(String),
    /// It is there, and nobody knows from where.
    Foreign(String),
    /// It would be installed.
    Wanted(String),
    /// It was installed.
    Installed(String),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left => Ok(()),
            Self::Present(what) => write!(f, "there: {what}"),
            Self::Foreign(what) => {
                write!(f, "there: {what}, not installed from here; --force replaces it")
            }
            Self::Wanted(what) => write!(f, "would install: {what}"),
            Self::Installed(what) => write!(f, "installed: {what}"),
        }
    }
}

/// What came of one requirement: the step, and what is locked of it.
type Done = Result<(Step, Option<Entry>), Box<Diagnostic>>;

impl Installation {
    /// Installs all; comes back with what went wrong, which the others do not wait for.
    pub(in crate::cli) async fn run(
        &self,
        requirements: &Requirements,
        redactor: &Redactor,
        mut told: impl FnMut(&Step),
    ) -> Result<Vec<Diagnostic>, String> {
        let old = Lock::read(&self.lock)?;
        let all = &requirements.0;
        let passwords = all.iter().filter_map(|wanted| wanted.source.password());
        passwords.for_each(|password| redactor.add(password));
        let mut faults = twice(all);
        if !faults.is_empty() {
            return Ok(faults);
        }
        let work = all.iter().enumerate().map(|(number, wanted)| {
            let known = old.find(wanted);
            async move { (number, self.one(number, wanted, known).await) }
        });
        let mut running = futures_util::stream::iter(work).buffer_unordered(AT_ONCE);
        let mut entries: Vec<Option<Entry>> =
            all.iter().map(|wanted| old.find(wanted).cloned()).collect();
        while let Some((number, done)) = running.next().await {
            match done {
                Ok((step, entry)) => {
                    if step != Step::Left {
                        told(&step);
                    }
                    entries[number] = entry.or(entries[number].take());
                }
                Err(fault) => faults.push(*fault),
            }
        }
        let mut new = Lock::default();
        for (wanted, entry) in all.iter().zip(entries) {
            new.of(wanted.kind).extend(entry);
        }
        if !self.check && new != old {
            new.write(&self.lock)?;
        }
        Ok(faults)
    }

    async fn one(&self, number: usize, wanted: &Wanted, known: Option<&Entry>) -> Done {
        match self.look(wanted, known) {
            Some(step) => Ok((step, None)),
            None => self.install(number, wanted, known).await,
        }
    }

    /// What becomes of a requirement for which nothing is fetched.
    fn look(&self, wanted: &Wanted, known: Option<&Entry>) -> Option<Step> {
        if self.only.is_some_and(|only| only != wanted.kind) {
            return Some(Step::Left);
        }
        let name = wanted.name.as_ref().or(known.map(|entry| &entry.name));
        if let Some(name) = name.filter(|_| !self.force) {
            let target = self.target(wanted.kind, name);
            let unchanged = known.is_some_and(|entry| entry.version == wanted.version);
            if target.symlink_metadata().is_ok() {
                let what = format!("{} {name} in {}", wanted.kind, target.display());
                match known {
                    None => return Some(Step::Foreign(what)),
                    Some(_) if unchanged && !self.update => return Some(Step::Present(what)),
                    Some(_) => {}
                }
            }
        }
        self.check.then(|| {
            let name = name.map_or_else(|| "of its own name".to_owned(), Clone::clone);
            let version = wanted.version.iter().map(|version| format!(" {version}"));
            let (version, from) = (version.collect::<String>(), wanted.source.shown());
            let folder = self.folder(wanted.kind).display();
            Step::Wanted(format!("{} {name}{version} from {from} into {folder}", wanted.kind))
        })
    }

    async fn install(&self, number: usize, wanted: &Wanted, known: Option<&Entry>) -> Done {
        let fault = |message: String| {
            let fault = Diagnostic::error("install", message, wanted.at, "asked for here");
            Box::new(fault)
        };
        let staging = Staging::new(self.folder(wanted.kind), number)
            .map_err(|error| fault(format!("cannot write beside the others: {error}")))?;
        let locked = known.filter(|entry| entry.version == wanted.version && !self.update);
        let release = locked.and_then(|entry| entry.release.as_deref());
        let found = fetch(wanted, release, staging.path())
            .await
            .map_err(|why| fault(format!("cannot fetch {}: {why}", wanted.source.shown())))?;
        if let Some(entry) = locked.filter(|entry| entry.revision != found.revision) {
            let Fetched { name, revision, .. } = &found;
            let (lock, locked) = (self.lock.display(), &entry.revision);
            let message = format!("`{name}` is {revision}, {lock} has {locked}");
            return Err(Box::new(fault(message).help("--update takes what is there now")));
        }
        let target = self.target(wanted.kind, &found.name);
        let what = format!("{} {} in {}", wanted.kind, found.name, target.display());
        if known.is_none() && !self.force && target.symlink_metadata().is_ok() {
            return Ok((Step::Foreign(what), None));
        }
        staging
            .place(&found.folder, &target)
            .map_err(|error| fault(format!("cannot write {}: {error}", target.display())))?;
        let entry = Entry {
            name: found.name,
            source: wanted.source.shown(),
            version: wanted.version.clone(),
            release: found.release,
            revision: found.revision,
        };
        Ok((Step::Installed(format!("{what}, {}", entry.revision)), Some(entry)))
    }

    fn folder(&self, kind: Kind) -> &PathBuf {
        match kind {
            Kind::Role => &self.roles,
            Kind::Collection => &self.collections,
        }
    }

    fn target(&self, kind: Kind, name: &str) -> PathBuf {
        match kind {
            Kind::Role => self.roles.join(name),
            Kind::Collection => {
                self.collections.join("ansible_collections").join(name.replacen('.', "/", 1))
            }
        }
    }
}

/// Requirements that would be installed in the place of others.
fn twice(all: &[Wanted]) -> Vec<Diagnostic> {
    let mut seen = HashMap::new();
    let mut faults = vec![];
    for wanted in all {
        let Some(name) = &wanted.name else { continue };
        if let Some(first) = seen.insert((wanted.kind == Kind::Role, name), wanted.at) {
            let message = format!("{} `{name}` is asked for twice", wanted.kind);
            let fault = Diagnostic::error("requirements", message, wanted.at, "the second");
            faults.push(fault.also(first, "the first"));
        }
    }
    faults
}
