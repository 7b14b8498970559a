//! Filters on paths, and on URLs.

use std::path::Path;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad, items};
use crate::template::lookups;
use crate::template::objects::List;
use crate::template::python;

pub(super) const FILTERS: Family = &[
    ("basename", |_, args| text(args, |path| split(path).1.to_owned())),
    ("dirname", |_, args| text(args, |path| split(path).0.to_owned())),
    ("splitext", split_extension),
    ("normpath", |_, args| text(args, normalize)),
    ("realpath", |_, args| text(args, real)),
    ("expanduser", |_, args| text(args, |path| lookups::expand_user(path).display().to_string())),
    ("expandvars", |_, args| text(args, expand_variables)),
    ("relpath", relative),
    ("path_join", join),
    ("commonpath", common),
    ("fileglob", file_glob),
    ("win_basename", |_, args| text(args, |path| win_split(path).1.to_owned())),
    ("win_dirname", |_, args| text(args, |path| win_split(path).0.to_owned())),
    ("win_splitdrive", |_, args| {
        let path = python::text(args.value())?;
        let at = win_drive(&path);
        Ok(List::value(vec![Value::from(&path[..at]), Value::from(&path[at..])]))
    }),
];

fn text(args: &Args, change: impl Fn(&str) -> String) -> Result<Value, Error> {
    Ok(Value::from(change(&python::text(args.value())?)))
}

/// The directory and the last part, as Python's `os.path.split` gives them.
fn split(path: &str) -> (&str, &str) {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let (head, tail) = path.split_at(at);
    let trimmed = head.trim_end_matches('/');
    (if trimmed.is_empty() { head } else { trimmed }, tail)
}

fn split_extension(_: &mut State, args: &Args) -> Result<Value, Error> {
    let path = python::text(args.value())?;
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let stem = path[name..].len() - path[name..].trim_start_matches('.').len();
    let at = path[name + stem..].rfind('.').map_or(path.len(), |at| name + stem + at);
    Ok(List::value(vec![Value::from(&path[..at]), Value::from(&path[at..])]))
}

/// A path without `.`, `..` and double slashes, as its letters go.
fn normalize(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let root = match path.len() - path.trim_start_matches('/').len() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if !root.is_empty() => {}
            part => parts.push(part),
        }
    }
    let joined = format!("{root}{}", parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

fn absolute(path: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    normalize(&here.join(path).display().to_string())
}

/// A path with its links followed, as far as it exists.
fn real(path: &str) -> String {
    let path = absolute(path);
    let (mut known, mut rest) = (Path::new(&path), vec![]);
    loop {
        if let Ok(found) = known.canonicalize() {
            let whole = rest.iter().rev().fold(found, |path, part| path.join(part));
            return whole.display().to_string();
        }
        match (known.parent(), known.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                known = parent;
            }
            _ => return path.clone(),
        }
    }
}

fn expand_variables(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (name, length) = named(rest);
        match std::env::var(name) {
            Ok(value) if !name.is_empty() => out.push_str(&value),
            _ => out.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    out + rest
}

/// The name of a variable after a `$`, and how long it is written with it.
fn named(text: &str) -> (&str, usize) {
    let after = &text[1..];
    if let Some(inner) = after.strip_prefix('{') {
        return inner.find('}').map_or(("", 1), |end| (&inner[..end], end + 3));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
    (&after[..end], end + 1)
}

fn relative(_: &mut State, args: &Args) -> Result<Value, Error> {
    let path = absolute(&python::text(args.value())?);
    let start = absolute(&args.text(1, "start")?.unwrap_or_else(|| ".".to_owned()));
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (path, start) = (parts(&path), parts(&start));
    let shared = path.iter().zip(&start).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", start.len() - shared);
    let down = path[shared..].iter().map(String::as_str);
    let joined = up.chain(down).collect::<Vec<_>>().join("/");
    Ok(Value::from(if joined.is_empty() { ".".to_owned() } else { joined }))
}

fn join(_: &mut State, args: &Args) -> Result<Value, Error> {
    let value = args.value();
    let parts = match value.kind() {
        ValueKind::String => vec![value.clone()],
        ValueKind::Seq | ValueKind::Iterable => items(value)?,
        _ => return Err(bad("|path_join expects string or sequence")),
    };
    let mut path = String::new();
    for part in parts {
        let part = python::text(&part)?;
        if part.starts_with('/') {
            path = part;
            continue;
        }
        if !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(&part);
    }
    Ok(Value::from(path))
}

fn common(_: &mut State, args: &Args) -> Result<Value, Error> {
    if !matches!(args.value().kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(bad("|commonpath expects a sequence of paths"));
    }
    let paths = items(args.value())?.iter().map(python::text).collect::<Result<Vec<_>, Error>>()?;
    let rooted = paths.iter().filter(|path| path.starts_with('/')).count();
    if paths.is_empty() || rooted != 0 && rooted != paths.len() {
        return Err(bad("paths are needed that are all absolute or all relative"));
    }
    let split = |path: &String| -> Vec<String> {
        path.split('/').filter(|p| !matches!(*p, "" | ".")).map(str::to_owned).collect()
    };
    let mut shared = split(&paths[0]);
    for path in &paths[1..] {
        let other = split(path);
        let length = shared.iter().zip(&other).take_while(|(a, b)| a == b).count();
        shared.truncate(length);
    }
    let root = if rooted > 0 { "/" } else { "" };
    Ok(Value::from(format!("{root}{}", shared.join("/"))))
}

fn file_glob(_: &mut State, args: &Args) -> Result<Value, Error> {
    let pattern = lookups::expand_user(&python::text(args.value())?);
    let files = lookups::matching(&pattern)?;
    Ok(List::value(files.iter().map(|path| Value::from(path.display().to_string())).collect()))
}

/// Where the drive of a Windows path ends.
fn win_drive(path: &str) -> usize {
    let bytes = path.as_bytes();
    if bytes.get(1) == Some(&b':') {
        return 2;
    }
    let unified = path.replace('/', "\\");
    let Some(rest) = unified.strip_prefix("\\\\") else { return 0 };
    // `\\host\share`
    let host = rest.find('\\').unwrap_or(rest.len());
    let share = rest[host..].trim_start_matches('\\').find('\\');
    share.map_or(path.len(), |end| 2 + host + 1 + end)
}

fn win_split(path: &str) -> (&str, &str) {
    let drive = win_drive(path);
    let at = path[drive..].rfind(['\\', '/']).map_or(drive, |at| drive + at + 1);
    let (head, tail) = path.split_at(at);
    let trimmed = head[drive..].trim_end_matches(['\\', '/']);
    (if trimmed.is_empty() { head } else { &head[..drive + trimmed.len()] }, tail)
}
