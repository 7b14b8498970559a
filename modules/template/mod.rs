//! `template`: see [`Args`], which is also what `rplay doc template` prints.

use crate::sdk::file::{Algorithm, FileAttributes, FileChange, Look, Seen, Source, WantedFile};
use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, RenderOptions, Returned, Search,
    Side,
};
use serde::{Deserialize, Serialize};

/// Renders a template with the host's variables and puts the result in place.
///
/// The template is rendered on the machine that runs rplay; the file is sent only where it
/// differs, and is put in place at once, as with `copy`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The template, looked for in `templates/` when relative.
    src: String,
    /// Where the result must be on the host.
    dest: String,
    /// Keeps the file that is replaced under another name; returned as `backup_file`.
    #[arg(default)]
    backup: bool,
    /// Whether a file that is there and differs is replaced.
    #[arg(default = true)]
    force: bool,
    /// Whether a symbolic link at `dest` is followed; else it is replaced by a file.
    #[arg(default)]
    follow: bool,
    /// Command that must accept the file before it is put in place; `%s` stands for its path.
    validate: Option<String>,
    /// What ends a line in the result.
    #[arg(default)]
    newline_sequence: Newline,
    /// What opens a block instead of `{%`.
    block_start_string: Option<String>,
    /// What closes a block instead of `%}`.
    block_end_string: Option<String>,
    /// What opens an expression instead of `{{`.
    variable_start_string: Option<String>,
    /// What closes an expression instead of `}}`.
    variable_end_string: Option<String>,
    /// What opens a comment instead of `{#`.
    comment_start_string: Option<String>,
    /// What closes a comment instead of `#}`.
    comment_end_string: Option<String>,
    /// Whether the line feed behind a block is dropped.
    #[arg(default = true)]
    trim_blocks: bool,
    /// Whether the blanks before a block are dropped.
    #[arg(default)]
    lstrip_blocks: bool,
    /// Encoding of the result.
    #[arg(default)]
    output_encoding: Encoding,
    /// Owner, group and permissions.
    #[arg(flatten)]
    attributes: FileAttributes,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, Default, Choice)]
enum Newline {
    #[default]
    #[choice("\n", "\\n")]
    LineFeed,
    #[choice("\r", "\\r")]
    CarriageReturn,
    #[choice("\r\n", "\\r\\n")]
    Both,
}

/// Encodings of a result.
#[derive(Debug, Clone, Copy, Default, Choice)]
enum Encoding {
    #[default]
    #[choice("utf-8", "utf8", "UTF-8", "")]
    Utf8,
    #[choice("latin-1", "latin1", "iso-8859-1", "ISO-8859-1")]
    Latin1,
    #[choice("ascii", "us-ascii")]
    Ascii,
    #[choice("windows-1252", "cp1252")]
    Windows1252,
}

impl Encoding {
    fn encode(self, text: String) -> Result<Vec<u8>, Failure> {
        let limit = match self {
            Self::Utf8 => return Ok(text.into_bytes()),
            Self::Latin1 => 0xff,
            Self::Ascii => 0x7f,
            Self::Windows1252 => return self.encode_windows(&text),
        };
        text.chars()
            .map(|c| {
                u8::try_from(u32::from(c))
                    .ok()
                    .filter(|byte| *byte <= limit)
                    .ok_or_else(|| self.lacks(c))
            })
            .collect()
    }

    fn encode_windows(self, text: &str) -> Result<Vec<u8>, Failure> {
        let mut sign = [0; 4];
        let mut bytes = Vec::with_capacity(text.len());
        for c in text.chars() {
            match encoding_rs::WINDOWS_1252.encode(c.encode_utf8(&mut sign)) {
                (encoded, _, false) => bytes.extend_from_slice(&encoded),
                _ => return Err(self.lacks(c)),
            }
        }
        Ok(bytes)
    }

    fn lacks(self, c: char) -> Failure {
        Failure::new(format!("the result has {c:?}, which is not in {}", self.word()))
    }
}

/// What the template renders to, and what stands at the destination.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    rendered: Source,
    dest: Seen,
}

impl Module for Args {
    type State = State;
    type Change = FileChange;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let controller = host.controller();
        let path = controller.find(Search::Templates, &self.src)?;
        let text = controller.render(&path, &self.options())?;
        let rendered = Source {
            mode: Source::local(controller, &path, false).await?.mode,
            ..Source::bytes(self.output_encoding.encode(text)?)
        };
        let name = crate::sdk::file::base_name(&self.src);
        let dest = Look::at(&self.dest)
            .inside(name)
            .checksum(Algorithm::Sha1)
            .content(Side::SHOWN)
            .unless(&rendered.checksum)
            .attributes(&self.attributes);
        Ok(State { dest: dest.see(host).await?, rendered })
    }

    fn plan(&self, now: &State) -> Result<Plan<FileChange>, Failure> {
        let wanted = WantedFile {
            source: now.rendered.clone(),
            attributes: &self.attributes,
            force: self.force,
            backup: self.backup,
            validate: self.validate.as_deref(),
            follow: self.follow,
            edited: false,
        };
        let plan = wanted.plan(&now.dest)?;
        let returned = now.rendered.returned(&plan).with("src", &self.src);
        Ok(plan.returning(returned))
    }

    async fn apply(change: FileChange, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}

impl Args {
    fn options(&self) -> RenderOptions {
        let newline = match self.newline_sequence {
            Newline::LineFeed => None,
            Newline::CarriageReturn => Some("\r".to_owned()),
            Newline::Both => Some("\r\n".to_owned()),
        };
        RenderOptions {
            block_start: self.block_start_string.clone(),
            block_end: self.block_end_string.clone(),
            variable_start: self.variable_start_string.clone(),
            variable_end: self.variable_end_string.clone(),
            comment_start: self.comment_start_string.clone(),
            comment_end: self.comment_end_string.clone(),
            trim_blocks: Some(self.trim_blocks),
            lstrip_blocks: self.lstrip_blocks,
            newline_sequence: newline,
            destination: Some(self.dest.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn encodes_or_says_what_cannot_be_encoded() {
        assert_eq!(Encoding::Latin1.encode("é".to_owned()).unwrap(), [0xe9]);
        assert_eq!(Encoding::Windows1252.encode("a€".to_owned()).unwrap(), [b'a', 0x80]);
        assert!(Encoding::Windows1252.encode("→".to_owned()).is_err());
        let message = Encoding::Ascii.encode("é".to_owned()).unwrap_err().to_string();
        assert_eq!(message, "the result has 'é', which is not in ascii");
    }
}
