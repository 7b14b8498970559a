//! The steps that lead to the container as it must be.

use serde::Serialize;
use serde_json::json;

use crate::sdk::Value;
use crate::sdk::docker::{DockerOptions, Pull};

/// What is done, in this order.
#[derive(Debug, Serialize)]
pub struct Change {
    pub(super) name: String,
    /// The container as it is, where there is one.
    pub(super) id: Option<String>,
    pub(super) steps: Vec<Step>,
    /// The image of the container, where that being an old one is the only reason to replace it.
    #[serde(skip)]
    pub(super) only_for_image: Option<String>,
    /// How many seconds the Engine has for a removal.
    #[serde(skip)]
    pub(super) removal: f64,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// One step.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Pulls the image.
    Pull(Pull),
    /// Makes a container, under another name for the time being where it `replaces` one.
    Create {
        body: Value,
        /// The networks and its ends of the connections.
        endpoints: Vec<(String, Value)>,
        #[serde(skip_serializing_if = "Option::is_none")]
        platform: Option<String>,
        replaces: bool,
    },
    /// Asks the old container to stop; seconds until it is killed, and how long that may take.
    Stop {
        timeout: Option<i64>,
        #[serde(skip)]
        grace: u64,
    },
    /// Kills the old container.
    Kill { signal: Option<String> },
    /// Removes the old container.
    Remove { volumes: bool },
    /// Gives the new container the name of the old one, which gets another.
    Rename,
    /// Changes limits.
    Update { body: Value },
    /// Connects it to a network.
    Connect { network: String, endpoint: Value },
    /// Disconnects it from a network.
    Disconnect { network: String },
    /// Starts it.
    Start,
    /// Stops and starts it, likewise.
    Restart {
        timeout: Option<i64>,
        #[serde(skip)]
        grace: u64,
    },
    /// Pauses its processes.
    Pause,
    /// Lets its processes go on.
    Unpause,
    /// Waits until its health check says that it is well; seconds.
    WaitHealthy { timeout: f64 },
    /// Waits until it ends; `cleanup` removes it then, with its `volumes` or without.
    WaitEnd { cleanup: bool, volumes: bool, auto_remove: bool },
}

impl Step {
    /// What `actions` tells of it; `id` is the container's, or its name before it has one.
    fn told(&self, id: &str) -> Option<Value> {
        Some(match self {
            Self::Pull(pull) => json!({"pulled_image": pull.image(), "changed": true}),
            Self::Create { .. } => json!({"created": "Created container"}),
            Self::Stop { timeout, .. } => json!({"stopped": id, "timeout": timeout}),
            Self::Kill { signal } => json!({"killed": id, "signal": signal}),
            Self::Remove { volumes } => json!({"removed": id, "volume_state": volumes}),
            Self::Update { body } => json!({"updated": id, "update_parameters": body}),
            Self::Connect { network, .. } => json!({"added_to_network": network}),
            Self::Disconnect { network } => json!({"removed_from_network": network}),
            Self::Start => json!({"started": id}),
            Self::Restart { timeout, .. } => json!({"restarted": id, "timeout": timeout}),
            Self::Pause => json!({"set_paused": true}),
            Self::Unpause => json!({"set_paused": false}),
            Self::Rename | Self::WaitHealthy { .. } | Self::WaitEnd { .. } => return None,
        })
    }
}

impl Change {
    /// The steps as `actions` tells them.
    pub(super) fn actions(&self) -> Vec<Value> {
        let mut id = self.id.as_deref().unwrap_or(&self.name);
        let mut told = vec![];
        for step in &self.steps {
            if matches!(step, Step::Rename) {
                id = &self.name;
            }
            let old = self.id.as_deref().filter(|_| matches!(step, Step::Remove { .. }));
            told.extend(step.told(old.unwrap_or(id)));
        }
        told
    }

    /// Nothing yet.
    pub(super) fn new(
        name: &str,
        id: Option<String>,
        removal: f64,
        docker: &DockerOptions,
    ) -> Self {
        Self {
            name: name.to_owned(),
            id,
            steps: vec![],
            only_for_image: None,
            removal,
            docker: docker.clone(),
        }
    }
}
