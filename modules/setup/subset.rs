//! Which facts are gathered.

use super::report::Report;
use super::{
    adapters, capabilities, distribution, facter, hardware, links, local, network, platform,
    storage, virtualization,
};
use crate::sdk::{Failure, Fields, did_you_mean};

/// A reader of one kind of facts.
#[derive(Debug)]
pub(super) struct Collector {
    /// Its name, and the facts by which it can be asked for as well.
    names: &'static [&'static str],
    /// The subset it belongs to.
    group: &'static str,
    /// What of the probe it needs beyond what is always shipped.
    part: Option<&'static str>,
    /// Sets its facts.
    pub(super) collect: fn(&Report<'_>, &mut Fields),
}

type Collect = fn(&Report<'_>, &mut Fields);

const fn min(names: &'static [&'static str], collect: Collect) -> Collector {
    Collector { names, group: "min", part: None, collect }
}

const fn hardware(
    names: &'static [&'static str],
    part: Option<&'static str>,
    collect: Collect,
) -> Collector {
    Collector { names, group: "hardware", part, collect }
}

/// What is only gathered with everything, or by its name.
const fn alone(
    names: &'static [&'static str],
    part: Option<&'static str>,
    collect: Collect,
) -> Collector {
    Collector { names, group: names[0], part, collect }
}

static COLLECTORS: &[Collector] = &[
    min(
        &[
            "platform",
            "system",
            "kernel",
            "machine",
            "architecture",
            "hostname",
            "fqdn",
            "machine_id",
        ],
        platform::platform,
    ),
    min(
        &[
            "distribution",
            "os_family",
            "distribution_version",
            "distribution_release",
            "distribution_major_version",
        ],
        distribution::distribution,
    ),
    min(&["lsb"], distribution::lsb),
    min(&["pkg_mgr"], platform::package_manager),
    min(&["service_mgr"], platform::service_manager),
    min(&["user", "user_id", "user_uid", "user_gid", "user_dir", "user_shell"], platform::user),
    min(&["env"], platform::environment),
    min(&["date_time"], platform::date_time),
    min(&["cmdline"], platform::cmdline),
    min(&["dns"], platform::dns),
    min(&["selinux", "apparmor", "fips"], platform::security),
    min(
        &["caps", "system_capabilities", "system_capabilities_enforced"],
        capabilities::capabilities,
    ),
    min(&["ssh_pub_keys"], platform::ssh_keys),
    min(&["python", "python_version"], platform::python),
    Collector { names: &["local"], group: "min", part: Some("local"), collect: local::local },
    hardware(
        &["processor", "processor_count", "processor_cores", "processor_vcpus"],
        None,
        hardware::processors,
    ),
    hardware(
        &["memory", "memtotal_mb", "memfree_mb", "swaptotal_mb", "swapfree_mb"],
        None,
        hardware::memory,
    ),
    hardware(&["dmi", "product_name", "system_vendor", "form_factor"], None, hardware::firmware),
    hardware(&["uptime_seconds", "loadavg", "uptime"], None, platform::load),
    hardware(&["devices", "device_links"], Some("hardware"), storage::devices),
    hardware(&["lvm"], Some("hardware"), links::lvm),
    hardware(&["mounts"], Some("hardware"), storage::mounts),
    Collector {
        names: &[
            "interfaces",
            "default_ipv4",
            "default_ipv6",
            "all_ipv4_addresses",
            "all_ipv6_addresses",
            "locally_reachable_ips",
        ],
        group: "network",
        part: Some("network"),
        collect: network::network,
    },
    // Next to what needs the same part of the probe.
    alone(&["facter"], Some("network"), facter::facter),
    Collector {
        names: &["virtualization_type", "virtualization_role"],
        group: "virtual",
        part: None,
        collect: virtualization::virtualization,
    },
    alone(&["fibre_channel_wwn"], Some("adapters"), adapters::fibre_channel),
    alone(&["iscsi", "iscsi_iqn"], Some("adapters"), adapters::iscsi),
    alone(&["nvme", "hostnqn"], Some("adapters"), adapters::nvme),
    alone(&["chroot", "is_chroot"], Some("root"), adapters::chroot),
];

/// Names Ansible has for other sources of facts; they are taken, and stand for nothing here.
const ELSEWHERE: &[&str] = &["ohai", "systemd"];

impl Collector {
    fn is(&self, word: &str) -> bool {
        self.group == word || self.names.contains(&word)
    }
}

/// The collectors that a list of subsets asks for.
pub(super) fn chosen(words: &[String]) -> Result<Vec<&'static Collector>, Failure> {
    let (left_out, wanted): (Vec<&str>, Vec<&str>) = words
        .iter()
        .map(|word| word.trim())
        .filter(|word| !word.is_empty())
        .partition(|w| w.starts_with('!'));
    let left_out: Vec<&str> = left_out.iter().map(|word| word.trim_start_matches('!')).collect();
    for word in wanted.iter().chain(&left_out) {
        known(word)?;
    }
    // To leave something out is to ask for the minimum.
    let all = wanted.is_empty() && left_out.is_empty() || wanted.contains(&"all");
    let chosen = COLLECTORS.iter().filter(|collector| {
        let named = wanted.iter().any(|word| collector.is(word));
        let without = left_out
            .iter()
            .any(|word| collector.is(word) || (*word == "all" && collector.group != "min"));
        named || (all || collector.group == "min") && !without
    });
    Ok(chosen.collect())
}

fn known(word: &str) -> Result<(), Failure> {
    let words = || {
        let own = COLLECTORS.iter().flat_map(|c| c.names.iter().chain([&c.group]));
        own.chain(ELSEWHERE).chain(&["all"]).copied()
    };
    if words().any(|known| known == word) {
        return Ok(());
    }
    let help = did_you_mean(word, words(), "subsets are all, min, hardware, network and virtual");
    Err(Failure::new(format!(
        "Bad subset '{word}' given to Ansible: `gather_subset` has no such subset"
    ))
    .help(help))
}

/// The parts of the probe that collectors need, as the probe takes them.
pub(super) fn parts(collectors: &[&Collector]) -> String {
    let mut parts: Vec<&str> = collectors.iter().filter_map(|collector| collector.part).collect();
    parts.dedup();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Vec<&'static str> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        chosen(&words).unwrap().iter().map(|collector| collector.names[0]).collect()
    }

    #[test]
    fn everything_unless_told_otherwise() {
        assert_eq!(names(&["all"]).len(), COLLECTORS.len());
        assert_eq!(names(&[]).len(), COLLECTORS.len());
    }

    #[test]
    fn subsets_are_added_to_the_minimum_and_left_out() {
        let min = names(&["min"]);
        assert!(min.contains(&"distribution") && !min.contains(&"interfaces"));
        assert_eq!(names(&["!all"]), min);
        assert_eq!(names(&["!all", "!min", "network"]), ["interfaces"]);
        assert_eq!(names(&["!all", "!min"]), [""; 0]);
        assert!(!names(&["!hardware"]).contains(&"mounts"));
        assert_eq!(names(&["!hardware"]), min);
        assert!(names(&["all", "!hardware"]).contains(&"interfaces"));
        assert!(names(&["!hardware", "mounts"]).contains(&"mounts"));
        assert!(names(&["network", "virtual"]).contains(&"virtualization_type"));
    }

    #[test]
    fn only_what_is_asked_for_is_looked_at() {
        let words = ["!all".to_owned(), "!min".to_owned(), "distribution".to_owned()];
        assert_eq!(parts(&chosen(&words).unwrap()), "");
        assert_eq!(parts(&chosen(&[]).unwrap()), "local hardware network adapters root");
    }

    #[test]
    fn a_subset_that_is_none() {
        let failure = chosen(&["netwrok".to_owned()]).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "Bad subset 'netwrok' given to Ansible: `gather_subset` has no such subset"
        );
    }
}
