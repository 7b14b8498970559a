//! What a module may ask of this machine, for one task of one host.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::files;
use super::scope::HostScope;
use super::step::Step;
use super::work::template;
use crate::base::Span;
use crate::inventory::Pattern;
use crate::sdk::{Controller, Failure, Pause, Peer, RenderOptions, Search};
use crate::value::{Layer, Scope, Value, Variable, vault};

/// This machine, as a task of one host may use it.
pub(super) struct TaskController {
    step: Step,
    host_scope: HostScope,
    scope: Arc<dyn Scope>,
}

impl TaskController {
    pub(super) fn new(step: &Step, scope: &HostScope) -> Self {
        Self { step: step.clone(), host_scope: scope.clone(), scope: scope.clone().shared() }
    }
}

impl TaskController {
    fn variable_in(&self, scope: &Arc<dyn Scope>, name: &str) -> Result<Option<Value>, Failure> {
        match scope.lookup(name) {
            None => Ok(None),
            Some(Variable::Known(value)) => Ok(Some(value.as_ref().clone())),
            Some(_) => {
                let node = super::connections::reference(name, Span::NOWHERE);
                self.step.run.templar.evaluate(&node, scope).map_err(template)
            }
        }
    }
}

impl Controller for TaskController {
    fn hostname(&self) -> &str {
        &self.step.host
    }

    fn find(&self, search: Search, name: &str) -> Result<PathBuf, Failure> {
        files::find(&self.step.task.origin, search, name).map_err(|missing| missing.failure())
    }

    fn locate(&self, name: &str) -> PathBuf {
        let path = self.step.task.origin.playbook.join(super::connections::expand_home(name));
        std::path::absolute(&path).unwrap_or(path)
    }

    fn read(&self, path: &Path) -> Result<Bytes, Failure> {
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::new(format!("cannot read `{}`: {error}", path.display())))?;
        match std::str::from_utf8(&bytes) {
            Ok(text) if vault::is_vault(text) => {
                let plain = self
                    .step
                    .run
                    .load
                    .keyring
                    .decrypt_bytes(text)
                    .map_err(|error| template(error.in_file(path)))?;
                Ok(Bytes::from(plain.reveal().clone()))
            }
            _ => Ok(Bytes::from(bytes)),
        }
    }

    fn render(&self, path: &Path, options: &RenderOptions) -> Result<String, Failure> {
        let scope = match &options.destination {
            Some(path) => {
                let path = Variable::Known(Arc::new(path.as_str().into()));
                let layer = Layer::from([("template_destpath".to_owned(), path)]);
                self.host_scope.with(layer).shared()
            }
            None => Arc::clone(&self.scope),
        };
        let options = super::action::file_options(options);
        self.step.run.templar.render_file(path, &options, &scope).map_err(template)
    }

    fn variable(&self, name: &str) -> Result<Option<Value>, Failure> {
        self.variable_in(&self.scope, name)
    }

    fn variable_of(&self, host: &str, name: &str) -> Result<Option<Value>, Failure> {
        self.variable_in(&self.host_scope.on(host).shared(), name)
    }

    fn hosts_of(&self, pattern: &str) -> Option<Vec<String>> {
        self.step.run.read_inventory(|inventory| {
            let (hosts, unknown) =
                inventory.select(&Pattern::parse(pattern, Span::NOWHERE).ok()?, None);
            let names = hosts.into_iter().map(|host| host.name.clone()).collect();
            unknown.is_empty().then_some(names)
        })
    }

    fn has_failed(&self, host: &str) -> bool {
        let state = self.step.run.board.get(host);
        state.failed || state.unreachable
    }

    fn is_unreachable(&self, host: &str) -> bool {
        self.step.run.board.get(host).unreachable
    }

    fn pause(&self, time: Duration) -> Pause<'_> {
        Box::pin(self.step.permit.lend(time))
    }

    fn peer<'a>(&'a self, host: &'a str) -> Peer<'a> {
        Box::pin(async move {
            if !self.step.run.has_host(host) {
                return Err(Failure::new(format!("`{host}` is not in the inventory")));
            }
            let other = host != self.step.host;
            let mut peer = self.step.run.reach(host, &self.step, &self.host_scope, other)?;
            peer.environment = self.step.environment(&self.scope).map_err(template)?;
            Ok(peer)
        })
    }
}
