//! The facts of hosts in files, where a later run finds them.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::replace_file;
use crate::value::{Fields, Value};

/// What ansible-core puts before a host's name, for the release of the form its facts have.
const SCHEMA: &str = "s1_";

/// Where that form has the facts: as JSON in a text.
const PAYLOAD: &str = "__payload__";

/// What says in that form that a mapping stands for something else.
const TYPE: &str = "__ansible_type";

/// A folder with a file for each host, which holds its facts from one run to the next.
///
/// ansible-core reads these files and writes them the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactCache {
    /// The folder; made when there is something to keep.
    pub folder: PathBuf,
    /// What the names of the files begin with.
    pub prefix: String,
    /// How old a file may be to count; `None` for any age.
    pub lifetime: Option<Duration>,
    /// How the files are written.
    pub form: FactForm,
}

/// How facts are written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactForm {
    /// As `jsonfile` does.
    Json,
    /// As `yaml` does.
    Yaml,
}

impl FactCache {
    /// The facts of a host, under the names its modules gave them; `None` where there are none, or
    /// they are too old.
    ///
    /// # Errors
    ///
    /// A sentence about a file that is there and does not hold facts.
    pub fn load(&self, host: &str) -> Result<Option<Fields>, String> {
        let Some(path) = self.path(host) else { return Ok(None) };
        let fault = |why: &dyn std::fmt::Display| {
            format!("the cached facts in {} are passed over: {why}", path.display())
        };
        match self.read(&path) {
            Ok(None) => Ok(None),
            Ok(Some(text)) => match self.decode(&text) {
                Some(facts) => Ok(Some(facts)),
                None => Err(fault(&"they have not the form that fact caches have")),
            },
            Err(error) => Err(fault(&error)),
        }
    }

    /// Keeps the facts of a host, in place of those that were kept before.
    ///
    /// # Errors
    ///
    /// A sentence about why they could not be kept.
    pub fn store(&self, host: &str, facts: Fields) -> Result<(), String> {
        let Some(path) = self.path(host) else {
            return Err(format!("the facts of `{host}` are not kept: its name is no file's"));
        };
        let text = self.encode(facts);
        self.write(&path, text.as_bytes())
            .map_err(|error| format!("facts cannot be kept in {}: {error}", path.display()))
    }

    /// Forgets the facts of a host.
    ///
    /// # Errors
    ///
    /// A sentence about a file that cannot be removed.
    pub fn forget(&self, host: &str) -> Result<(), String> {
        let Some(path) = self.path(host) else { return Ok(()) };
        match fs::remove_file(&path) {
            Err(error) if !is_not_there(&error) => {
                Err(format!("cannot remove the cached facts in {}: {error}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// A host's file; `None` for names that would lead elsewhere.
    fn path(&self, host: &str) -> Option<PathBuf> {
        let name = format!("{}{SCHEMA}{host}", self.prefix);
        (!host.is_empty() && !host.contains(['/', '\0'])).then(|| self.folder.join(name))
    }

    /// The text of a file that is there and young enough.
    fn read(&self, path: &Path) -> io::Result<Option<String>> {
        let changed = match fs::metadata(path) {
            Ok(data) => data.modified()?,
            Err(error) if is_not_there(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let age = changed.elapsed().unwrap_or_default();
        if self.lifetime.is_some_and(|most| age > most) {
            return Ok(None);
        }
        fs::read_to_string(path).map(Some)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        replace_file(path, bytes, 0o600)
    }

    fn encode(&self, facts: Fields) -> String {
        let payload = bare(Value::Object(facts)).to_string();
        let wrapped = Fields::from_iter([(PAYLOAD.to_owned(), Value::String(payload))]);
        match self.form {
            FactForm::Json => Value::Object(wrapped).to_string(),
            FactForm::Yaml => serde_yaml::to_string(&wrapped).unwrap_or_default(),
        }
    }

    fn decode(&self, text: &str) -> Option<Fields> {
        let wrapped: Fields = match self.form {
            FactForm::Json => serde_json::from_str(text).ok()?,
            FactForm::Yaml => serde_yaml::from_str(text).ok()?,
        };
        let payload = wrapped.get(PAYLOAD)?.as_str()?;
        match plain(serde_json::from_str(payload).ok()?) {
            Value::Object(facts) => Some(facts),
            _ => None,
        }
    }
}

fn is_not_there(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// A value without the marks that make ansible-core take a mapping for something else: what a
/// host said must not come back as a template of the user's.
fn bare(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(name, _)| name != TYPE);
            Value::Object(fields.map(|(name, value)| (name, bare(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(bare).collect()),
        other => other,
    }
}

/// A value without what ansible-core notes about it: where it was written, and what wrote it.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            if fields.shift_remove(TYPE).is_some() {
                for held in ["value", "iso8601"] {
                    if let Some(value) = fields.shift_remove(held) {
                        return plain(value);
                    }
                }
            }
            Value::Object(fields.into_iter().map(|(name, value)| (name, plain(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
