//! The one plan for a file that must have a certain content: what copy, template, lineinfile and
//! their like come down to.

use serde::Serialize;

use super::{AttributeChange, FileAttributes, FileKind, FileStat, FileWrite, Seen, Source, fault};
use crate::base::{Diff, Side};
use crate::sdk::{Failure, Operator, Plan, Returned};

/// How a file must be.
#[derive(Debug)]
pub struct WantedFile<'a> {
    /// Its content.
    pub source: Source,
    /// Its owner, group and permissions.
    pub attributes: &'a FileAttributes,
    /// Whether a file that is there is given the content; else it is left as it is.
    pub force: bool,
    /// Whether the file that is replaced is kept under another name.
    pub backup: bool,
    /// The command that must accept the content.
    pub validate: Option<&'a str>,
    /// Whether a symbolic link in its place leads to the file that is meant; else it is replaced.
    pub follow: bool,
    /// Whether the content was made from what is there, which must not have changed meanwhile.
    pub edited: bool,
}

/// What has to be done to one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileChange {
    /// It is written.
    Write(Box<FileWrite>),
    /// Only its owner, group or permissions are set.
    Set {
        /// Its path.
        path: String,
        /// What is set.
        attributes: AttributeChange,
        /// Whether a symbolic link is followed.
        follow: bool,
    },
}

impl WantedFile<'_> {
    /// Decides what has to be done; returns what Ansible's `copy` returns.
    pub fn plan(self, seen: &Seen) -> Result<Plan<FileChange>, Failure> {
        if let Some(obstacle) = &seen.obstacle {
            return Err(Failure::new(format!("cannot write {}: {obstacle}", seen.path)));
        }
        let replaces_link = seen.link.is_some() && !self.follow;
        let now = seen.followed().filter(|_| !replaces_link);
        if let Some(stat) = now.filter(|stat| stat.kind != FileKind::File) {
            let kind = stat.kind.word();
            let message = format!("cannot write {}: expected a file, found a {kind}", seen.path);
            return Err(Failure::new(message));
        }
        let returned = Returned::new().with("dest", &seen.path);
        if let Some(stat) = now.filter(|_| !self.force) {
            let returned = returned.and(stat.returned()).with("msg", "file already exists");
            return Ok(Plan::Keep(returned));
        }
        let path = if self.follow { seen.real_path() } else { &seen.path };
        let attributes = self.attributes.change(seen, now, FileKind::File, self.source.mode);
        let same = now.is_some() && seen.checksum.as_deref() == Some(&self.source.checksum);
        let returned = returned.with("checksum", &self.source.checksum).and(predicted(
            now,
            &attributes,
            self.source.payload.size(),
        ));
        if same && attributes.is_empty() {
            return Ok(Plan::Keep(returned));
        }
        let mut diffs = vec![];
        if !same {
            diffs.push(self.content_diff(path, seen, now));
        }
        if replaces_link {
            diffs.push(Diff::state(path, "link", "file"));
        }
        if now.is_some() || self.attributes.is_given() {
            diffs.extend(attributes.diff(path, now, seen));
        }
        let change = if same {
            FileChange::Set { path: path.to_owned(), attributes, follow: true }
        } else {
            FileChange::Write(Box::new(self.write(path, seen, now, attributes)))
        };
        Ok(Plan::Change { change, diffs, returned })
    }

    fn content_diff(&self, path: &str, seen: &Seen, now: Option<&FileStat>) -> Diff {
        let before = match (&seen.content, now) {
            (_, None) => Side::Absent,
            (Some(content), Some(_)) => content.side(),
            (None, Some(stat)) => Side::Opaque { bytes: stat.size, sha256: String::new() },
        };
        let mut after = self.source.payload.side();
        // Two sizes say nothing when they are the same.
        if let (Side::Opaque { sha256: b, .. }, Side::Opaque { sha256: a, .. }) =
            (&before, &mut after)
            && a == b
        {
            a.push_str("(other content)");
        }
        Diff { subject: path.to_owned(), before, after }
    }

    fn write(
        self,
        path: &str,
        seen: &Seen,
        now: Option<&FileStat>,
        mut attributes: AttributeChange,
    ) -> FileWrite {
        // The new file is made afresh: it needs the permissions that the old one has.
        attributes.mode = attributes.mode.or_else(|| now.map(|stat| stat.mode));
        FileWrite {
            path: path.to_owned(),
            payload: self.source.payload,
            attributes,
            before: now.map(|stat| format!("{}:{}", stat.uid, stat.gid)).unwrap_or_default(),
            backup: self.backup && now.is_some(),
            expected: seen.checksum.clone().filter(|_| self.edited && now.is_some()),
            validate: self.validate.map(str::to_owned),
            unsafe_writes: self.attributes.unsafe_writes,
        }
    }
}

/// What is known of the file as it will be.
fn predicted(now: Option<&FileStat>, change: &AttributeChange, size: u64) -> Returned {
    let mut stat = now.cloned().unwrap_or_else(|| FileStat { links: 1, ..FileStat::default() });
    stat.size = size;
    stat.mode = change.mode.unwrap_or(stat.mode);
    let mut returned = stat.returned();
    if now.is_none() {
        returned = Returned::from(
            returned
                .into_fields()
                .into_iter()
                .filter(|(name, _)| !matches!(name.as_str(), "uid" | "gid" | "owner" | "group"))
                .collect::<crate::value::Fields>(),
        );
    }
    if let Some(owner) = &change.owner {
        returned.set("owner", owner);
    }
    if let Some(group) = &change.group {
        returned.set("group", group);
    }
    returned
}

impl FileChange {
    /// Does it; returns what is known of the file then.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        match self {
            Self::Write(write) => write.apply(host).await,
            Self::Set { path, attributes, follow } => attributes.apply(&path, follow, host).await,
        }
    }
}

impl AttributeChange {
    /// Sets all this on one path; returns what is known of it then.
    pub async fn apply(
        &self,
        path: &str,
        follow: bool,
        host: &Operator<'_>,
    ) -> Result<Returned, Failure> {
        let output = host.run(self.exec(path, follow)).await?;
        if !output.success() {
            return Err(fault::explain("set the attributes of", path, &output));
        }
        let stat = FileStat::parse(&output.stdout_text());
        Ok(stat.map(|stat| stat.returned()).unwrap_or_default())
    }
}
