//! `docker_stack_info`: see [`Args`], which is also what `rplay doc docker_stack_info` prints.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::docker::DockerOptions;
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Returned, Value};

/// The label of everything that belongs to a stack.
const NAMESPACE: &str = "com.docker.stack.namespace";

/// Returns the stacks of a swarm as `results`: each with `Name`, `Services` (how many, as text),
/// `Orchestrator` and `Namespace`.
///
/// Runs on a manager.
#[derive(Debug, Arguments)]
pub struct Args {
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

/// The services that belong to stacks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Vec<Value>);

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let docker = host.docker(&self.docker)?;
        docker.must_manage_stacks("docker_stack_info").await?;
        let filters = json!({"label": [NAMESPACE]}).to_string();
        Ok(State(docker.list(&["services"], &[("filters", &filters)]).await?))
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        let mut stacks = IndexMap::<&str, u64>::new();
        for service in &now.0 {
            if let Some(stack) = service["Spec"]["Labels"][NAMESPACE].as_str() {
                *stacks.entry(stack).or_default() += 1;
            }
        }
        stacks.sort_keys();
        let results: Vec<Value> = stacks
            .iter()
            .map(|(name, services)| {
                json!({
                    "Name": name, "Namespace": "", "Orchestrator": "Swarm",
                    "Services": services.to_string(),
                })
            })
            .collect();
        Ok(Plan::Keep(Returned::new().with("results", results)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
