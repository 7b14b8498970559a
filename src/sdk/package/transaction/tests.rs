use super::super::{Lists, Refresh};
use super::*;
use crate::sdk::Side;
use serde_json::json;

fn apt(verb: PackageVerb, names: &[&str]) -> PackageRequest {
    PackageRequest {
        manager: Some(PackageManager::Apt),
        verbs: vec![verb],
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..PackageRequest::default()
    }
}

fn seen(value: serde_json::Value) -> Packages {
    serde_json::from_value(value).unwrap()
}

fn change(plan: Plan<Transaction>) -> (Transaction, Vec<Diff>) {
    match plan {
        Plan::Change { change, diffs, .. } => (change, diffs),
        Plan::Keep(_) => panic!("nothing is planned"),
    }
}

#[test]
fn the_diff_holds_what_the_simulation_says() {
    let now = seen(json!({
        "installed": {"curl": "7.88"},
        "missing": ["jq"],
        "simulations": {"present": {"said": "Inst libjq1 (1.6 D [a])\nInst jq (1.6 D [a])\n"}},
    }));
    let plan = apt(PackageVerb::Present, &["curl", "jq"]).plan(&now).unwrap();
    let (change, diffs) = change(plan);
    assert_eq!(change.work, [(PackageVerb::Present, vec!["jq".to_owned()])]);
    assert_eq!(diffs[0].after, Side::Fields(json!({"libjq1": "1.6", "jq": "1.6"})));
}

#[test]
fn nothing_missing_is_nothing_to_do_however_old_the_lists() {
    let now = seen(json!({"installed": {"curl": "7.88"}, "lists": {"refreshed": 0, "now": 9}}));
    let mut request = apt(PackageVerb::Present, &["curl"]);
    request.refresh = Refresh::OlderThan(0);
    assert!(!request.plan(&now).unwrap().is_change());
}

#[test]
fn old_lists_are_refreshed_before_something_is_installed() {
    let now = seen(json!({
        "missing": ["docker.io"],
        "simulations": {
            "present": {"status": 100, "said": "E: Unable to locate package docker.io\n"},
        },
    }));
    let mut request = apt(PackageVerb::Present, &["docker.io"]);
    request.refresh = Refresh::OlderThan(3600);
    let (change, diffs) = change(request.plan(&now).unwrap());
    assert!(change.refresh && !change.uncertain);
    assert_eq!(diffs[0].subject, "package lists");
    assert_eq!(diffs[1].after, Side::Fields(json!({"docker.io": "newest"})));
}

#[test]
fn lists_for_their_own_sake() {
    let old = Packages { lists: Lists { refreshed: Some(0), now: 7200 }, ..Packages::default() };
    let mut request = apt(PackageVerb::Present, &[]);
    request.verbs.clear();
    request.refresh = Refresh::OlderThan(3600);
    let (change, diffs) = change(request.plan(&old).unwrap());
    assert!(change.refresh && change.work.is_empty());
    assert_eq!(diffs, [Diff::state("package lists", "2 h old", "refreshed")]);
    request.refresh = Refresh::OlderThan(86_400);
    assert!(!request.plan(&old).unwrap().is_change());
}

#[test]
fn an_upgrade_after_a_refresh_may_turn_out_to_be_none() {
    let now = seen(json!({"lists": {"refreshed": 0, "now": 100}}));
    let mut request = apt(PackageVerb::DistUpgrade, &[]);
    request.refresh = Refresh::OlderThan(0);
    assert!(change(request.plan(&now).unwrap()).0.uncertain);
    request.refresh = Refresh::Never;
    assert!(!request.plan(&now).unwrap().is_change());
}

#[test]
fn only_what_is_there_is_removed() {
    let now = seen(json!({
        "installed": {"curl": "7.88"}, "missing": ["nosuch"],
        "simulations": {"absent": {"said": "Remv curl [7.88]\n"}},
    }));
    let plan = apt(PackageVerb::Absent, &["curl", "nosuch"]).plan(&now).unwrap();
    let (change, diffs) = change(plan);
    assert_eq!(change.work[0].1, ["curl"]);
    assert_eq!(diffs[0].before, Side::Fields(json!({"curl": "7.88"})));
    assert_eq!(diffs[0].after, Side::Fields(json!({})));
}

#[test]
fn managers_without_a_simulation_tell_of_what_was_asked_for() {
    let now = seen(json!({
        "manager": "apk", "installed": {"curl": "8.5"}, "missing": ["jq"],
        "updates": [
            {"name": "curl", "before": "8.5", "after": "8.6"},
            {"name": "other", "before": "1", "after": "2"},
        ],
    }));
    let request = PackageRequest { manager: None, ..apt(PackageVerb::Latest, &["curl", "jq"]) };
    let (_, diffs) = change(request.plan(&now).unwrap());
    assert_eq!(diffs[0].after, Side::Fields(json!({"jq": "newest", "curl": "8.6"})));
    let request = PackageRequest { manager: None, ..apt(PackageVerb::Present, &["curl"]) };
    let all_there = seen(json!({"manager": "apk", "installed": {"curl": "8.5"}}));
    assert!(!request.plan(&all_there).unwrap().is_change());
}

fn refused(verb: PackageVerb, now: serde_json::Value) -> String {
    let failure = apt(verb, &["x"]).plan(&seen(now)).unwrap_err();
    let Failure::Task { message, help, .. } = failure else { panic!("{failure:?}") };
    format!("{message}\n{}", help.unwrap_or_default())
}

#[test]
fn what_cannot_be_had_is_said_in_a_sentence() {
    let said = |text: &str| {
        json!({
            "simulations": {"present": {"status": 100, "said": text}},
            "versions": ["bsdutils=2.38", "jq=1.6"],
            "lists": {"refreshed": 0, "now": 864_000},
        })
    };
    insta::assert_snapshot!(
        refused(PackageVerb::Present, said("E: Unable to locate package nosuch\n")),
        @r"
    no package `nosuch` is in the host's package lists
    the lists are 10 days old; `update_cache: true` refreshes them first
    "
    );
    insta::assert_snapshot!(
        refused(PackageVerb::Present, said("E: Version '1.0' for 'bsdutils' was not found\n")),
        @r"
    no version `1.0` of `bsdutils` is to be had
    known are bsdutils=2.38
    "
    );
    insta::assert_snapshot!(
        refused(PackageVerb::Present, said("x\nE: Unmet dependencies.\n")).trim_end(),
        @"apt cannot do this: Unmet dependencies."
    );
    let downgrade = "Recommended packages:\n  bsdextrautils\n\
                     The following packages will be DOWNGRADED:\n  bsdutils util-linux\n\
                     0 upgraded, 0 newly installed, 1 downgraded\n\
                     E: Packages were downgraded and -y was used without --allow-downgrades.\n";
    insta::assert_snapshot!(
        refused(PackageVerb::Present, said(downgrade)),
        @r"
    a package would be downgraded: bsdutils, util-linux
    `allow_downgrade: true` lets apt do this
    "
    );
}

#[test]
fn package_files() {
    let there = json!({"deb": {"fields": {
        "Package": "hello", "Version": "2.10-3", "Installed": "installed 2.10-3",
    }}});
    assert!(!apt(PackageVerb::Deb, &["/a.deb"]).plan(&seen(there)).unwrap().is_change());
    let older = json!({"deb": {"fields": {
        "Package": "hello", "Version": "2.10-3", "Installed": "installed 2.9",
    }}});
    let plan = apt(PackageVerb::Deb, &["https://x/a.deb"]).plan(&seen(older)).unwrap();
    let (_, diffs) = change(plan);
    assert_eq!(diffs[0].before, Side::Fields(json!({"hello": "2.9"})));
    assert_eq!(diffs[0].after, Side::Fields(json!({"hello": "2.10-3"})));
    insta::assert_snapshot!(
        refused(PackageVerb::Deb, json!({"deb": {"trouble": "fetcher missing"}})),
        @r"
    fetching x needs `curl` or `wget` on the host
    install one of them first, or copy the file to the host
    "
    );
}

#[test]
fn files_kept_by_apt_have_no_versions() {
    let now = seen(json!({
        "simulations": {"clean": {"said": "Del /var/cache/apt/archives/jq.deb\n"}},
    }));
    let (_, diffs) = change(apt(PackageVerb::Clean, &[]).plan(&now).unwrap());
    assert_eq!(diffs[0].before, Side::Fields(json!({"/var/cache/apt/archives/jq.deb": true})));
}

#[test]
fn a_host_without_a_manager() {
    let request = PackageRequest { manager: None, ..apt(PackageVerb::Present, &["x"]) };
    let failure = request.plan(&Packages::default()).unwrap_err();
    insta::assert_snapshot!(
        failure,
        @"the host has none of the package managers apt, dnf, yum, zypper, apk, pacman"
    );
}

#[test]
fn the_end_of_a_run_that_did_nothing() {
    let output = |text: &str| Output { stdout: text.into(), ..Output::default() };
    assert!(!changed_something(&output(
        "Reading…\n0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.\n"
    )));
    assert!(changed_something(&output(
        "Reading…\n10 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.\n"
    )));
}
