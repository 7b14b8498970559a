//! Editing a text file: what lineinfile, blockinfile and replace share.

use super::{
    Algorithm, FileAttributes, FileKind, Look, Placement, Seen, Source, WantedFile, content,
};
use crate::sdk::{Failure, Observer, Operator, Plan, Returned};

/// The file that is edited.
#[derive(Debug, rplay_derive::Arguments)]
pub struct EditedFile {
    /// The file. A symbolic link is followed.
    #[arg(alias = "dest", alias = "destfile", alias = "name")]
    pub path: String,
    /// Keeps the file as it was under another name; returned as `backup_file`.
    #[arg(default)]
    pub backup: bool,
    /// Command that must accept the new content before it is put in place; `%s` is its path.
    pub validate: Option<String>,
    /// Owner, group and permissions.
    #[arg(flatten)]
    pub attributes: FileAttributes,
}

/// What an edit makes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The new text.
    pub text: String,
    /// What was done, for the user; empty where nothing was.
    pub message: String,
}

impl EditedFile {
    /// The most bytes that are edited.
    const LARGEST: usize = 8 * 1024 * 1024;

    /// Looks at the file and reads it.
    pub async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        let look = Look::at(&self.path).content(Self::LARGEST).attributes(&self.attributes);
        let mut seen = look.see(host).await?;
        seen.checksum = seen.content.as_ref().map(|content| Algorithm::Sha1.sum(&content.0));
        Ok(seen)
    }

    /// The file's text; `None` where there is no file.
    ///
    /// Bytes that are not UTF-8 stand in it as private characters, and come back as they were.
    pub fn text(&self, seen: &Seen) -> Result<Option<String>, Failure> {
        let path = &seen.path;
        let Some(stat) = seen.followed() else {
            return match &seen.link {
                Some(link) => {
                    let target = &link.target;
                    Err(Failure::new(format!("{path} leads to {target}, which does not exist")))
                }
                None => Ok(None),
            };
        };
        if seen.content.is_none() && stat.kind == FileKind::File && !seen.rights.contains('r') {
            return Err(Failure::new(format!("{path} may not be read by the task's user"))
                .help("`become: true` reads it as root")
                .returning(Returned::new().with("rc", 256)));
        }
        let message = match (&seen.content, stat.kind) {
            (Some(content), _) => return Ok(Some(content.to_text())),
            (None, FileKind::File) => {
                format!("{path} has {} bytes; at most {} are edited", stat.size, Self::LARGEST)
            }
            (None, kind) => format!("{path} is a {}, not a file", kind.word()),
        };
        Err(Failure::new(message).returning(Returned::new().with("rc", 256)))
    }

    /// The failure of a task whose file must be there.
    pub fn missing(&self, seen: &Seen, help: &str) -> Failure {
        let failure = Failure::new(format!("{} does not exist", seen.path));
        let failure = if help.is_empty() { failure } else { failure.help(help) };
        failure.returning(Returned::new().with("rc", 257))
    }

    /// Decides: the file gets the new text, where it differs.
    pub fn plan(&self, seen: &Seen, edit: &Edit) -> Result<Plan<Placement>, Failure> {
        let before = seen.content.as_ref().map(content::Content::to_text);
        let same_text = before.as_deref() == Some(&edit.text);
        let wanted = WantedFile {
            source: Source::bytes(content::Content::from_text(&edit.text).0),
            attributes: &self.attributes,
            force: true,
            backup: self.backup,
            validate: self.validate.as_deref(),
            follow: true,
            edited: true,
        };
        let plan = wanted.plan(seen)?;
        let message = if same_text && plan.is_change() {
            "ownership, perms or SE linux context changed"
        } else {
            &edit.message
        };
        let plan = plan.returning(Returned::new().with("msg", message));
        Ok(Placement::in_new_directories(plan, seen, &FileAttributes::default()))
    }

    /// Decides where the file is not to be there: nothing has to be done.
    pub fn keep_missing(message: &str) -> Plan<Placement> {
        Plan::Keep(Returned::new().with("msg", message))
    }

    /// Does it; returns the backup's path under both names that Ansible has for it.
    pub async fn apply(change: Placement, host: &Operator<'_>) -> Result<Returned, Failure> {
        let returned = change.apply(host).await?;
        let backup = returned.get("backup_file").cloned();
        Ok(match backup {
            Some(backup) => returned.with("backup", backup),
            None => returned.with("backup", ""),
        })
    }
}
