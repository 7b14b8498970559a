//! What became of each host in a run.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{HostResult, Status};

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
                stats.ok += u32::from(result.status == Status::Failed);
                stats.changed += u32::from(changed);
                stats.ignored += 1;
            }
            Status::Failed => stats.failed += 1,
            Status::Unreachable => stats.unreachable += 1,
            Status::Unknown => stats.unknown += 1,
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

    /// The counts of one host, made when it is seen first.
    pub fn host(&mut self, host: &str) -> &mut HostStats {
        self.hosts.entry(host.to_owned()).or_default()
    }

    /// Whether any host failed, or was lost in a task.
    pub fn any_failed(&self) -> bool {
        self.hosts.values().any(|stats| stats.failed > 0 || stats.unknown > 0)
    }

    /// Whether any host could not be reached.
    pub fn any_unreachable(&self) -> bool {
        self.hosts.values().any(|stats| stats.unreachable > 0)
    }

    /// Whether any host was changed, or would be.
    pub fn any_changed(&self) -> bool {
        self.hosts.values().any(|stats| stats.changed > 0)
    }
}
