//! Files to plays and tasks, with every fault on the way.

mod action;
mod arguments;
mod around;
mod imports;
mod items;
mod library;
mod older;
mod play;
mod role;
mod task;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use arguments::arguments;
pub(crate) use imports::{find_tasks, searched, task_folders, unique};
pub(crate) use library::{OPEN, unrunnable};

use around::Around;

use super::{
    Catalogue, Item, KEYWORDS, Keywords, Known, Origin, Place, Playbook, Role, VARIABLE_NAME,
    is_variable_name, reserved_name,
};
use crate::base::{Diagnostic, Diagnostics, Sources, Span, closest};
use crate::template::Templar;
use crate::value::vault::Keyring;
use crate::value::{Data, Layer, Mapping, Node, Variable, coerce, yaml};

/// What loading depends on beside the files.
#[derive(Clone, Default)]
pub struct LoadSettings {
    /// Folders that roles are looked for in, after `roles/` beside the playbook.
    pub roles_path: Vec<PathBuf>,
    /// What opens vaulted files.
    pub keyring: Keyring,
    /// What renders the names of imported files and roles; without it they stay templates.
    pub templar: Option<Templar>,
    /// `--extra-vars`.
    pub extra: Arc<Layer>,
    /// Whether the variables of roles are private to them, where that was set.
    pub private_roles: Option<bool>,
    /// Whether what is wrong with a task is told when it is reached, as ansible-core does, where
    /// the rest of the playbook can be understood without it.
    pub late_faults: bool,
}

impl std::fmt::Debug for LoadSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadSettings").field("roles_path", &self.roles_path).finish_non_exhaustive()
    }
}

/// Loads playbooks, task files and roles. One loader collects the faults of all of them.
#[derive(Debug)]
pub struct Loader<'a> {
    sources: &'a Sources,
    catalogue: &'a Catalogue,
    settings: &'a LoadSettings,
    faults: Diagnostics,
    /// Files being loaded, to notice those that import themselves.
    open: Vec<PathBuf>,
    /// What stands around what is being loaded.
    around: Around,
    /// The older spellings that were noticed.
    noticed: BTreeSet<String>,
    /// What the roles imported so far bring to the whole play.
    imported: Imported,
    /// The variables that the names of imports may use.
    known: Known,
}

/// What imported roles bring to a play beside their tasks.
#[derive(Debug, Default)]
pub struct Imported {
    /// Those whose variables hold for the whole play.
    pub roles: Vec<Arc<Role>>,
    /// Their handlers.
    pub handlers: Vec<Item>,
}

impl<'a> Loader<'a> {
    /// A loader without faults.
    pub fn new(sources: &'a Sources, catalogue: &'a Catalogue, settings: &'a LoadSettings) -> Self {
        let faults = Diagnostics::default();
        Self {
            sources,
            catalogue,
            settings,
            faults,
            open: vec![],
            around: Around { tolerant: settings.late_faults, ..Around::default() },
            noticed: BTreeSet::new(),
            imported: Imported::default(),
            known: Known::of([&*settings.extra]),
        }
    }

    /// Loads a playbook with all that it imports.
    pub fn playbook(&mut self, path: &Path) -> Playbook {
        let path = match path.to_str() {
            Some(name) => self.playbook_file(Path::new(""), name),
            None => path.to_path_buf(),
        };
        let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let plays = self.plays_of(&path, &directory, None);
        Playbook { path, plays }
    }

    /// Loads a file of tasks or handlers.
    pub fn tasks_file(
        &mut self,
        path: &Path,
        origin: &Origin,
        place: Place,
        at: Option<Span>,
    ) -> Vec<Item> {
        let Some(node) = self.read(path, at) else { return vec![] };
        let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let origin = Arc::new(Origin { directory, ..origin.clone() });
        self.open.push(path.to_path_buf());
        let items = match &node.data {
            Data::Null => vec![],
            _ => self.items(&node, &origin, place),
        };
        self.open.pop();
        items
    }

    /// The name of an import; one that depends on more than the files tell stays a template.
    fn import_name(&self, node: &Node) -> Node {
        let known = node.is_template().then_some(self.settings.templar.as_ref()).flatten();
        let text = known.and_then(|templar| self.known.text(node, templar));
        text.map_or_else(
            || node.clone(),
            |text| Node { data: Data::Verbatim(text), span: node.span },
        )
    }

    /// What the roles imported so far bring to the whole play; the loader begins anew.
    pub fn take_imported(&mut self) -> Imported {
        std::mem::take(&mut self.imported)
    }

    /// The faults so far; the loader begins anew.
    pub fn take_faults(&mut self) -> Diagnostics {
        std::mem::take(&mut self.faults)
    }

    /// Reads the one document of a YAML file; `at` is where it is named.
    fn read(&mut self, path: &Path, at: Option<Span>) -> Option<Node> {
        if let Some(at) = at
            && self.open.iter().any(|open| open == path)
        {
            let names: Vec<String> = self.open.iter().map(|p| p.display().to_string()).collect();
            self.faults.push(
                Diagnostic::error(
                    "import-loop",
                    format!("`{}` imports itself", path.display()),
                    at,
                    "imported here again",
                )
                .help(format!("the way here: {}", names.join(" -> "))),
            );
            return None;
        }
        let read = self.settings.keyring.read_file(self.sources, path).and_then(|source| {
            let parsed = yaml::parse(self.sources, source)?;
            Ok((source, parsed))
        });
        match read {
            Ok((source, parsed)) => {
                self.faults.extend(parsed.warnings);
                let mut documents = parsed.documents.into_iter();
                let first = documents.next();
                if let Some(second) = documents.next() {
                    self.faults.push(Diagnostic::error(
                        "yaml",
                        "a file holds one document here",
                        second.span,
                        "a second one begins here",
                    ));
                }
                let nothing = Span { source, start: 0, end: 0 };
                Some(first.unwrap_or(Node { data: Data::Null, span: nothing }))
            }
            Err(mut fault) => {
                if let (None, Some(at)) = (fault.span(), at) {
                    fault.labels = vec![(at, "named here".to_owned())];
                }
                self.faults.push(fault);
                None
            }
        }
    }

    /// Sorts a mapping's pairs into keywords that fit the place; the rest is given to `other`.
    fn keywords<'n>(
        &mut self,
        pairs: &'n Mapping,
        place: Place,
        mut other: impl FnMut(&mut Self, &'n crate::value::Key, &'n Node),
    ) -> Keywords {
        let mut keywords = Keywords::default();
        for (key, node) in pairs {
            let name = self.todays(key, place);
            match KEYWORDS.iter().find(|keyword| keyword.name == name) {
                Some(keyword) if keyword.fits(place) => {
                    self.check_shape(keyword, node);
                    keywords.set(keyword.name, node.clone());
                }
                _ => other(self, key, node),
            }
        }
        if let Some(method) = Self::su(pairs) {
            keywords.set("become_method", method);
        }
        keywords
    }

    /// Notes a value that cannot be what its keyword takes.
    fn check_shape(&mut self, keyword: &super::Keyword, node: &Node) {
        use super::keyword::Shape;
        if node.data == Data::Null || node.is_template() {
            return;
        }
        let value = node.to_value();
        let container = matches!(node.data, Data::List(_) | Data::Map(_));
        let wanted = match keyword.shape {
            Shape::Bool if container || coerce::to_bool(&value).is_none() => "true or false",
            Shape::Int if container || coerce::to_int(&value).is_none() => "a whole number",
            Shape::Number if container || coerce::to_float(&value).is_none() => "a number",
            Shape::Text if container => "text",
            Shape::List | Shape::Condition if matches!(node.data, Data::Map(_)) => "a list",
            Shape::Map if !matches!(node.data, Data::Map(_)) => "a mapping",
            _ => return,
        };
        // `gather_facts: smart` and the like are words in boolean places; `tags`, `environment`
        // and `register` are read where they are used.
        if keyword.name == "gather_facts" && value == "smart" {
            return;
        }
        self.faults.push(Diagnostic::error(
            "keyword-type",
            format!("`{}` must be {wanted}", keyword.name),
            node.span,
            format!("this is {}", node.shown()),
        ));
    }

    /// Notes a key that is no keyword of the place.
    fn unknown_keyword(&mut self, key: &crate::value::Key, place: Place) {
        let names = KEYWORDS.iter().filter(|keyword| keyword.fits(place)).map(|k| k.name);
        let elsewhere = KEYWORDS.iter().any(|keyword| keyword.name == key.text);
        let diagnostic = Diagnostic::error(
            "unknown-keyword",
            format!("'{}' is not a valid attribute for {}", key.text, place.title()),
            key.span,
            "not known here",
        );
        self.faults.push(match closest(&key.text, names) {
            Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
            None if elsewhere => diagnostic.help("it is a keyword, but it has no meaning here"),
            None => diagnostic,
        });
    }

    /// Warns of a variable whose name has a meaning already.
    fn check_name(&mut self, key: &crate::value::Key) {
        if let Some(warning) = reserved_name(&key.text, key.span)
            && self.noticed.insert(format!("variable {}", key.text))
        {
            self.faults.push(warning);
        }
    }

    /// The same for a variable that a play, block or task sets, whose name must be one.
    fn check_variable(&mut self, key: &crate::value::Key) {
        self.check_name(key);
        if !is_variable_name(&key.text) && !crate::value::has_template(&key.text) {
            let message = format!("Invalid variable name '{}'", key.text);
            let fault =
                Diagnostic::error("variable-name", message, key.span, "no template can name it");
            self.fault(fault.help(VARIABLE_NAME));
        }
    }

    /// The `vars` keyword taken out of keywords, as a layer.
    fn vars(&mut self, keywords: &mut Keywords) -> Arc<Layer> {
        let Some(node) = keywords.take("vars") else { return Arc::default() };
        let mut layer = Layer::new();
        let parts = match &node.data {
            Data::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&node),
        };
        for part in parts {
            match &part.data {
                Data::Map(pairs) => {
                    pairs.keys().for_each(|key| self.check_variable(key));
                    layer.extend(layer_of(part));
                }
                _ => self.faults.push(Diagnostic::error(
                    "keyword-type",
                    "`vars` must be a mapping of names to values",
                    part.span,
                    format!("this is {}", part.shown()),
                )),
            }
        }
        Arc::new(layer)
    }

    fn fault(&mut self, diagnostic: Diagnostic) {
        self.faults.push(diagnostic);
    }
}

/// A mapping's pairs as variables, not yet rendered.
pub fn layer_of(node: &Node) -> Layer {
    node.as_map().map_or_else(Layer::new, |pairs| {
        pairs
            .iter()
            .map(|(key, value)| (key.text.clone(), Variable::Written(Arc::new(value.clone()))))
            .collect()
    })
}
