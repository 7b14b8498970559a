//! Putting content into a file's place.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{AttributeChange, Content, FileStat, Permissions, fault, parent, script};
use crate::base::Side;
use crate::sdk::{Exec, Failure, Operator, Output, Returned, coerce};

/// Where a file's content comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// These bytes.
    Bytes(Content),
    /// A file of the controller, sent as it is read.
    Local {
        /// Its path.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// A file of the host.
    Remote {
        /// Its path.
        path: String,
        /// Its size in bytes.
        size: u64,
    },
}

impl Payload {
    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(content) => content.0.len() as u64,
            Self::Local { size, .. } | Self::Remote { size, .. } => *size,
        }
    }

    /// Lets a script read it; what is on the host already is not sent.
    pub fn sent_to(&self, exec: Exec) -> Exec {
        match self {
            Self::Bytes(content) => exec.stdin(content.0.clone()),
            Self::Local { path, .. } => exec.stdin_file(path),
            Self::Remote { .. } => exec,
        }
    }

    /// As a diff shows it.
    pub fn side(&self) -> Side {
        match self {
            Self::Bytes(content) => content.side(),
            Self::Local { size, .. } | Self::Remote { size, .. } => {
                Side::Opaque { bytes: *size, sha256: String::new() }
            }
        }
    }
}

/// A file to be put in place: what was decided, in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileWrite {
    /// Where; symbolic links were followed as far as they are to be.
    pub path: String,
    /// What.
    pub payload: Payload,
    /// Owner, group and permissions.
    pub attributes: AttributeChange,
    /// `uid:gid` of the file that it replaces, kept as far as the task's user may.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// Whether the file it replaces is kept under another name.
    pub backup: bool,
    /// The SHA-1 that the file must still have, where the new content was made from the old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The command that must accept the new content before it is put in place; `%s` is its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate: Option<String>,
    /// Whether it may be overwritten in place where it cannot be replaced.
    pub unsafe_writes: bool,
}

impl FileWrite {
    /// Writes; returns what is known of the new file, and the backup's path.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        let new = self.beside()?;
        let exec = self.exec(include_str!("write.sh"), &new)?;
        let output = host.run(self.payload.sent_to(exec)).await?;
        if output.success() {
            Ok(Self::returned(&output.stdout_text()))
        } else {
            Err(self.explain(&new, &output))
        }
    }

    /// A script that may use the functions of `place.sh`; `new` is the path beside.
    pub(in crate::sdk) fn exec(&self, text: &str, new: &str) -> Result<Exec, Failure> {
        let validate = self.validation(new)?;
        let flag = |on: bool| if on { "1" } else { "" };
        let source = match &self.payload {
            Payload::Remote { path, .. } => path.as_str(),
            Payload::Bytes(_) | Payload::Local { .. } => "",
        };
        Ok(script(&format!("{}\n{text}", include_str!("place.sh")))
            .args([
                &self.path,
                new,
                &self.payload.size().to_string(),
                &self.mask().for_chmod(),
                &self.attributes.chmod(),
                &self.attributes.ownership(),
                &self.before,
                flag(self.backup),
                self.expected.as_deref().unwrap_or_default(),
                flag(self.unsafe_writes),
                source,
            ])
            .args(self.attributes.context_args())
            .args(validate))
    }

    /// The umask to make the new file under: one that leaves it the permissions it must have, so
    /// that nothing has to set them; where that cannot be, one that opens it to nobody else.
    fn mask(&self) -> Permissions {
        let wanted = self.attributes.mode.map(Permissions::bits);
        let plain = Permissions::FILE.bits();
        match wanted {
            Some(bits) if bits & !plain == 0 && bits & 0o600 == 0o600 => {
                Permissions::new(plain & !bits)
            }
            _ => Permissions::new(0o077),
        }
    }

    /// A name for the new content until it is put in place, in the same directory.
    ///
    /// It starts with a dot, and holds one: programs that read a whole directory pass it over.
    /// What validates it may go by the extension, so that is kept for it.
    pub(in crate::sdk) fn beside(&self) -> Result<String, Failure> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|error| Failure::new(format!("no random numbers: {error}")))?;
        let extension = self
            .validate
            .as_ref()
            .and_then(|_| super::base_name(&self.path).rsplit_once('.'))
            .map(|(_, extension)| format!(".{extension}"))
            .unwrap_or_default();
        let directory = parent(&self.path).trim_end_matches('/');
        Ok(format!("{directory}/.rplay-{:016x}{extension}", u64::from_ne_bytes(random)))
    }

    fn validation(&self, new: &str) -> Result<Vec<String>, Failure> {
        let Some(command) = &self.validate else { return Ok(vec![]) };
        if !command.contains("%s") {
            return Err(Failure::new(format!("validate must contain %s: {command}"))
                .help("%s stands for the file that is checked, as in `visudo -cf %s`"));
        }
        let words = coerce::to_words(command).ok_or_else(|| {
            Failure::new(format!("validate has a quote that is not closed: {command}"))
        })?;
        Ok(words.into_iter().map(|word| word.replace("%s", new)).collect())
    }

    /// Reads what `place` prints.
    pub(in crate::sdk) fn returned(said: &str) -> Returned {
        let (backup, stat) = said.split_once('\0').unwrap_or_default();
        let mut returned = FileStat::parse(stat).map(|stat| stat.returned()).unwrap_or_default();
        if !backup.is_empty() {
            returned.set("backup_file", backup);
        }
        returned
    }

    /// Why the file was not put in place.
    pub(in crate::sdk) fn explain(&self, new: &str, output: &Output) -> Failure {
        let path = &self.path;
        match output.status {
            3 => self.refused(new, output),
            4 => Failure::new(format!(
                "{path} was changed by something else while it was being edited"
            ))
            .help("run the play again"),
            5 => Failure::new(format!(
                "{path} was not written: only {}",
                output.stderr_text().trim()
            )),
            6 => Failure::new(format!("cannot write {path}: it is a directory")),
            _ => fault::explain("write", path, output),
        }
    }

    /// The validator's refusal: its words, then NUL and its status, are on standard error.
    fn refused(&self, new: &str, output: &Output) -> Failure {
        let command = self.validate.as_deref().unwrap_or_default();
        let all = output.stderr_text();
        let (said, status) = all.rsplit_once('\0').unwrap_or((&all, "1"));
        // What validates names the file beside, which is another for each host.
        let said = said.trim().replace(new, &self.path);
        let why = if said.is_empty() { format!("status {status}") } else { said.clone() };
        let message = format!("`{command}` refuses the new content of {}: {why}", self.path);
        let output = Output { stderr: said.clone().into(), ..output.clone() };
        let status: i64 = status.parse().unwrap_or(1);
        let returned = Returned::of_output(&output).with("rc", status).with("exit_status", status);
        Failure::new(message).help("the file is as it was").returning(returned)
    }
}
