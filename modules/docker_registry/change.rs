//! What was decided for a host.

use serde::Serialize;

use super::Args;
use super::server::Server;
use super::users::User;
use crate::sdk::docker::{Differences, DockerOptions, Pull};
use crate::sdk::{Plan, Returned, Secret};

/// What was decided for a host.
#[derive(Debug, Serialize)]
pub struct Change {
    pub(super) steps: Vec<Step>,
    #[serde(skip)]
    pub(super) name: String,
    #[serde(skip)]
    pub(super) folder: String,
    #[serde(skip)]
    pub(super) patience: u64,
    #[serde(skip)]
    pub(super) docker: DockerOptions,
}

/// One thing to do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The image is pulled.
    Pull(Pull),
    /// An authority is made.
    MakeAuthority {
        /// What it is called.
        name: String,
    },
    /// The authority signs a certificate.
    Issue {
        /// For these names.
        names: Vec<String>,
        /// For so many days.
        days: u64,
    },
    /// The certificate that is given is written.
    Put {
        /// The certificate.
        #[serde(skip)]
        certificate: String,
        /// Its key.
        #[serde(skip)]
        key: Secret,
    },
    /// The users are written.
    Users(Vec<Entry>),
    /// The container is made, in the place of another one where there is one.
    Run {
        /// What it is made of.
        server: Box<Server>,
        /// The id of the one that goes.
        replaces: Option<String>,
    },
    /// The container is started anew, so that it reads its certificate.
    Restart,
    /// The container is started.
    Start,
    /// The host trusts the registry.
    Trust {
        /// By these files.
        paths: Vec<String>,
        /// For what they must hold.
        authority: Source,
    },
    /// The host trusts the registry no more: these files are removed.
    Distrust(Vec<String>),
    /// The container is removed.
    Remove,
    /// The volume with the images is removed.
    RemoveVolume(String),
    /// The images are removed from a folder.
    RemoveImages(String),
    /// The folder with certificates and users is removed.
    RemoveFolder,
    /// The registry answers at this address.
    Wait(String),
}

/// A line of the users' file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    /// One that stays as it is.
    Keep(#[serde(skip)] String),
    /// One that is made.
    Make(#[serde(serialize_with = "only_name")] User),
}

fn only_name<S: serde::Serializer>(user: &User, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&user.name)
}

/// Where an authority's certificate is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    /// Here.
    Given(String),
    /// On the host that serves.
    Server {
        /// Its name in the inventory.
        host: String,
        /// What it is not: the one that is about to be replaced.
        #[serde(skip)]
        other_than: Option<String>,
    },
}

/// A change in the making: what is done, what it looks like, what the task returns.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) steps: Vec<Step>,
    shown: Differences,
}

impl Draft {
    /// Shows one difference; null is not shown.
    pub(super) fn show(&mut self, name: &str, before: impl Serialize, after: impl Serialize) {
        self.shown.show(name, before, after);
    }

    /// The plan.
    pub(super) fn plan(self, args: &Args, returned: Returned) -> Plan<Change> {
        if self.steps.is_empty() {
            return Plan::Keep(returned);
        }
        let change = Change {
            steps: self.steps,
            name: args.name.clone(),
            folder: args.folder(),
            patience: args.wait_timeout,
            docker: args.docker.clone(),
        };
        let subject = format!("registry {}", args.name);
        Plan::change(change, self.shown.diff(subject)).returning(returned)
    }
}
