//! What there is to do, step by step, and how it will look.

use serde::Serialize;
use serde_json::json;

use super::Args;
use super::settings::Settings;
use crate::sdk::docker::swarm::NodeRole;
use crate::sdk::docker::{Differences, DockerOptions};
use crate::sdk::{Plan, Returned, Secret};

/// What there is to do.
#[derive(Debug, Serialize)]
pub struct Change {
    pub(super) steps: Vec<Step>,
    /// How many seconds there are for it to take effect.
    #[serde(skip)]
    pub(super) patience: u64,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// One thing to do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Gives a manager the key to its data.
    Unlock {
        key: Secret,
        /// Another manager that was locked, without which there may be no leader yet.
        #[serde(skip_serializing_if = "Option::is_none")]
        locked: Option<String>,
    },
    /// Leaves the swarm, or what is left of it.
    Leave { force: bool },
    /// Starts a swarm.
    Init(Box<Init>),
    /// Joins a swarm.
    Join(Box<Join>),
    /// Writes settings over those of the swarm, and renews tokens and the key.
    Update {
        settings: Box<Settings>,
        rotate_worker_token: bool,
        rotate_manager_token: bool,
        rotate_unlock_key: bool,
    },
    /// Makes a node a manager or a worker.
    SetRole {
        /// The manager that does it.
        through: String,
        node: String,
        role: NodeRole,
    },
    /// Takes a node out of the swarm's list.
    RemoveNode {
        /// The manager that does it.
        through: String,
        node: String,
        /// Whether it has to be made a worker first.
        demote: bool,
        force: bool,
    },
    /// Gives the user the tokens.
    TellTokens,
}

/// How a swarm is started.
#[derive(Debug, Serialize)]
pub(super) struct Init {
    pub(super) at: Addresses,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_path_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_addr_pool: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subnet_size: Option<u32>,
    /// Whether a swarm is made anew out of what the host has of its old one.
    pub(super) force_new_cluster: bool,
    #[serde(skip)]
    pub(super) settings: Settings,
}

/// Where a node listens, and where others find it.
#[derive(Debug, Serialize)]
pub(super) struct Addresses {
    #[serde(rename = "listen_addr")]
    pub(super) listen: String,
    #[serde(rename = "advertise_addr", skip_serializing_if = "Option::is_none")]
    pub(super) advertise: Option<String>,
    #[serde(rename = "data_path_addr", skip_serializing_if = "Option::is_none")]
    pub(super) data_path: Option<String>,
}

/// How a swarm is joined.
#[derive(Debug, Serialize)]
pub(super) struct Join {
    pub(super) at: Addresses,
    /// The managers' addresses; those that `through` knows where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remote_addrs: Option<Vec<String>>,
    #[serde(flatten)]
    pub(super) ticket: Ticket,
}

/// What lets a node into a swarm.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ticket {
    /// A token that the user has.
    Token(Secret),
    /// One that a manager gives when the time has come.
    Of {
        /// The manager's name in the inventory.
        manager: String,
        role: NodeRole,
    },
}

/// A plan in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) steps: Vec<Step>,
    shown: Differences,
    pub(super) returned: Returned,
    actions: Vec<&'static str>,
    warnings: Vec<String>,
}

impl Draft {
    /// Shows one difference; null is not shown.
    pub(super) fn show(&mut self, name: &str, before: impl Serialize, after: impl Serialize) {
        self.shown.show(name, before, after);
    }

    /// Shows settings that differ.
    pub(super) fn show_all(&mut self, differences: &Differences) {
        self.shown.show_all(differences);
    }

    /// Notes what is done, in the words that playbooks look for.
    pub(super) fn action(&mut self, words: &'static str) {
        self.actions.push(words);
    }

    /// Notes something the user should know.
    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// The plan.
    pub(super) fn plan(mut self, args: &Args) -> Plan<Change> {
        self.returned.set("actions", self.actions);
        if !self.warnings.is_empty() {
            self.returned.set("warnings", self.warnings);
        }
        if self.steps.is_empty() {
            return Plan::Keep(self.returned.same(json!({})));
        }
        let change =
            Change { steps: self.steps, patience: args.wait_timeout, docker: args.docker.clone() };
        let diff = self.shown.diff("swarm");
        Plan::change(change, diff).returning(self.returned)
    }
}

impl Args {
    /// Where the node listens, and where others find it unless it is told.
    pub(super) fn addresses(&self, otherwise: Option<&String>) -> Addresses {
        Addresses {
            listen: self.listen_addr.clone(),
            advertise: self.advertise_addr.clone().or_else(|| otherwise.cloned()),
            data_path: self.data_path_addr.clone(),
        }
    }

    /// Starting a swarm.
    pub(super) fn init(&self, interface: Option<&String>, force_new_cluster: bool) -> Step {
        Step::Init(Box::new(Init {
            at: self.addresses(interface),
            data_path_port: self.data_path_port,
            default_addr_pool: self.default_addr_pool.clone(),
            subnet_size: self.subnet_size,
            force_new_cluster,
            settings: self.settings.clone(),
        }))
    }

    /// Joining a swarm.
    pub(super) fn join(&self, ticket: Ticket) -> Step {
        let remote_addrs = self.remote_addrs.clone();
        Step::Join(Box::new(Join { at: self.addresses(None), remote_addrs, ticket }))
    }
}
