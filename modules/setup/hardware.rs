//! Processors, memory, and what the firmware says of the machine.

use std::collections::BTreeSet;

use serde_json::json;

use super::report::{Report, set};
use crate::sdk::{Fields, Value};

/// `processor*` and `flags`.
pub(super) fn processors(report: &Report<'_>, facts: &mut Fields) {
    let lines: Vec<(&str, &str)> = report
        .part("cpus")
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect();
    let all =
        |key: &'static str| lines.iter().filter(move |(k, _)| *k == key).map(|(_, value)| *value);
    let number = |key| all(key).next().and_then(|text: &str| text.parse::<usize>().ok());
    let shown: Vec<&str> = lines
        .iter()
        .filter(|(key, _)| ["processor", "vendor_id", "model name", "Processor"].contains(key))
        .map(|(_, value)| *value)
        .collect();
    let logical = all("processor").count();
    let sockets = all("physical id").collect::<BTreeSet<_>>().len();
    let (count, cores, threads) = if sockets == 0 {
        (logical, 1, 1)
    } else {
        let cores = number("cpu cores").unwrap_or(1).max(1);
        (sockets, cores, (number("siblings").unwrap_or(cores) / cores).max(1))
    };
    set(facts, "processor", shown);
    set(facts, "processor_count", count);
    set(facts, "processor_cores", cores);
    set(facts, "processor_threads_per_core", threads);
    set(facts, "processor_vcpus", count * cores * threads);
    let allowed = report.status("/proc/self/status", "Cpus_allowed_list").map(cpus_in);
    set(facts, "processor_nproc", allowed.unwrap_or(logical));
    let flags = all("flags").chain(all("Features")).next().unwrap_or_default();
    set(facts, "flags", flags.split_whitespace().collect::<Vec<_>>());
}

/// How many processors a list such as `0-3,8` names.
fn cpus_in(list: &str) -> usize {
    list.split(',')
        .filter_map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high): (usize, usize) = (low.parse().ok()?, high.parse().ok()?);
            Some(high.saturating_sub(low) + 1)
        })
        .sum()
}

/// `mem*_mb`, `swap*_mb` and `memory_mb`.
pub(super) fn memory(report: &Report<'_>, facts: &mut Fields) {
    let mb = |key: &str| -> i64 {
        report
            .status("/proc/meminfo", key)
            .and_then(|text| text.split_whitespace().next()?.parse::<i64>().ok())
            .map_or(0, |kilobytes| kilobytes / 1024)
    };
    let (total, free) = (mb("MemTotal"), mb("MemFree"));
    let (swap, swap_free) = (mb("SwapTotal"), mb("SwapFree"));
    let reclaimable = free + mb("Cached") + mb("Buffers");
    set(facts, "memtotal_mb", total);
    set(facts, "memfree_mb", free);
    set(facts, "swaptotal_mb", swap);
    set(facts, "swapfree_mb", swap_free);
    set(
        facts,
        "memory_mb",
        json!({
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": reclaimable, "used": total - reclaimable},
            "swap": {
                "total": swap,
                "free": swap_free,
                "used": swap - swap_free,
                "cached": mb("SwapCached"),
            },
        }),
    );
}

/// The machine's makers and numbers; `NA` where they are not told.
pub(super) fn firmware(report: &Report<'_>, facts: &mut Fields) {
    const FIELDS: &[&str] = &[
        "bios_date",
        "bios_vendor",
        "bios_version",
        "board_asset_tag",
        "board_name",
        "board_serial",
        "board_vendor",
        "board_version",
        "chassis_asset_tag",
        "chassis_serial",
        "chassis_vendor",
        "chassis_version",
        "product_name",
        "product_serial",
        "product_uuid",
        "product_version",
    ];
    let told = |name: &str| report.word(&format!("/sys/class/dmi/id/{name}")).unwrap_or("NA");
    for name in FIELDS {
        set(facts, name, told(name));
    }
    set(facts, "system_vendor", told("sys_vendor"));
    let form = told("chassis_type").parse::<usize>().ok().and_then(|n| FORMS.get(n)).copied();
    set(facts, "form_factor", form.map_or_else(|| Value::from("NA"), Value::from));
}

/// The chassis types of the SMBIOS specification, by number.
const FORMS: &[&str] = &[
    "Unknown",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "Laptop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All In One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "Sub Chassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosure",
    "Tablet",
    "Convertible",
    "Detachable",
    "IoT Gateway",
    "Embedded PC",
    "Mini PC",
    "Stick PC",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Sections;

    fn facts_of(parts: &[(&str, &str)], collect: fn(&Report<'_>, &mut Fields)) -> Fields {
        let sections: Sections = parts.iter().copied().collect();
        let mut facts = Fields::new();
        collect(&Report::new(&sections), &mut facts);
        facts
    }

    #[test]
    fn two_sockets_with_threads() {
        let one = |n: usize, socket: usize| {
            format!(
                "processor\t: {n}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\n\
                 physical id\t: {socket}\nsiblings\t: 4\ncore id\t: 0\ncpu cores\t: 2\n"
            )
        };
        let cpus: String = (0..8).map(|n| one(n, n / 4)).collect::<String>() + "flags\t: fpu vmx\n";
        let facts = facts_of(&[("cpus", &cpus)], processors);
        assert_eq!(facts["processor_count"], 2);
        assert_eq!(facts["processor_cores"], 2);
        assert_eq!(facts["processor_threads_per_core"], 2);
        assert_eq!(facts["processor_vcpus"], 8);
        assert_eq!(facts["processor"][2], "Xeon");
        assert_eq!(facts["flags"], json!(["fpu", "vmx"]));
    }

    #[test]
    fn arm_tells_no_sockets() {
        let facts = facts_of(
            &[
                ("cpus", "processor\t: 0\nprocessor\t: 1\nFeatures\t: fp asimd\n"),
                ("files", "/proc/self/status:Cpus_allowed_list:\t0-1,3\n"),
            ],
            processors,
        );
        assert_eq!(facts["processor_count"], 2);
        assert_eq!(facts["processor_vcpus"], 2);
        assert_eq!(facts["processor_nproc"], 3);
    }

    #[test]
    fn memory_is_in_mebibytes() {
        let files = "/proc/meminfo:MemTotal:       24684072 kB\n\
                     /proc/meminfo:MemFree:        21449216 kB\n\
                     /proc/meminfo:Buffers:          102400 kB\n\
                     /proc/meminfo:Cached:          2048000 kB\n\
                     /proc/meminfo:SwapTotal:             0 kB\n";
        let facts = facts_of(&[("files", files)], memory);
        assert_eq!(facts["memtotal_mb"], 24105);
        assert_eq!(facts["memory_mb"]["nocache"]["free"], 20946 + 2000 + 100);
        assert_eq!(facts["swaptotal_mb"], 0);
    }

    #[test]
    fn firmware_that_tells_nothing() {
        let facts = facts_of(&[], firmware);
        assert_eq!(facts["product_name"], "NA");
        assert_eq!(facts["form_factor"], "NA");
    }
}
