//! What is returned of a project.

use std::collections::BTreeMap;

use serde_json::json;

use super::state::{ProjectState, label, name_of};
use super::steps::Step;
use crate::sdk::docker::compose::labels;
use crate::sdk::docker::{DockerReader, ImageName};
use crate::sdk::{Failure, Fields, Returned, Value};

/// The containers and images that are there.
pub(super) fn before(now: &ProjectState) -> Returned {
    shown(&now.containers, &now.used)
}

/// The same once all is done.
pub(super) async fn after(docker: &DockerReader, all: &[Value]) -> Result<Returned, Failure> {
    let mut used = BTreeMap::new();
    for container in all {
        let id = container["Image"].as_str().unwrap_or_default();
        if !used.contains_key(id)
            && let Some(image) = docker.get::<Value>(&["images", id, "json"]).await?
        {
            used.insert(id.to_owned(), image);
        }
    }
    Ok(shown(all, &used))
}

fn shown(all: &[Value], used: &BTreeMap<String, Value>) -> Returned {
    let containers: Vec<Value> = all.iter().map(container).collect();
    let images: Vec<Value> = all
        .iter()
        .map(|container| {
            let id = container["Image"].as_str().unwrap_or_default();
            let name = ImageName::parse(container["Config"]["Image"].as_str().unwrap_or_default());
            let size = used.get(id).map_or(&Value::Null, |image| &image["Size"]);
            json!({
                "ID": id, "ContainerName": name_of(container), "Repository": name.repository,
                "Tag": name.tag.as_deref().unwrap_or("latest"), "Size": size,
            })
        })
        .collect();
    Returned::new().with("containers", containers).with("images", images)
}

/// A container as `docker compose ps` shows it.
fn container(seen: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let state = &seen["State"];
    let words = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let networks = seen["NetworkSettings"]["Networks"].as_object();
    let mounts = seen["Mounts"].as_array();
    let mount_names = mounts.into_iter().flatten().map(|mount| match mount["Name"].as_str() {
        Some(name) => name.to_owned(),
        None => text(&mount["Source"]),
    });
    let volumes = mounts.into_iter().flatten().filter(|mount| mount["Type"] == "volume").count();
    let command = [words(&seen["Config"]["Entrypoint"]), words(&seen["Config"]["Cmd"])].concat();
    let publishers = publishers(seen);
    let ports: Vec<String> = publishers.iter().map(port).collect();
    let health = text(&state["Health"]["Status"]);
    let status = match state["Status"].as_str() {
        Some("exited") => format!("Exited ({})", state["ExitCode"]),
        Some("running") if health.is_empty() => "Up".to_owned(),
        Some("running") => format!("Up ({health})"),
        other => other.unwrap_or_default().to_owned(),
    };
    json!({
        "Command": command.join(" "),
        "CreatedAt": seen["Created"],
        "ExitCode": state["ExitCode"],
        "Health": health,
        "ID": seen["Id"],
        "Image": seen["Config"]["Image"],
        "Labels": seen["Config"]["Labels"],
        "LocalVolumes": volumes.to_string(),
        "Mounts": mount_names.collect::<Vec<_>>().join(","),
        "Name": name_of(seen),
        "Names": [name_of(seen)],
        "Networks": networks.into_iter().flat_map(|n| n.keys()).collect::<Vec<_>>(),
        "Ports": ports.join(", "),
        "Project": label(seen, labels::PROJECT),
        "Publishers": publishers,
        "RunningFor": "",
        "Service": label(seen, labels::SERVICE),
        "Size": "0B",
        "State": state["Status"],
        "Status": status,
    })
}

fn publishers(seen: &Value) -> Vec<Value> {
    let mut all = vec![];
    for (inside, bindings) in seen["NetworkSettings"]["Ports"].as_object().into_iter().flatten() {
        let (port, protocol) = inside.split_once('/').unwrap_or((inside, "tcp"));
        let target: u16 = port.parse().unwrap_or_default();
        let bindings = bindings.as_array().cloned().unwrap_or_default();
        if bindings.is_empty() {
            all.push(json!({
                "URL": "", "TargetPort": target, "PublishedPort": 0, "Protocol": protocol,
            }));
        }
        for binding in bindings {
            let published: u16 =
                binding["HostPort"].as_str().and_then(|port| port.parse().ok()).unwrap_or_default();
            all.push(json!({
                "URL": binding["HostIp"], "TargetPort": target, "PublishedPort": published,
                "Protocol": protocol,
            }));
        }
    }
    all
}

fn port(publisher: &Value) -> String {
    let text = |name: &str| publisher[name].as_str().unwrap_or_default().to_owned();
    let inside = format!("{}/{}", publisher["TargetPort"], text("Protocol"));
    if publisher["PublishedPort"] == 0 {
        return inside;
    }
    format!("{}:{}->{inside}", text("URL"), publisher["PublishedPort"])
}

/// What is done, or would be, as `docker compose` tells it.
pub(super) fn actions<'s>(steps: impl IntoIterator<Item = &'s Step>) -> Returned {
    let action = |what: &str, id: &str, status: &str| {
        Some(Fields::from_iter([
            ("what".to_owned(), json!(what)),
            ("id".to_owned(), json!(id)),
            ("status".to_owned(), json!(status)),
        ]))
    };
    let actions: Vec<Fields> = steps
        .into_iter()
        .filter_map(|step| match step {
            Step::Pull { image, .. } => action("image", image, "Pulling"),
            Step::Build { service, .. } => action("service", service, "Building"),
            Step::CreateNetwork { name, .. } => action("network", name, "Creating"),
            Step::CreateVolume { name, .. } => action("volume", name, "Creating"),
            Step::Stop { name, .. } => action("container", name, "Stopping"),
            Step::Remove { name, .. } => action("container", name, "Removing"),
            Step::Create(create) => {
                let status = if create.replaces.is_some() { "Recreating" } else { "Creating" };
                action("container", &create.name, status)
            }
            Step::ReplaceNetwork { name, .. } => action("network", name, "Recreating"),
            Step::Start { name, .. } => action("container", name, "Starting"),
            Step::Restart { name, .. } => action("container", name, "Restarting"),
            Step::Wait { .. } => None,
            Step::RemoveNetwork { name, .. } => action("network", name, "Removing"),
            Step::RemoveVolume { name, .. } => action("volume", name, "Removing"),
            Step::RemoveImage { name } => action("image", name, "Removing"),
        })
        .collect();
    Returned::new().with("actions", actions)
}
