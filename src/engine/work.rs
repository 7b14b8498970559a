//! The work of one try: rendering the arguments, reaching the host, running the module.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::json;

use super::action::{ActionCall, ActionEntry};
use super::ended::Ended;
use super::scope::HostScope;
use super::step::Step;
use crate::base::{Diagnostic, Span};
use crate::event::Status;
use crate::playbook::{Late, LibraryModule, OPEN, arguments, unrunnable};
use crate::remote::ConnectionError;
use crate::sdk::library::LibraryCall;
use crate::sdk::{Entry, Failure, Host, Outcome, RunMode};
use crate::value::coerce;
use crate::value::{Data, Key, Mapping, Node, Scope, Value};

/// What a task's module does on a host.
pub(super) enum Work {
    /// A module of the program, with its arguments.
    Module(&'static Entry, Node),
    /// A module of the user's own.
    Library(LibraryCall),
}

impl Work {
    /// Does it.
    pub(super) async fn run(&self, host: &Host, mode: RunMode) -> Result<Outcome, Failure> {
        match self {
            Self::Module(entry, args) => entry.run(args, host, mode).await,
            Self::Library(call) => call.run(host).await,
        }
    }

    /// Whether it is one command of the user's, which can go on alone on the host.
    pub(super) fn is_command(&self) -> bool {
        matches!(self, Self::Module(entry, _) if entry.is_command)
    }
}

/// The module that a task names.
enum Named {
    /// One of the program, or an action.
    Own(&'static str),
    /// One of the user's own.
    Library(Arc<LibraryModule>),
}

impl Step {
    /// Does the work of one try.
    pub(super) async fn work(&self, scope: &HostScope) -> Ended {
        match self.dispatch(scope).await {
            Ok(ended) => ended,
            Err(Failure::Template(diagnostic)) => Ended::at_fault(&diagnostic),
            Err(failure) => Ended::of(Err(failure)),
        }
    }

    async fn dispatch(&self, scope: &HostScope) -> Result<Ended, Failure> {
        let shared = scope.clone().shared();
        let mode = self.mode(&shared).map_err(template)?;
        let (named, args) = self.named(&shared)?;
        let name = match named {
            Named::Own(name) => name,
            Named::Library(module) => {
                let args = self.arguments(&module.name, &args, &shared, &[])?;
                let call = self.library_call(&module, &args, &shared, mode)?;
                return self.start(Work::Library(call), scope, mode).await;
            }
        };
        if let Some(action) = self.run.action(name) {
            let args = self.arguments(name, &args, &shared, action.unrendered)?;
            return self.act(action, &args, scope, &shared).await;
        }
        let Some(entry) = self.run.module(name) else {
            return Err(Failure::new(format!("unknown module `{name}`")));
        };
        let args = self.arguments(name, &args, &shared, &[])?;
        let shown = (self.run.options.verbosity >= SHOWS_ARGUMENTS).then(|| args.to_value());
        let mut ended = self.start(Work::Module(entry, args), scope, mode).await?;
        if let Some(args) = shown.filter(|_| ended.status != Status::Unreachable) {
            ended.fields.insert("invocation".to_owned(), json!({"module_args": args}));
        }
        Ok(ended)
    }

    /// The name of the module, and its arguments as written; what was left to this moment is
    /// found out now.
    fn named(&self, scope: &Arc<dyn Scope>) -> Result<(Named, Cow<'_, Node>), Failure> {
        let action = &self.task.action;
        if let Some(module) = &action.library {
            return Ok((Named::Library(Arc::clone(module)), Cow::Borrowed(&action.args)));
        }
        let name = match &action.late {
            None => return Ok((Named::Own(action.name), Cow::Borrowed(&action.args))),
            Some(Late::Fault(fault)) => return Err(template(fault.as_ref().clone())),
            Some(Late::Name(name)) => name,
        };
        let value = self.run.templar.evaluate(name, scope).map_err(template)?;
        let written = value.as_ref().map(coerce::to_text).unwrap_or_default();
        let described = self.run.catalogue.get(&written);
        let searched = &self.task.origin.collections;
        let module = self.run.catalogue.library.search(&written, searched);
        if let Some(module) = module.filter(|m| described.is_none() || m.style.foreign().is_none())
        {
            if let Some(fault) = unrunnable(&module, name.span) {
                return Err(template(*fault));
            }
            let args = arguments(&OPEN, &action.args, None, action.at, &self.run.sources);
            let args = args.map_err(|fault| template(*fault))?;
            return Ok((Named::Library(Arc::new(module)), Cow::Owned(args)));
        }
        let Some(described) = described else {
            let message = format!("unknown module `{written}`");
            let fault = Diagnostic::error("unknown-module", message, name.span, "comes out as it");
            return Err(template(fault.help("`rplay doc` lists the modules")));
        };
        let args = arguments(&described.spec, &action.args, None, action.at, &self.run.sources);
        Ok((Named::Own(described.name), Cow::Owned(args.map_err(|fault| template(*fault))?)))
    }

    /// Whether this task changes its host.
    pub(super) fn mode(&self, scope: &Arc<dyn Scope>) -> Result<RunMode, Diagnostic> {
        let check = self.reading(scope).flag("check_mode")?.unwrap_or(self.run.options.check);
        Ok(if check { RunMode::Check } else { RunMode::Apply })
    }

    async fn act(
        &self,
        action: &'static ActionEntry,
        args: &Node,
        host_scope: &HostScope,
        scope: &Arc<dyn Scope>,
    ) -> Result<Ended, Failure> {
        let call = ActionCall { step: self, scope, host_scope };
        let done = match action.run(args, &call).await {
            Err(failure) if action.name.starts_with("include_") => {
                return Ok(Ended::not_included(action.name, failure));
            }
            done => done?,
        };
        let mut ended = Ended::of(Ok(done.outcome));
        ended.verbose = done.verbose;
        ended.hidden = done.hidden;
        ended.effects = done.effects;
        ended.delegated_to = host_scope.delegate();
        if let Some(message) = done.failure {
            ended.fail(&message);
        }
        Ok(ended)
    }

    /// Runs a module on its host; with `async`, it may go on by itself.
    async fn start(&self, work: Work, scope: &HostScope, mode: RunMode) -> Result<Ended, Failure> {
        let shared = scope.clone().shared();
        if let Some(wanted) = self.asynchronous(&shared).map_err(template)? {
            return self.asynchronously(work, scope, mode, wanted).await;
        }
        let limit = self.time_limit(&shared).map_err(template)?;
        let (host, delegated_to) = self.host(scope, &shared, limit)?;
        let running = work.run(&host, mode);
        let result = match limit {
            // The host's own timeout ends what runs there; this one ends the waiting for it.
            Some(limit) => match tokio::time::timeout(limit + GRACE, running).await {
                Ok(result) => result,
                Err(_) => Err(ConnectionError::TimedOut(limit).into()),
            },
            None => running.await,
        };
        let late = matches!(result, Err(Failure::Connection(ConnectionError::TimedOut(_))));
        let mut ended = Ended::of(result);
        if let Some(limit) =
            limit.filter(|_| late && self.context.keywords.get("timeout").is_some())
        {
            ended.timed_out(limit);
        }
        ended.delegated_to = delegated_to;
        if let Some(warning) = ended.fields.get("output_left_out") {
            let note = format!("{warning} bytes of output were left out");
            ended.fields.insert("warnings".to_owned(), Value::Array(vec![note.into()]));
        }
        Ok(ended)
    }

    /// `timeout`.
    fn time_limit(&self, scope: &Arc<dyn Scope>) -> Result<Option<Duration>, Diagnostic> {
        let written = self.reading(scope).int("timeout")?;
        if let Some(seconds) = written.filter(|seconds| !(0..=MOST_SECONDS).contains(seconds)) {
            let message = format!("Timeout {seconds} is invalid");
            let at = self.context.keywords.get("timeout").map_or(Span::NOWHERE, |node| node.span);
            let label = format!("a number of seconds up to {MOST_SECONDS} is expected");
            return Err(Diagnostic::error("timeout", message, at, label));
        }
        let seconds = written.filter(|seconds| *seconds > 0);
        Ok(seconds.and_then(|s| u64::try_from(s).ok()).map(Duration::from_secs))
    }

    /// The host the work is done on, and its name where it is another one.
    pub(super) fn host(
        &self,
        scope: &HostScope,
        shared: &Arc<dyn Scope>,
        timeout: Option<Duration>,
    ) -> Result<(Host, Option<String>), Failure> {
        let reading = self.reading(shared);
        let delegate = match scope.delegate() {
            Some(delegate) => Some(delegate),
            None => reading.text("delegate_to").map_err(template)?,
        };
        let target = delegate.as_deref().unwrap_or(&self.host);
        let mut host = self.run.reach(target, self, scope, delegate.is_some())?;
        host.timeout = timeout;
        host.environment = self.environment(shared).map_err(template)?;
        Ok((host, delegate))
    }

    /// The task's environment, the inner settings over the outer ones.
    pub(super) fn environment(
        &self,
        scope: &Arc<dyn Scope>,
    ) -> Result<Vec<(String, String)>, Diagnostic> {
        fn collect(value: &Value, out: &mut indexmap::IndexMap<String, String>) {
            match value {
                Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
                Value::Object(fields) => {
                    for (name, value) in fields {
                        out.insert(name.clone(), crate::value::coerce::to_text(value));
                    }
                }
                _ => {}
            }
        }
        let mut all = indexmap::IndexMap::new();
        let templar = &self.run.templar;
        for (name, node) in self.context.keywords.get("environment").into_iter().flat_map(entries) {
            match (templar.evaluate(node, scope), name) {
                (Ok(None), _) => {}
                (Ok(Some(value)), None) => collect(&value, &mut all),
                (Ok(Some(value)), Some(name)) => {
                    let name = templar.evaluate(&name, scope)?.unwrap_or_default();
                    all.insert(coerce::to_text(&name), coerce::to_text(&value));
                }
                // The environment of a play may be made of facts that are only now gathered.
                (Err(fault), _) if self.task.action.name == "setup" && speaks_of_facts(&fault) => {}
                (Err(fault), _) => {
                    return Err(fault.during("Error processing keyword 'environment'"));
                }
            }
        }
        Ok(all.into_iter().collect())
    }

    /// The task's arguments, rendered, over the module's defaults. Those named in `unrendered`
    /// are handed on as they stand.
    fn arguments(
        &self,
        name: &str,
        args: &Node,
        scope: &Arc<dyn Scope>,
        unrendered: &[&str],
    ) -> Result<Node, Failure> {
        let templar = &self.run.templar;
        // `assert: "{{ checks }}"`: what the user wrote behind the name is as if it stood here.
        let named = templar.named(args, scope);
        let args = named.as_ref().unwrap_or(args);
        let finalizing = format!("Finalization of task args for '{}' failed", self.full_name(name));
        let told = |fault: Diagnostic, key: &str| {
            let what = format!("{finalizing}: Error while resolving value for '{key}'");
            template(fault.during(what))
        };
        let nothing = || Node { data: Data::Map(Mapping::new()), span: args.span };
        let whole = |args: &Node| {
            let during = |fault: Diagnostic| template(fault.during(finalizing.as_str()));
            let rendered = templar.render(args, scope).map_err(during)?.unwrap_or_else(nothing);
            if matches!(rendered.data, Data::Map(_) | Data::Null) {
                return Ok(rendered);
            }
            let message = format!("`{name}` takes a mapping of arguments");
            let label = format!("this is {}", rendered.shown());
            Err(during(Diagnostic::error("argument-type", message, args.span, label)))
        };
        let rendered = match &args.data {
            Data::Map(pairs) => {
                let splat = self.task.action.splat.as_ref().map(whole).transpose()?;
                let splat = splat.as_ref().and_then(Node::as_map).cloned();
                let mut out = splat.unwrap_or_else(|| Mapping::with_capacity(pairs.len()));
                for (key, node) in pairs {
                    let value = if unrendered.contains(&key.text.as_str()) {
                        Some(node.clone())
                    } else {
                        templar.render(node, scope).map_err(|fault| told(fault, &key.text))?
                    };
                    if let Some(value) = value {
                        let key = templar.render_name(key, scope).map_err(template)?;
                        out.insert(key, value);
                    }
                }
                Node { data: Data::Map(out), span: args.span }
            }
            // `copy: "{{ arguments }}"`: the whole mapping comes out of a variable.
            _ => whole(args)?,
        };
        self.with_defaults(name, rendered, scope)
    }

    /// The name of the task's module with its collection.
    fn full_name(&self, name: &str) -> String {
        let written = &self.task.action.written;
        match name {
            _ if written.contains('.') => written.clone(),
            _ if name.starts_with("docker_") => format!("community.docker.{name}"),
            _ => format!("ansible.builtin.{name}"),
        }
    }

    /// Lays the arguments over what `module_defaults` say for the module or its group.
    fn with_defaults(
        &self,
        name: &str,
        args: Node,
        scope: &Arc<dyn Scope>,
    ) -> Result<Node, Failure> {
        let Some(defaults) = self.context.keywords.get("module_defaults") else { return Ok(args) };
        let Some(rendered) = self.run.templar.render(defaults, scope).map_err(template)? else {
            return Ok(args);
        };
        let layers = match &rendered.data {
            Data::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&rendered),
        };
        // What is said closer to the task stands in place of what is said further away.
        let (mut of_groups, mut of_module) = (IndexMap::new(), Mapping::new());
        for pairs in layers.iter().filter_map(Node::as_map) {
            for (key, values) in pairs.iter().filter(|(key, _)| applies(&key.text, name)) {
                let values = values.as_map().cloned().unwrap_or_default();
                if key.text.starts_with("group/") {
                    of_groups.insert(&key.text, values);
                } else {
                    of_module = values;
                }
            }
        }
        let mut merged: Mapping = of_groups.into_values().flatten().collect();
        merged.extend(of_module);
        match args.data {
            Data::Map(own) if !merged.is_empty() => {
                merged.extend(own);
                Ok(Node { data: Data::Map(merged), span: args.span })
            }
            data => Ok(Node { data, span: args.span }),
        }
    }
}

/// The parts of an environment as written: those with a name, and those that are mappings whole.
fn entries(node: &Node) -> Vec<(Option<Node>, &Node)> {
    match &node.data {
        Data::List(items) => items.iter().flat_map(entries).collect(),
        Data::Map(pairs) => {
            let named = |key: &Key| Node { data: Data::Text(key.text.clone()), span: key.span };
            pairs.iter().map(|(key, value)| (Some(named(key)), value)).collect()
        }
        _ => vec![(None, node)],
    }
}

/// Whether what is missing is the environment that facts tell.
fn speaks_of_facts(fault: &Diagnostic) -> bool {
    fault.message.contains("ansible_env") || fault.message.contains("ansible_facts")
}

/// From which `-v` on the arguments of modules are among their results.
const SHOWS_ARGUMENTS: u8 = 3;

/// The longest that a task may be given, in seconds.
const MOST_SECONDS: i64 = 100_000_000;

/// How much longer than the host's own limit an answer is waited for.
const GRACE: Duration = Duration::from_secs(10);

/// Whether an entry of `module_defaults` is for a module.
fn applies(entry: &str, module: &str) -> bool {
    match entry.strip_prefix("group/") {
        Some(group) => {
            let group = group.rsplit('.').next().unwrap_or(group);
            group == "docker" && module.starts_with("docker_")
        }
        None => entry.rsplit('.').next() == Some(module),
    }
}

/// A fault of a template as the reason a task failed.
pub(super) fn template(diagnostic: Diagnostic) -> Failure {
    Failure::Template(Box::new(diagnostic))
}
