//! What the program's exit code says.

use std::process::ExitCode;

use crate::event::Stats;

/// How the program ended, in words that scripts can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Ok = 0,
    /// Something else went wrong: a file could not be written, a vault not be opened.
    Error = 1,
    /// A host failed, or was lost in the middle of a task.
    HostFailed = 2,
    /// A dry run found changes to make, and was asked to say so.
    ChangesPending = 3,
    /// A host could not be reached.
    Unreachable = 4,
    /// The command line or the configuration is at fault.
    Usage = 5,
    /// The project's files do not hold together.
    Project = 10,
    /// No host, or no task, matched.
    NothingMatched = 11,
    /// The user broke it off.
    Interrupted = 99,
    /// The program itself is at fault.
    Bug = 250,
}

impl Exit {
    /// How a run ended. Of several truths the one that the user must act on first is told:
    /// a break-off, then hosts that could not be reached, then hosts that failed.
    pub fn of_run(stats: &Stats, run: RunKind) -> Self {
        match () {
            () if stats.internal_error => Self::Bug,
            () if run.interrupted => Self::Interrupted,
            () if stats.any_unreachable() => Self::Unreachable,
            () if stats.any_failed() || stats.plays_failed > 0 => Self::HostFailed,
            () if stats.hosts.is_empty() && !run.may_be_empty => Self::NothingMatched,
            () if run.changes_count && stats.any_changed() => Self::ChangesPending,
            () => Self::Ok,
        }
    }
}

impl Exit {
    /// The code that ansible-core has for the same.
    pub fn as_ansible(self) -> u8 {
        match self {
            Self::NothingMatched => 0,
            Self::Project => 4,
            other => other as u8,
        }
    }
}

/// What an exit code depends on beside what became of the hosts.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunKind {
    /// Whether the user broke it off.
    pub interrupted: bool,
    /// Whether a run without hosts is fine.
    pub may_be_empty: bool,
    /// Whether changes make a code of their own: `--check --detailed-exitcode`.
    pub changes_count: bool,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::HostStats;

    fn of(hosts: &[HostStats], run: RunKind) -> u8 {
        let hosts = hosts.iter().enumerate().map(|(n, stats)| (n.to_string(), *stats)).collect();
        Exit::of_run(&Stats { hosts, ..Stats::default() }, run) as u8
    }

    const NONE: RunKind = RunKind { interrupted: false, may_be_empty: false, changes_count: false };

    #[test]
    fn each_end_has_its_code() {
        let ok = HostStats { ok: 3, ..HostStats::default() };
        let changed = HostStats { changed: 1, ..ok };
        let failed = HostStats { failed: 1, ..ok };
        let lost = HostStats { unknown: 1, ..ok };
        let unreachable = HostStats { unreachable: 1, ..ok };
        let mended = HostStats { rescued: 1, ignored: 2, skipped: 1, ..ok };
        assert_eq!(of(&[ok, mended], NONE), 0);
        assert_eq!(of(&[ok, changed], NONE), 0);
        assert_eq!(of(&[ok, failed], NONE), 2);
        assert_eq!(of(&[ok, lost], NONE), 2);
        assert_eq!(of(&[unreachable], NONE), 4);
        assert_eq!(of(&[failed, unreachable], NONE), 4, "unreachable goes before failed");
    }

    #[test]
    fn changes_count_only_where_they_are_asked_for() {
        let changed = HostStats { changed: 1, ..HostStats::default() };
        let failed = HostStats { failed: 1, ..HostStats::default() };
        let asked = RunKind { changes_count: true, ..NONE };
        assert_eq!(of(&[changed], asked), 3);
        assert_eq!(of(&[changed, failed], asked), 2);
        assert_eq!(of(&[HostStats::default()], asked), 0);
    }

    #[test]
    fn nothing_matched_is_no_success_unless_allowed() {
        assert_eq!(of(&[], NONE), 11);
        assert_eq!(of(&[], RunKind { may_be_empty: true, ..NONE }), 0);
        let stats = Stats { plays_failed: 1, ..Stats::default() };
        assert_eq!(Exit::of_run(&stats, NONE), Exit::HostFailed);
    }

    #[test]
    fn a_break_off_goes_before_all_but_a_bug() {
        let failed = HostStats { unreachable: 1, ..HostStats::default() };
        let broken_off = RunKind { interrupted: true, ..NONE };
        assert_eq!(of(&[failed], broken_off), 99);
        let bug = Stats { internal_error: true, ..Stats::default() };
        assert_eq!(Exit::of_run(&bug, broken_off) as u8, 250);
    }
}
