//! Whether a host is a machine, a guest or a container.

use super::report::{Report, set};
use crate::sdk::Fields;

/// `virtualization_type` and `virtualization_role`.
pub(super) fn virtualization(report: &Report<'_>, facts: &mut Fields) {
    let (kind, role) = container(report)
        .map(|kind| (kind, "guest"))
        .or_else(|| guest(report).map(|kind| (kind, "guest")))
        .or_else(|| host(report).map(|kind| (kind, "host")))
        .unwrap_or(("NA", "NA"));
    set(facts, "virtualization_type", kind);
    set(facts, "virtualization_role", role);
    let guests: Vec<&str> = [container(report), guest(report)].into_iter().flatten().collect();
    set(facts, "virtualization_tech_guest", guests);
    set(facts, "virtualization_tech_host", host(report).into_iter().collect::<Vec<_>>());
}

fn container(report: &Report<'_>) -> Option<&'static str> {
    if report.there("/.dockerenv") {
        return Some("docker");
    }
    if report.there("/run/.containerenv") {
        return Some("podman");
    }
    let told = report.word("/run/systemd/container").unwrap_or_default();
    let by_name = [("docker", "docker"), ("podman", "podman"), ("lxc", "lxc"), ("wsl", "wsl")];
    if let Some((_, kind)) = by_name.into_iter().find(|(name, _)| told.starts_with(name)) {
        return Some(kind);
    }
    if !told.is_empty() {
        return Some("container");
    }
    let in_group = |word: &str| report.file("/proc/1/cgroup").any(|line| line.contains(word));
    if in_group("/docker/") || in_group("/docker-") {
        return Some("docker");
    }
    if in_group("/lxc/") || report.there("/proc/lxc") {
        return Some("lxc");
    }
    // OpenVZ shows its beans counters on the host and, without them, in its guests.
    (report.there("/proc/vz") && !report.there("/proc/bc")).then_some("openvz")
}

fn guest(report: &Report<'_>) -> Option<&'static str> {
    let told = |name: &str| report.word(&format!("/sys/class/dmi/id/{name}")).unwrap_or_default();
    let (product, vendor) = (told("product_name"), told("sys_vendor"));
    let (bios, family) = (told("bios_vendor"), told("product_family"));
    if report.word("/sys/hypervisor/type") == Some("xen") && !report.there("/proc/xen/capabilities")
    {
        return Some("xen");
    }
    match (product, vendor) {
        (p, _) if p.starts_with("VMware") => return Some("VMware"),
        ("VirtualBox", _) | (_, "innotek GmbH") => return Some("virtualbox"),
        ("OpenStack Compute" | "OpenStack Nova", _) => return Some("openstack"),
        ("RHEV Hypervisor", _) => return Some("RHEV"),
        ("Virtual Machine", "Microsoft Corporation") => return Some("VirtualPC"),
        (_, "Parallels Software International Inc.") => return Some("parallels"),
        ("KVM" | "KVM Server" | "Bochs" | "AHV" | "Google Compute Engine", _)
        | (
            _,
            "QEMU" | "Amazon EC2" | "DigitalOcean" | "Hetzner" | "Google" | "Scaleway" | "Linode"
            | "oVirt" | "Nutanix" | "Alibaba Cloud" | "KubeVirt" | "BHYVE",
        ) => return Some("kvm"),
        _ => {}
    }
    if bios == "Xen" || bios.contains("Amazon EC2") {
        return Some(if bios == "Xen" { "xen" } else { "kvm" });
    }
    if family.contains("Virtual Machine") || cpu(report).contains("QEMU Virtual CPU") {
        return Some("kvm");
    }
    // A hypervisor that hides behind no name: its processors still have the flag.
    let flags = report.part("cpus").lines().last().unwrap_or_default();
    flags.split_whitespace().any(|flag| flag == "hypervisor").then_some("kvm")
}

fn cpu<'s>(report: &Report<'s>) -> &'s str {
    let line = report.part("cpus").lines().find(|line| line.starts_with("model name"));
    line.unwrap_or_default()
}

fn host(report: &Report<'_>) -> Option<&'static str> {
    if report.there("/sys/module/kvm") {
        return Some("kvm");
    }
    report.there("/sys/module/vboxdrv").then_some("virtualbox")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Sections;

    fn kind_and_role(parts: &[(&str, &str)]) -> (String, String) {
        let sections: Sections = parts.iter().copied().collect();
        let mut facts = Fields::new();
        virtualization(&Report::new(&sections), &mut facts);
        let text = |name: &str| facts[name].as_str().unwrap().to_owned();
        (text("virtualization_type"), text("virtualization_role"))
    }

    #[test]
    fn each_kind_is_told_by_its_sign() {
        let cases: &[(&[(&str, &str)], (&str, &str))] = &[
            (&[("there", "/.dockerenv\n/sys/module/kvm\n")], ("docker", "guest")),
            (&[("there", "/run/.containerenv\n")], ("podman", "guest")),
            (&[("files", "/proc/1/cgroup:1:name=systemd:/lxc/web\n")], ("lxc", "guest")),
            (&[("files", "/sys/class/dmi/id/sys_vendor:QEMU\n")], ("kvm", "guest")),
            (&[("files", "/sys/class/dmi/id/product_name:VMware7,1\n")], ("VMware", "guest")),
            (&[("cpus", "processor : 0\nflags : fpu hypervisor\n")], ("kvm", "guest")),
            (&[("there", "/sys/module/kvm\n")], ("kvm", "host")),
            (&[], ("NA", "NA")),
        ];
        for (parts, (kind, role)) in cases {
            assert_eq!(kind_and_role(parts), ((*kind).to_owned(), (*role).to_owned()), "{parts:?}");
        }
    }
}
