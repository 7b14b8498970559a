//! `docker_stack_task_info`: see [`Args`], which is also what `rplay doc docker_stack_task_info`
//! prints.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::DockerOptions;
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// How many signs of an id are shown.
const SHORT: usize = 12;

/// Returns the tasks of a stack as `results`: each with `ID`, `Name`, `Image`, `Node`,
/// `DesiredState`, `CurrentState`, `Error` and `Ports`.
///
/// Runs on a manager. A stack that is not there is a failure.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the stack.
    name: String,
    /// Taken for compatibility: no Docker CLI is used.
    #[arg(name = "docker_cli")]
    _docker_cli: Option<String>,
    /// Taken for compatibility: no Docker CLI is used.
    #[arg(name = "cli_context")]
    _cli_context: Option<String>,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

/// The stack's tasks, with what their services and nodes are called.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    tasks: Vec<Value>,
    services: Vec<Value>,
    nodes: Vec<Value>,
}

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        docker.must_manage_stacks("docker_stack_task_info").await?;
        let label = format!("com.docker.stack.namespace={}", self.name);
        let filters = json!({"label": [label]}).to_string();
        let own = [("filters", filters.as_str())];
        Ok(State {
            tasks: docker.list(&["tasks"], &own).await?,
            services: docker.list(&["services"], &own).await?,
            nodes: docker.list(&["nodes"], &[]).await?,
        })
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        if now.tasks.is_empty() && now.services.is_empty() {
            return Err(Failure::new(format!("nothing found in stack: {}", self.name)));
        }
        let mut tasks: Vec<&Value> = now.tasks.iter().collect();
        tasks.sort_by_cached_key(|task| now.order(task));
        let results: Vec<Value> = tasks.into_iter().map(|task| now.shown(task)).collect();
        Ok(Plan::Keep(Returned::new().with("results", results)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}

impl State {
    /// By service and number; of tasks with the same number the newest first.
    fn order(&self, task: &Value) -> (String, Option<u64>, String, Reverse<String>) {
        let created = task["CreatedAt"].as_str().unwrap_or_default().to_owned();
        let (service, node) = (self.service_of(task), self.node_of(task));
        (service.to_owned(), task["Slot"].as_u64(), node.to_owned(), Reverse(created))
    }

    fn service_of<'s>(&'s self, task: &'s Value) -> &'s str {
        let is_it = |service: &&Value| service["ID"] == task["ServiceID"];
        let service = self.services.iter().find(is_it).map(|service| &service["Spec"]["Name"]);
        service.unwrap_or(&task["ServiceID"]).as_str().unwrap_or_default()
    }

    fn node_of<'s>(&'s self, task: &'s Value) -> &'s str {
        let is_it = |node: &&Value| node["ID"] == task["NodeID"];
        let node = self.nodes.iter().find(is_it).map(|node| &node["Description"]["Hostname"]);
        node.unwrap_or(&task["NodeID"]).as_str().unwrap_or_default()
    }

    fn shown(&self, task: &Value) -> Value {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let state = |value: &Value| {
            let word = text(value);
            let mut signs = word.chars();
            signs.next().map_or(String::new(), |first| {
                format!("{}{}", first.to_ascii_uppercase(), signs.as_str())
            })
        };
        let image = text(&task["Spec"]["ContainerSpec"]["Image"]);
        let id: String = text(&task["ID"]).chars().take(SHORT).collect();
        // A task of a global service has the node's id where others have a number.
        let part = task["Slot"].as_u64().filter(|slot| *slot > 0);
        let part = part.map_or_else(|| text(&task["NodeID"]), |slot| slot.to_string());
        let ports = task["Status"]["PortStatus"]["Ports"].as_array().into_iter().flatten();
        let ports: Vec<String> = ports
            .map(|port| {
                format!(
                    "*:{}->{}/{}",
                    port["PublishedPort"],
                    port["TargetPort"],
                    text(&port["Protocol"])
                )
            })
            .collect();
        json!({
            "ID": id,
            "Name": format!("{}.{part}", self.service_of(task)),
            "Image": image.split('@').next().unwrap_or(&image),
            "Node": self.node_of(task),
            "DesiredState": state(&task["DesiredState"]),
            "CurrentState": state(&task["Status"]["State"]),
            "Error": text(&task["Status"]["Err"]),
            "Ports": ports.join(","),
        })
    }
}
