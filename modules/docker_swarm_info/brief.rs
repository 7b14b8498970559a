//! The objects of a swarm in brief, as `docker node ls` and its like show them.

use serde_json::json;

use crate::sdk::Value;

/// A node.
pub(super) fn node(node: &Value) -> Value {
    let status = &node["ManagerStatus"];
    let manager =
        if status["Leader"] == true { json!("Leader") } else { status["Reachability"].clone() };
    json!({
        "ID": node["ID"],
        "Hostname": node["Description"]["Hostname"],
        "Status": node["Status"]["State"],
        "Availability": node["Spec"]["Availability"],
        "ManagerStatus": manager,
        "EngineVersion": node["Description"]["Engine"]["EngineVersion"],
    })
}

/// A service.
pub(super) fn service(service: &Value) -> Value {
    let spec = &service["Spec"];
    let mode = spec["Mode"].as_object().and_then(|mode| mode.keys().next()).cloned();
    let ports = &spec["EndpointSpec"]["Ports"];
    json!({
        "ID": service["ID"],
        "Name": spec["Name"],
        "Mode": mode,
        "Replicas": spec["Mode"]["Replicated"]["Replicas"],
        "Image": spec["TaskTemplate"]["ContainerSpec"]["Image"],
        "Ports": if ports.is_null() { json!([]) } else { ports.clone() },
    })
}

/// A task; its node is named where it is among `nodes`.
pub(super) fn task(task: &Value, nodes: &[Value]) -> Value {
    let node = nodes.iter().find(|node| node["ID"] == task["NodeID"]);
    json!({
        "ID": task["ID"],
        "ContainerID": task["Status"]["ContainerStatus"]["ContainerID"],
        "Image": task["Spec"]["ContainerSpec"]["Image"],
        "Node": node.map(|node| &node["Description"]["Hostname"]),
        "DesiredState": task["DesiredState"],
        "CurrentState": task["Status"]["State"],
        "Error": task["Status"]["Err"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leader_is_named_as_such() {
        let status =
            |status: Value| node(&json!({"ManagerStatus": status}))["ManagerStatus"].clone();
        assert_eq!(status(json!({"Leader": true, "Reachability": "reachable"})), "Leader");
        assert_eq!(status(json!({"Reachability": "unreachable"})), "unreachable");
        assert_eq!(status(Value::Null), Value::Null);
    }

    #[test]
    fn a_service_is_named_with_its_mode() {
        let brief = service(&json!({
            "ID": "s", "Spec": {"Name": "web", "Mode": {"Replicated": {"Replicas": 3}}},
        }));
        assert_eq!((&brief["Mode"], &brief["Replicas"]), (&json!("Replicated"), &json!(3)));
        assert_eq!(brief["Ports"], json!([]));
        assert_eq!(service(&json!({"Spec": {"Mode": {"Global": {}}}}))["Mode"], "Global");
    }

    #[test]
    fn a_task_is_named_with_its_node() {
        let nodes = [json!({"ID": "n1", "Description": {"Hostname": "a"}})];
        assert_eq!(task(&json!({"NodeID": "n1"}), &nodes)["Node"], "a");
        assert_eq!(task(&json!({"NodeID": "n2"}), &nodes)["Node"], Value::Null);
    }
}
