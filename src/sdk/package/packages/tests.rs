use super::*;

fn read(parts: &[(&str, &str)]) -> Packages {
    Packages::read(&parts.iter().copied().collect()).unwrap()
}

#[test]
fn what_dpkg_and_apt_say() {
    let packages = read(&[
        ("manager", "apt"),
        ("lists", "100\n300\n"),
        ("now", "1000\n"),
        ("installed", "curl installed 7.88\ncurl:amd64 installed 7.88\nvim config-files 2.0\n"),
        (
            "plan:present",
            "Reading…\nInst libjq1 (1.6 Debian:12 [amd64])\nInst jq [1.5] (1.6 D [x])\nConf jq (1.6)\nRemv gojq [0.1]\n",
        ),
        ("status:present", "0"),
        ("missing", "jq\n"),
    ]);
    assert_eq!(packages.manager, Some(PackageManager::Apt));
    assert_eq!(packages.lists.age(), Some(700));
    assert_eq!(packages.installed.keys().collect::<Vec<_>>(), ["curl"]);
    assert_eq!(packages.missing, ["jq"]);
    let steps = packages.steps(PackageVerb::Present);
    let shown: Vec<_> =
        steps.iter().map(|s| (s.name.as_str(), s.before.as_deref(), s.after.as_deref())).collect();
    assert_eq!(
        shown,
        [
            ("libjq1", None, Some("1.6")),
            ("jq", Some("1.5"), Some("1.6")),
            ("gojq", Some("0.1"), None)
        ]
    );
}

#[test]
fn an_answer_without_an_end_is_none() {
    assert_eq!(Packages::read(&[("manager", "apt")].into_iter().collect()), None);
}

#[test]
fn hosts_without_a_known_manager_and_without_lists() {
    let packages = read(&[("manager", ""), ("missing", "")]);
    assert_eq!(packages.manager, None);
    assert_eq!(packages.lists.age(), None);
}

#[test]
fn newer_versions_as_each_manager_tells_them() {
    for (manager, line, before) in [
        ("dnf", "\ncurl.x86_64      8.6-1.el9      baseos\n", None),
        ("apk", "Installed:   Available:\ncurl-8.5.0-r0  < 8.6-1.el9\n", Some("8.5.0-r0")),
        ("pacman", "curl 8.5-1 -> 8.6-1.el9\n", Some("8.5-1")),
        (
            "zypper",
            "S | Repository | Name | Current | Available | Arch\nv | oss | curl | 8.0-1 | 8.6-1.el9 | x86_64\n",
            Some("8.0-1"),
        ),
    ] {
        let packages = read(&[("manager", manager), ("updates", line), ("missing", "")]);
        let [update] = &packages.updates[..] else { panic!("{manager}: {:?}", packages.updates) };
        assert_eq!(update.name, "curl", "{manager}");
        assert_eq!(update.before.as_deref(), before, "{manager}");
        assert_eq!(update.after.as_deref(), Some("8.6-1.el9"), "{manager}");
    }
}

#[test]
fn names_of_apk_may_hold_hyphens() {
    assert_eq!(split_apk("docker-cli-compose-2.2.3-r0"), Some(("docker-cli-compose", "2.2.3-r0")));
}

#[test]
fn a_file_that_is_no_package_says_so() {
    let deb = Deb::read("dpkg-deb: error: failed to read archive\n");
    assert!(deb.fields.is_empty());
    assert!(deb.trouble.contains("failed to read"));
    let deb = Deb::read("Package: hello\nVersion: 2.10-3\nInstalled: installed 2.10-3\n");
    assert_eq!(deb.fields["Installed"], "installed 2.10-3");
}
