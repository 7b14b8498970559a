//! The system, its settings, and the user of the task.

use serde_json::json;

use super::clock::Clock;
use super::report::{Report, set};
use crate::sdk::{Fields, Value};

/// `system`, `kernel`, `architecture`, `hostname`, `fqdn`, `machine_id`, …
pub(super) fn platform(report: &Report<'_>, facts: &mut Fields) {
    let kernel = |name: &str| report.word(&format!("/proc/sys/kernel/{name}")).unwrap_or_default();
    let machine = report.part("machine").trim();
    let node = kernel("hostname");
    let fqdn = Some(report.part("fqdn").trim()).filter(|name| !name.is_empty()).unwrap_or(node);
    set(facts, "system", Some(kernel("ostype")).filter(|s| !s.is_empty()).unwrap_or("Linux"));
    set(facts, "kernel", kernel("osrelease"));
    set(facts, "kernel_version", kernel("version"));
    set(facts, "machine", machine);
    set(facts, "architecture", if is_x86(machine) { "i386" } else { machine });
    set(facts, "userspace_architecture", if is_x86(machine) { "i386" } else { machine });
    set(facts, "userspace_bits", if machine.contains("64") { "64" } else { "32" });
    set(facts, "nodename", node);
    set(facts, "hostname", node.split('.').next());
    set(facts, "fqdn", fqdn);
    set(facts, "domain", fqdn.split_once('.').map_or("", |(_, domain)| domain));
    let id = report.word("/etc/machine-id").or_else(|| report.word("/var/lib/dbus/machine-id"));
    if let Some(id) = id {
        set(facts, "machine_id", id);
    }
}

fn is_x86(machine: &str) -> bool {
    matches!(machine, "i386" | "i486" | "i586" | "i686")
}

/// `uptime_seconds` and `loadavg`.
pub(super) fn load(report: &Report<'_>, facts: &mut Fields) {
    let first = |path: &str| report.word(path).unwrap_or_default().split_whitespace();
    let uptime = first("/proc/uptime").next().and_then(|text| text.split('.').next());
    set(facts, "uptime_seconds", uptime.and_then(|text| text.parse::<i64>().ok()));
    let mut loads = first("/proc/loadavg").map(|text| text.parse::<f64>().ok());
    let mut next = || loads.next().flatten();
    set(facts, "loadavg", json!({"1m": next(), "5m": next(), "15m": next()}));
}

/// `user_*` and the ids of the process.
pub(super) fn user(report: &Report<'_>, facts: &mut Fields) {
    let ids = |key: &str| -> Vec<i64> {
        let line = report.status("/proc/self/status", key).unwrap_or_default();
        line.split_whitespace().filter_map(|id| id.parse().ok()).collect()
    };
    let (users, groups) = (ids("Uid"), ids("Gid"));
    set(facts, "real_user_id", users.first().copied());
    set(facts, "effective_user_id", users.get(1).copied());
    set(facts, "real_group_id", groups.first().copied());
    set(facts, "effective_group_id", groups.get(1).copied());
    let passwd: Vec<&str> = report.part("passwd").trim().split(':').collect();
    if let [name, _, uid, gid, gecos, home, shell] = passwd[..] {
        set(facts, "user_id", name);
        set(facts, "user_uid", uid.parse::<i64>().ok());
        set(facts, "user_gid", gid.parse::<i64>().ok());
        set(facts, "user_gecos", gecos);
        set(facts, "user_dir", home);
        set(facts, "user_shell", shell);
    }
}

/// `env`: the environment of a program started by the task.
pub(super) fn environment(report: &Report<'_>, facts: &mut Fields) {
    let all: Fields = report
        .part("environment")
        .split('\u{1e}')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| *name != "_")
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    set(facts, "env", all);
}

/// `date_time`.
pub(super) fn date_time(report: &Report<'_>, facts: &mut Fields) {
    if let Some(clock) = Clock::parse(report.part("date")) {
        set(facts, "date_time", clock.fact());
    }
}

/// `cmdline` and `proc_cmdline`, which keeps what is given more than once.
pub(super) fn cmdline(report: &Report<'_>, facts: &mut Fields) {
    let (mut last, mut all) = (Fields::new(), Fields::new());
    for word in report.word("/proc/cmdline").unwrap_or_default().split_whitespace() {
        let (key, value) = match word.split_once('=') {
            Some((key, value)) => (key, Value::from(value)),
            None => (word, Value::Bool(true)),
        };
        last.insert(key.to_owned(), value.clone());
        match all.get_mut(key) {
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first, value]),
            None => set(&mut all, key, value),
        }
    }
    set(facts, "cmdline", last);
    set(facts, "proc_cmdline", all);
}

/// `dns`, from `resolv.conf`.
pub(super) fn dns(report: &Report<'_>, facts: &mut Fields) {
    let mut dns = Fields::new();
    let mut servers = vec![];
    for line in report.file("/etc/resolv.conf") {
        let line = line.split(['#', ';']).next().unwrap_or_default();
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => servers.extend(words.next()),
            Some("domain") => set(&mut dns, "domain", words.next()),
            Some(list @ ("search" | "sortlist")) => {
                set(&mut dns, list, words.collect::<Vec<_>>());
            }
            Some("options") => {
                let options: Fields = words
                    .map(|word| match word.split_once(':') {
                        Some((key, value)) => (key.to_owned(), value.into()),
                        None => (word.to_owned(), true.into()),
                    })
                    .collect();
                set(&mut dns, "options", options);
            }
            _ => {}
        }
    }
    if !servers.is_empty() {
        set(&mut dns, "nameservers", servers);
    }
    set(facts, "dns", dns);
}

/// `selinux`, `apparmor` and `fips`.
pub(super) fn security(report: &Report<'_>, facts: &mut Fields) {
    let config = report.assignments("/etc/selinux/config");
    let of = |key: &str| config.iter().find(|(k, _)| *k == key).map(|(_, value)| value.clone());
    let selinux = match report.word("/sys/fs/selinux/enforce") {
        None => json!({"status": "disabled"}),
        Some(enforce) => json!({
            "status": "enabled",
            "mode": if enforce == "1" { "enforcing" } else { "permissive" },
            "config_mode": of("SELINUX").unwrap_or_else(|| "unknown".to_owned()),
            "type": of("SELINUXTYPE").unwrap_or_else(|| "unknown".to_owned()),
            "policyvers": report.word("/sys/fs/selinux/policyvers").and_then(|v| v.parse::<i64>().ok()),
        }),
    };
    set(facts, "selinux", selinux);
    // What it is asked for works without Python.
    set(facts, "selinux_python_present", true);
    let there = report.there("/sys/kernel/security/apparmor");
    set(facts, "apparmor", json!({"status": if there { "enabled" } else { "disabled" }}));
    set(facts, "fips", report.word("/proc/sys/crypto/fips_enabled") == Some("1"));
}

/// `ssh_host_key_*_public`.
pub(super) fn ssh_keys(report: &Report<'_>, facts: &mut Fields) {
    for kind in ["dsa", "rsa", "ecdsa", "ed25519"] {
        let path = format!("/etc/ssh/ssh_host_{kind}_key.pub");
        let mut words = report.word(&path).unwrap_or_default().split_whitespace();
        if let (Some(kind_name), Some(key)) = (words.next(), words.next()) {
            set(facts, &format!("ssh_host_key_{kind}_public"), key);
            set(facts, &format!("ssh_host_key_{kind}_public_keytype"), kind_name);
        }
    }
}

/// `pkg_mgr`.
pub(super) fn package_manager(report: &Report<'_>, facts: &mut Fields) {
    const MANAGERS: &[(&str, &str)] = &[
        ("/usr/bin/apt-get", "apt"),
        ("/usr/bin/dnf5", "dnf5"),
        ("/usr/bin/dnf", "dnf"),
        ("/usr/bin/dnf-3", "dnf"),
        ("/usr/bin/microdnf", "dnf"),
        ("/usr/bin/yum", "yum"),
        ("/usr/bin/zypper", "zypper"),
        ("/usr/bin/pacman", "pacman"),
        ("/sbin/apk", "apk"),
        ("/usr/sbin/apk", "apk"),
        ("/usr/bin/apk", "apk"),
        ("/usr/bin/emerge", "portage"),
        ("/usr/bin/xbps-install", "xbps"),
    ];
    let found = if report.there("/run/ostree-booted") && report.there("/usr/bin/rpm-ostree") {
        Some("atomic_container")
    } else {
        MANAGERS.iter().find(|(path, _)| report.there(path)).map(|(_, name)| *name)
    };
    set(facts, "pkg_mgr", found.unwrap_or("unknown"));
}

/// `service_mgr`.
pub(super) fn service_manager(report: &Report<'_>, facts: &mut Fields) {
    let first = report.word("/proc/1/comm").unwrap_or_default();
    let openrc = report.there("/sbin/openrc") || report.there("/usr/sbin/openrc");
    let manager = match first {
        "runit-init" | "runit" => "runit",
        "openrc-init" => "openrc",
        "" | "init" | "sh" | "bash" | "busybox" if report.there("/run/systemd/system") => "systemd",
        "" | "init" | "sh" | "bash" | "busybox" if openrc => "openrc",
        "" | "init" | "sh" | "bash" | "busybox" if report.there("/etc/init.d") => "sysvinit",
        "" | "init" | "sh" | "bash" | "busybox" => "service",
        other => other,
    };
    set(facts, "service_mgr", manager);
}

/// `python`, where the host happens to have one; rplay has no use for it.
pub(super) fn python(report: &Report<'_>, facts: &mut Fields) {
    let path = report.part("there").lines().last().filter(|path| path.ends_with("python3"));
    let version = report.part("python").trim().strip_prefix("Python ");
    if let (Some(path), Some(version)) = (path, version) {
        let digits = |part: &str| -> Option<i64> {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..end].parse().ok()
        };
        let mut numbers = version.split('.').map(digits);
        let mut next = || numbers.next().flatten();
        let [major, minor, micro] = [next(), next(), next()];
        let parts = json!({
            "major": major, "minor": minor, "micro": micro, "releaselevel": "final", "serial": 0,
        });
        let info = json!([major, minor, micro, "final", 0]);
        set(facts, "python_version", version);
        let python = json!({
            "executable": path, "type": "cpython", "version": parts, "version_info": info,
            "has_sslcontext": true,
        });
        set(facts, "python", python);
    }
}

#[cfg(test)]
mod tests;
