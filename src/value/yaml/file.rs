//! Text files as they are read from the disk.

use std::io;
use std::path::Path;

use crate::base::{Diagnostic, SourceId, Sources, did_you_mean};

/// The largest file that is read.
const LARGEST: u64 = 100_000_000;
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads a text file of the user's.
///
/// # Errors
///
/// Where it is missing, cannot be read, is too large, or is not UTF-8.
pub fn read_file(sources: &Sources, path: &Path) -> Result<SourceId, Diagnostic> {
    let text = read_text(path)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text);
    Ok(sources.add(path.display().to_string(), text))
}

fn read_text(path: &Path) -> Result<String, Diagnostic> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        let message = format!("expected a file, found a directory: {shown}");
        return Err(Diagnostic::plain("file-unreadable", message));
    }
    if metadata.len() > LARGEST {
        let message =
            format!("expected at most {LARGEST} bytes in {shown}, found {}", metadata.len());
        return Err(Diagnostic::plain("file-too-large", message));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = bytes[..at].split(|byte| *byte == b'\n').count();
        let help = match bytes {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                "the file is UTF-16: save it as UTF-8".to_owned()
            }
            _ if bytes.contains(&0) => "the file does not look like text".to_owned(),
            _ => format!("line {line} holds it: save the file as UTF-8"),
        };
        let message =
            format!("expected UTF-8 in {shown}, found byte 0x{:02x} at offset {at}", bytes[at]);
        Diagnostic::plain("file-encoding", message).help(help)
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let shown = path.display();
    if error.kind() != io::ErrorKind::NotFound {
        return Diagnostic::plain("file-unreadable", format!("cannot read {shown}: {error}"));
    }
    let fault = Diagnostic::plain("file-not-found", format!("there is no file {shown}"));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else {
        return fault.help(format!("there is no directory {} either", folder.display()));
    };
    let names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    let given = path.file_name().unwrap_or_default().to_string_lossy();
    fault.help(did_you_mean(
        &given,
        names.iter().map(String::as_str),
        format!("looked in {}", folder.display()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Redactor;

    fn fault_of(name: &str, bytes: Option<&[u8]>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(folder.path().join("site.yml"), "").unwrap();
        if let Some(bytes) = bytes {
            std::fs::write(&path, bytes).unwrap();
        }
        let sources = Sources::default();
        let fault = read_file(&sources, &path).unwrap_err();
        let shown = fault.render(&sources, &Redactor::default(), false);
        shown.replace(&folder.path().display().to_string(), "/play")
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yml");
        std::fs::write(&path, "\u{feff}a: 1\n").unwrap();
        let sources = Sources::default();
        let source = read_file(&sources, &path).unwrap();
        assert_eq!(sources.with_text(source, str::to_owned), "a: 1\n");
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        insta::assert_snapshot!(fault_of("sit.yml", None), @r"
        error[file-not-found]: there is no file /play/sit.yml
         |
         = help: did you mean `site.yml`?
        ");
        insta::assert_snapshot!(fault_of("a.yml", Some(b"a: 1\nb: \xe9t\xe9\n")), @r"
        error[file-encoding]: expected UTF-8 in /play/a.yml, found byte 0xe9 at offset 8
         |
         = help: line 2 holds it: save the file as UTF-8
        ");
        insta::assert_snapshot!(fault_of("a.yml", Some(b"\xff\xfea\0:\0")), @r"
        error[file-encoding]: expected UTF-8 in /play/a.yml, found byte 0xff at offset 0
         |
         = help: the file is UTF-16: save it as UTF-8
        ");
    }
}
