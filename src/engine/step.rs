//! One task on one host: its condition, its loop, its tries, its result.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connections::reference;
use super::context::Context;
use super::ended::Ended;
use super::keywords::Reading;
use super::loop_control::LoopControl;
use super::permit::Permit;
use super::run::Run;
use super::scope::HostScope;
use super::turns::Turns;
use crate::base::Diagnostic;
use crate::event::{EventKind, Status, TaskRef};
use crate::playbook::{Loop, Task};
use crate::sdk::Failure;
use crate::value::{Data, Fields, Layer, Node, Scope, Value, Variable, coerce};

/// One task on one host.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) run: Arc<Run>,
    pub(super) task: Arc<Task>,
    pub(super) context: Context,
    pub(super) host: String,
    pub(super) shown: Arc<TaskRef>,
    /// Whose turn it is to tell what happens, and this host's place among them.
    pub(super) turns: Arc<Turns>,
    pub(super) place: usize,
    /// The host's leave to work.
    pub(super) permit: Arc<Permit>,
}

/// What came of a task on a host.
pub(super) struct Stepped {
    /// As a whole.
    pub(super) ended: Ended,
    /// The effects of each item, in order.
    pub(super) effects: Vec<super::effects::Effects>,
    /// How long it took.
    pub(super) duration: Duration,
}

impl Step {
    /// Runs the task.
    pub(super) async fn run(&self) -> Stepped {
        let begun = Instant::now();
        let scope = HostScope::of_task(&self.run, &self.host, &self.context, &self.task.origin);
        let (ended, effects) = match self.items(&scope) {
            Ok(None) => {
                let mut ended = self.item(&scope).await;
                let effects = vec![std::mem::take(&mut ended.effects)];
                (self.judged(&scope, ended), effects)
            }
            Ok(Some(items)) => self.looped(&scope, items).await,
            Err(ended) => (self.judged(&scope, *ended), vec![]),
        };
        Stepped { ended, effects, duration: begun.elapsed() }
    }

    /// Tells what happened, when it is this host's turn.
    pub(super) fn tell(&self, kind: EventKind) {
        self.turns.tell(self.place, kind);
    }

    pub(super) fn reading<'a>(&'a self, scope: &'a Arc<dyn Scope>) -> Reading<'a> {
        Reading { templar: &self.run.templar, keywords: &self.context.keywords, scope }
    }

    /// The items of the task's loop; `None` where it has none.
    fn items(&self, scope: &HostScope) -> Result<Option<Vec<Node>>, Box<Ended>> {
        let Some(looped) = &self.task.looped else { return Ok(None) };
        let shared = scope.clone().shared();
        let items = match &looped.lookup {
            None => self.plain_loop(&looped.terms, &shared),
            Some(lookup) => self.lookup_loop(lookup, looped, &shared),
        };
        match items {
            Ok(items) => Ok(Some(items)),
            // What is looped over may only exist where the condition holds.
            Err(fault) => match self.condition(&shared) {
                Ok(Some(skipped)) => Err(Box::new(skipped)),
                _ => Err(Box::new(Ended::at_fault(&fault))),
            },
        }
    }

    /// The items of `loop`. What the user wrote stays that: an item may be a condition.
    fn plain_loop(&self, terms: &Node, scope: &Arc<dyn Scope>) -> Result<Vec<Node>, Diagnostic> {
        let templar = &self.run.templar;
        let written = templar.named(terms, scope);
        match templar.render(written.as_ref().unwrap_or(terms), scope)? {
            Some(Node { data: Data::List(items), .. }) => Ok(items),
            other => Err(Diagnostic::error(
                "loop-shape",
                "`loop` must be a list",
                terms.span,
                format!(
                    "this comes out as {}",
                    other.map_or_else(|| "omitted".to_owned(), |other| other.shown())
                ),
            )
            .help("for a mapping: `loop: \"{{ mapping | dict2items }}\"`")),
        }
    }

    fn lookup_loop(
        &self,
        lookup: &str,
        looped: &Loop,
        scope: &Arc<dyn Scope>,
    ) -> Result<Vec<Node>, Diagnostic> {
        let (templar, terms) = (&self.run.templar, &looped.terms);
        let root = |name: &str| name.split('.').next().and_then(|root| scope.lookup(root));
        let bare = looped.bare_variable().filter(|name| root(name).is_some());
        if bare.is_none() && matches!(lookup, "items" | "list") {
            return self.written_loop(terms, lookup == "items", scope);
        }
        let value = match bare {
            Some(name) => templar.evaluate(&reference(name, terms.span), scope)?,
            None if lookup == "first_found" && terms.as_str().is_none() => {
                templar.evaluate_defined(terms, scope)?
            }
            None => templar.evaluate(terms, scope)?,
        };
        let Some(value) = value else { return Ok(vec![]) };
        let list = match value {
            Value::Array(items) => items,
            other => vec![other],
        };
        let items = templar.lookup(lookup, list, Fields::new(), scope, terms.span)?;
        Ok(items.iter().map(|item| Node::from_value(item, terms.span)).collect())
    }

    /// The items of `with_items` and `with_list`: as of `loop`, but that anything is a list, and
    /// that the first one takes the items of lists in it.
    fn written_loop(
        &self,
        terms: &Node,
        spread: bool,
        scope: &Arc<dyn Scope>,
    ) -> Result<Vec<Node>, Diagnostic> {
        let templar = &self.run.templar;
        let written = templar.named(terms, scope);
        let Some(rendered) = templar.render(written.as_ref().unwrap_or(terms), scope)? else {
            return Ok(vec![]);
        };
        let items = match rendered.data {
            Data::List(items) => items,
            _ => vec![rendered],
        };
        let inner = |item: Node| match item.data {
            Data::List(inner) if spread => inner,
            _ => vec![item],
        };
        Ok(items.into_iter().flat_map(inner).collect())
    }

    /// Runs the task once for each item.
    async fn looped(
        &self,
        scope: &HostScope,
        items: Vec<Node>,
    ) -> (Ended, Vec<super::effects::Effects>) {
        let control = match LoopControl::read(self, scope) {
            Ok(control) => control,
            Err(fault) => return (self.judged(scope, Ended::at_fault(&fault)), vec![]),
        };
        let (mut all, mut effects): (Vec<Ended>, _) = (vec![], vec![]);
        let mut scope = scope.clone();
        // A host that cannot be reached is tried again for the next item where that may be ignored.
        let bears_loss = self.context.keywords.get("ignore_unreachable").is_some();
        for index in 0..items.len() {
            if index > 0 && control.pause > Duration::ZERO {
                tokio::time::sleep(control.pause).await;
            }
            // The next round sees what the last one registered.
            let seen = all.last().map(|last| self.with_result(&scope, last));
            let layer = control.layer(&items, index);
            let inner = seen.as_ref().unwrap_or(&scope).with(layer.clone());
            let mut ended = self.item(&inner).await;
            control.describe(&items, index, &mut ended);
            let after = self.with_result(&inner, &ended);
            let label = control.label(self, &after, &items[index], &mut ended);
            let mut effect = std::mem::take(&mut ended.effects);
            if let Some(include) = &mut effect.include {
                include.hand_on(layer, &label);
            }
            // The next round sees what this one set: lists are built up so.
            scope.set(&effect.set);
            effects.push(effect);
            let mut ended = self.judged(&inner, ended);
            let lost = matches!(ended.status, Status::Unreachable | Status::Unknown);
            let over = control.ends(self, &after, &mut ended);
            self.tell(EventKind::ItemFinished {
                task: self.shown.as_ref().clone(),
                host: self.host.clone(),
                label,
                result: Box::new(ended.clone().into_result(self.task.at, &self.run.sources)),
            });
            all.push(ended);
            if lost && !bears_loss || over || self.run.interrupt.is_set() && index + 1 < items.len()
            {
                break;
            }
        }
        (Ended::of_items(&all), effects)
    }

    /// One item of the loop, or the whole of a task without one.
    async fn item(&self, scope: &HostScope) -> Ended {
        let shared = scope.clone().shared();
        let reading = self.reading(&shared);
        let (hidden, diff) = match (reading.flag("no_log"), reading.flag("diff")) {
            (Ok(hidden), Ok(diff)) => (hidden.unwrap_or(false), diff),
            (Err(fault), _) | (_, Err(fault)) => return Ended::at_fault(&fault),
        };
        if let Err(mut fault) = reading.int("throttle") {
            let why = match fault.code {
                "keyword-type" => "invalid literal for int",
                _ => &fault.message,
            };
            fault.message = format!("Failed to convert the throttle value to an integer: {why}");
            return Ended::at_fault(&fault);
        }
        let delegated = match delegated(scope, &reading) {
            Ok(delegated) => delegated,
            Err(failure) => return Ended::of(Err(failure)),
        };
        let scope = delegated.as_ref().unwrap_or(scope);
        let mut ended = match self.condition(&scope.clone().shared()) {
            Ok(Some(skipped)) => skipped,
            Ok(None) => match reading.value("delegate_to") {
                Err(fault) if delegated.is_none() => Ended::at_fault(&fault),
                _ => self.tries(scope).await,
            },
            Err(fault) => Ended::at_fault(&fault),
        };
        ended.effects.delegate = scope.delegate();
        ended.hidden |= hidden;
        ended.diff = diff;
        if diff.unwrap_or(self.run.options.diff) {
            ended.return_diffs();
        }
        ended
    }

    /// The result of skipping when the condition does not hold.
    fn condition(&self, scope: &Arc<dyn Scope>) -> Result<Option<Ended>, Diagnostic> {
        let Some(when) = self.context.keywords.get("when") else { return Ok(None) };
        let condition = self.run.templar.condition(when, scope)?;
        Ok((!condition.value)
            .then(|| Ended::skipped("Conditional result was False", condition.failing)))
    }

    /// Tries the task until it does, as often as it says.
    async fn tries(&self, scope: &HostScope) -> Ended {
        let shared = scope.clone().shared();
        let keywords = &self.context.keywords;
        let reading = self.reading(&shared);
        let plan = (|| -> Result<(i64, f64), Diagnostic> {
            Ok((reading.int("retries")?.unwrap_or(3), reading.number("delay")?.unwrap_or(5.0)))
        })();
        let (retries, delay) = match plan {
            Ok(plan) => plan,
            Err(fault) => return Ended::at_fault(&fault),
        };
        let until = keywords.get("until");
        let repeats = until.is_some() || keywords.get("retries").is_some();
        let most = if repeats { retries.max(0) + 1 } else { 1 };
        let mut number = 1;
        loop {
            let mut ended = self.attempt(scope, repeats.then_some(number)).await;
            if !repeats || ended.status == Status::Skipped {
                return ended;
            }
            let done = match until {
                Some(until) => {
                    let scope = self.with_result(scope, &ended).shared();
                    match self.run.templar.condition(until, &scope) {
                        Ok(condition) => condition.value,
                        Err(fault) => return Ended::at_fault(&fault),
                    }
                }
                None => !ended.status.is_failure(),
            };
            if done || number >= most || self.run.interrupt.is_set() {
                if !done && until.is_some() {
                    // Whether that is a failure is for `failed_when` to say, where there is one.
                    if keywords.get("failed_when").is_some() && !ended.status.is_failure() {
                        ended.fields.insert("failed".to_owned(), true.into());
                        return ended;
                    }
                    // As ansible-core counts them: without the first.
                    ended.fields.insert("attempts".to_owned(), (number - 1).into());
                    let reason = format!("`until` did not hold after {number} tries");
                    ended.fail(&reason);
                }
                return ended;
            }
            let left = u32::try_from(most - number).unwrap_or(u32::MAX);
            self.retrying(&ended, left);
            tokio::time::sleep(Duration::from_secs_f64(delay.clamp(0.0, 86_400.0))).await;
            number += 1;
        }
    }

    fn retrying(&self, ended: &Ended, left: u32) {
        let reason = if ended.hidden { String::new() } else { ended.message.clone() };
        self.tell(EventKind::Retrying {
            task: self.shown.as_ref().clone(),
            host: self.host.clone(),
            left,
            reason,
        });
    }

    /// One try: the work itself, then what the task's own conditions make of it.
    async fn attempt(&self, scope: &HostScope, number: Option<i64>) -> Ended {
        let mut ended = self.work(scope).await;
        if let Some(number) = number.filter(|_| ended.status != Status::Skipped) {
            ended.fields.insert("attempts".to_owned(), number.into());
        }
        // What was not done, as a command in check mode, is no result to be judged.
        if matches!(ended.status, Status::Unreachable | Status::Unknown | Status::Skipped) {
            return ended;
        }
        let result = self.with_result(scope, &ended).shared();
        for name in ["changed_when", "failed_when"] {
            let Some(node) = self.context.keywords.get(name) else { continue };
            match self.run.templar.condition(node, &result) {
                Ok(condition) if name == "changed_when" => ended.decide_changed(condition.value),
                Ok(condition) => ended.decide_failed(condition.value),
                Err(fault) => {
                    ended.undecided(name, &fault);
                    break;
                }
            }
        }
        if ended.changed() && !ended.status.is_failure() {
            match self.reading(&result).words("notify") {
                Ok(names) => ended.notify = names,
                Err(fault) => return Ended::at_fault(&fault),
            }
        }
        ended
    }

    /// The scope in which the task's conditions see its own result.
    pub(super) fn with_result(&self, scope: &HostScope, ended: &Ended) -> HostScope {
        let mut layer = Layer::new();
        if let Some(name) = self.context.keywords.get("register").and_then(Node::as_str) {
            layer.insert(name.to_owned(), Variable::Known(Arc::new(ended.registered())));
        }
        scope.with(layer)
    }

    /// The end with what the task says of passing failures over.
    fn judged(&self, scope: &HostScope, ended: Ended) -> Ended {
        let name = match ended.status {
            Status::Failed => "ignore_errors",
            Status::Unreachable => "ignore_unreachable",
            _ => return ended,
        };
        let shared = self.with_result(scope, &ended).shared();
        let ignored = self.reading(&shared).flag(name).ok().flatten().unwrap_or(false);
        Ended { ignored, ..ended }
    }

    /// The scope of the task on this host.
    pub(super) fn scope(&self) -> HostScope {
        HostScope::of_task(&self.run, &self.host, &self.context, &self.task.origin)
    }
}

/// The scope of work that is done on another host, which is chosen once. What cannot be rendered
/// is not needed by a task that is skipped.
fn delegated(scope: &HostScope, reading: &Reading<'_>) -> Result<Option<HostScope>, Failure> {
    match reading.value("delegate_to") {
        Ok(Some(Value::String(name))) if name.is_empty() => {
            Err(Failure::new("Empty hostname produced from delegate_to: ''"))
        }
        Ok(Some(name)) => Ok(Some(scope.delegated_to(&coerce::to_text(&name)))),
        Ok(None) | Err(_) => Ok(None),
    }
}
