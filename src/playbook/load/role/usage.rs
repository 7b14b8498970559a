//! How one place uses a role.

use std::path::Path;
use std::sync::Arc;

use crate::playbook::{Keywords, Origin, Role, RoleName};
use crate::value::{Key, Layer, Mapping, Node, Value, Variable, coerce};

/// Which of a role's files are taken.
#[derive(Debug, Clone)]
pub(super) struct RoleFiles {
    /// In `tasks/`.
    pub(super) tasks: String,
    /// In `vars/`.
    pub(super) vars: String,
    /// In `defaults/`.
    pub(super) defaults: String,
    /// In `handlers/`.
    pub(super) handlers: String,
}

impl Default for RoleFiles {
    fn default() -> Self {
        let main = || "main".to_owned();
        Self { tasks: main(), vars: main(), defaults: main(), handlers: main() }
    }
}

impl RoleFiles {
    /// The files that `include_role` and `import_role` name.
    fn named_in(args: &Node) -> Self {
        let file = |name: &str| {
            args.get(name).and_then(Node::as_str).map_or_else(|| "main".to_owned(), str::to_owned)
        };
        Self {
            tasks: file("tasks_from"),
            vars: file("vars_from"),
            defaults: file("defaults_from"),
            handlers: file("handlers_from"),
        }
    }
}

/// How one place uses a role.
pub(super) struct Usage {
    pub(super) files: RoleFiles,
    /// What it sets.
    pub(super) parameters: Arc<Layer>,
    /// What it gives the role as arguments: those of its parameters that stand beside `role:`.
    pub(super) arguments: Mapping,
    /// Whether the role's argument specification is held against its variables.
    pub(super) validates: bool,
    /// Whether it runs again where it has run; nothing: the role itself says.
    pub(super) repeats: Option<bool>,
    /// Whether the role's variables hold for the rest of the play, where that is written.
    pub(super) public: Option<bool>,
    /// The roles whose tasks include it.
    pub(super) includers: Vec<RoleName>,
    /// Whether it is included while the play runs.
    pub(super) included: bool,
    /// What else makes it the same usage as another one, or not.
    how: String,
}

impl Usage {
    /// By an entry of `roles:` or of dependencies, with these keywords, variables and arguments.
    pub(super) fn of_entry(keywords: &Keywords, vars: &Layer, arguments: Mapping) -> Self {
        let written_as = |(key, node): (&Key, &Node)| (key.text.clone(), node.clone().into());
        Self {
            files: RoleFiles::default(),
            parameters: Arc::new(arguments.iter().map(written_as).collect()),
            arguments,
            validates: true,
            repeats: None,
            public: None,
            includers: vec![],
            included: false,
            how: format!("{:?}{:?}", plain(keywords.iter()), plain(written(vars))),
        }
    }

    /// By `include_role` or `import_role`, with these arguments.
    pub(super) fn of_task(
        args: &Node,
        parameters: Arc<Layer>,
        origin: &Origin,
        included: bool,
    ) -> Self {
        let says = |name: &str| coerce::to_bool(&args.get(name)?.to_value());
        Self {
            files: RoleFiles::named_in(args),
            parameters,
            arguments: Mapping::new(),
            validates: says("rolespec_validate").unwrap_or(true),
            repeats: Some(says("allow_duplicates").unwrap_or(true)),
            public: says("public"),
            includers: chain(origin, |role| &role.includers),
            included,
            how: "by a task".to_owned(),
        }
    }

    /// The same for two uses that are one.
    pub(super) fn identity(&self, path: &Path) -> String {
        let (path, set) = (path.display(), plain(written(&self.parameters)));
        format!("{path}{:?}{set:?}{}", self.files, self.how)
    }
}

/// The roles around a place as its own role knows them, and that role.
pub(super) fn chain(origin: &Origin, around: impl Fn(&Role) -> &Vec<RoleName>) -> Vec<RoleName> {
    origin.role.as_ref().map_or_else(Vec::new, |role| {
        around(role).iter().cloned().chain([role.known_as()]).collect()
    })
}

/// What nodes hold, wherever they stand.
fn plain<'n, N: ToString>(nodes: impl Iterator<Item = (N, &'n Node)>) -> Vec<(String, Value)> {
    nodes.map(|(name, node)| (name.to_string(), node.to_value())).collect()
}

/// The variables that are written in files.
fn written(layer: &Layer) -> impl Iterator<Item = (&String, &Node)> {
    layer.iter().filter_map(|(name, variable)| match variable {
        Variable::Written(node) => Some((name, node.as_ref())),
        _ => None,
    })
}
