//! Playbooks run on this machine: the promises of the playbook language that need no other host.
//!
//! Every host here is this machine under another name. What is compared is what a user sees: for
//! each task and host how it ended, and the messages of `debug`.

mod asynchronous;
mod blocks;
mod conditions;
mod handlers;
mod includes;
mod library;
mod loops;
mod plays;
mod roles;
mod variables;

use std::path::Path;

use rplay::base::{Redactor, Sources};
use rplay::engine::{Interrupt, Options, Project, Settings, What};
use rplay::event::{EventKind, Status};
use rplay::modules::REGISTRY;
use rplay::playbook::LibraryPaths;
use rplay::value::vault::Keyring;

/// A project in a folder of its own.
pub(crate) struct Playground {
    folder: tempfile::TempDir,
    hosts: String,
    options: Options,
    extra: Vec<String>,
}

impl Playground {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, hosts: "a,b,c,".to_owned(), options: Options::default(), extra: vec![] }
    }

    /// Names the hosts; each is this machine.
    pub(crate) fn hosts(mut self, hosts: &str) -> Self {
        hosts.clone_into(&mut self.hosts);
        self
    }

    pub(crate) fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    pub(crate) fn extra(mut self, text: &str) -> Self {
        self.extra.push(text.to_owned());
        self
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a playbook and returns what happened, one line for each thing.
    pub(crate) fn run(&self, playbook: &str) -> Vec<String> {
        let path = self.path().join("site.yml");
        std::fs::write(&path, playbook).unwrap();
        let sources = Sources::default();
        let redactor = Redactor::default();
        let settings = Settings {
            sources: sources.clone(),
            keyring: Keyring::new(redactor.clone()),
            redactor: redactor.clone(),
            inventories: vec![self.hosts.clone()],
            reading: rplay::inventory::ReadingOptions::default(),
            late_faults: false,
            strict_conditions: false,
            private_roles: None,
            defaults: vec![],
            what: What::Playbooks(vec![path]),
            extra_vars: self.extra.clone(),
            roles_path: vec![],
            library: LibraryPaths::default(),
            limit: None,
            start_at: None,
            files: Some(rplay::engine::FileScope::default()),
            configured: std::collections::BTreeMap::default(),
            modules: REGISTRY,
        };
        let (project, faults) = Project::load(settings);
        let Some(project) = project else {
            let folder = self.path().display().to_string();
            let local =
                |text: String| text.replace(&format!("{folder}/"), "").replace(&folder, ".");
            return faults
                .iter()
                .map(|fault| local(fault.render(&sources, &redactor, false)))
                .collect();
        };
        let mut options = self.options.clone();
        options.connection.kind = Some("local".to_owned());
        let mut lines = vec![];
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_sender, interrupt) = Interrupt::new();
            rplay::engine::run(project, options, interrupt, |event| {
                lines.extend(line(&event.kind));
            })
            .await
        });
        lines
    }
}

/// What a user would see of an event; `None` for what has no line of its own.
fn line(event: &EventKind) -> Option<String> {
    match event {
        EventKind::PlayStarted { name, hosts, .. } => {
            Some(format!("PLAY {name} [{}]", hosts.join(" ")))
        }
        EventKind::PlaySkipped { name, reason } => Some(format!("PLAY {name}: {reason}")),
        EventKind::PlayFailed { message, .. } => Some(format!("PLAY failed: {message}")),
        EventKind::TaskStarted { task } => {
            Some(format!("{} {}", if task.handler { "HANDLER" } else { "TASK" }, task.name))
        }
        EventKind::ItemFinished { host, label, result, .. } => {
            Some(format!("  {host} ({label}): {}", status(result)))
        }
        EventKind::HostFinished { host, result, .. } => {
            Some(format!("  {host}: {}", status(result)))
        }
        EventKind::Retrying { host, left, .. } => Some(format!("  {host}: again, {left} left")),
        EventKind::Notice { text, .. } => Some(format!("NOTICE {text}")),
        EventKind::RunFinished { stats, .. } => Some(
            stats
                .hosts
                .iter()
                .map(|(host, s)| {
                    format!(
                        "{host} ok={} changed={} failed={} skipped={} rescued={} ignored={}",
                        s.ok, s.changed, s.failed, s.skipped, s.rescued, s.ignored
                    )
                })
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        EventKind::RunStarted { .. }
        | EventKind::HostStarted { .. }
        | EventKind::Included { .. }
        | EventKind::PlaybookStarted { .. }
        | EventKind::Meta { .. }
        | EventKind::Rescued { .. } => None,
    }
}

fn status(result: &rplay::event::HostResult) -> String {
    let word = match result.status {
        Status::Ok => "ok",
        Status::Changed => "changed",
        Status::Skipped => "skipped",
        Status::Failed if result.ignored => "ignored",
        Status::Failed => "failed",
        Status::Unreachable => "unreachable",
        Status::Unknown => "unknown",
    };
    let shown = match (result.status, result.returned.get("msg")) {
        (Status::Failed, _) => result.message.clone(),
        (_, Some(message)) if result.verbose => rplay::value::coerce::to_text(message),
        _ => String::new(),
    };
    format!("{word} {shown}").trim_end().to_owned()
}

/// The lines without the recap, for tests that do not count.
pub(crate) fn without_recap(mut lines: Vec<String>) -> String {
    lines.pop();
    lines.join("\n")
}
