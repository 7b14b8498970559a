//! How a service is run, as the Engine takes it.

use serde_json::json;

use super::desired::{IMAGE, PREDEFINED, namespaced};
use super::task::Task;
use crate::sdk::docker::compose::{
    Deploy, Publish, Resources, RestartPolicy, Service, Time, UpdatePolicy,
};
use crate::sdk::{Failure, Value};

/// The `Spec` of a service. Networks, secrets and configs are referred to by name.
pub(super) fn spec(task: &Task<'_>) -> Result<Value, Failure> {
    let service = task.service;
    let deploy = service.deploy.clone().unwrap_or_default();
    let project = task.project;
    let image = service.image.as_deref().ok_or_else(|| {
        Failure::new(format!("service `{}` has no `image`", task.name))
            .help("nodes pull the image from a registry: build and push it first, and name it here")
    })?;
    let mut labels = namespaced(project, deploy.labels.texts());
    labels.insert(IMAGE.to_owned(), image.to_owned());
    let placement = json!({
        "Constraints": deploy.placement.constraints.0,
        "Preferences": deploy.placement.preferences.iter()
            .map(|preference| json!({"Spread": {"SpreadDescriptor": preference.spread}}))
            .collect::<Vec<_>>(),
        "MaxReplicas": deploy.placement.max_replicas_per_node,
    });
    let logging = service.process.logging().map(
        |(driver, options)| json!({"Name": driver.unwrap_or("json-file"), "Options": options}),
    );
    Ok(json!({
        "Name": format!("{}_{}", project.name, task.name),
        "Labels": labels,
        "TaskTemplate": {
            "ContainerSpec": task.container()?,
            "Resources": {
                "Limits": limits(service, deploy.resources.limits.as_ref()),
                "Reservations": reservations(service, deploy.resources.reservations.as_ref()),
            },
            "RestartPolicy": restart(service, deploy.restart_policy.as_ref())?,
            "Placement": placement,
            "Networks": networks(task),
            "LogDriver": logging,
        },
        "Mode": mode(task, &deploy)?,
        "UpdateConfig": deploy.update_config.as_ref().map(update),
        "RollbackConfig": deploy.rollback_config.as_ref().map(update),
        "EndpointSpec": {
            "Mode": deploy.endpoint_mode,
            "Ports": service.networking.ports.0.iter().flat_map(ports).collect::<Vec<_>>(),
        },
    }))
}

fn mode(task: &Task<'_>, deploy: &Deploy) -> Result<Value, Failure> {
    let replicas = task.service.replicas();
    let has_replicas = task.service.scale.or(deploy.replicas).is_some();
    let word = deploy.mode.as_deref().unwrap_or("replicated");
    if has_replicas && word.starts_with("global") {
        return Err(Failure::new(format!(
            "service `{}` is {word}, and has `replicas` all the same",
            task.name
        ))
        .help("leave `replicas` out: a global service has one task on each node"));
    }
    Ok(match word {
        "replicated" => json!({"Replicated": {"Replicas": replicas}}),
        "global" => json!({"Global": {}}),
        "replicated-job" => {
            json!({"ReplicatedJob": {"MaxConcurrent": replicas, "TotalCompletions": replicas}})
        }
        "global-job" => json!({"GlobalJob": {}}),
        other => {
            return Err(Failure::new(format!(
                "service `{}`: unknown `deploy.mode`: `{other}`",
                task.name
            ))
            .help("write `replicated`, `global`, `replicated-job` or `global-job`"));
        }
    })
}

fn networks(task: &Task<'_>) -> Vec<Value> {
    let networks = task.service.networking.networks.iter().flat_map(|networks| &networks.0);
    networks
        .map(|(key, membership)| {
            let name = task.project.network_name(key);
            let mut network = json!({"Target": name});
            // Those that every host has know no names.
            if !PREDEFINED.contains(&name.as_str()) {
                let own = std::iter::once(task.name.to_owned());
                let aliases: Vec<String> = membership.aliases.iter().cloned().chain(own).collect();
                network["Aliases"] = json!(aliases);
            }
            if !membership.driver_opts.0.is_empty() {
                let options: std::collections::BTreeMap<_, _> =
                    membership.driver_opts.texts().collect();
                network["DriverOpts"] = json!(options);
            }
            network
        })
        .collect()
}

fn limits(service: &Service, given: Option<&Resources>) -> Value {
    let own = &service.limits;
    json!({
        "NanoCPUs": given.and_then(|given| given.cpus).or(own.cpus).map(nano),
        "MemoryBytes": given.and_then(|g| g.memory).or(own.mem_limit).map(|size| size.0),
        "Pids": given.and_then(|given| given.pids).or(own.pids_limit),
    })
}

fn reservations(service: &Service, given: Option<&Resources>) -> Value {
    let memory = given.and_then(|given| given.memory).or(service.limits.mem_reservation);
    let generic: Vec<Value> = given
        .into_iter()
        .flat_map(|given| &given.generic_resources)
        .filter_map(|resource| {
            let spec = resource.get("discrete_resource_spec")?;
            Some(json!({"DiscreteResourceSpec": {
                "Kind": spec["kind"],
                "Value": spec["value"].as_i64().or_else(|| spec["value"].as_str()?.parse().ok()),
            }}))
        })
        .collect();
    json!({
        "NanoCPUs": given.and_then(|given| given.cpus).map(nano),
        "MemoryBytes": memory.map(|size| size.0),
        "GenericResources": generic,
    })
}

/// Billionths of a processor.
#[expect(clippy::cast_possible_truncation, reason = "no machine has 2^33 processors")]
fn nano(cpus: f64) -> i64 {
    (cpus * 1e9).round() as i64
}

/// When tasks are started again; `restart` is the word of containers for it.
fn restart(service: &Service, given: Option<&RestartPolicy>) -> Result<Option<Value>, Failure> {
    let nanoseconds = |time: Option<Time>| time.map(|time| time.0);
    if let Some(given) = given {
        return Ok(Some(json!({
            "Condition": given.condition,
            "Delay": nanoseconds(given.delay),
            "MaxAttempts": given.max_attempts,
            "Window": nanoseconds(given.window),
        })));
    }
    let Some(word) = &service.restart else { return Ok(None) };
    let (word, attempts) = word.split_once(':').unwrap_or((word, ""));
    Ok(match word {
        "no" => Some(json!({"Condition": "none"})),
        "always" | "unless-stopped" => Some(json!({"Condition": "any"})),
        "on-failure" => {
            Some(json!({"Condition": "on-failure", "MaxAttempts": attempts.parse::<u64>().ok()}))
        }
        other => {
            return Err(Failure::new(format!("unknown `restart`: `{other}`"))
                .help("write `no`, `always`, `unless-stopped` or `on-failure[:TIMES]`"));
        }
    })
}

fn update(given: &UpdatePolicy) -> Value {
    json!({
        "Parallelism": given.parallelism.unwrap_or(1),
        "Delay": given.delay.map(|time| time.0),
        "FailureAction": given.failure_action,
        "Monitor": given.monitor.map(|time| time.0),
        "MaxFailureRatio": given.max_failure_ratio,
        "Order": given.order,
    })
}

/// A port, once for each that it is published as.
fn ports(publish: &Publish) -> Vec<Value> {
    let port = |published: Option<u16>| {
        json!({
            "Protocol": publish.protocol,
            "TargetPort": publish.target,
            "PublishedPort": published,
            "PublishMode": publish.mode.as_deref().unwrap_or("ingress"),
        })
    };
    match publish.published {
        Some((first, last)) => (first..=last).map(|published| port(Some(published))).collect(),
        None => vec![port(None)],
    }
}
