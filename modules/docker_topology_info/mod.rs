//! `docker_topology_info`: see [`Args`], which is also what `rplay doc docker_topology_info`
//! prints.

use serde_json::json;

use crate::sdk::docker::{DockerOptions, DockerReader};
use crate::sdk::{Arguments, Failure, Fields, Module, Observer, Operator, Plan, Returned, Value};

/// Tells how a host's Engine stands in its cluster: what `rplay topology` draws.
///
/// Only looks. Returns `topology`: `engine`, `swarm`, `networks` and `containers`; on a manager
/// of a swarm also its `nodes`, `services` and `tasks`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// Nothing is ever done.
#[derive(Debug, serde::Serialize)]
pub struct Never;

impl Module for Args {
    type State = Fields;
    type Change = Never;

    async fn observe(&self, host: &Observer<'_>) -> Result<Fields, Failure> {
        let docker = host.docker(&self.docker)?;
        let info: Value = docker.ask(&["info"], &[]).await?;
        let version = docker.version().await?;
        let mut told = Fields::new();
        told.insert("engine".to_owned(), engine(&info, &version.api.to_string()));
        told.insert("swarm".to_owned(), membership(&info));
        let networks: Vec<Value> = docker.list(&["networks"], &[]).await?;
        told.insert("networks".to_owned(), each(&networks, network));
        let containers: Vec<Value> = docker.list(&["containers", "json"], &[("all", "1")]).await?;
        told.insert("containers".to_owned(), each(&containers, container));
        if info["Swarm"]["ControlAvailable"] == true {
            look_at_swarm(&docker, &mut told).await?;
        }
        Ok(told)
    }

    fn plan(&self, now: &Fields) -> Result<Plan<Never>, Failure> {
        Ok(Plan::Keep(Returned::new().with("topology", now)))
    }

    async fn apply(_: Never, _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

/// What a manager knows of all; nothing where its swarm has no leader to tell it.
async fn look_at_swarm(docker: &DockerReader, told: &mut Fields) -> Result<(), Failure> {
    for (name, brief) in
        [("nodes", node as fn(&Value) -> Value), ("services", service), ("tasks", task)]
    {
        match docker.list::<Value>(&[name], &[]).await {
            Ok(list) => drop(told.insert(name.to_owned(), each(&list, brief))),
            Err(error) if error.status().is_some() => {
                told.insert("error".to_owned(), error.to_string().into());
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn each(list: &[Value], brief: impl Fn(&Value) -> Value) -> Value {
    list.iter().map(brief).collect()
}

fn engine(info: &Value, api: &str) -> Value {
    json!({
        "name": info["Name"],
        "version": info["ServerVersion"],
        "api": api,
        "os": info["OperatingSystem"],
        "arch": info["Architecture"],
        "cluster_store": info["ClusterStore"],
    })
}

fn membership(info: &Value) -> Value {
    let swarm = &info["Swarm"];
    json!({
        "state": swarm["LocalNodeState"],
        "node": swarm["NodeID"],
        "manager": swarm["ControlAvailable"],
        "id": swarm["Cluster"]["ID"],
        "error": swarm["Error"],
    })
}

fn network(network: &Value) -> Value {
    let ranges = network["IPAM"]["Config"].as_array().into_iter().flatten();
    let subnets: Vec<&Value> = ranges.map(|range| &range["Subnet"]).collect();
    json!({
        "name": network["Name"],
        "id": network["Id"],
        "driver": network["Driver"],
        "scope": network["Scope"],
        "subnets": subnets,
        "internal": network["Internal"],
        "attachable": network["Attachable"],
    })
}

fn container(container: &Value) -> Value {
    let name = container["Names"][0].as_str().unwrap_or_default().trim_start_matches('/');
    let networks = container["NetworkSettings"]["Networks"].as_object();
    let networks: Vec<&String> = networks.map(|all| all.keys().collect()).unwrap_or_default();
    json!({
        "name": name,
        "image": container["Image"],
        "state": container["State"],
        "status": container["Status"],
        "networks": networks,
        "ports": ports(&container["Ports"]),
        "service": container["Labels"]["com.docker.swarm.service.name"],
    })
}

/// Published ports as people write them; the same port on IPv4 and IPv6 is one.
fn ports(list: &Value) -> Vec<String> {
    let mut all: Vec<String> = vec![];
    for port in list.as_array().into_iter().flatten().filter(|port| port["PublicPort"].is_u64()) {
        let address = match port["IP"].as_str().unwrap_or_default() {
            "" | "0.0.0.0" | "::" => String::new(),
            address => format!("{address}:"),
        };
        let protocol = port["Type"].as_str().unwrap_or("tcp");
        let text = format!("{address}{}->{}/{protocol}", port["PublicPort"], port["PrivatePort"]);
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all.sort();
    all
}

fn node(node: &Value) -> Value {
    json!({
        "id": node["ID"],
        "name": node["Description"]["Hostname"],
        "role": node["Spec"]["Role"],
        "availability": node["Spec"]["Availability"],
        "state": node["Status"]["State"],
        "address": node["Status"]["Addr"],
        "leader": node["ManagerStatus"]["Leader"],
        "reachability": node["ManagerStatus"]["Reachability"],
    })
}

fn service(service: &Value) -> Value {
    let spec = &service["Spec"];
    let mode = spec["Mode"].as_object().and_then(|mode| mode.keys().next());
    let ports = service["Endpoint"]["Ports"].as_array().into_iter().flatten();
    let ports: Vec<String> = ports
        .filter(|port| port["PublishedPort"].is_u64())
        .map(|port| {
            let protocol = port["Protocol"].as_str().unwrap_or("tcp");
            let target = &port["TargetPort"];
            let host = if port["PublishMode"] == "host" { " (host)" } else { "" };
            format!("{}->{target}/{protocol}{host}", port["PublishedPort"])
        })
        .collect();
    json!({
        "id": service["ID"],
        "name": spec["Name"],
        "image": spec["TaskTemplate"]["ContainerSpec"]["Image"],
        "mode": mode.map(|mode| mode.to_lowercase()),
        "replicas": spec["Mode"]["Replicated"]["Replicas"],
        "ports": ports,
    })
}

fn task(task: &Value) -> Value {
    json!({
        "service": task["ServiceID"],
        "node": task["NodeID"],
        "slot": task["Slot"],
        "state": task["Status"]["State"],
        "wanted": task["DesiredState"],
        "error": task["Status"]["Err"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_told_once() {
        let list = json!([
            {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
            {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
            {"IP": "127.0.0.1", "PrivatePort": 53, "PublicPort": 53, "Type": "udp"},
            {"PrivatePort": 443, "Type": "tcp"},
        ]);
        assert_eq!(ports(&list), ["127.0.0.1:53->53/udp", "8080->80/tcp"]);
        assert!(ports(&Value::Null).is_empty());
    }
}
