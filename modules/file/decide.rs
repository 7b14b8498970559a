//! What has to be done for each state.

use super::change::Step;
use super::{Args, Found, State};
use crate::sdk::file::{Content, FileKind, FileStat, FileWrite, NewDirectories, Payload, Seen};
use crate::sdk::{Diff, Failure, Plan, Returned};

/// Steps as they are decided on, with what they look like.
#[derive(Default)]
struct Work {
    steps: Vec<Step>,
    diffs: Vec<Diff>,
}

impl Work {
    fn push(&mut self, step: Step, diffs: impl IntoIterator<Item = Diff>) {
        self.steps.push(step);
        self.diffs.extend(diffs);
    }

    fn plan(self, returned: Returned) -> Plan<Vec<Step>> {
        if self.steps.is_empty() {
            return Plan::Keep(returned);
        }
        Plan::Change { change: self.steps, diffs: self.diffs, returned }
    }
}

impl Args {
    pub(super) fn decide(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        let seen = &now.seen;
        let state = self.state.unwrap_or_else(|| self.state_of(seen));
        let faults = [
            (self.recurse && state != State::Directory, "`recurse` is for directories"),
            (
                self.src.is_some() && !matches!(state, State::Link | State::Hard),
                "`src` is for links: state must be link or hard",
            ),
        ];
        if let Some((_, message)) = faults.into_iter().find(|(is_fault, _)| *is_fault) {
            return Err(Failure::new(message));
        }
        if let Some(obstacle) = seen.obstacle.as_ref().filter(|_| state != State::Absent) {
            return Err(Failure::new(format!("cannot use {}: {obstacle}", seen.path)));
        }
        match state {
            State::Absent if seen.path == "/" => Err(Failure::new("/ is not removed")),
            State::Absent => Ok(Self::absent(seen)),
            State::Directory => self.directory(now),
            State::File => self.file(now),
            State::Touch => self.touch(now),
            State::Link => self.link(now),
            State::Hard => self.hard(now),
        }
    }

    /// The state that is meant when none is given.
    fn state_of(&self, seen: &Seen) -> State {
        match seen.stat(self.follow).map(|stat| stat.kind) {
            Some(FileKind::Directory) => State::Directory,
            Some(FileKind::Link) => State::Link,
            None if self.recurse => State::Directory,
            _ => State::File,
        }
    }

    fn absent(seen: &Seen) -> Plan<Vec<Step>> {
        let mut work = Work::default();
        if let Some(stat) = &seen.stat {
            let diff = Diff::state(&seen.path, stat.kind.word(), "absent");
            work.push(Step::Remove(seen.path.clone()), [diff]);
        }
        work.plan(Returned::new().with("path", &seen.path).with("state", "absent"))
    }

    fn directory(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        let seen = &now.seen;
        let Some(stat) = seen.stat(self.follow) else {
            if seen.link.is_some() {
                let path = &seen.path;
                return Err(Failure::new(format!("{path} is a symbolic link that leads nowhere"))
                    .help("remove it first, with state: absent"));
            }
            let made = NewDirectories::to(&seen.path, seen, &self.attributes);
            let mut work = Work::default();
            let mut returned = Returned::new().with("path", &seen.path).with("state", "directory");
            if let Some(mode) = made.attributes.mode {
                returned.set("mode", mode);
            }
            work.push(Step::Make(made.clone()), made.diffs());
            return Ok(work.plan(returned));
        };
        if stat.kind != FileKind::Directory {
            let (path, kind) = (&seen.path, stat.kind.word());
            return Err(Failure::new(format!("{path} already exists as a {kind}"))
                .help("remove it first, with state: absent"));
        }
        let mut work = Work::default();
        if self.recurse {
            let (steps, diffs) = self.tree(now);
            work.steps.extend(steps);
            work.diffs.extend(diffs);
        } else {
            self.set(seen, stat, &mut work);
        }
        self.times(now, &mut work)?;
        Ok(work.plan(self.kept(seen, stat)))
    }

    fn file(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        let seen = &now.seen;
        let Some(stat) = seen.stat(self.follow) else {
            return Err(Failure::new(format!("{} does not exist", seen.path)).help(
                "state: touch makes an empty file; copy and template make one with content",
            ));
        };
        if stat.kind != FileKind::File {
            let (path, kind) = (&seen.path, stat.kind.word());
            return Err(Failure::new(format!("{path} is a {kind}, not a file")));
        }
        let mut work = Work::default();
        self.set(seen, stat, &mut work);
        self.times(now, &mut work)?;
        Ok(work.plan(self.kept(seen, stat)))
    }

    fn touch(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        let seen = &now.seen;
        let mut work = Work::default();
        if let Some(stat) = seen.stat(self.follow) {
            self.set(seen, stat, &mut work);
            self.times(now, &mut work)?;
            return Ok(work.plan(self.kept(seen, stat)));
        }
        let attributes = self.attributes.change(seen, None, FileKind::File, None);
        let returned = Returned::new().with("dest", &seen.path).with("state", "file");
        let returned = returned.with("mode", attributes.mode).with("size", 0);
        let write = FileWrite {
            path: seen.real_path().to_owned(),
            payload: Payload::Bytes(Content::default()),
            attributes,
            before: String::new(),
            backup: false,
            expected: None,
            validate: None,
            unsafe_writes: false,
        };
        work.push(Step::Write(Box::new(write)), [Diff::state(&seen.path, "absent", "file")]);
        if self.modified()?.is_given() || self.accessed()?.is_given() {
            self.times(now, &mut work)?;
        }
        Ok(work.plan(returned))
    }

    fn link(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        let seen = &now.seen;
        let target = seen.link.as_ref().map(|link| link.target.as_str());
        let src = match (&self.src, target) {
            (Some(src), _) => src,
            (None, Some(_)) => return self.kept_link(now),
            (None, None) => return Err(Failure::new("`src` is needed to make a link")),
        };
        if target == Some(src) {
            return self.kept_link(now);
        }
        let source = now.source.as_ref().and_then(Seen::followed);
        if source.is_none() && !self.force {
            let path = now.source.as_ref().map_or(src, |source| &source.path);
            return Err(Failure::new(format!("the link's target {path} does not exist"))
                .help("force: true makes the link all the same"));
        }
        let kind = seen.stat.as_ref().map(|stat| stat.kind);
        self.check_replaced(now, "a link", &[FileKind::Link])?;
        let mut work = Work::default();
        let before = match (kind, target) {
            (_, Some(target)) => format!("link to {target}"),
            (Some(kind), None) => kind.word().to_owned(),
            (None, None) => "absent".to_owned(),
        };
        let step = Step::Link {
            path: seen.path.clone(),
            src: src.clone(),
            hard: false,
            replaces_directory: kind == Some(FileKind::Directory),
        };
        work.push(step, [Diff::state(&seen.path, before, format!("link to {src}"))]);
        self.set_link(seen, source, &mut work);
        Ok(work.plan(Self::linked(seen, src).with("state", "link")))
    }

    /// A link that leads where it must; its owner may still differ.
    fn kept_link(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        let seen = &now.seen;
        let mut work = Work::default();
        if let Some(stat) = seen.stat(self.follow) {
            self.set(seen, stat, &mut work);
        }
        self.times(now, &mut work)?;
        let target = seen.link.as_ref().map_or("", |link| &link.target);
        let returned = Self::linked(seen, target);
        let stat = seen.stat.as_ref().map(FileStat::returned).unwrap_or_default();
        Ok(work.plan(stat.and(returned).with("state", "link")))
    }

    fn hard(&self, now: &Found) -> Result<Plan<Vec<Step>>, Failure> {
        let seen = &now.seen;
        let src = self.src.as_deref().unwrap_or_default();
        let Some(source) = now.source.as_ref().and_then(|source| source.stat.as_ref()) else {
            return Err(Failure::new(format!("the link's target {src} does not exist")));
        };
        let same = |stat: &FileStat| (stat.inode, stat.device) == (source.inode, source.device);
        let mut work = Work::default();
        if seen.stat.as_ref().is_some_and(same) {
            self.set(seen, source, &mut work);
            return Ok(
                work.plan(Self::linked(seen, src).and(source.returned()).with("state", "hard"))
            );
        }
        self.check_replaced(now, "a hard link", &[])?;
        let path = now.source.as_ref().map_or(src, |source| &source.path).to_owned();
        let kind = seen.stat.as_ref().map(|stat| stat.kind);
        let before = kind.map_or("absent", FileKind::word);
        let diff = Diff::state(&seen.path, before, format!("hard link to {path}"));
        let step = Step::Link {
            path: seen.path.clone(),
            src: path,
            hard: true,
            replaces_directory: kind == Some(FileKind::Directory),
        };
        work.push(step, [diff]);
        self.set_link(seen, Some(source), &mut work);
        Ok(work.plan(Self::linked(seen, src).with("state", "hard")))
    }

    /// Refuses to put a link in the place of what cannot be had back, unless forced.
    fn check_replaced(&self, now: &Found, made: &str, free: &[FileKind]) -> Result<(), Failure> {
        let path = &now.seen.path;
        match now.seen.stat.as_ref().map(|stat| stat.kind) {
            Some(FileKind::Directory) if now.full => Err(Failure::new(format!(
                "the directory {path} is not empty: {made} cannot replace it"
            ))
            .help("remove it first, with state: absent")),
            Some(kind) if !free.contains(&kind) && !self.force => {
                let kind = kind.word();
                Err(Failure::new(format!("{path} is a {kind}: {made} does not replace it"))
                    .help("force: true replaces it"))
            }
            _ => Ok(()),
        }
    }

    /// Sets owner and permissions where they differ.
    fn set(&self, seen: &Seen, stat: &FileStat, work: &mut Work) {
        let attributes = self.attributes.change(seen, Some(stat), stat.kind, None);
        let path = if self.follow { seen.real_path() } else { &seen.path };
        if let Some(diff) = attributes.diff(path, Some(stat), seen) {
            let step = Step::Set { path: path.to_owned(), attributes, follow: self.follow };
            work.push(step, [diff]);
        }
    }

    /// Sets what a link that is yet to be made leads to, or the link itself.
    fn set_link(&self, seen: &Seen, source: Option<&FileStat>, work: &mut Work) {
        let link = FileStat { kind: FileKind::Link, ..FileStat::default() };
        let stat = if self.follow { source } else { Some(&link) };
        let Some(stat) = stat.filter(|_| self.attributes.is_given()) else { return };
        let attributes = self.attributes.change(seen, Some(stat), stat.kind, None);
        if let Some(diff) = attributes.diff(&seen.path, Some(stat), seen) {
            let path = seen.path.clone();
            work.push(Step::Set { path, attributes, follow: self.follow }, [diff]);
        }
    }

    fn times(&self, now: &Found, work: &mut Work) -> Result<(), Failure> {
        let (modified, accessed) = (self.modified()?, self.accessed()?);
        let stamps = &now.stamps;
        if !modified.differs(&stamps.modified) && !accessed.differs(&stamps.accessed) {
            return Ok(());
        }
        let shown = |modified: &str, accessed: &str| serde_json::json!({"modification_time": modified, "access_time": accessed});
        let before = shown(&stamps.modified, &stamps.accessed);
        let after = shown(modified.shown(), accessed.shown());
        let path = now.seen.path.clone();
        let diff = Diff::fields(&path, &before, &after);
        work.push(Step::Times { path, modified, accessed, follow: self.follow }, [diff]);
        Ok(())
    }

    /// What is returned of something that stays.
    fn kept(&self, seen: &Seen, stat: &FileStat) -> Returned {
        let attributes = self.attributes.change(seen, Some(stat), stat.kind, None);
        let mut returned = stat.returned().with("path", &seen.path);
        if let Some(mode) = attributes.mode {
            returned.set("mode", mode);
        }
        if self.state == Some(State::Touch) { returned.with("dest", &seen.path) } else { returned }
    }

    fn linked(seen: &Seen, src: &str) -> Returned {
        Returned::new().with("dest", &seen.path).with("src", src)
    }
}
