//! `include_role` and `import_role`.

use super::include_tasks::{Apply, handed_on};
use super::{Action, ActionCall, Done};
use crate::engine::include::{Include, What};
use crate::sdk::{Failure, Returned};
use crate::value::{Data, Key, Mapping, Node};

/// Goes on with the tasks of a role, when it is reached.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// The role.
    #[arg(alias = "role")]
    name: String,
    /// The file in its `tasks/`.
    #[arg(default = "main")]
    tasks_from: String,
    /// The file in its `vars/`.
    #[arg(default = "main")]
    vars_from: String,
    /// The file in its `defaults/`.
    #[arg(default = "main")]
    defaults_from: String,
    /// The file in its `handlers/`.
    #[arg(default = "main")]
    handlers_from: String,
    /// Keywords that hold for every task in it.
    #[arg(default)]
    apply: Apply,
    /// Whether its variables hold for the rest of the play.
    public: Option<bool>,
    /// Whether it may run more than once.
    #[arg(default = true)]
    allow_duplicates: bool,
    /// Whether its argument specification is held against its variables.
    #[arg(default = true)]
    rolespec_validate: bool,
}

impl Action for Args {
    const UNRENDERED: &'static [&'static str] = &["apply"];

    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        self.go_on(false, call)
    }
}

impl Args {
    fn go_on(self, import: bool, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let written = &call.step.task.action;
        let named = written.args.get("name").or_else(|| written.args.get("role"));
        let at = named.map_or(written.at, |node| node.span);
        let mut files = Mapping::new();
        for (name, file) in [
            ("tasks_from", &self.tasks_from),
            ("vars_from", &self.vars_from),
            ("defaults_from", &self.defaults_from),
            ("handlers_from", &self.handlers_from),
        ] {
            let node = Node { data: Data::Verbatim(file.clone()), span: at };
            files.insert(Key { text: name.to_owned(), span: at }, node);
        }
        for (name, flag) in [
            ("rolespec_validate", Some(self.rolespec_validate)),
            ("allow_duplicates", Some(self.allow_duplicates)),
            ("public", self.public),
        ] {
            if let Some(flag) = flag {
                let node = Node { data: Data::Bool(flag), span: at };
                files.insert(Key { text: name.to_owned(), span: at }, node);
            }
        }
        let mut done = Done::default();
        done.outcome.returned = Returned::new().with("include_role", &self.name);
        done.effects.include = Some(Include::read(
            call.step,
            What::Role { name: self.name, args: Node { data: Data::Map(files), span: at }, import },
            self.apply.0,
            handed_on(call),
            at,
        )?);
        Ok(done)
    }
}

/// Stands for the tasks of a role, as if they were written in its place.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Import {
    /// The role.
    #[arg(alias = "role")]
    name: String,
    /// The file in its `tasks/`.
    #[arg(default = "main")]
    tasks_from: String,
    /// The file in its `vars/`.
    #[arg(default = "main")]
    vars_from: String,
    /// The file in its `defaults/`.
    #[arg(default = "main")]
    defaults_from: String,
    /// The file in its `handlers/`.
    #[arg(default = "main")]
    handlers_from: String,
    /// Whether it may run more than once.
    #[arg(default = true)]
    allow_duplicates: bool,
    /// Whether its argument specification is held against its variables.
    #[arg(default = true)]
    rolespec_validate: bool,
    /// Whether its variables hold for the rest of the play; those of an import do.
    #[arg(default = true)]
    public: bool,
}

/// Reached only where the role's name is a template; any other import is resolved while loading.
impl Action for Import {
    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let args = Args {
            name: self.name,
            tasks_from: self.tasks_from,
            vars_from: self.vars_from,
            defaults_from: self.defaults_from,
            handlers_from: self.handlers_from,
            apply: Apply::default(),
            public: Some(self.public),
            allow_duplicates: self.allow_duplicates,
            rolespec_validate: self.rolespec_validate,
        };
        args.go_on(true, call)
    }
}
