//! The files that hold the options, as they must be.

use serde::Serialize;

use super::flags;
use super::keys::{self, Key};
use super::state::{State, docker_opts, is_docker_opts};
use crate::sdk::{Diff, Failure, Fields, Side, Value};

/// One file, before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Edit {
    pub(super) path: String,
    pub(super) before: Option<String>,
    /// `None` where the file is taken away.
    pub(super) after: Option<String>,
}

/// Where the drop-in of the unit stands.
pub(super) const DROP_IN: &str = "/etc/systemd/system/docker.service.d/rplay.conf";
const DEFAULT_FILE: &str = "/etc/default/docker";

/// What the files come to.
#[derive(Debug, Default)]
pub(super) struct Edits {
    pub(super) files: Vec<Edit>,
    pub(super) diffs: Vec<Diff>,
    /// The options that change.
    pub(super) changed: Vec<String>,
    /// Whether a reload of the daemon is enough for it.
    pub(super) reloads: bool,
    /// Every option that the daemon will have from its file.
    pub(super) file: Fields,
}

/// Options in `daemon.json`.
pub(super) fn daemon_json(now: &State, wanted: &Fields, purge: bool) -> Result<Edits, Failure> {
    let before = match read_file(now) {
        // What cannot be read is replaced where nothing in it is to be kept.
        Err(_) if purge => Fields::new(),
        read => read?,
    };
    let mut after = if purge {
        before.iter().filter(|(name, _)| wanted.contains_key(*name)).map(own).collect()
    } else {
        before.clone()
    };
    for (name, value) in wanted {
        if value.is_null() {
            after.shift_remove(name);
        } else {
            after.insert(name.clone(), value.clone());
        }
    }
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let changed: Vec<String> =
        names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
    let mut edits = Edits { file: after.clone(), ..Edits::default() };
    edits.reloads = changed.iter().all(|name| {
        // dockerd takes over what the file sets, not that it sets something no more.
        after.contains_key(name) && keys::find(name).is_some_and(|key| key.reloads)
    });
    if !changed.is_empty() {
        edits.diffs.push(Diff::fields(&now.path, &before, &after));
        let text = serde_json::to_string_pretty(&after).unwrap_or_default() + "\n";
        edits.files.push(Edit {
            path: now.path.clone(),
            before: now.file.clone(),
            after: Some(text),
        });
    }
    edits.changed = changed;
    clear_hosts(now, &mut edits)?;
    Ok(edits)
}

fn own((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// What the file holds.
pub(super) fn read_file(now: &State) -> Result<Fields, Failure> {
    let text = now.file.as_deref().unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(Fields::new());
    }
    serde_json::from_str(text).map_err(|error| {
        Failure::new(format!("{} on the host is not what dockerd can read: {error}", now.path))
            .help("mend it, or replace it as a whole with `purge: true`")
    })
}

/// dockerd does not start where an option stands both in its file and on its command line. Where
/// that is the `-H fd://` that packages put in the unit, a drop-in takes it out.
fn clear_hosts(now: &State, edits: &mut Edits) -> Result<(), Failure> {
    let flags = now.next_flags();
    let twice = flags.iter().find(|(flag, place)| {
        let Some(key) = flag.key else { return false };
        let cleared = key.name == "hosts" && place.starts_with("the unit");
        edits.file.contains_key(key.name) && !cleared
    });
    if let Some((flag, place)) = twice {
        let name = flag.key.map_or("", |key| key.name);
        return Err(Failure::new(format!(
            "`{name}` would stand both in {} and in {place} (`{}`); dockerd does not start so",
            now.path,
            flag.words.join(" ")
        ))
        .help(format!("take `{}` out of {place} first", flag.words.join(" "))));
    }
    let hosts = |key: Option<&'static Key>| key.is_some_and(|key| key.name == "hosts");
    if !edits.file.contains_key("hosts") || !flags.iter().any(|(flag, _)| hosts(flag.key)) {
        return Ok(());
    }
    let words: Vec<String> = flags::parse(&now.unit_words())
        .into_iter()
        .filter(|flag| !hosts(flag.key))
        .flat_map(|flag| flag.words)
        .collect();
    push_drop_in(now, &words, edits);
    edits.reloads = false;
    Ok(())
}

/// Options in a drop-in of the unit.
pub(super) fn unit(now: &State, wanted: &Fields, purge: bool) -> Result<Edits, Failure> {
    if !now.has_systemd() {
        return Err(Failure::new("`target: unit` needs systemd, which this host does not run")
            .help("`daemon_json` works everywhere; `default_file` with Debian's init script"));
    }
    let words = now.unit_words();
    if words.is_empty() && !now.service.exists {
        return Err(Failure::new("`target: unit` needs the unit docker.service; it is not there")
            .help("install the engine first: `docker_engine`"));
    }
    let before = flags::parse(&words);
    let after = flags::merged(&before, wanted, purge)?;
    // systemd has its own ideas of these in ExecStart.
    refuse_letters(&after, &['"', '\'', '\\', ';', '%'])?;
    let mut edits = of_flags(now, &words, &after)?;
    if words != after {
        push_drop_in(now, &after, &mut edits);
    }
    Ok(edits)
}

fn push_drop_in(now: &State, words: &[String], edits: &mut Edits) {
    let line = [now.dockerd.clone()].into_iter().chain(words.iter().cloned()).collect::<Vec<_>>();
    let text = format!("[Service]\nExecStart=\nExecStart={}\n", line.join(" "));
    edits.diffs.push(Diff {
        subject: DROP_IN.to_owned(),
        before: now.drop_in.clone().map_or(Side::Absent, Side::Text),
        after: Side::Text(text.clone()),
    });
    edits.files.push(Edit {
        path: DROP_IN.to_owned(),
        before: now.drop_in.clone(),
        after: Some(text),
    });
}

/// Options in `DOCKER_OPTS` of `/etc/default/docker`.
pub(super) fn default_file(now: &State, wanted: &Fields, purge: bool) -> Result<Edits, Failure> {
    if now.has_systemd() && !now.unit_words().iter().any(|word| is_docker_opts(word)) {
        return Err(Failure::new("the unit of this host's engine does not read DOCKER_OPTS")
            .help("use `target: daemon_json` or `target: unit`"));
    }
    let text = now.default_file.as_deref().unwrap_or_default();
    let line = text.lines().rev().find_map(docker_opts);
    if line.is_some_and(|value| value.contains(['$', '`'])) {
        return Err(Failure::new(format!(
            "DOCKER_OPTS in {DEFAULT_FILE} is put together by a shell"
        ))
        .help("write it out, or use `target: daemon_json`"));
    }
    let words = now.default_words();
    let after = flags::merged(&flags::parse(&words), wanted, purge)?;
    // The file is shell, and what it sets is split at blanks.
    refuse_letters(
        &after,
        &['"', '\'', '\\', '$', '`', ';', '&', '|', '<', '>', '(', ')', '*', '?', '~', '#'],
    )?;
    let mut edits = of_flags(now, &words, &after)?;
    if words != after {
        let new = format!("DOCKER_OPTS=\"{}\"", after.join(" "));
        let after = replace_line(text, &new);
        edits.diffs.push(Diff {
            subject: DEFAULT_FILE.to_owned(),
            before: now.default_file.clone().map_or(Side::Absent, Side::Text),
            after: Side::Text(after.clone()),
        });
        edits.files.push(Edit {
            path: DEFAULT_FILE.to_owned(),
            before: now.default_file.clone(),
            after: Some(after),
        });
    }
    Ok(edits)
}

/// The text with its last line that sets `DOCKER_OPTS` replaced, or with the new one at its end.
fn replace_line(text: &str, new: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    match lines.iter().rposition(|line| docker_opts(line).is_some()) {
        Some(at) => lines[at] = new,
        None => lines.push(new),
    }
    lines.join("\n") + "\n"
}

/// What flags come to: the options that differ, and none of them in the file as well.
fn of_flags(now: &State, before: &[String], after: &[String]) -> Result<Edits, Failure> {
    let (before, after) = (flags::parse(before), flags::parse(after));
    let file = read_file(now)?;
    if let Some(flag) =
        after.iter().find(|flag| flag.key.is_some_and(|key| file.contains_key(key.name)))
    {
        let name = flag.key.map_or("", |key| key.name);
        return Err(Failure::new(format!(
            "`{name}` would stand both on the command line and in {}; dockerd does not start so",
            now.path
        ))
        .help("`target: daemon_json` with `options: {NAME: null}` takes it out there"));
    }
    let mut changed: Vec<String> = vec![];
    for key in before.iter().chain(&after).filter_map(|flag| flag.key) {
        let differs = flags::values(&before, key.name) != flags::values(&after, key.name);
        if differs && !changed.iter().any(|name| name == key.name) {
            changed.push(key.name.to_owned());
        }
    }
    Ok(Edits { changed, file, ..Edits::default() })
}

fn refuse_letters(words: &[String], letters: &[char]) -> Result<(), Failure> {
    let odd = |word: &&String| word.contains(letters) || word.contains(char::is_whitespace);
    // Words that stand there already are kept as they are; `$DOCKER_OPTS` is one of them.
    match words.iter().find(|word| odd(word) && word.starts_with("--")) {
        None => Ok(()),
        Some(word) => Err(Failure::new(format!("`{word}` cannot stand on a command line there"))
            .help("`target: daemon_json` holds any value")),
    }
}

#[cfg(test)]
mod tests;
