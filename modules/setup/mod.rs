//! `setup`: see [`Args`], which is also what `rplay doc setup` prints.

mod adapters;
mod capabilities;
mod clock;
mod distribution;
mod facter;
mod hardware;
mod links;
mod local;
mod network;
mod platform;
mod report;
mod storage;
mod subset;
mod virtualization;

use crate::sdk::{
    Arguments, Failure, Fields, Module, Observer, Operator, Plan, Probe, Returned, Sections,
};
use report::Report;
use subset::Collector;

/// Gathers facts about a host: the variables `ansible_distribution`, `ansible_default_ipv4` and
/// so on.
///
/// Nothing but a POSIX shell is needed on the host. One look ships what the kernel and the
/// distribution say; what it means is worked out on the controller. Where the host has `ip` from
/// iproute2 or BusyBox, its interfaces and addresses are facts too.
///
/// Where Ansible asks `lsb_release`, which many hosts lack, `ansible_lsb` comes from os-release.
/// `ansible_python` is told only where the host happens to have a `python3`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// What to gather: `all`, `min`, `hardware`, `network`, `virtual`, the name of a collector
    /// such as `distribution` or `mounts`, or one of these after `!` to leave it out. `min` is
    /// gathered unless `!min` is given, and nothing else where only what to leave out is said.
    #[arg(default = vec!["all".to_owned()])]
    gather_subset: Vec<String>,
    /// Keep only the facts whose names match one of these patterns: `ansible_*_mb`, `*_mb`.
    #[arg(default)]
    filter: Vec<String>,
    /// How many seconds may be spent on file systems that do not answer and on each local fact.
    #[arg(default = 10_u32)]
    gather_timeout: u32,
    /// The folder of local facts: files `*.fact` of JSON or INI, or programs that print JSON.
    #[arg(default = "/etc/ansible/facts.d")]
    fact_path: String,
}

impl Module for Args {
    type State = Sections;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<Sections, Failure> {
        let parts = subset::parts(&self.collectors()?);
        let limit = self.gather_timeout.max(1).to_string();
        let output =
            host.probe(Probe(include_str!("probe.sh")), [&self.fact_path, &limit, &parts]).await?;
        let sections = Sections::parse(&output);
        if sections.has("files") {
            Ok(sections)
        } else {
            Err(Failure::of_program("gathering facts", &output))
        }
    }

    fn plan(&self, now: &Sections) -> Result<Plan<()>, Failure> {
        let report = Report::new(now);
        let mut facts = Fields::new();
        for collector in self.collectors()? {
            (collector.collect)(&report, &mut facts);
        }
        let full = |name: String| {
            if name.starts_with(facter::PREFIX) { name } else { format!("ansible_{name}") }
        };
        let mut named: Fields =
            facts.into_iter().map(|(name, value)| (full(name), value)).collect();
        named.insert("gather_subset".to_owned(), self.gather_subset.clone().into());
        named.insert("module_setup".to_owned(), true.into());
        named.retain(|name, _| self.keeps(name));
        Ok(Plan::Keep(Returned::new().with("ansible_facts", named)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

impl Args {
    fn collectors(&self) -> Result<Vec<&'static Collector>, Failure> {
        subset::chosen(&self.gather_subset)
    }

    /// Whether a fact passes the filter, which may name it with or without `ansible_`.
    fn keeps(&self, name: &str) -> bool {
        let short = name.trim_start_matches("ansible_");
        self.filter.is_empty()
            || self.filter.iter().any(|p| p.is_empty() || matches(p, name) || matches(p, short))
    }
}

/// Whether a name matches a pattern with `*` and `?`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.chars().next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            matches(rest, name)
                || name.char_indices().any(|(at, c)| matches(rest, &name[at + c.len_utf8()..]))
        }
        Some(letter) => {
            let mut letters = name.chars();
            letters.next().is_some_and(|first| letter == '?' || letter == first)
                && matches(&pattern[letter.len_utf8()..], letters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_are_those_of_a_shell() {
        assert!(matches("ansible_*_mb", "ansible_memtotal_mb"));
        assert!(matches("*", ""));
        assert!(matches("eth?", "eth0"));
        assert!(!matches("eth?", "eth10"));
        assert!(!matches("mem", "memory"));
    }
}
