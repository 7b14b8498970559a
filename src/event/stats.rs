//! What became of each host in a run.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{HostResult, Status};
use crate::value::{Fields, Value};

/// Counts of one host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostStats {
    /// Tasks that ended well, changed ones among them.
    pub ok: u32,
    /// Tasks that changed something, or would.
    pub changed: u32,
    /// Tasks that could not reach it.
    pub unreachable: u32,
    /// Tasks that failed.
    pub failed: u32,
    /// Tasks that were not for it.
    pub skipped: u32,
    /// Failures that a `rescue` took care of.
    pub rescued: u32,
    /// Failures that were passed over.
    pub ignored: u32,
    /// Tasks whose end is not known: the connection broke.
    pub unknown: u32,
    /// Of those that failed, were not reached or not ended: what `meta: clear_host_errors` forgave.
    #[serde(skip_serializing_if = "is_zero")]
    pub forgiven: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Counts of every host that took part, in inventory order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stats {
    /// By host.
    pub hosts: IndexMap<String, HostStats>,
    /// Plays that could not be begun.
    pub plays_failed: u32,
    /// Whether the program itself failed.
    pub internal_error: bool,
    /// What `set_stats` set: by host, and under `_run` for the whole run.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub custom: IndexMap<String, Fields>,
}

impl Stats {
    /// Counts one result.
    pub fn count(&mut self, host: &str, result: &HostResult) {
        let stats = self.host(host);
        match result.status {
            Status::Ok => stats.ok += 1,
            Status::Changed => {
                stats.ok += 1;
                stats.changed += 1;
            }
            Status::Skipped => stats.skipped += 1,
            Status::Failed | Status::Unreachable | Status::Unknown if result.ignored => {
                let changed = result.returned.get("changed") == Some(&true.into());
                stats.ok += u32::from(result.status != Status::Unknown);
                stats.changed += u32::from(changed);
                stats.ignored += 1;
            }
            Status::Failed => stats.failed += 1,
            Status::Unreachable => stats.unreachable += 1,
            Status::Unknown => stats.unknown += 1,
        }
    }

    /// Takes in what a task returned for the recap: of the task itself, or of the items of its loop.
    pub fn take_custom(&mut self, host: &str, returned: &Fields) {
        if let Some(Value::Array(items)) = returned.get("results") {
            items.iter().filter_map(Value::as_object).for_each(|item| self.take_custom(host, item));
            return;
        }
        let Some(Value::Object(stats)) = returned.get("ansible_stats") else { return };
        let says = |name: &str| stats.get(name) == Some(&Value::Bool(true));
        let Some(Value::Object(data)) = stats.get("data") else { return };
        let of = if says("per_host") { host } else { "_run" };
        let known = self.custom.entry(of.to_owned()).or_default();
        for (name, value) in data {
            match known.get_mut(name) {
                Some(known) if says("aggregate") => add_up(known, value),
                _ => {
                    known.insert(name.clone(), value.clone());
                }
            }
        }
    }

    /// Brings the hosts into the order of the inventory; others follow as they came.
    pub fn sort(&mut self, order: &[String]) {
        let place = |host: &String| order.iter().position(|o| o == host).unwrap_or(order.len());
        self.hosts.sort_by_cached_key(|host, _| place(host));
    }

    /// Turns a host's failure into one that was rescued.
    pub fn rescue(&mut self, host: &str) {
        let stats = self.host(host);
        stats.failed = stats.failed.saturating_sub(1);
        stats.rescued += 1;
    }

    /// Forgives all that went wrong so far.
    pub fn forgive(&mut self) {
        for stats in self.hosts.values_mut() {
            stats.forgiven = stats.failed + stats.unknown + stats.unreachable;
        }
    }

    /// The counts of one host, made when it is seen first.
    pub fn host(&mut self, host: &str) -> &mut HostStats {
        self.hosts.entry(host.to_owned()).or_default()
    }

    /// Whether any host failed, or was lost in a task.
    pub fn any_failed(&self) -> bool {
        self.hosts.values().any(|stats| stats.failed + stats.unknown > stats.forgiven)
    }

    /// Whether any host could not be reached.
    pub fn any_unreachable(&self) -> bool {
        let lost = |stats: &HostStats| stats.failed + stats.unknown + stats.unreachable;
        let open = |stats: &&HostStats| lost(stats) > stats.forgiven;
        self.hosts.values().filter(open).any(|stats| stats.unreachable > 0)
    }

    /// Whether any host was changed, or would be.
    pub fn any_changed(&self) -> bool {
        self.hosts.values().any(|stats| stats.changed > 0)
    }
}
/// Adds a value to one of the same type: numbers, texts, lists and mappings each in their way.
/// Values of different types do not add up: the first stays.
fn add_up(known: &mut Value, more: &Value) {
    match (known, more) {
        (Value::Object(known), Value::Object(more)) => {
            for (name, value) in more {
                match known.get_mut(name) {
                    Some(inner @ Value::Object(_)) => add_up(inner, value),
                    _ => {
                        known.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(known), Value::Array(more)) => known.extend(more.iter().cloned()),
        (Value::String(known), Value::String(more)) => known.push_str(more),
        (Value::Number(known), Value::Number(more)) => {
            let sum = match (known.as_i64(), more.as_i64()) {
                (Some(one), Some(other)) => one.checked_add(other).map(Into::into),
                _ => known
                    .as_f64()
                    .zip(more.as_f64())
                    .and_then(|(one, other)| serde_json::Number::from_f64(one + other)),
            };
            if let Some(sum) = sum {
                *known = sum;
            }
        }
        _ => {}
    }
}
