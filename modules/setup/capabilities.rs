//! What the kernel lets the user of the task do.

use super::report::{Report, set};
use crate::sdk::Fields;

/// The names of the capabilities by their numbers.
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// `system_capabilities_enforced`, and the `system_capabilities` there are where they are.
pub(super) fn capabilities(report: &Report<'_>, facts: &mut Fields) {
    let held = report.status("/proc/self/status", "CapEff");
    let Some(held) = held.and_then(|bits| u64::from_str_radix(bits, 16).ok()) else {
        set(facts, "system_capabilities_enforced", "N/A");
        set(facts, "system_capabilities", "N/A");
        return;
    };
    let last = report.word("/proc/sys/kernel/cap_last_cap").and_then(|last| last.parse().ok());
    let count = last.map_or(NAMES.len(), |last: usize| last + 1);
    let has = |number: usize| {
        held.checked_shr(u32::try_from(number).unwrap_or(u32::MAX))
            .is_some_and(|bits| bits & 1 == 1)
    };
    let enforced = !(0..count).all(has);
    let names = NAMES.iter().enumerate().filter(|(number, _)| enforced && has(*number));
    let names: Vec<String> = names.map(|(_, name)| format!("cap_{name}")).collect();
    set(facts, "system_capabilities_enforced", if enforced { "True" } else { "False" });
    set(facts, "system_capabilities", names);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sdk::Sections;

    fn of(files: &str) -> serde_json::Value {
        let sections: Sections = [("files", files)].into_iter().collect();
        let mut facts = Fields::new();
        capabilities(&Report::new(&sections), &mut facts);
        json!([facts["system_capabilities_enforced"], facts["system_capabilities"]])
    }

    #[test]
    fn who_may_do_everything_is_not_held_back() {
        let full =
            "/proc/self/status:CapEff:\t000001ffffffffff\n/proc/sys/kernel/cap_last_cap:40\n";
        assert_eq!(of(full), json!(["False", []]));
        let some =
            "/proc/self/status:CapEff:\t0000000000000401\n/proc/sys/kernel/cap_last_cap:40\n";
        assert_eq!(of(some), json!(["True", ["cap_chown", "cap_net_bind_service"]]));
        let none = "/proc/self/status:CapEff:\t0000000000000000\n";
        assert_eq!(of(none), json!(["True", []]));
        assert_eq!(of(""), json!(["N/A", "N/A"]));
    }
}
