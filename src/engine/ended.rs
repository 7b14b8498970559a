//! What came of one try of a task, and what it comes to for `register` and the reporters.

use std::time::Duration;

use serde_json::json;

use crate::base::{Diagnostic, Diff, Side, Sources, Span};
use crate::event::{HostResult, Status};
use crate::remote::ConnectionError;
use crate::sdk::{Failure, Outcome};
use crate::spec;
use crate::value::{Fields, Value};

use super::effects::Effects;

/// How a task ended, for one item of its loop or as a whole.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub(super) status: Status,
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) fields: Fields,
    pub(super) diffs: Vec<Diff>,
    /// The `diff` that is registered in place of the diffs.
    pub(super) diff_as: Option<Value>,
    /// What the registered `diff` holds beside its sides.
    pub(super) beside: Fields,
    pub(super) at: Option<Span>,
    /// Whether what is different is to be shown, where the task says so.
    pub(super) diff: Option<bool>,
    pub(super) verbose: bool,
    pub(super) hidden: bool,
    pub(super) effects: Effects,
    /// The handlers to notify, when something changed.
    pub(super) notify: Vec<String>,
    pub(super) delegated_to: Option<String>,
    /// Whether its failure is passed over, as the task says.
    pub(super) ignored: bool,
}

impl Ended {
    fn new(status: Status) -> Self {
        Self {
            status,
            message: String::new(),
            help: None,
            fields: Fields::new(),
            diffs: vec![],
            diff_as: None,
            beside: Fields::new(),
            at: None,
            diff: None,
            verbose: false,
            hidden: false,
            effects: Effects::default(),
            notify: vec![],
            delegated_to: None,
            ignored: false,
        }
    }

    /// A task passed over.
    pub(super) fn skipped(reason: impl Into<String>, condition: Option<Value>) -> Self {
        let mut ended = Self::new(Status::Skipped);
        ended.message = reason.into();
        ended.fields.insert("changed".to_owned(), false.into());
        ended.fields.insert("skipped".to_owned(), true.into());
        ended.fields.insert("skip_reason".to_owned(), ended.message.clone().into());
        if let Some(condition) = condition {
            ended.fields.insert("false_condition".to_owned(), condition);
        }
        ended
    }

    /// A task that failed over its own text: a template, a keyword.
    pub(super) fn at_fault(diagnostic: &Diagnostic) -> Self {
        let mut ended = Self::new(Status::Failed);
        ended.lapse(diagnostic);
        ended.fields.insert("msg".to_owned(), told(diagnostic));
        ended
    }

    /// Fails over a text of the task's own, and keeps what was returned before.
    pub(super) fn lapse(&mut self, diagnostic: &Diagnostic) {
        self.at = diagnostic.span();
        self.help.clone_from(&diagnostic.help);
        self.fail(&diagnostic.message);
    }

    /// A condition on the result that could not be evaluated: its reason is the answer.
    pub(super) fn undecided(&mut self, keyword: &str, diagnostic: &Diagnostic) {
        self.fields.insert(format!("{keyword}_result"), diagnostic.message.clone().into());
        self.fields.shift_remove("msg");
        self.lapse(diagnostic);
    }

    /// What came of a module or action.
    pub(super) fn of(result: Result<Outcome, Failure>) -> Self {
        match result {
            Ok(outcome) => Self::of_outcome(outcome),
            Err(Failure::Connection(error)) => Self::of_connection(&error),
            Err(Failure::Template(diagnostic)) => Self::at_fault(&diagnostic),
            Err(Failure::Arguments(faults)) => {
                let message = faults.iter().map(|f| f.message.as_str()).collect::<Vec<_>>();
                let message = message.join("; ");
                let mut ended = Self::new(Status::Failed);
                ended.at = faults.first().and_then(Diagnostic::span);
                ended.help = faults.iter().find_map(|fault| fault.help.clone());
                if let Some(msg) = spec::msg(&faults) {
                    ended.fields.insert("msg".to_owned(), msg.into());
                }
                ended.fail(&message);
                ended
            }
            Err(Failure::Task { message, help, returned }) => {
                let mut ended = Self::new(Status::Failed);
                ended.help = help;
                ended.fields = returned.into_fields();
                ended.fields.entry("changed").or_insert(false.into());
                ended.fail(&message);
                ended
            }
        }
    }

    /// An include whose files are not there, or do not hold what they should: what is wrong is
    /// the `reason`, and of variables the `message`.
    pub(super) fn not_included(action: &str, failure: Failure) -> Self {
        let mut ended = Self::of(Err(failure));
        let name = if action == "include_vars" { "message" } else { "reason" };
        if ended.fields.shift_remove("msg").is_some() {
            ended.fields.insert(name.to_owned(), ended.message.clone().into());
        }
        ended
    }

    /// Keeps what is different among the results, as it is registered in diff mode, unless the
    /// module itself has told it.
    pub(super) fn return_diffs(&mut self) {
        if self.fields.contains_key("diff") {
            return;
        }
        let as_result = |diff: &Diff| {
            let subject = diff.subject.as_str();
            let absent = json!({"exists": false});
            match (&diff.before, &diff.after) {
                (Side::Fields(before), Side::Fields(after)) => {
                    json!({"before": before, "after": after})
                }
                (Side::Absent, Side::Fields(after)) => json!({"before": absent, "after": after}),
                (Side::Fields(before), Side::Absent) => json!({"before": before, "after": absent}),
                (before, after) => json!({
                    "before": before.text(), "after": after.text(),
                    "before_header": subject, "after_header": subject,
                }),
            }
        };
        let told = |diff: &&Diff| !matches!(diff.after, Side::Command(_));
        let diffs: Vec<&Diff> = self.diffs.iter().filter(told).collect();
        let own = self.diff_as.take();
        let mut diff = match (own, diffs.as_slice()) {
            (Some(own), _) => own,
            (None, []) => return,
            (None, [one])
                if matches!(one.before, Side::Fields(_))
                    || matches!(one.after, Side::Fields(_)) =>
            {
                as_result(one)
            }
            (None, all) => all.iter().map(|diff| as_result(diff)).collect(),
        };
        if let Value::Object(sides) = &mut diff {
            sides.append(&mut self.beside);
        }
        self.fields.insert("diff".to_owned(), diff);
    }

    fn of_outcome(mut outcome: Outcome) -> Self {
        let status = match (&outcome.skipped, outcome.changed) {
            (Some(_), _) => Status::Skipped,
            (None, true) => Status::Changed,
            (None, false) => Status::Ok,
        };
        let mut ended = Self::new(status);
        ended.diff_as = outcome.returned.take_diff();
        ended.beside = outcome.returned.take_beside();
        ended.fields = outcome.returned.into_fields();
        ended.fields.insert("changed".to_owned(), outcome.changed.into());
        if let Some(reason) = outcome.skipped {
            ended.fields.insert("skipped".to_owned(), true.into());
            ended.fields.entry("msg").or_insert_with(|| reason.clone().into());
            ended.message = reason;
        }
        ended.diffs = outcome.diffs;
        if let Some(Value::Object(facts)) = ended.fields.get("ansible_facts") {
            ended.effects.facts = facts.clone();
        }
        ended
    }

    fn of_connection(error: &ConnectionError) -> Self {
        let status = match error {
            ConnectionError::Unreachable { .. } => Status::Unreachable,
            ConnectionError::Lost { .. } => Status::Unknown,
            _ => Status::Failed,
        };
        let mut ended = Self::new(status);
        ended.help = error.help().map(str::to_owned);
        ended.fail(&error.to_string());
        if status == Status::Unreachable {
            ended.fields.insert("unreachable".to_owned(), true.into());
            ended.fields.shift_remove("failed");
        }
        ended
    }

    /// Makes it a failure with this message.
    pub(super) fn fail(&mut self, message: &str) {
        if !self.status.is_failure() {
            self.status = Status::Failed;
        }
        message.clone_into(&mut self.message);
        self.fields.entry("changed").or_insert(false.into());
        self.fields.insert("failed".to_owned(), true.into());
        self.fields.entry("msg").or_insert_with(|| message.into());
        self.fields.entry("exception").or_insert_with(|| message.into());
    }

    /// Makes it the failure of a task that took longer than its `timeout`.
    pub(super) fn timed_out(&mut self, limit: Duration) {
        let seconds = limit.as_secs();
        let plural = if seconds == 1 { "" } else { "s" };
        self.fields.insert("timedout".to_owned(), json!({"period": seconds}));
        self.message = format!("Timed out after {seconds} second{plural}");
        self.fields.insert("msg".to_owned(), self.message.clone().into());
    }

    /// Takes `failed_when` for an answer.
    pub(super) fn decide_failed(&mut self, failed: bool) {
        self.fields.insert("failed_when_result".to_owned(), failed.into());
        if failed {
            self.fail("failed_when says so");
        } else {
            if let Some(reason) = self.fields.shift_remove("exception") {
                self.fields.insert("failed_when_suppressed_exception".to_owned(), reason);
            }
            self.fields.insert("failed".to_owned(), false.into());
            if self.status == Status::Failed {
                self.message.clear();
                self.help = None;
                let changed = self.fields.get("changed") == Some(&Value::Bool(true));
                self.status = if changed { Status::Changed } else { Status::Ok };
            }
        }
    }

    /// What `register` keeps: a result says whether it changed something, and one of work that was
    /// done, not of a whole loop, whether it failed.
    pub(super) fn registered(&self) -> Value {
        let mut fields = self.fields.clone();
        fields.entry("changed").or_insert(false.into());
        let done = self.status != Status::Unreachable && !fields.contains_key("skip_reason");
        if done && !fields.contains_key("results") {
            fields.entry("failed").or_insert(false.into());
        }
        Value::Object(fields)
    }

    /// Takes `changed_when` for an answer.
    pub(super) fn decide_changed(&mut self, changed: bool) {
        self.fields.insert("changed".to_owned(), changed.into());
        if !self.status.is_failure() && self.status != Status::Skipped {
            self.status = if changed { Status::Changed } else { Status::Ok };
        }
    }

    /// Whether something was changed, or would be.
    pub(super) fn changed(&self) -> bool {
        self.fields.get("changed") == Some(&Value::Bool(true))
    }

    /// As the reporters get it.
    pub(super) fn into_result(self, task: Span, sources: &Sources) -> HostResult {
        let mut result = HostResult::new(self.status);
        result.message = self.message;
        result.help = self.help;
        result.returned = self.fields;
        result.diffs = self.diffs;
        result.diff = self.diff;
        result.ignored = self.ignored;
        result.delegated_to = self.delegated_to;
        result.hidden = self.hidden;
        result.verbose = self.verbose;
        result.at = self.at.and_then(|span| sources.locate(span));
        if self.status.is_failure() {
            result.excerpt = sources.excerpt(self.at.unwrap_or(task), 2);
        }
        if result.hidden {
            result.withhold();
        }
        result
    }

    /// The items of a loop as one.
    pub(super) fn of_items(items: &[Ended]) -> Self {
        let any = |test: fn(&Ended) -> bool| items.iter().any(test);
        let lost =
            items.iter().find(|item| matches!(item.status, Status::Unreachable | Status::Unknown));
        let failed = any(|item| item.status == Status::Failed);
        let skipped = items.iter().all(|item| item.status == Status::Skipped);
        let changed = any(Ended::changed);
        let status = match lost {
            Some(lost) => lost.status,
            None if failed => Status::Failed,
            None if skipped => Status::Skipped,
            None if changed => Status::Changed,
            None => Status::Ok,
        };
        let mut whole = Self::new(status);
        whole.message = match status {
            Status::Failed => "one or more items failed".to_owned(),
            Status::Skipped if items.is_empty() => "no items in the loop".to_owned(),
            Status::Skipped => "all items were skipped".to_owned(),
            _ => lost.map_or_else(String::new, |lost| lost.message.clone()),
        };
        whole.fields.insert("changed".to_owned(), changed.into());
        if failed {
            whole.fields.insert("failed".to_owned(), true.into());
        }
        let (field, summary) = match () {
            () if items.is_empty() => ("skipped_reason", "No items in the list"),
            () if failed => ("msg", "One or more items failed"),
            () if skipped => ("msg", "All items skipped"),
            () => ("msg", "All items completed"),
        };
        whole.fields.insert(field.to_owned(), summary.into());
        whole.fields.insert("skipped".to_owned(), skipped.into());
        whole.hidden = any(|item| item.hidden);
        let mut failures = items.iter().filter(|item| item.status.is_failure()).peekable();
        whole.ignored = failures.peek().is_some() && failures.all(|item| item.ignored);
        for item in items {
            for name in &item.notify {
                if !whole.notify.contains(name) {
                    whole.notify.push(name.clone());
                }
            }
        }
        let results = items.iter().map(Self::registered).collect();
        whole.fields.insert("results".to_owned(), Value::Array(results));
        whole
    }
}

/// The message of a task that failed over its own text, in the words that playbooks look for.
fn told(fault: &Diagnostic) -> Value {
    match fault.done() {
        Some(during) => format!("Task failed: {during}: {}", fault.message).into(),
        None => format!("Task failed: {}", fault.message).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Returned;

    #[test]
    fn failed_when_can_overrule_either_way() {
        let failure = Failure::new("non-zero return code").returning(Returned::new().with("rc", 1));
        let mut ended = Ended::of(Err(failure));
        assert_eq!(ended.status, Status::Failed);
        ended.decide_failed(false);
        assert_eq!(ended.status, Status::Ok);
        assert_eq!(ended.fields["failed"], false);
        ended.decide_failed(true);
        assert_eq!(ended.status, Status::Failed);
    }

    #[test]
    fn a_lost_connection_is_unknown_not_failed() {
        let after = std::time::Duration::from_secs(3);
        let lost = ConnectionError::Lost { after, reason: "reset by peer".to_owned() };
        assert_eq!(Ended::of(Err(Failure::Connection(lost))).status, Status::Unknown);
    }

    #[test]
    fn items_come_to_one_result() {
        let changed = Ended::of(Ok(Outcome { changed: true, ..Outcome::default() }));
        let skipped = Ended::skipped("x", None);
        let whole = Ended::of_items(&[changed.clone(), skipped.clone()]);
        assert_eq!(whole.status, Status::Changed);
        assert_eq!(whole.fields["results"].as_array().map(Vec::len), Some(2));
        assert_eq!(Ended::of_items(&[skipped]).status, Status::Skipped);
        let failed = Ended::of(Err(Failure::new("no")));
        assert_eq!(Ended::of_items(&[changed, failed]).status, Status::Failed);
    }
}
