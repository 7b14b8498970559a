//! `replace`: see [`Args`], which is also what `rplay doc replace` prints.

use crate::sdk::file::{Edit, EditedFile, Placement, Seen};
use crate::sdk::{
    Arguments, Failure, Module, Observer, Operator, Plan, Regex, RegexOptions, Replacement,
    Returned,
};

/// Replaces everything in a file that matches a regular expression.
///
/// The result must not match in a way that is replaced again, or each run changes the file.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Regular expression in Python's dialect; `^` and `$` match at every line, the dot matches
    /// no line feed.
    regexp: String,
    /// What takes the place of each match; groups stand in it as `\1` or `\g<name>`. Nothing
    /// when not given: the match is removed.
    #[arg(default)]
    replace: String,
    /// Regular expression behind whose first match the replacing begins.
    after: Option<String>,
    /// Regular expression before whose match the replacing ends.
    before: Option<String>,
    /// Encoding of the file: bytes that are not UTF-8 stay as they are.
    #[expect(dead_code, reason = "bytes stay as they are")]
    encoding: Option<String>,
    /// The file.
    #[arg(flatten)]
    file: EditedFile,
}

impl Module for Args {
    type State = Seen;
    type Change = Placement;

    async fn observe(&self, host: &Observer<'_>) -> Result<Seen, Failure> {
        self.file.observe(host).await
    }

    fn plan(&self, now: &Seen) -> Result<Plan<Placement>, Failure> {
        let text = self.file.text(now)?.ok_or_else(|| self.file.missing(now, ""))?;
        self.file.plan(now, &self.edit(&text)?)
    }

    async fn apply(change: Placement, host: &Operator<'_>) -> Result<Returned, Failure> {
        EditedFile::apply(change, host).await
    }
}

impl Args {
    fn edit(&self, text: &str) -> Result<Edit, Failure> {
        let lines = RegexOptions { multiline: true, ..RegexOptions::default() };
        let regexp = compile("regexp", &self.regexp, lines)?;
        let replacement = Replacement::parse(&self.replace)
            .map_err(|fault| Failure::new(format!("`replace`: {fault}")))?;
        let section = match self.section() {
            None => 0..text.len(),
            Some(pattern) => {
                let all = RegexOptions { dot_all: true, ..RegexOptions::default() };
                let found = compile("after` or `before", &pattern, all)?;
                let found = found.search(text).map_err(Failure::new)?;
                let Some(section) = found.and_then(|found| found.name("subsection")) else {
                    let message = format!(
                        "Pattern for before/after params did not match the given file: {pattern}"
                    );
                    return Ok(Edit { text: text.to_owned(), message });
                };
                section.range()
            }
        };
        let (new, count) = regexp
            .replace(&text[section.clone()], &replacement, 0)
            .map_err(|fault| Failure::new(format!("`replace`: {fault}")))?;
        let message = if count > 0 && new != text[section.clone()] {
            format!("{count} replacements made")
        } else {
            String::new()
        };
        let text = [&text[..section.start], &new, &text[section.end..]].concat();
        Ok(Edit { text, message })
    }

    /// The expression of the part in which is replaced; `None` where that is the whole text.
    fn section(&self) -> Option<String> {
        match (&self.after, &self.before) {
            (Some(after), Some(before)) => Some(format!("{after}(?P<subsection>.*?){before}")),
            (Some(after), None) => Some(format!("{after}(?P<subsection>.*)")),
            (None, Some(before)) => Some(format!("(?P<subsection>.*){before}")),
            (None, None) => None,
        }
    }
}

fn compile(argument: &str, regexp: &str, options: RegexOptions) -> Result<Regex, Failure> {
    Regex::new(regexp, options).map_err(|fault| {
        Failure::new(format!("`{argument}` is not a regular expression: {fault}: {regexp}"))
    })
}
