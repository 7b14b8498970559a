//! What a lookup is asked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::{Error, ErrorKind};

use crate::template::Templar;
use crate::template::arguments::bad;
use crate::template::charset::Charset;
use crate::template::context::Context;
use crate::template::undefined::Mandatory;
use crate::value::{Fields, Value as Json, coerce};

/// The terms and options of a lookup, and the scope it is made in.
pub(in crate::template) struct Request {
    pub(in crate::template) terms: Vec<Json>,
    pub(in crate::template) options: Fields,
    /// The options that were given what is undefined, which is only wrong where they are needed.
    pub(in crate::template) undefined: Vec<(String, Option<Mandatory>)>,
    pub(in crate::template) context: Arc<Context>,
}

/// What becomes of a fault of a lookup.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::template) enum OnFault {
    Fail,
    Ignore,
}

/// The longest file that a lookup reads.
const LONGEST_FILE: u64 = 64 * 1024 * 1024;

impl Request {
    /// The terms as text.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        self.terms.iter().map(coerce::to_text)
    }

    pub(super) fn option(&self, name: &str) -> Option<&Json> {
        self.options.get(name).filter(|value| !value.is_null())
    }

    /// An option that is needed now.
    pub(super) fn needed(&self, name: &str) -> Result<Option<&Json>, Error> {
        match self.undefined.iter().find(|(option, _)| option == name) {
            Some((_, Some(why))) => Err(why.clone().into_error()),
            Some((_, None)) => Err(Error::from(ErrorKind::UndefinedError)),
            None => Ok(self.option(name)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.option(name).map(coerce::to_text)
    }

    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool, Error> {
        match self.option(name) {
            Some(value) => coerce::to_bool(value)
                .ok_or_else(|| bad(format!("option `{name}` must be true or false"))),
            None => Ok(default),
        }
    }

    /// Whether a fault is an error; `warn` counts as not.
    pub(in crate::template) fn on_fault(&self) -> Result<OnFault, Error> {
        match self.text("errors").as_deref() {
            None | Some("strict") => Ok(OnFault::Fail),
            Some("ignore" | "warn") => Ok(OnFault::Ignore),
            Some(other) => {
                Err(bad(format!("option `errors` must be strict, warn or ignore, not `{other}`")))
            }
        }
    }

    /// Every place where a file of this name may be: as it is where it is absolute, else in the
    /// search directories, in their subfolder first.
    pub(super) fn candidates(&self, subfolders: &[&str], name: &str) -> Vec<PathBuf> {
        search(&self.context.directories(), subfolders, name)
    }

    /// The first of the candidates that exists.
    pub(super) fn find(&self, subfolders: &[&str], name: &str) -> Result<PathBuf, Error> {
        let candidates = self.candidates(subfolders, name);
        if let Some(found) = candidates.iter().find(|path| path.exists()) {
            return Ok(found.clone());
        }
        let tried: Vec<String> = candidates.iter().map(|p| p.display().to_string()).collect();
        Err(bad(format!(
            "there is no file `{name}` (No such file or directory); looked for {}",
            tried.join(", ")
        )))
    }

    /// A file's text, decrypted where it is encrypted.
    pub(super) fn read(&self, path: &Path) -> Result<String, Error> {
        read(&self.context.templar, path)
    }

    /// The text of a file in an encoding.
    pub(super) fn read_as(&self, path: &Path, encoding: Option<&str>) -> Result<String, Error> {
        let charset = encoding.map_or(Ok(Charset::Utf8), Charset::parse).map_err(bad)?;
        read_as(&self.context.templar, path, charset)
    }
}

/// A file's text, decrypted where it is encrypted.
pub(in crate::template) fn read(templar: &Templar, path: &Path) -> Result<String, Error> {
    read_as(templar, path, Charset::Utf8)
}

fn read_as(templar: &Templar, path: &Path, charset: Charset) -> Result<String, Error> {
    let shown = path.display();
    let fault = |error: std::io::Error| bad(format!("{shown} cannot be read: {error}"));
    if std::fs::metadata(path).map_err(fault)?.len() > LONGEST_FILE {
        return Err(bad(format!("{shown} is larger than 64 MiB")));
    }
    let bytes = std::fs::read(path).map_err(fault)?;
    let text = charset.decode(&bytes).map_err(|error| bad(format!("{shown} is {error}")))?;
    if !crate::value::vault::is_vault(&text) {
        return Ok(text);
    }
    match templar.settings().keyring.decrypt(&text) {
        Ok(secret) => Ok(secret.reveal().clone()),
        Err(error) => Err(bad(format!("{shown}: {error}"))),
    }
}

/// Every place where a file of this name may be.
pub(in crate::template) fn search(
    directories: &[PathBuf],
    subfolders: &[&str],
    name: &str,
) -> Vec<PathBuf> {
    let path = expand_user(name);
    if path.is_absolute() {
        return vec![path];
    }
    let mut all: Vec<PathBuf> = directories
        .iter()
        .flat_map(|directory| {
            let inside = subfolders.iter().map(|folder| directory.join(folder).join(&path));
            inside.chain([directory.join(&path)]).collect::<Vec<_>>()
        })
        .collect();
    all.dedup();
    all
}

/// A path with `~` replaced by the home directory.
pub(in crate::template) fn expand_user(name: &str) -> PathBuf {
    match name.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => match std::env::home_dir() {
            Some(home) => home.join(rest.trim_start_matches('/')),
            None => PathBuf::from(name),
        },
        _ => PathBuf::from(name),
    }
}

/// A term such as `key=value other="two words" bare`: the bare words, and the pairs.
pub(super) fn words(term: &str) -> (Vec<String>, Vec<(String, String)>) {
    let (mut bare, mut pairs) = (vec![], vec![]);
    for (written, word) in split(term) {
        match word.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                pairs.push((key.to_owned(), value.to_owned()));
            }
            _ => bare.push(written),
        }
    }
    (bare, pairs)
}

/// Splits at spaces outside of quotes: each word as it is written, and without its quotes.
fn split(text: &str) -> Vec<(String, String)> {
    let (mut words, mut word, mut quote, mut begun) = (vec![], String::new(), None, false);
    let mut written = String::new();
    for c in text.chars() {
        if quote.is_some() || !c.is_whitespace() {
            written.push(c);
        }
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                begun = true;
            }
            None if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push((std::mem::take(&mut written), std::mem::take(&mut word)));
                }
                begun = false;
            }
            _ => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push((written, word));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_what_is_quoted_together() {
        let (bare, pairs) = words(r#"a file="two words.csv" delimiter='' b"#);
        assert_eq!(bare, ["a", "b"]);
        assert_eq!(
            pairs,
            [("file".into(), "two words.csv".into()), ("delimiter".into(), String::new())]
        );
    }

    #[test]
    fn files_are_searched_in_the_subfolder_first() {
        let found = search(&["/role".into(), "/play".into()], &["files"], "a/b");
        assert_eq!(
            found,
            ["/role/files/a/b", "/role/a/b", "/play/files/a/b", "/play/a/b"].map(PathBuf::from)
        );
        assert_eq!(search(&["/role".into()], &["files"], "/x"), [PathBuf::from("/x")]);
    }
}
