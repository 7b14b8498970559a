//! What a container printed, and what its health check says.

use serde_json::json;

use crate::sdk::{Failure, Returned, Value};

/// Takes the log of a container without a terminal apart: each piece has a head of eight bytes,
/// which stream it is and how long.
pub(super) fn unframe(mut log: &[u8]) -> String {
    let mut text = vec![];
    while let Some((head, rest)) = log.split_at_checked(8) {
        let length = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let (piece, rest) = rest.split_at(length.min(rest.len()));
        text.extend_from_slice(piece);
        log = rest;
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A container that its health check found unwell.
pub(super) fn unhealthy(name: &str, container: &Value) -> Failure {
    let log = container["State"]["Health"]["Log"].as_array();
    let last = log.and_then(|log| log.last()).and_then(|entry| entry["Output"].as_str());
    let message = match last.map(str::trim).filter(|last| !last.is_empty()) {
        Some(last) => format!("container {name} is unhealthy: {last}"),
        None => format!("container {name} is unhealthy"),
    };
    Failure::new(message).returning(Returned::new().with("container", container))
}

/// A container that did not become healthy in time.
pub(super) fn not_healthy_in_time(name: &str, seconds: f64, container: &Value) -> Failure {
    Failure::new(format!(
        "Timeout of {seconds:?} seconds exceeded while waiting for container {name} to be healthy"
    ))
    .help("raise `healthy_wait_timeout`, or look at `docker inspect` and `docker logs`")
    .returning(Returned::new().with("container", container))
}

/// A container without a health check.
pub(super) fn no_health_check(name: &str) -> Failure {
    Failure::new(format!("container {name} has no health check to wait for"))
        .help("give `healthcheck`, or wait for `state: started`")
}

/// A container that ended with a failure, or well: what waiting for it returns.
pub(super) fn ended(mut container: Value, status: i64, output: &str) -> Result<Returned, Failure> {
    container["Output"] = output.into();
    let returned = Returned::new().with("container", container).with("status", json!(status));
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
    fn logs_are_put_together_from_their_pieces() {
        let log = b"\x01\0\0\0\0\0\0\x03ab\n\x02\0\0\0\0\0\0\x02c\n\x01\0\0\0\0\0\0\x09cut";
        assert_eq!(unframe(log), "ab\nc\ncut");
        assert_eq!(unframe(b"\x01\0"), "");
    }

    #[test]
    fn an_unwell_container_says_why() {
        let log = json!([{"Output": "first"}, {"Output": "connection refused\n"}]);
        let container = json!({"State": {"Health": {"Log": log}}});
        assert_eq!(
            unhealthy("web", &container).to_string(),
            "container web is unhealthy: connection refused"
        );
    }

    #[test]
    fn a_failure_has_status_and_output() {
        let Err(Failure::Task { message, returned, .. }) = ended(json!({}), 3, "no disk\n") else {
            panic!("a failure was expected");
        };
        assert_eq!(message, "the container ended with status 3: no disk");
        assert_eq!(returned.get("status"), Some(&json!(3)));
    }
}
