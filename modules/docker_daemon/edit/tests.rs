use super::*;
use crate::sdk::service::{ServiceManager, ServiceStatus};
use serde_json::json;

fn fields(value: Value) -> Fields {
    value.as_object().cloned().unwrap()
}

fn sysvinit(file: Option<&str>, opts: Option<&str>) -> State {
    State {
        path: "/etc/docker/daemon.json".to_owned(),
        dockerd: "/usr/sbin/dockerd".to_owned(),
        file: file.map(str::to_owned),
        default_file: opts.map(str::to_owned),
        ..State::default()
    }
}

fn systemd(start: &str, file: Option<&str>) -> State {
    let start = format!("{{ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd {start} ; pid=1 }}");
    State {
        dockerd: "/usr/bin/dockerd".to_owned(),
        service: ServiceStatus {
            manager: Some(ServiceManager::Systemd),
            exists: true,
            properties: [("ExecStart".to_owned(), start)].into(),
            ..ServiceStatus::default()
        },
        ..sysvinit(file, None)
    }
}

#[test]
fn options_are_merged_into_the_file() {
    let now = sysvinit(Some("{\"mtu\": 1400, \"labels\": [\"a=b\"]}"), None);
    let wanted = fields(json!({"labels": ["c=d"], "debug": true}));
    let edits = daemon_json(&now, &wanted, false).unwrap();
    assert_eq!(edits.changed, ["labels", "debug"]);
    assert!(edits.reloads);
    insta::assert_snapshot!(edits.files[0].after.as_deref().unwrap(), @r#"
    {
      "mtu": 1400,
      "labels": [
        "c=d"
      ],
      "debug": true
    }
    "#);
    assert_eq!(edits.diffs[0].after, Side::Fields(json!({"labels": ["c=d"], "debug": true})));
}

#[test]
fn a_file_that_says_the_same_in_other_words_stays() {
    let now = sysvinit(Some("{\n\t\"debug\":true, \"mtu\": 1400}"), None);
    let edits = daemon_json(&now, &fields(json!({"mtu": 1400})), false).unwrap();
    assert!(edits.files.is_empty() && edits.diffs.is_empty());
}

#[test]
fn options_are_taken_out_by_name_or_all_that_are_not_named() {
    let now = sysvinit(Some("{\"mtu\": 1400, \"debug\": true}"), None);
    let gone = daemon_json(&now, &fields(json!({"debug": null})), false).unwrap();
    assert_eq!(gone.file, fields(json!({"mtu": 1400})));
    assert!(!gone.reloads, "a reload does not see what is gone");
    let purged = daemon_json(&now, &fields(json!({"debug": true})), true).unwrap();
    assert_eq!(purged.file, fields(json!({"debug": true})));
    assert_eq!(purged.changed, ["mtu"]);
}

#[test]
fn a_file_that_is_no_json() {
    let now = sysvinit(Some("{\"mtu\": 1400,}"), None);
    let wanted = fields(json!({"debug": true}));
    insta::assert_snapshot!(
        daemon_json(&now, &wanted, false).unwrap_err(),
        @"/etc/docker/daemon.json on the host is not what dockerd can read: trailing comma at line 1 column 14"
    );
    assert!(daemon_json(&now, &wanted, true).is_ok());
    assert!(daemon_json(&sysvinit(Some(" \n"), None), &wanted, false).is_ok());
}

#[test]
fn an_option_may_not_stand_in_the_file_and_on_the_command_line() {
    let now = sysvinit(None, Some("DOCKER_OPTS='--label=a=b'\n"));
    let wanted = fields(json!({"labels": ["c=d"]}));
    insta::assert_snapshot!(
        daemon_json(&now, &wanted, false).unwrap_err(),
        @"`labels` would stand both in /etc/docker/daemon.json and in DOCKER_OPTS in /etc/default/docker (`--label=a=b`); dockerd does not start so"
    );
    let now = sysvinit(Some("{\"labels\": [\"a=b\"]}"), None);
    insta::assert_snapshot!(
        default_file(&now, &wanted, false).unwrap_err(),
        @"`labels` would stand both on the command line and in /etc/docker/daemon.json; dockerd does not start so"
    );
}

#[test]
fn the_socket_of_the_unit_makes_way_for_hosts_in_the_file() {
    let now = systemd("-H fd:// --containerd=/run/containerd/containerd.sock", None);
    let wanted = fields(json!({"hosts": ["unix:///var/run/docker.sock"]}));
    let edits = daemon_json(&now, &wanted, false).unwrap();
    assert_eq!(edits.files[1].path, DROP_IN);
    insta::assert_snapshot!(edits.files[1].after.as_deref().unwrap(), @r"
    [Service]
    ExecStart=
    ExecStart=/usr/bin/dockerd --containerd=/run/containerd/containerd.sock
    ");
    assert!(!edits.reloads);
    let cleared =
        systemd("--containerd=/x", Some("{\"hosts\": [\"unix:///var/run/docker.sock\"]}"));
    assert!(daemon_json(&cleared, &wanted, false).unwrap().files.is_empty());
}

#[test]
fn options_in_the_unit() {
    let now = systemd("-H fd:// --label=a=b", None);
    let wanted = fields(json!({"labels": ["c=d"], "cluster-store": "etcd://h:2379"}));
    let edits = unit(&now, &wanted, false).unwrap();
    assert_eq!(edits.changed, ["labels", "cluster-store"]);
    insta::assert_snapshot!(edits.files[0].after.as_deref().unwrap(), @r"
    [Service]
    ExecStart=
    ExecStart=/usr/bin/dockerd -H fd:// --label=c=d --cluster-store=etcd://h:2379
    ");
    assert!(unit(&now, &fields(json!({"labels": ["a=b"]})), false).unwrap().files.is_empty());
    insta::assert_snapshot!(
        unit(&sysvinit(None, None), &wanted, false).unwrap_err(),
        @"`target: unit` needs systemd, which this host does not run"
    );
}

#[test]
fn options_in_the_default_file() {
    let now =
        sysvinit(None, Some("# for init\nDOCKER_OPTS=\"--dns 8.8.8.8 --label=a=b\"\n# end\n"));
    let edits = default_file(&now, &fields(json!({"labels": ["c=d"]})), false).unwrap();
    insta::assert_snapshot!(edits.files[0].after.as_deref().unwrap(), @r#"
    # for init
    DOCKER_OPTS="--dns 8.8.8.8 --label=c=d"
    # end
    "#);
    let none = default_file(&sysvinit(None, Some("# x\n")), &fields(json!({"mtu": 1400})), false);
    assert_eq!(none.unwrap().files[0].after.as_deref(), Some("# x\nDOCKER_OPTS=\"--mtu=1400\"\n"));
}

#[test]
fn nothing_of_a_value_is_read_by_a_shell() {
    let now = sysvinit(None, None);
    for value in ["a=$(reboot)", "a=`id`", "a=\"b", "a=b c", "a=b;c", "a=\nb"] {
        let wanted = fields(json!({"labels": [value]}));
        assert!(default_file(&now, &wanted, false).is_err(), "{value}");
    }
    let computed = sysvinit(None, Some("DOCKER_OPTS=\"$DOCKER_OPTS -D\"\n"));
    assert!(default_file(&computed, &fields(json!({"debug": true})), false).is_err());
}

#[test]
fn a_unit_that_does_not_read_the_default_file() {
    let now = systemd("-H fd://", None);
    insta::assert_snapshot!(
        default_file(&now, &fields(json!({"debug": true})), false).unwrap_err(),
        @"the unit of this host's engine does not read DOCKER_OPTS"
    );
    let debian = systemd("-H fd:// $DOCKER_OPTS", None);
    assert!(default_file(&debian, &fields(json!({"debug": true})), false).is_ok());
}
