//! One play: its hosts in batches, its facts, its sections.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::context::Context;
use super::handlers::Handler;
use super::items::walk_items;
use super::keywords::{Reading, collect_words};
use super::options::Unmatched;
use super::play_scope::PlayScope;
use super::run::Run;
use super::scope::HostScope;
use crate::base::Diagnostic;
use crate::event::EventKind;
use crate::inventory::{Inventory, Pattern};
use crate::playbook::{Origin, Play, Role};
use crate::value::{Layer, Node, Scope, Value, coerce};

/// A play on one batch of its hosts.
pub(super) struct PlayRun {
    pub(super) play: Arc<Play>,
    pub(super) name: String,
    /// Every host of the play.
    pub(super) all_hosts: Vec<String>,
    /// The hosts of this batch.
    pub(super) batch: Vec<String>,
    /// Every handler, in the order they run.
    pub(super) handlers: Mutex<Vec<Handler>>,
    /// What the user was asked for.
    pub(super) prompted: Arc<Layer>,
    /// The `vars_files` that can be read without a host.
    pub(super) files: Arc<Layer>,
    /// The share of hosts, in per cent, that may fail before the play is broken off.
    pub(super) max_fail: Option<f64>,
    /// Whether facts are gathered.
    pub(super) gathers: bool,
    /// Roles included so far.
    pub(super) included: Mutex<Vec<Arc<Role>>>,
    /// Set when the play is broken off for all of its hosts.
    broken_off: AtomicBool,
    /// Set when the play has come to its end by `meta: end_play`.
    pub(super) ended: AtomicBool,
}

impl PlayRun {
    /// Walks a play; false when the run is to end with it.
    pub(super) async fn walk(run: &Arc<Run>, play: &Play) -> bool {
        let play = Arc::new(play.clone());
        let prepared = match Self::prepare(run, &play) {
            Ok(Some(prepared)) => prepared,
            Ok(None) => return true,
            Err(fault) => {
                let seen = (fault.code == "undefined-variable")
                    .then_some("a play's own keywords see no variables of hosts");
                let help = [seen, fault.help.as_deref()].into_iter().flatten();
                let help = help.collect::<Vec<_>>().join("; ");
                run.events.tell(EventKind::PlayFailed {
                    message: fault.message.clone(),
                    help: Some(help).filter(|help| !help.is_empty()),
                    at: fault.span().and_then(|span| run.sources.locate(span)),
                });
                return false;
            }
        };
        let Prepared { name, hosts, batches, prompted, files, max_fail, gathers } = prepared;
        run.board.begin_play(&hosts);
        for whole in batches {
            let batch = run.board.active(&whole);
            if batch.is_empty() {
                continue;
            }
            let this = Arc::new(Self {
                play: Arc::clone(&play),
                name: name.clone(),
                all_hosts: hosts.clone(),
                batch: batch.clone(),
                handlers: Mutex::new(vec![]),
                included: Mutex::new(vec![]),
                prompted: Arc::clone(&prompted),
                files: Arc::clone(&files),
                max_fail,
                gathers,
                broken_off: AtomicBool::new(false),
                ended: AtomicBool::new(false),
            });
            run.events.tell(EventKind::PlayStarted {
                name: name.clone(),
                hosts: batch.clone(),
                free: this.is_free(run),
                check: flag(&play, "check_mode").unwrap_or(run.options.check),
                at: run.sources.locate(play.at),
            });
            this.run_batch(run, &batch).await;
            // A batch that failed as a whole, or was broken off, ends the run; not one of which
            // some hosts had failed in an earlier play.
            let broken = run.board.broken(&batch).len() == whole.len();
            if broken || this.is_broken_off() || run.interrupt.is_set() {
                return false;
            }
            if this.ended.load(Ordering::Relaxed) {
                break;
            }
        }
        true
    }

    /// Whether the play was broken off for all of its hosts.
    pub(super) fn is_broken_off(&self) -> bool {
        self.broken_off.load(Ordering::Relaxed)
    }

    /// Breaks the play off: the hosts of the batch take no further part in it.
    pub(super) fn break_off(&self, run: &Run) {
        self.broken_off.store(true, Ordering::Relaxed);
        for host in &self.batch {
            run.board.update(host, |state| state.failed = true);
        }
    }

    async fn run_batch(self: &Arc<Self>, run: &Arc<Run>, hosts: &[String]) {
        let context = Context::of_play(self);
        self.collect_handlers(run, &self.play.handlers, &context);
        if self.is_free(run) {
            let walks = hosts.iter().map(|host| {
                let (this, run, context) = (Arc::clone(self), Arc::clone(run), context.clone());
                let alone = vec![host.clone()];
                async move { this.sections(&run, &context, &alone).await }
            });
            futures_util::future::join_all(walks).await;
        } else {
            self.sections(run, &context, hosts).await;
        }
    }

    /// The sections of the play in their order, for a group of its hosts.
    async fn sections(self: &Arc<Self>, run: &Arc<Run>, context: &Context, hosts: &[String]) {
        super::facts::gather(run, context, hosts).await;
        self.read_vars_files(run, context, hosts);
        for section in [&self.play.pre_tasks, &self.play.tasks, &self.play.post_tasks] {
            walk_items(run, context, section, hosts).await;
            super::meta::tell_flush(run, hosts);
            self.flush_handlers(run, hosts).await;
        }
    }

    /// Whether hosts go on without waiting for each other.
    fn is_free(&self, run: &Run) -> bool {
        let written = self.play.keywords.get("strategy").and_then(Node::as_str);
        let name = written.unwrap_or(&run.options.strategy);
        matches!(name.rsplit('.').next(), Some("free" | "host_pinned"))
    }

    /// The variables of `vars_files`, as their names come out for each host.
    fn read_vars_files(&self, run: &Arc<Run>, context: &Context, hosts: &[String]) {
        if self.play.vars_files.is_empty() {
            return;
        }
        let origin = self.origin();
        for host in run.board.active(hosts) {
            let scope = HostScope::of_task(run, &host, context, &origin).shared();
            match super::include::vars_files(run, &self.play.vars_files, &origin, &scope) {
                Ok(layer) => {
                    run.board.update(&host, |state| state.play_files = Arc::new(layer));
                }
                Err(fault) => self.fail_host(run, &host, &fault),
            }
        }
    }

    fn fail_host(&self, run: &Run, host: &str, fault: &Diagnostic) {
        let task = run.task_ref("vars_files", "vars_files", self.play.at);
        run.events.tell(EventKind::TaskStarted { task: task.clone() });
        let ended = super::ended::Ended::at_fault(fault);
        run.board.update(host, |state| state.failed = true);
        run.events.finished(&task, host, ended.into_result(self.play.at, &run.sources));
    }

    /// Where the play's own relative paths begin.
    pub(super) fn origin(&self) -> Arc<Origin> {
        Arc::new(Origin::of_playbook(self.play.directory.clone()))
    }

    fn prepare(run: &Arc<Run>, play: &Arc<Play>) -> Result<Option<Prepared>, Diagnostic> {
        let prompted =
            Arc::new(super::prompts::ask(run, play, &PlayScope::new(run, play).shared())?);
        let scope = PlayScope::new(run, play).with(Arc::clone(&prompted));
        let files = scope.clone().files();
        let scope = scope.with(Arc::clone(&files)).shared();
        let keywords = &play.keywords;
        let reading = Reading { templar: &run.templar, keywords, scope: &scope };
        let mut patterns = vec![];
        if let Some(value) = run.templar.evaluate(&play.hosts, &scope)? {
            collect_words(&value, &mut patterns);
        }
        let text = patterns.join(",");
        let pattern = Pattern::parse(&text, play.hosts.span)?;
        let name = play.name.as_ref().map_or(text, |name| heading(run, name, &scope));
        let order = reading.text("order")?;
        let (known, notes) =
            run.read_inventory(|inventory| inventory_order(run, inventory, &pattern));
        let hosts = in_order(known.clone(), order.as_deref());
        for note in notes.into_vec() {
            match run.options.unmatched_pattern {
                Unmatched::Told => run.warn(&note),
                Unmatched::Wrong => return Err(note),
                Unmatched::Passed => {}
            }
        }
        if hosts.is_empty() {
            let reason = "no hosts matched".to_owned();
            run.events.tell(EventKind::PlaySkipped { name, reason });
            return Ok(None);
        }
        for host in &hosts {
            run.learn_passwords(host);
        }
        let batches = batches(&hosts, reading.value("serial")?.as_ref());
        let max_fail = reading.number("max_fail_percentage")?;
        let gathers = reading.flag("gather_facts")?.unwrap_or(true);
        let hosts = known;
        Ok(Some(Prepared { name, hosts, batches, prompted, files, max_fail, gathers }))
    }
}

/// A play's name as it is shown. It may say what is a variable of all hosts; what it depends on
/// beside that is shown as it is written.
fn heading(run: &Arc<Run>, name: &Node, scope: &Arc<dyn Scope>) -> String {
    let of_hosts = HostScope::of_host(run, "localhost").shared();
    let rendered = [scope, &of_hosts]
        .into_iter()
        .find_map(|scope| run.templar.evaluate(name, scope).ok().flatten());
    coerce::to_text(&rendered.unwrap_or_else(|| name.to_value()))
}

/// A keyword of a play that is written as yes or no.
fn flag(play: &Play, keyword: &str) -> Option<bool> {
    coerce::to_bool(&play.keywords.get(keyword)?.to_value())
}

struct Prepared {
    name: String,
    hosts: Vec<String>,
    batches: Vec<Vec<String>>,
    prompted: Arc<Layer>,
    files: Arc<Layer>,
    max_fail: Option<f64>,
    gathers: bool,
}

/// The hosts of a pattern as the inventory has them.
fn inventory_order(
    run: &Run,
    inventory: &Inventory,
    pattern: &Pattern,
) -> (Vec<String>, crate::base::Diagnostics) {
    let (hosts, notes) = inventory.select(pattern, run.limit.as_ref());
    (hosts.into_iter().map(|host| host.name.clone()).collect(), notes)
}

/// The hosts as a play's `order` wants them.
fn in_order(mut hosts: Vec<String>, order: Option<&str>) -> Vec<String> {
    match order {
        Some("reverse_inventory") => hosts.reverse(),
        Some("sorted") => hosts.sort(),
        Some("reverse_sorted") => {
            hosts.sort();
            hosts.reverse();
        }
        _ => {}
    }
    hosts
}

/// The hosts in the batches that `serial` makes: numbers or percentages, the last one repeated.
fn batches(hosts: &[String], serial: Option<&Value>) -> Vec<Vec<String>> {
    let sizes: Vec<usize> = match serial {
        Some(Value::Array(items)) => items.iter().map(|item| size(item, hosts.len())).collect(),
        Some(value) => vec![size(value, hosts.len())],
        None => vec![hosts.len()],
    };
    let mut sizes = sizes.into_iter();
    let mut current = sizes.next().unwrap_or(hosts.len());
    let (mut batches, mut rest) = (vec![], hosts);
    while !rest.is_empty() {
        let take = current.clamp(1, rest.len());
        batches.push(rest[..take].to_vec());
        rest = &rest[take..];
        current = sizes.next().unwrap_or(current);
    }
    batches
}

/// One size of `serial`; a percentage is rounded down, but never to nothing.
fn size(value: &Value, hosts: usize) -> usize {
    let text = coerce::to_text(value);
    match text.trim().strip_suffix('%') {
        Some(share) => {
            let share: usize = share.trim().parse().unwrap_or(100);
            (hosts * share / 100).max(1)
        }
        None => text.trim().parse().ok().filter(|size| *size > 0).unwrap_or(hosts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sizes(count: usize, serial: &Value) -> Vec<usize> {
        let hosts: Vec<String> = (0..count).map(|n| format!("h{n}")).collect();
        batches(&hosts, Some(serial)).iter().map(Vec::len).collect()
    }

    #[test]
    fn serial_makes_batches() {
        assert_eq!(sizes(5, &json!(2)), [2, 2, 1]);
        assert_eq!(sizes(10, &json!([1, 3])), [1, 3, 3, 3]);
        assert_eq!(sizes(10, &json!("30%")), [3, 3, 3, 1]);
        assert_eq!(sizes(3, &json!("10%")), [1, 1, 1]);
        assert_eq!(sizes(4, &json!(["1", "50%"])), [1, 2, 1]);
    }
}
