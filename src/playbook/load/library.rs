//! Tasks that name a module of the user's own.

use std::path::Path;
use std::sync::Arc;

use super::super::{Action, Late, LibraryModule, Origin};
use super::action::{late, sort_out};
use super::around::Around;
use super::{Diagnostic, Loader, arguments};
use crate::base::Span;
use crate::spec::Spec;
use crate::value::Node;

/// What is known of the arguments of a module of the user's own: nothing.
pub(crate) const OPEN: Spec =
    Spec { doc: "", parameters: &[], rules: &[], free_form: None, open: true };

impl Loader<'_> {
    /// Looks for modules of the user's own in what lies beside a playbook in this folder.
    pub(crate) fn look_beside(&self, folder: &Path) {
        self.catalogue.library.add_playbook(folder);
    }

    /// Whether a task's key names a module.
    pub(super) fn is_module(&self, written: &str, origin: &Origin) -> bool {
        self.catalogue.get(written).is_some()
            || self.catalogue.library.search(written, &origin.collections).is_some()
    }

    /// The module of the user's own that a task means.
    ///
    /// It goes before one of the program, unless it cannot be run.
    pub(super) fn library_module(
        &mut self,
        written: &str,
        at: Span,
        origin: &Origin,
    ) -> Option<LibraryModule> {
        let module = self.catalogue.library.search(written, &origin.collections)?;
        let Some(language) = module.style.foreign() else { return Some(module) };
        if self.catalogue.get(written).is_none() {
            return Some(module);
        }
        let file = module.path.display();
        let message =
            format!("`{file}` is written in {language}: rplay's own `{written}` is taken for it");
        if self.noticed.insert(message.clone()) {
            self.fault(Diagnostic::error("library", message, at, "this module").warning());
        }
        None
    }

    /// The action of a module of the user's own.
    pub(super) fn library_action(
        &mut self,
        module: LibraryModule,
        written: &str,
        at: Span,
        args: &Node,
        extra: Option<&Node>,
    ) -> Option<Action> {
        let (extra, splat) = sort_out(args, extra);
        let read = match unrunnable(&module, at) {
            Some(fault) => Err(fault),
            None => arguments(&OPEN, args, extra, at, self.sources),
        };
        let Around { tolerant, conditional, .. } = self.around;
        match read {
            Ok(args) => Some(Action {
                name: "",
                written: written.to_owned(),
                args,
                splat,
                library: Some(Arc::new(module)),
                late: None,
                at,
            }),
            Err(fault) if tolerant || conditional => {
                self.fault(fault.clone().later());
                Some(late(written, at, Late::Fault(fault)))
            }
            Err(fault) => {
                self.fault(*fault);
                None
            }
        }
    }
}

/// Why a module of the user's own cannot be run.
pub(crate) fn unrunnable(module: &LibraryModule, at: Span) -> Option<Box<Diagnostic>> {
    let language = module.style.foreign()?;
    let name = &module.name;
    let message = format!("module `{name}` is written in {language}, which rplay does not run");
    let label = format!("its file is {}", module.path.display());
    let help = "`rplay doc` lists the modules there are; a script that reads its arguments from a \
                file (WANT_JSON) runs on any host that has its interpreter";
    Some(Box::new(Diagnostic::error("library", message, at, label).help(help)))
}
