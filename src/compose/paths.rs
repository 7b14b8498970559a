//! Paths in files, which are relative to the file's folder.

use std::cell::RefCell;

use super::form::scalar;
use super::load::Wanted;
use crate::base::Diagnostic;
use crate::value::{Data, Key, Mapping, Node};

/// Where relative paths of a file begin, and where `~` is.
#[derive(Debug)]
pub(super) struct Base<'p> {
    /// The folder; empty where there is none.
    folder: &'p str,
    /// Where it begins, if it is relative itself.
    here: &'p str,
    home: &'p str,
    /// Relative paths where there is no folder.
    faults: RefCell<Vec<Diagnostic>>,
}

impl<'p> Base<'p> {
    /// The folder of a file of the project.
    pub(super) fn new(wanted: &'p Wanted, folder: &'p str) -> Self {
        Self { folder, here: &wanted.here, home: &wanted.home, faults: RefCell::default() }
    }

    /// The relative paths that begin nowhere.
    pub(super) fn faults(self) -> Vec<Diagnostic> {
        self.faults.into_inner()
    }

    /// A path that does not depend on where one stands.
    pub(super) fn path(&self, path: &str) -> String {
        if let Some(rest) = path.strip_prefix('~')
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return clean(&format!("{}{rest}", self.home));
        }
        let from = |start: &str, path: &str| match start {
            _ if path.starts_with('/') => path.to_owned(),
            "" => path.to_owned(),
            start => format!("{start}/{path}"),
        };
        clean(&from(self.here, &from(self.folder, path)))
    }

    /// A whole file with its paths made absolute.
    pub(super) fn file(&self, node: &Node) -> Node {
        entries(node, |key, value| match key {
            "services" => entries(value, |_, service| self.service(service)),
            "secrets" | "configs" => entries(value, |_, object| {
                entries(object, |key, value| match key {
                    "file" => self.text(value),
                    _ => value.clone(),
                })
            }),
            "volumes" => entries(value, |_, volume| self.device(volume)),
            "include" => self.include(value),
            _ => value.clone(),
        })
    }

    /// A volume of the project; one that is a folder of the host in truth has its path.
    fn device(&self, volume: &Node) -> Node {
        let text = |name: &str| volume.get(name).and_then(scalar);
        let is_local = text("driver").is_none_or(|driver| driver == "local");
        let options = volume.get("driver_opts").and_then(|options| options.get("o"));
        let options = options.and_then(scalar).unwrap_or_default();
        if !is_local || !options.split(',').any(|option| matches!(option, "bind" | "rbind")) {
            return volume.clone();
        }
        member(volume, "driver_opts", |options| member(options, "device", |path| self.text(path)))
    }

    fn service(&self, service: &Node) -> Node {
        entries(service, |key, value| match key {
            "build" => match value.data {
                Data::Map(_) => entries(value, |key, value| match key {
                    "context" => self.context(value),
                    _ => value.clone(),
                }),
                _ => self.context(value),
            },
            "env_file" => each(value, |item| match item.data {
                Data::Map(_) => entries(item, |key, value| match key {
                    "path" => self.text(value),
                    _ => value.clone(),
                }),
                _ => self.text(item),
            }),
            "label_file" => each(value, |item| self.text(item)),
            "volumes" => each(value, |item| self.volume(item)),
            "extends" => entries(value, |key, value| match key {
                "file" => self.text(value),
                _ => value.clone(),
            }),
            _ => value.clone(),
        })
    }

    /// A whole project whose builds have a folder: this one where none of its files and of the
    /// services that they extend says another.
    pub(super) fn with_contexts(&self, node: &Node) -> Node {
        let folder = if self.folder.is_empty() { ".".to_owned() } else { self.path(".") };
        let build = |build: &Node| {
            let mut build = build.clone();
            if let Data::Map(pairs) = &mut build.data
                && !pairs.contains_key("context")
            {
                let key = Key { text: "context".to_owned(), span: build.span };
                let context = Node { data: Data::Verbatim(folder.clone()), span: build.span };
                pairs.insert(key, context);
            }
            build
        };
        member(node, "services", |services| {
            entries(services, |_, service| member(service, "build", build))
        })
    }

    /// The folder of a build; an address of elsewhere stays.
    fn context(&self, value: &Node) -> Node {
        match scalar(value) {
            // Without a folder it is only a fault where the image is built in the end.
            Some(_) if self.folder.is_empty() => value.clone(),
            Some(text) if is_elsewhere(&text) => value.clone(),
            _ => self.text(value),
        }
    }

    fn volume(&self, item: &Node) -> Node {
        if item.as_map().is_some() {
            let is_bind = item.get("type").and_then(scalar).as_deref() == Some("bind");
            return entries(item, |key, value| match key {
                "source" if is_bind => self.text(value),
                _ => value.clone(),
            });
        }
        let Some(text) = scalar(item) else { return item.clone() };
        match text.split_once(':') {
            Some((source, rest)) if source.starts_with(['.', '~', '/']) => {
                let text = format!("{}:{rest}", self.noted(source, item));
                Node { data: Data::Verbatim(text), span: item.span }
            }
            _ => item.clone(),
        }
    }

    fn include(&self, value: &Node) -> Node {
        each(value, |item| match item.data {
            Data::Map(_) => entries(item, |key, value| match key {
                "path" | "env_file" => each(value, |path| self.text(path)),
                "project_directory" => self.text(value),
                _ => value.clone(),
            }),
            _ => self.text(item),
        })
    }

    fn text(&self, value: &Node) -> Node {
        match scalar(value) {
            Some(text) => Node { data: Data::Verbatim(self.noted(&text, value)), span: value.span },
            None => value.clone(),
        }
    }

    /// A path that does not depend on where one stands, which is a fault where it does.
    fn noted(&self, path: &str, at: &Node) -> String {
        if self.folder.is_empty() && !path.starts_with(['/', '~']) {
            let message = format!("`{path}` is a relative path, and a definition has no folder");
            let fault = Diagnostic::error("compose-path", message, at.span, "here");
            let help = "write an absolute path, or put a compose file into a folder of the host";
            self.faults.borrow_mut().push(fault.help(help));
        }
        self.path(path)
    }
}

/// A mapping with one of its members made into another.
fn member(value: &Node, name: &str, form: impl Fn(&Node) -> Node) -> Node {
    entries(value, |key, value| if key == name { form(value) } else { value.clone() })
}

/// Every item of a list, or the value itself, made into another.
fn each(value: &Node, form: impl Fn(&Node) -> Node) -> Node {
    match &value.data {
        Data::List(items) => {
            Node { data: Data::List(items.iter().map(form).collect()), span: value.span }
        }
        _ => form(value),
    }
}

/// Every member of a mapping made into another.
fn entries(value: &Node, form: impl Fn(&str, &Node) -> Node) -> Node {
    let Data::Map(pairs) = &value.data else { return value.clone() };
    let all: Mapping =
        pairs.iter().map(|(key, item)| (key.clone(), form(&key.text, item))).collect();
    Node { data: Data::Map(all), span: value.span }
}

/// Whether a build's sources are no folder of the host.
pub(super) fn is_elsewhere(context: &str) -> bool {
    ["://", "git@", "github.com/"].iter().any(|sign| context.contains(sign))
}

/// The folder that a path lies in.
pub(super) fn folder_of(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
        None => ".".to_owned(),
    }
}

/// A path without `.`, `..` and double slashes.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if path.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if path.starts_with('/') {
        format!("/{joined}")
    } else if joined.is_empty() {
        ".".to_owned()
    } else {
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_file() {
        let wanted =
            Wanted { home: "/root".to_owned(), here: "/home".to_owned(), ..Wanted::default() };
        let base = Base::new(&wanted, "/srv/app");
        for (path, absolute) in [
            ("x", "/srv/app/x"),
            ("./x/../y", "/srv/app/y"),
            ("../../../x", "/x"),
            ("/a//b/./c", "/a/b/c"),
            ("~/k", "/root/k"),
            (".", "/srv/app"),
        ] {
            assert_eq!(base.path(path), absolute, "{path}");
        }
        assert_eq!(Base::new(&wanted, "app").path("./x"), "/home/app/x");
        assert_eq!(folder_of("/srv/app/compose.yml"), "/srv/app");
        assert_eq!(folder_of("/compose.yml"), "/");
    }
}
