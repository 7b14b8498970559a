//! Which distribution a host runs, in Ansible's names.

use super::report::{Report, set};
use crate::sdk::{Fields, Value};

/// The names playbooks ask for, by os-release's `ID`, and the family.
const NAMES: &[(&str, &str, &str)] = &[
    ("debian", "Debian", "Debian"),
    ("raspbian", "Debian", "Debian"),
    ("ubuntu", "Ubuntu", "Debian"),
    ("devuan", "Devuan", "Debian"),
    ("kali", "Kali", "Debian"),
    ("linuxmint", "Linux Mint", "Debian"),
    ("pop", "Pop!_OS", "Debian"),
    ("neon", "KDE neon", "Debian"),
    ("deepin", "Deepin", "Debian"),
    ("uos", "Uos", "Debian"),
    ("rhel", "RedHat", "RedHat"),
    ("centos", "CentOS", "RedHat"),
    ("rocky", "Rocky", "RedHat"),
    ("almalinux", "AlmaLinux", "RedHat"),
    ("fedora", "Fedora", "RedHat"),
    ("ol", "OracleLinux", "RedHat"),
    ("amzn", "Amazon", "RedHat"),
    ("scientific", "Scientific", "RedHat"),
    ("cloudlinux", "CloudLinux", "RedHat"),
    ("virtuozzo", "Virtuozzo", "RedHat"),
    ("openEuler", "openEuler", "RedHat"),
    ("anolis", "Anolis", "RedHat"),
    ("alpine", "Alpine", "Alpine"),
    ("opensuse-leap", "openSUSE Leap", "Suse"),
    ("opensuse-tumbleweed", "openSUSE Tumbleweed", "Suse"),
    ("opensuse-microos", "openSUSE MicroOS", "Suse"),
    ("sles", "SLES", "Suse"),
    ("sle_hpc", "SLES", "Suse"),
    ("sles_sap", "SLES_SAP", "Suse"),
    ("sled", "SLED", "Suse"),
    ("arch", "Archlinux", "Archlinux"),
    ("archarm", "Archlinux", "Archlinux"),
    ("manjaro", "Manjaro", "Archlinux"),
    ("gentoo", "Gentoo", "Gentoo"),
    ("flatcar", "Flatcar", "Flatcar"),
    ("void", "Void", "Void"),
    ("nixos", "NixOS", "NixOS"),
];

/// Families by os-release's `ID_LIKE`, for distributions that are not in the table.
const LIKE: &[(&str, &str)] = &[
    ("debian", "Debian"),
    ("ubuntu", "Debian"),
    ("rhel", "RedHat"),
    ("fedora", "RedHat"),
    ("centos", "RedHat"),
    ("suse", "Suse"),
    ("arch", "Archlinux"),
    ("alpine", "Alpine"),
    ("gentoo", "Gentoo"),
];

/// `distribution*` and `os_family`.
pub(super) fn distribution(report: &Report<'_>, facts: &mut Fields) {
    let path = ["/etc/os-release", "/usr/lib/os-release"]
        .into_iter()
        .find(|path| report.word(path).is_some())
        .unwrap_or("/etc/os-release");
    let release = report.assignments(path);
    let get =
        |key: &str| release.iter().find(|(k, _)| *k == key).map_or("", |(_, value)| value.as_str());
    let known = NAMES.iter().find(|(id, ..)| *id == get("ID"));
    let family = known.map(|(.., family)| *family).or_else(|| {
        get("ID_LIKE")
            .split_whitespace()
            .find_map(|word| LIKE.iter().find(|(id, _)| *id == word).map(|(_, family)| *family))
    });
    let name = known.map_or_else(|| plain_name(get("NAME")), |(_, name, _)| (*name).to_owned());
    let version = match get("ID") {
        // The files of these two say more than os-release, which has the major version only.
        "debian" | "raspbian" => numbered(report.word("/etc/debian_version"), get("VERSION_ID")),
        "centos" => numbered(redhat_version(report), get("VERSION_ID")),
        _ => get("VERSION_ID").to_owned(),
    };
    let version =
        if version.is_empty() && get("ID") == "arch" { "rolling".into() } else { version };
    let mut numbers = version.split('.');
    let major = numbers.next().unwrap_or_default();
    let codename = match get("VERSION_CODENAME") {
        "" => in_parentheses(get("VERSION")).or_else(|| in_parentheses(get("PRETTY_NAME"))),
        codename => Some(codename),
    };
    set(facts, "distribution", name);
    set(facts, "distribution_release", codename.unwrap_or("NA"));
    set(facts, "distribution_version", version.as_str());
    set(facts, "distribution_major_version", major);
    if let Some(minor) = numbers.next() {
        set(facts, "distribution_minor_version", minor);
    }
    set(facts, "distribution_file_parsed", !release.is_empty());
    set(facts, "distribution_file_path", path);
    set(facts, "distribution_file_variety", family.unwrap_or("NA"));
    set(facts, "os_family", family.map_or_else(|| facts["distribution"].clone(), Value::from));
}

/// `lsb`: from `/etc/lsb-release` where there is one, else from os-release.
pub(super) fn lsb(report: &Report<'_>, facts: &mut Fields) {
    let lsb = report.assignments("/etc/lsb-release");
    let of = |key: &str| lsb.iter().find(|(k, _)| *k == key).map(|(_, value)| value.clone());
    let release = report.assignments("/etc/os-release");
    let os = |key: &str| release.iter().find(|(k, _)| *k == key).map(|(_, value)| value.clone());
    let mut all = Fields::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|text| !text.is_empty()) {
            all.insert(name.to_owned(), value.into());
        }
    };
    let version = of("DISTRIB_RELEASE").or_else(|| os("VERSION_ID"));
    let name = os("ID").map(|id| {
        NAMES.iter().find(|(known, ..)| *known == id).map_or(id, |(_, name, _)| (*name).to_owned())
    });
    add("id", of("DISTRIB_ID").or(name));
    add("codename", of("DISTRIB_CODENAME").or_else(|| os("VERSION_CODENAME")));
    add("description", of("DISTRIB_DESCRIPTION").or_else(|| os("PRETTY_NAME")));
    add("major_release", version.as_ref().and_then(|v| v.split('.').next()).map(str::to_owned));
    add("release", version);
    set(facts, "lsb", all);
}

/// The first of two versions that is a number; else the other.
fn numbered(first: Option<&str>, other: &str) -> String {
    first
        .filter(|text| text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains('/'))
        .unwrap_or(other)
        .to_owned()
}

/// `8.4` of `CentOS Linux release 8.4.2105`.
fn redhat_version<'s>(report: &Report<'s>) -> Option<&'s str> {
    let line = report.word("/etc/redhat-release")?;
    let version = line.split_whitespace().find(|w| w.starts_with(|c: char| c.is_ascii_digit()))?;
    let end = version.match_indices('.').nth(1).map_or(version.len(), |(at, _)| at);
    Some(&version[..end])
}

fn in_parentheses(text: &str) -> Option<&str> {
    let inner = text.split_once('(')?.1.split_once(')')?.0.trim();
    (!inner.is_empty()).then_some(inner)
}

/// A name without the words that say only that it is a Linux.
fn plain_name(name: &str) -> String {
    let short = name.trim_end_matches("GNU/Linux").trim_end_matches("Linux").trim();
    if short.is_empty() { "Linux".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::Sections;

    fn facts_of(files: &str) -> Fields {
        let sections: Sections = [("files", files)].into_iter().collect();
        let mut facts = Fields::new();
        distribution(&Report::new(&sections), &mut facts);
        lsb(&Report::new(&sections), &mut facts);
        facts
    }

    fn release(lines: &[&str]) -> String {
        lines.iter().map(|line| format!("/etc/os-release:{line}\n")).collect()
    }

    #[test]
    fn debian_has_its_point_release_from_its_own_file() {
        let files = release(&[
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"",
            "VERSION_ID=\"12\"",
            "VERSION_CODENAME=bookworm",
            "ID=debian",
        ]) + "/etc/debian_version:12.11\n";
        let facts = facts_of(&files);
        assert_eq!(facts["distribution"], "Debian");
        assert_eq!(facts["distribution_version"], "12.11");
        assert_eq!(facts["distribution_major_version"], "12");
        assert_eq!(facts["distribution_minor_version"], "11");
        assert_eq!(facts["distribution_release"], "bookworm");
        assert_eq!(facts["os_family"], "Debian");
        assert_eq!(facts["lsb"]["major_release"], "12");
    }

    #[test]
    fn debian_testing_has_no_number_in_its_file() {
        let files = release(&["ID=debian", "PRETTY_NAME=\"Debian GNU/Linux trixie/sid\""])
            + "/etc/debian_version:trixie/sid\n";
        assert_eq!(facts_of(&files)["distribution_version"], "");
    }

    #[test]
    fn the_red_hat_family() {
        let rocky = facts_of(&release(&[
            "NAME=\"Rocky Linux\"",
            "VERSION=\"9.3 (Blue Onyx)\"",
            "ID=\"rocky\"",
            "ID_LIKE=\"rhel centos fedora\"",
            "VERSION_ID=\"9.3\"",
        ]));
        assert_eq!(rocky["distribution"], "Rocky");
        assert_eq!(rocky["os_family"], "RedHat");
        assert_eq!(rocky["distribution_release"], "Blue Onyx");
        assert_eq!(rocky["distribution_major_version"], "9");
        let centos = release(&["ID=\"centos\"", "VERSION_ID=\"7\""])
            + "/etc/redhat-release:CentOS Linux release 7.9.2009 (Core)\n";
        assert_eq!(facts_of(&centos)["distribution_version"], "7.9");
    }

    #[test]
    fn a_stranger_keeps_its_name_and_finds_its_family() {
        let facts = facts_of(&release(&["NAME=\"Foo Linux\"", "ID=foo", "ID_LIKE=\"x debian\""]));
        assert_eq!(facts["distribution"], "Foo");
        assert_eq!(facts["os_family"], "Debian");
        let nothing = facts_of("");
        assert_eq!(nothing["distribution"], "Linux");
        assert_eq!(nothing["os_family"], "Linux");
    }

    #[test]
    fn ubuntu_has_lsb_in_a_file() {
        let files = release(&[
            "ID=ubuntu",
            "VERSION_ID=\"22.04\"",
            "VERSION=\"22.04.4 LTS (Jammy Jellyfish)\"",
            "VERSION_CODENAME=jammy",
        ]) + "/etc/lsb-release:DISTRIB_ID=Ubuntu\n/etc/lsb-release:DISTRIB_RELEASE=22.04\n\
               /etc/lsb-release:DISTRIB_CODENAME=jammy\n\
               /etc/lsb-release:DISTRIB_DESCRIPTION=\"Ubuntu 22.04.4 LTS\"\n";
        let facts = facts_of(&files);
        assert_eq!(facts["distribution_version"], "22.04");
        assert_eq!(facts["lsb"]["description"], "Ubuntu 22.04.4 LTS");
        assert_eq!(facts["lsb"]["codename"], "jammy");
    }
}
