//! One task on a group of hosts, side by side.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::json;

use super::context::Context;
use super::effects::Effects;
use super::ended::Ended;
use super::include::Included;
use super::permit::Permit;
use super::play_scope::PlayScope;
use super::run::Run;
use super::scope::HostScope;
use super::step::{Step, Stepped};
use super::turns::Turns;
use crate::base::Span;
use crate::event::{EventKind, Status, TaskRef};
use crate::playbook::Task;
use crate::template::Templar;
use crate::value::{Data, Node, Scope, Value, Variable, coerce};

/// Runs a task on a group of hosts and waits for all of them.
pub(super) async fn walk_task(
    run: &Arc<Run>,
    context: &Context,
    task: &Arc<Task>,
    hosts: &[String],
) {
    let inner = context.enter_task(task);
    if !run.options.tags.takes(&run.tags_of(&inner)) {
        return;
    }
    let rest = task.origin.role.as_ref().map(|role| run.board.to_run(role, hosts));
    let hosts = rest.as_deref().unwrap_or(hosts);
    let Some(first) = hosts.first() else { return };
    let name = run.name_of(task, &inner, first);
    if !run.has_started(&name, task) {
        return;
    }
    if task.action.name == "meta" {
        super::meta::walk(run, &inner, task, hosts).await;
        return;
    }
    run_task(run, &inner, task, hosts, name).await;
}

/// Runs a task whose context has been entered.
pub(super) async fn run_task(
    run: &Arc<Run>,
    context: &Context,
    task: &Arc<Task>,
    hosts: &[String],
    name: String,
) {
    let once = run.says(context, task, &hosts[0], "run_once").unwrap_or(false);
    let fatal = run.says(context, task, &hosts[0], "any_errors_fatal").unwrap_or(false);
    let group = Group { run, context, hosts, once, fatal };
    let shown = Arc::new(TaskRef {
        id: run.tasks.fetch_add(1, Ordering::Relaxed) + 1,
        name,
        action: task.action.written.clone(),
        role: task.shown_role().map(str::to_owned),
        handler: context.handler,
        check: run.says(context, task, &hosts[0], "check_mode").unwrap_or(run.options.check),
        at: run.sources.locate(task.at),
    });
    run.events.tell(EventKind::TaskStarted { task: shown.as_ref().clone() });
    let includes = group.all(task, &shown).await;
    group.judge();
    super::include::walk(run, context, includes).await;
}

/// Actions about the run itself, which the first host does, and keeps the result of.
const ONE_HOST_ACTIONS: [&str; 2] = ["add_host", "pause"];

/// The hosts that run one task together.
struct Group<'a> {
    run: &'a Arc<Run>,
    context: &'a Context,
    hosts: &'a [String],
    /// Whether the first host does it for all.
    once: bool,
    /// Whether what one of them fails is the end for all.
    fatal: bool,
}

impl Group<'_> {
    /// Runs the task on every host, each under a permit; returns what is to be gone on with.
    async fn all(&self, task: &Arc<Task>, shown: &Arc<TaskRef>) -> Vec<Included> {
        let alone = self.once || ONE_HOST_ACTIONS.contains(&task.action.name);
        let doing = if alone { &self.hosts[..1] } else { self.hosts };
        let limit = self.throttle(task, &doing[0]);
        let turns = Arc::new(Turns::new(&self.run.events, doing.len()));
        let mut running = FuturesUnordered::new();
        let mut includes = vec![];
        let mut waiting = doing.iter().enumerate();
        loop {
            while running.len() < limit {
                let Some((place, host)) = waiting.next() else { break };
                let step = Step {
                    run: Arc::clone(self.run),
                    task: Arc::clone(task),
                    context: self.context.clone(),
                    host: host.clone(),
                    shown: Arc::clone(shown),
                    turns: Arc::clone(&turns),
                    place,
                    permit: Arc::new(Permit::of(&self.run.forks)),
                };
                running.push(one(step));
            }
            match running.next().await {
                Some((step, stepped)) => includes.extend(self.take_in(&step, stepped)),
                None => break,
            }
        }
        // Hosts end in any order; what they go on with is in the order of the inventory.
        includes.sort_by_key(|included: &Included| {
            self.hosts.iter().position(|host| *host == included.host)
        });
        includes
    }

    fn throttle(&self, task: &Arc<Task>, host: &str) -> usize {
        let scope = HostScope::of_task(self.run, host, self.context, &task.origin).shared();
        let reading = super::keywords::Reading {
            templar: &self.run.templar,
            keywords: &self.context.keywords,
            scope: &scope,
        };
        let throttle = reading.int("throttle").ok().flatten().unwrap_or(0);
        usize::try_from(throttle).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX)
    }

    /// Takes a host's result into the books; returns what the host goes on with.
    fn take_in(&self, step: &Step, stepped: Result<Stepped, String>) -> Vec<Included> {
        let Stepped { mut ended, effects, duration } = stepped.unwrap_or_else(|panic| {
            let message = format!("internal error: {panic}");
            let ended = Ended::of(Err(crate::sdk::Failure::new(message)));
            Stepped { ended, effects: vec![], duration: std::time::Duration::ZERO }
        });
        let scope = step.scope();
        // What one host does for all is known of all in the batch, wherever they walk.
        let batch = &self.context.play.batch;
        let told: &[String] = if self.once { batch } else { std::slice::from_ref(&step.host) };
        if let Err(message) = self.context.play.notify(&step.host, &ended.notify, self.run) {
            if self.run.options.missing_handler_fails {
                ended.fields.shift_remove("msg");
                ended.fail(&message);
            } else {
                self.run.events.notice(message);
            }
        }
        let task = &step.task;
        let mut includes = vec![];
        for effect in effects {
            includes.extend(self.apply(effect, told, step, &scope));
        }
        self.register(told, &ended);
        if let Some(role) = &task.origin.role
            && matches!(ended.status, Status::Ok | Status::Changed | Status::Failed)
        {
            self.run.board.begin_role(&step.host, role);
        }
        self.note_failure(step, &ended);
        let mut result = ended.into_result(step.task.at, &self.run.sources);
        result.duration = duration;
        step.tell(EventKind::HostFinished {
            task: step.shown.as_ref().clone(),
            host: step.host.clone(),
            result: Box::new(result),
        });
        step.turns.end(step.place);
        includes
    }

    fn register(&self, hosts: &[String], ended: &Ended) {
        let Some(name) = self.context.keywords.get("register").and_then(|node| node.as_str())
        else {
            return;
        };
        let value = Arc::new(ended.registered());
        for host in hosts {
            self.run.board.set(host, [(name.to_owned(), Variable::Known(Arc::clone(&value)))]);
        }
    }

    fn apply(
        &self,
        effects: Effects,
        hosts: &[String],
        step: &Step,
        scope: &HostScope,
    ) -> Vec<Included> {
        let board = &self.run.board;
        let shared = scope.clone().shared();
        let delegate = step
            .reading(&shared)
            .flag("delegate_facts")
            .ok()
            .flatten()
            .filter(|delegated| *delegated)
            .and(effects.delegate);
        for told in hosts {
            let target = delegate.as_deref().unwrap_or(told);
            board.set(target, effects.set.iter().map(|(k, v)| (k.clone(), v.clone().into())));
            if !effects.facts.is_empty() {
                super::facts::learn(self.run, target, &step.task, effects.facts.clone());
            }
            if !effects.vars.is_empty() {
                board.include(target, effects.vars.clone());
            }
        }
        let include = effects.include;
        include.map(|include| Included { host: step.host.clone(), include }).into_iter().collect()
    }

    fn note_failure(&self, step: &Step, ended: &Ended) {
        if !ended.status.is_failure() || ended.ignored {
            return;
        }
        let args = step.task.action.args.to_value();
        let task = json!({"name": step.shown.name, "action": step.shown.action, "args": args});
        let failure = (task, Value::Object(ended.fields.clone()));
        let lost = matches!(ended.status, Status::Unreachable | Status::Unknown);
        self.run.board.update(&step.host, |state| {
            state.failure = Some(failure.clone());
            state.drawn = false;
            if lost {
                state.unreachable = true;
            } else {
                state.failed = true;
            }
        });
        // What one host was to do for all has failed for all.
        if self.once {
            for other in &self.hosts[1..] {
                self.run.board.draw(other, Some(&failure));
            }
        }
    }

    /// Breaks the play off where the failures are more than it bears.
    fn judge(&self) {
        let play = &self.context.play;
        let broken = self.run.board.broken(self.hosts).len();
        if broken == 0 {
            return;
        }
        let all_broken = self.run.board.broken(&play.batch).len();
        #[expect(clippy::cast_precision_loss, reason = "numbers of hosts are small")]
        let too_many = play
            .max_fail
            .is_some_and(|most| all_broken as f64 * 100.0 / play.batch.len() as f64 > most);
        if too_many {
            play.break_off(self.run);
        } else if self.fatal {
            for host in &play.batch {
                self.run.board.draw(host, None);
            }
        }
    }
}

/// Runs the task on one host in a task of its own, so that a panic stays with it.
async fn one(step: Step) -> (Step, Result<Stepped, String>) {
    // The permit is taken here, where hosts queue in their order, not in the task that is started.
    step.permit.take().await;
    step.run.events.tell(EventKind::HostStarted { task: step.shown.id, host: step.host.clone() });
    let inner = step.clone();
    let running = tokio::spawn(async move { inner.run().await });
    // Dropping the walk, when the user stops the run at once, stops the work too.
    let guard = AbortOnDrop(running.abort_handle());
    let ended = running.await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => panic_text(panic.as_ref()),
        Err(_) => "stopped".to_owned(),
    });
    drop(guard);
    step.permit.release();
    (step, ended)
}

/// Stops a task when the wait for it ends early.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// What a task without a name is called: its module, and the role that it includes.
fn unnamed(task: &Task) -> String {
    let written = &task.action.written;
    let role = task.action.args.get("name").or_else(|| task.action.args.get("role"));
    match (task.action.name, role) {
        ("include_role", Some(role)) => {
            format!("{written} : {}", coerce::to_text(&role.to_value()))
        }
        _ => written.clone(),
    }
}

/// Tags as they come out; those that cannot be rendered stay as they are written.
pub(super) fn rendered_tags(templar: &Templar, tags: &Node, scope: &Arc<dyn Scope>) -> Vec<String> {
    let parts = match &tags.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(tags),
    };
    let mut words = vec![];
    for part in parts {
        let value = templar.evaluate(part, scope).unwrap_or_else(|_| Some(part.to_value()));
        if let Some(value) = value {
            super::keywords::collect_words(&value, &mut words);
        }
    }
    words
}

impl Run {
    /// A task's name as it is shown: rendered for the first of its hosts where that can be done.
    pub(super) fn name_of(self: &Arc<Self>, task: &Task, context: &Context, host: &str) -> String {
        let Some(name) = &task.name else { return unnamed(task) };
        let scope = HostScope::of_task(self, host, context, &task.origin).shared();
        match self.templar.evaluate(name, &scope) {
            Ok(Some(value)) => coerce::to_text(&value),
            _ => coerce::to_text(&name.to_value()),
        }
    }

    /// The tags of a task; templates among them see the variables of the play.
    fn tags_of(self: &Arc<Self>, context: &Context) -> Vec<String> {
        let Some(tags) = context.keywords.get("tags") else { return vec![] };
        if !tags.is_unknown() {
            return context.keywords.words("tags");
        }
        let scope = PlayScope::of(self, &context.play).shared();
        rendered_tags(&self.templar, tags, &scope)
    }

    /// Whether `--start-at-task` has been reached.
    fn has_started(&self, name: &str, task: &Task) -> bool {
        let Some(wanted) = &self.options.start_at_task else { return true };
        if self.started.load(Ordering::Relaxed) {
            return true;
        }
        let with_role = task.shown_role().map(|role| format!("{role} : {name}"));
        let reached = name == wanted || with_role.as_ref() == Some(wanted);
        if reached {
            self.started.store(true, Ordering::Relaxed);
        }
        reached
    }

    /// What a keyword that says yes or no comes out as for a host; `None` where it is not given.
    fn says(
        self: &Arc<Self>,
        context: &Context,
        task: &Task,
        host: &str,
        keyword: &str,
    ) -> Option<bool> {
        context.keywords.get(keyword)?;
        let scope = HostScope::of_task(self, host, context, &task.origin).shared();
        let reading = super::keywords::Reading {
            templar: &self.templar,
            keywords: &context.keywords,
            scope: &scope,
        };
        reading.flag(keyword).ok().flatten()
    }

    /// A reference to something that is shown as a task and is none.
    pub(super) fn task_ref(&self, name: &str, action: &str, at: Span) -> TaskRef {
        TaskRef {
            id: self.tasks.fetch_add(1, Ordering::Relaxed) + 1,
            name: name.to_owned(),
            action: action.to_owned(),
            role: None,
            handler: false,
            check: false,
            at: self.sources.locate(at),
        }
    }
}
