use super::*;
use crate::sdk::Side;

fn docker() -> ServiceRequest {
    ServiceRequest { name: "docker".to_owned(), ..ServiceRequest::default() }
}

fn stopped() -> ServiceStatus {
    ServiceStatus {
        manager: Some(ServiceManager::Sysvinit),
        exists: true,
        enabled: Some(false),
        ..ServiceStatus::default()
    }
}

fn running() -> ServiceStatus {
    ServiceStatus { running: true, enabled: Some(true), ..stopped() }
}

fn verbs(request: &ServiceRequest, now: &ServiceStatus) -> Vec<&'static str> {
    match request.plan(now).unwrap() {
        Plan::Change { change, .. } => change.verbs,
        Plan::Keep(_) => vec![],
    }
}

#[test]
fn each_state_from_stopped_and_from_running() {
    for (state, from_stopped, from_running) in [
        (ServiceState::Started, vec!["start"], vec![]),
        (ServiceState::Stopped, vec![], vec!["stop"]),
        (ServiceState::Restarted, vec!["start"], vec!["restart"]),
        (ServiceState::Reloaded, vec!["start"], vec!["reload"]),
    ] {
        let request = ServiceRequest { state: Some(state), ..docker() };
        assert_eq!(verbs(&request, &stopped()), from_stopped, "{state:?}");
        assert_eq!(verbs(&request, &running()), from_running, "{state:?}");
    }
}

#[test]
fn enabled_and_started_in_one_diff() {
    let request =
        ServiceRequest { state: Some(ServiceState::Started), enabled: Some(true), ..docker() };
    let Plan::Change { change, diffs, .. } = request.plan(&stopped()).unwrap() else {
        panic!("nothing is planned")
    };
    assert_eq!(change.verbs, ["enable", "start"]);
    assert_eq!(diffs[0].subject, "service docker");
    assert_eq!(diffs[0].before, Side::Fields(json!({"state": "stopped", "enabled": false})));
    assert_eq!(diffs[0].after, Side::Fields(json!({"state": "started", "enabled": true})));
    assert!(!request.plan(&running()).unwrap().is_change());
}

#[test]
fn what_cannot_be_enabled_is_left_alone() {
    let fixed = ServiceStatus { enabled: None, ..running() };
    for enabled in [true, false] {
        let request = ServiceRequest { enabled: Some(enabled), ..docker() };
        assert!(!request.plan(&fixed).unwrap().is_change());
    }
}

#[test]
fn units_are_read_again_only_where_they_changed() {
    let request = ServiceRequest { daemon_reload: true, ..ServiceRequest::default() };
    let systemd =
        ServiceStatus { manager: Some(ServiceManager::Systemd), ..ServiceStatus::default() };
    assert!(!request.plan(&systemd).unwrap().is_change());
    let stale = ServiceStatus { stale: true, ..systemd };
    assert_eq!(verbs(&request, &stale), ["daemon-reload"]);
}

#[test]
fn masks() {
    let mask = ServiceRequest { masked: Some(true), ..docker() };
    assert_eq!(verbs(&mask, &running()), ["mask"]);
    let masked = ServiceStatus { masked: true, ..stopped() };
    assert!(!mask.plan(&masked).unwrap().is_change());
    let enable = ServiceRequest { enabled: Some(true), ..docker() };
    insta::assert_snapshot!(
        enable.plan(&masked).unwrap_err(),
        @"`docker` is masked and cannot be enabled"
    );
    let both = ServiceRequest { masked: Some(false), ..enable };
    assert_eq!(verbs(&both, &masked), ["unmask", "enable"]);
}

#[test]
fn services_that_are_not_there() {
    let request = ServiceRequest { state: Some(ServiceState::Started), ..docker() };
    let nothing = ServiceStatus { exists: false, ..stopped() };
    insta::assert_snapshot!(
        request.plan(&nothing).unwrap_err(),
        @"Could not find the requested service docker: there is no /etc/init.d/docker"
    );
    insta::assert_snapshot!(
        request.plan(&ServiceStatus { first: "sleep".to_owned(), ..ServiceStatus::default() }).unwrap_err(),
        @"nothing on the host runs services: no systemd, OpenRC or init scripts"
    );
}

#[test]
fn a_mask_needs_no_unit() {
    let nothing = ServiceStatus { exists: false, ..stopped() };
    let mask = ServiceRequest { masked: Some(true), ..docker() };
    assert_eq!(verbs(&mask, &nothing), ["mask"]);
}

#[test]
fn names_that_are_none() {
    for name in ["-H", "a b", "../x"] {
        let request = ServiceRequest { name: name.to_owned(), ..ServiceRequest::default() };
        assert!(request.arguments().is_err(), "{name}");
    }
}
