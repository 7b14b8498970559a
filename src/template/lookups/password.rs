//! `password`.

use std::fs::File;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use minijinja::Error;

use super::request::{expand_user, words};
use super::{Lookup, Request};
use crate::base::replace_file_with;
use crate::template::arguments::{bad, whole};
use crate::template::crypt;
use crate::template::random::Random;
use crate::value::{Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] =
    &[Lookup::new("password", &["length", "chars", "encrypt", "seed", "ident"], password)];

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

fn password(request: &Request) -> Result<Vec<Json>, Error> {
    request.texts().map(|term| one(request, &term).map(Json::from)).collect()
}

fn one(request: &Request, term: &str) -> Result<String, Error> {
    let (bare, pairs) = words(term);
    let path = bare.join(" ");
    let option = |name: &str| {
        let own = pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        own.or_else(|| request.option(name).map(joined))
    };
    let length = match option("length") {
        Some(text) => whole(&text.as_str().into())
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| (1..=100_000).contains(length))
            .ok_or_else(|| bad(format!("`length` must be a number above 0, not `{text}`")))?,
        None => 20,
    };
    let signs = signs(option("chars").as_deref().unwrap_or("ascii_letters,digits,.,:,-,_"));
    let mut random = option("seed").map_or(Random::System, |seed| Random::from_text(&seed));
    let method = option("encrypt").filter(|method| !method.is_empty());
    let path = if path == "/dev/null" { None } else { Some(located(request, &path)) };
    let kept = match &path {
        Some(path) => read(path)?,
        None => Kept::default(),
    };
    let password = match kept.password {
        Some(password) => password,
        None => draw(&mut random, &signs, length)?,
    };
    request.context.templar.settings().redactor.add(&password);
    let salt = match (&method, kept.salt) {
        (None, salt) => salt,
        (Some(_), Some(salt)) => Some(salt),
        (Some(method), None) => Some(crypt::salt(method)?),
    };
    if let Some(path) = &path {
        let line = match &salt {
            Some(salt) => format!("{password} salt={salt}\n"),
            None => format!("{password}\n"),
        };
        if kept.line.as_deref() != Some(line.trim_end()) {
            write(path, &line)?;
        }
    }
    match method {
        Some(method) => {
            let ident = option("ident");
            crypt::hash(&password, &method, salt.as_deref(), None, ident.as_deref())
        }
        None => Ok(password),
    }
}

/// An option that may be a list.
fn joined(value: &Json) -> String {
    match value {
        Json::Array(items) => items.iter().map(coerce::to_text).collect::<Vec<_>>().join(","),
        other => coerce::to_text(other),
    }
}

/// Where a password is kept: beside the playbook unless it is an absolute path.
fn located(request: &Request, name: &str) -> std::path::PathBuf {
    let path = expand_user(name);
    match request.context.directories().last() {
        Some(directory) if path.is_relative() => directory.join(path),
        _ => path,
    }
}

/// The signs that `chars` names: sets by their names in Python's `string`, all else by itself.
fn signs(chars: &str) -> Vec<char> {
    let comma = if chars.contains(",,") { "," } else { "" };
    let rest = chars.replace(",,", ",");
    let sets = rest.split(',').filter(|set| !set.is_empty()).map(|set| match set {
        "ascii_letters" | "letters" => LETTERS.to_owned(),
        "ascii_lowercase" => LETTERS[..26].to_owned(),
        "ascii_uppercase" => LETTERS[26..].to_owned(),
        "digits" => DIGITS.to_owned(),
        "hexdigits" => "0123456789abcdefABCDEF".to_owned(),
        "octdigits" => "01234567".to_owned(),
        "punctuation" => PUNCTUATION.to_owned(),
        other => other.to_owned(),
    });
    let mut all: Vec<char> = comma.chars().chain(sets.collect::<String>().chars()).collect();
    let mut seen = std::collections::HashSet::new();
    all.retain(|sign| seen.insert(*sign));
    all
}

fn draw(random: &mut Random, signs: &[char], length: usize) -> Result<String, Error> {
    (0..length).map(|_| Ok(signs[random.below(signs.len())?])).collect()
}

/// What a file keeps of a password.
#[derive(Default)]
struct Kept {
    line: Option<String>,
    password: Option<String>,
    salt: Option<String>,
}

fn read(path: &Path) -> Result<Kept, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(bad(format!("{} cannot be read: {error}", path.display()))),
    };
    let line = text.trim_end().to_owned();
    let (rest, _ident) = match line.rsplit_once(" ident=") {
        Some((rest, ident)) => (rest, Some(ident)),
        None => (line.as_str(), None),
    };
    let (password, salt) = match rest.rsplit_once(" salt=") {
        Some((password, salt)) => (password.to_owned(), Some(salt.to_owned())),
        None => (rest.to_owned(), None),
    };
    Ok(Kept { password: Some(password).filter(|p| !p.is_empty()), salt, line: Some(line) })
}

/// Keeps a password in a file that only its owner can read, written whole or not at all.
fn write(path: &Path, line: &str) -> Result<(), Error> {
    let fault =
        |error: std::io::Error| bad(format!("{} cannot be written: {error}", path.display()));
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut folders = std::fs::DirBuilder::new();
    folders.recursive(true).mode(0o700).create(directory).map_err(fault)?;
    replace_file_with(path, line.as_bytes(), 0o600, File::sync_all).map_err(fault)
}
