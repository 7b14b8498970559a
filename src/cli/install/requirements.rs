//! Reading `requirements.yml`.

use std::path::Path;

use super::source::{Kind, Source, Wanted, is_archive, is_url};
use crate::base::{Diagnostic, Diagnostics, Sources};
use crate::playbook::split_qualified;
use crate::value::{Data, Node, coerce, yaml};

/// The keys that an entry may have.
const ROLE_KEYS: [&str; 4] = ["src", "name", "version", "scm"];
const COLLECTION_KEYS: [&str; 5] = ["name", "version", "source", "type", "signatures"];

/// Reads the requirements in a file: a list of roles, or a mapping with `roles` and `collections`.
///
/// `server` is the Galaxy server that names are looked up at.
pub(in crate::cli) fn read(
    path: &Path,
    server: &str,
    sources: &Sources,
) -> Result<Requirements, Diagnostics> {
    let mut reading = Reading {
        base: path.parent().unwrap_or(Path::new("")),
        server,
        wanted: vec![],
        faults: Diagnostics::default(),
    };
    match file(path, sources) {
        Ok(node) => reading.all(&node),
        Err(fault) => reading.faults.push(fault),
    }
    if reading.faults.has_errors() {
        return Err(reading.faults);
    }
    Ok(Requirements(reading.wanted))
}

/// What is to be installed.
#[derive(Debug)]
pub(in crate::cli) struct Requirements(pub(super) Vec<Wanted>);

fn file(path: &Path, sources: &Sources) -> Result<Node, Diagnostic> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Diagnostic::plain("requirements", format!("cannot read {shown}: {error}"))
    })?;
    let source = sources.add(shown, text);
    yaml::parse(sources, source)?.single()
}

struct Reading<'a> {
    /// The folder that paths are meant from.
    base: &'a Path,
    server: &'a str,
    wanted: Vec<Wanted>,
    faults: Diagnostics,
}

impl Reading<'_> {
    fn all(&mut self, node: &Node) {
        match &node.data {
            Data::List(entries) => entries.iter().for_each(|entry| self.entry(Kind::Role, entry)),
            Data::Map(parts) => {
                for (key, part) in parts {
                    let kind = match key.text.as_str() {
                        "roles" => Kind::Role,
                        "collections" => Kind::Collection,
                        other => {
                            let message = format!("requirements have no `{other}`");
                            let fault =
                                Diagnostic::error("requirements", message, key.span, "here");
                            self.faults.push(fault.help("there are: roles, collections"));
                            continue;
                        }
                    };
                    match &part.data {
                        Data::List(entries) => {
                            for entry in entries {
                                self.entry(kind, entry);
                            }
                        }
                        Data::Null => {}
                        _ => self.fault(part, format!("`{}` must be a list", key.text)),
                    }
                }
            }
            _ => self.fault(node, "requirements are a list of roles, or a mapping".to_owned()),
        }
    }

    fn fault(&mut self, node: &Node, message: String) {
        let label = format!("this is {}", node.shown());
        self.faults.push(Diagnostic::error("requirements", message, node.span, label));
    }

    fn entry(&mut self, kind: Kind, node: &Node) {
        let read = match (&node.data, kind) {
            (Data::Map(_), Kind::Role) => self.role(node),
            (Data::Map(_), Kind::Collection) => self.collection(node),
            _ => match (node.as_str(), kind) {
                (Some(text), Kind::Role) => self.short_role(node, text),
                (Some(text), Kind::Collection) => self.located(node, kind, text, None, None),
                (None, _) => Err(format!("a {kind} is a mapping, or its name")),
            },
        };
        match read {
            Ok(wanted) => self.wanted.push(wanted),
            Err(message) => self.fault(node, message),
        }
    }

    /// The texts under the keys that an entry may have.
    fn texts<const N: usize>(&mut self, node: &Node, keys: [&str; N]) -> [Option<String>; N] {
        for (key, value) in node.as_map().into_iter().flatten() {
            if !keys.contains(&key.text.as_str()) {
                let message = format!("a requirement has no `{}`", key.text);
                let fault = Diagnostic::error("requirements", message, key.span, "not known");
                self.faults.push(fault.help(format!("there are: {}", keys.join(", "))));
            } else if matches!(value.data, Data::Map(_)) {
                self.fault(value, format!("`{}` must be text", key.text));
            }
        }
        keys.map(|key| {
            let value = node.get(key).filter(|value| value.data != Data::Null)?;
            Some(coerce::to_text(&value.to_value()))
        })
    }

    fn role(&mut self, node: &Node) -> Result<Wanted, String> {
        let [src, name, version, scm] = self.texts(node, ROLE_KEYS);
        if let Some(other) = scm.as_ref().filter(|scm| *scm != "git") {
            return Err(format!("`scm` must be git, not `{other}`"));
        }
        let Some(written) = src.or_else(|| name.clone()) else {
            return Err("a role needs `src`: where it comes from".to_owned());
        };
        let is_git = scm.is_some();
        let mut wanted = self.place(node, Kind::Role, &written, is_git, version)?;
        wanted.name = name.filter(|name| *name != written).or(wanted.name);
        named(wanted)
    }

    /// The older form: `src,version,name`.
    fn short_role(&mut self, node: &Node, text: &str) -> Result<Wanted, String> {
        let mut parts = text.split(',').map(|part| Some(part.trim()).filter(|p| !p.is_empty()));
        let src = parts.next().flatten().unwrap_or_default();
        let (version, name) = (parts.next().flatten(), parts.next().flatten());
        let mut wanted = self.place(node, Kind::Role, src, false, version.map(str::to_owned))?;
        wanted.name = name.map(str::to_owned).or(wanted.name);
        named(wanted)
    }

    fn collection(&mut self, node: &Node) -> Result<Wanted, String> {
        let [name, version, source, kind, _] = self.texts(node, COLLECTION_KEYS);
        let version = version.filter(|version| version != "*");
        let located = match kind.as_deref() {
            None | Some("galaxy") => None,
            Some("git" | "url" | "file" | "dir") => kind,
            Some(other) => {
                return Err(format!("`type` must be git, url, file, dir or galaxy, not `{other}`"));
            }
        };
        match (located, name, source) {
            (Some(kind), name, Some(source)) => {
                let mut wanted =
                    self.located(node, Kind::Collection, &source, version, Some(&kind))?;
                wanted.name = name;
                named(wanted)
            }
            (Some(kind), Some(name), None) => {
                self.located(node, Kind::Collection, &name, version, Some(&kind))
            }
            (None, Some(name), server) => {
                let mut wanted = self.located(node, Kind::Collection, &name, version, None)?;
                if let (Source::Galaxy { server: usual, .. }, Some(server)) =
                    (&mut wanted.source, server)
                {
                    *usual = server;
                }
                Ok(wanted)
            }
            _ => Err("a collection needs `name`".to_owned()),
        }
    }

    fn located(
        &self,
        node: &Node,
        kind: Kind,
        written: &str,
        version: Option<String>,
        how: Option<&str>,
    ) -> Result<Wanted, String> {
        let (location, after) = match written.rsplit_once(',') {
            Some((location, after)) if !after.contains('/') => (location, Some(after.to_owned())),
            _ => (written, None),
        };
        self.place(node, kind, location, how == Some("git"), version.or(after))
    }

    fn place(
        &self,
        node: &Node,
        kind: Kind,
        written: &str,
        is_git: bool,
        version: Option<String>,
    ) -> Result<Wanted, String> {
        let is_path = written.starts_with(['/', '.', '~'])
            || written.contains('/')
            || is_archive(written)
            || self.base.join(written).exists();
        let is_location = is_git || written.starts_with("git+") || is_url(written) || is_path;
        for text in [Some(written), version.as_deref()].into_iter().flatten() {
            if text.starts_with('-') || text.contains(['\n', '\0']) {
                return Err(format!("`{text}` cannot be asked for"));
            }
        }
        let at = node.span;
        if is_location {
            let source = Source::of_location(written, is_git, self.base);
            let name = (kind == Kind::Role).then(|| base_name(written));
            return Ok(Wanted { kind, source, version, name, at });
        }
        let Some((owner, name)) = written.split_once('.').filter(|_| is_name(written)) else {
            return Err(format!(
                "`{written}` is neither a location nor a name of the form owner.name"
            ));
        };
        let (owner, name) = (owner.to_owned(), name.to_owned());
        let source = Source::Galaxy { owner, name, server: self.server.to_owned() };
        Ok(Wanted { kind, source, version, name: Some(written.to_owned()), at })
    }
}

/// Holds what it is installed as against what a folder may be called.
fn named(wanted: Wanted) -> Result<Wanted, String> {
    let is_fine = match (&wanted.name, wanted.kind) {
        (None, _) => true,
        (Some(name), Kind::Role) => is_name(name),
        (Some(name), Kind::Collection) => split_qualified(&format!("{name}.x")).is_some(),
    };
    match wanted.name {
        Some(name) if !is_fine => Err(format!("`{name}` cannot be the name of a {}", wanted.kind)),
        _ => Ok(wanted),
    }
}

/// Letters, digits and a few signs; no path.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphanumeric() || first == '_')
        && name.chars().all(|sign| sign.is_alphanumeric() || "._-".contains(sign))
}

/// What a repository or archive is called, without its endings.
fn base_name(location: &str) -> String {
    let location = location.split('#').next().unwrap_or(location).trim_end_matches('/');
    let last = location.rsplit(['/', ':']).next().unwrap_or(location);
    let endings = [".git", ".tar.gz", ".tgz", ".tar"];
    endings.iter().find_map(|ending| last.strip_suffix(ending)).unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<String>, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requirements.yml");
        std::fs::write(&path, text).unwrap();
        let read = read(&path, "https://galaxy", &Sources::default());
        let shown = |wanted: &Wanted| {
            let Wanted { kind, source, version, name, .. } = wanted;
            let (version, name) = (version.as_deref(), name.as_deref());
            let from = source.shown();
            format!("{kind} {} {} {from}", name.unwrap_or("?"), version.unwrap_or("-"))
        };
        read.map(|read| read.0.iter().map(shown).collect())
            .map_err(|faults| faults.iter().map(|fault| fault.message.clone()).collect())
    }

    #[test]
    fn every_form_of_an_entry_is_read() {
        let text = "
roles:
  - geerlingguy.docker
  - src: https://host/org/ansible-role-web.git
    version: v1.2
    name: web
  - {src: 'git@host:org/base.git', scm: git}
  - https://host/old.tar.gz,,old
collections:
  - community.general
  - {name: my.own, version: '>=1.0,<2', source: 'https://other'}
  - name: git+https://host/c.git#/sub,devel
  - {name: my.second, source: 'https://host/d', type: git, version: 2}
";
        assert_eq!(
            all(text).unwrap(),
            [
                "role geerlingguy.docker - https://galaxy: geerlingguy.docker",
                "role web v1.2 https://host/org/ansible-role-web.git",
                "role base - git@host:org/base.git",
                "role old - https://host/old.tar.gz",
                "collection community.general - https://galaxy: community.general",
                "collection my.own >=1.0,<2 https://other: my.own",
                "collection ? devel https://host/c.git#/sub",
                "collection my.second 2 https://host/d",
            ]
        );
        assert_eq!(all("- a.b\n").unwrap(), ["role a.b - https://galaxy: a.b"]);
    }

    #[test]
    fn each_fault_is_told() {
        let text = "
roles:
  - {name: web}
  - {src: 'https://host/a.git', name: ../etc}
  - {src: 'https://host/a.git', scm: hg}
  - {scr: x}
  - {src: 'https://host/a.git', version: '--upload-pack=x'}
collections:
  - {name: a.b, type: svn}
  - 5
other: []
";
        assert_eq!(
            all(text).unwrap_err(),
            [
                "`web` is neither a location nor a name of the form owner.name",
                "`../etc` cannot be the name of a role",
                "`scm` must be git, not `hg`",
                "a requirement has no `scr`",
                "a role needs `src`: where it comes from",
                "`--upload-pack=x` cannot be asked for",
                "`type` must be git, url, file, dir or galaxy, not `svn`",
                "a collection is a mapping, or its name",
                "requirements have no `other`",
            ]
        );
        assert_eq!(all("text").unwrap_err(), ["requirements are a list of roles, or a mapping"]);
    }
}
