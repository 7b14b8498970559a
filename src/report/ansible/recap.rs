//! The counts of every host.

use super::super::text::{Text, Tone};
use super::dump;
use crate::event::{HostStats, Stats};

/// Adds a line for each host, in the order of their names.
pub(super) fn show(text: &mut Text, stats: &Stats) {
    let mut hosts: Vec<(&String, &HostStats)> = stats.hosts.iter().collect();
    hosts.sort_by_key(|(host, _)| *host);
    for (host, counts) in hosts {
        let tone = match counts {
            HostStats { failed: 0, unreachable: 0, unknown: 0, changed: 0, .. } => Tone::Ok,
            HostStats { failed: 0, unreachable: 0, unknown: 0, .. } => Tone::Changed,
            _ => Tone::Failed,
        };
        text.put(tone, format!("{host:<26}")).plain(" :");
        // A host lost in the middle of a task is one that could not be reached any more.
        let columns = [
            ("ok", counts.ok, Tone::Ok),
            ("changed", counts.changed, Tone::Changed),
            ("unreachable", counts.unreachable + counts.unknown, Tone::Failed),
            ("failed", counts.failed, Tone::Failed),
            ("skipped", counts.skipped, Tone::Skipped),
            ("rescued", counts.rescued, Tone::Ok),
            ("ignored", counts.ignored, Tone::Warning),
        ];
        for (name, number, tone) in columns {
            let tone = if number == 0 { Tone::Plain } else { tone };
            text.plain(" ").put(tone, format!("{name}={number:<4}"));
        }
        text.end();
    }
    text.end();
}

/// Adds what `set_stats` has set: for hosts, then for the whole run.
pub(super) fn show_custom(text: &mut Text, stats: &Stats) {
    let mut hosts: Vec<_> = stats.custom.iter().filter(|(host, _)| *host != "_run").collect();
    hosts.sort_by_key(|(host, _)| *host);
    for (host, values) in hosts {
        text.plain(format!("\t{host}: {}", dump::line(values))).end();
    }
    if let Some(values) = stats.custom.get("_run") {
        text.end().plain(format!("\tRUN: {}", dump::line(values))).end();
    }
    text.end();
}
