//! What becomes of a container: what its health check says, and what it ended with.

use serde_json::json;

use crate::sdk::{Failure, Returned, Value};

/// Whether a container is well: its health check says so, or it has none.
pub(super) fn is_well(container: &Value) -> bool {
    let status = container["State"]["Health"]["Status"].as_str();
    !matches!(status, Some("starting" | "unhealthy"))
}

/// A container that was not well when the time was over.
pub(super) fn not_well(name: &str, seconds: f64, container: &Value) -> Failure {
    let health = &container["State"]["Health"];
    let message = if health["Status"] == "unhealthy" {
        let last = health["Log"].as_array().and_then(|log| log.last()?["Output"].as_str());
        match last.map(str::trim).filter(|last| !last.is_empty()) {
            Some(last) => format!("container {name} is unhealthy: {last}"),
            None => format!("container {name} is unhealthy"),
        }
    } else {
        format!(
            "Timeout of {seconds:?} seconds exceeded while waiting for container {name} to be healthy"
        )
    };
    Failure::new(message)
        .help("raise `healthy_wait_timeout`, or look at `docker inspect` and `docker logs`")
        .returning(Returned::new().with("container", container))
}

/// A container that ended with a failure, or well: what waiting for it returns.
/// `left_out` tells how many bytes of its output are missing.
pub(super) fn ended(
    mut container: Value,
    status: i64,
    output: &str,
    left_out: u64,
) -> Result<Returned, Failure> {
    container["Output"] = output.into();
    let mut returned = Returned::new().with("container", container).with("status", json!(status));
    if left_out > 0 {
        returned.set("output_left_out", left_out);
    }
    if status == 0 {
        return Ok(returned);
    }
    let said = output.trim();
    let message = if said.is_empty() {
        format!("the container ended with status {status}")
    } else {
        format!("the container ended with status {status}: {said}")
    };
    Err(Failure::new(message).returning(returned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unwell_container_says_why() {
        let log = json!([{"Output": "first"}, {"Output": "connection refused\n"}]);
        let container = json!({"State": {"Health": {"Status": "unhealthy", "Log": log}}});
        assert_eq!(
            not_well("web", 1.0, &container).to_string(),
            "container web is unhealthy: connection refused"
        );
        let container = json!({"State": {"Health": {"Status": "starting"}}});
        assert_eq!(
            not_well("web", 1.0, &container).to_string(),
            "Timeout of 1.0 seconds exceeded while waiting for container web to be healthy"
        );
    }

    #[test]
    fn a_container_that_nobody_checks_is_well() {
        let with = |status: &str| json!({"State": {"Health": {"Status": status}}});
        assert!(is_well(&json!({"State": {}})));
        assert!(is_well(&with("none")) && is_well(&with("healthy")));
        assert!(!is_well(&with("starting")) && !is_well(&with("unhealthy")));
    }

    #[test]
    fn a_failure_has_status_and_output() {
        let Err(Failure::Task { message, returned, .. }) = ended(json!({}), 3, "no disk\n", 0)
        else {
            panic!("a failure was expected");
        };
        assert_eq!(message, "the container ended with status 3: no disk");
        assert_eq!(returned.get("status"), Some(&json!(3)));
    }
}
