//! `docker_stack`: see [`Args`], which is also what `rplay doc docker_stack` prints.

mod apply;
mod canonical;
mod deploy;
mod desired;
mod objects;
mod plan;
mod state;
mod task;

use self::apply::Change;
use self::state::State;
use crate::sdk::docker::DockerOptions;
use crate::sdk::docker::compose::Definition;
use crate::sdk::{
    Argument, Arguments, Choice, Failure, Kind, Module, Node, Observer, Operator, Plan, Presence,
    Reader, Returned,
};

/// Ensures that a stack runs in a swarm as its compose files say, or that nothing of it is left.
///
/// The files are read by rplay and held against the swarm through the Engine's API: no Docker CLI
/// is needed on the host, `docker stack ls` and `docker stack services` show the stack as their
/// own. Check mode tells what would change, service by service.
///
/// Services are changed together and waited for, unless `detach: true`: a service whose tasks do
/// not come to run, or whose update was taken back, is a failure that says what its tasks say.
///
/// A secret or config whose content has changed gets a new object beside the old one; the services
/// that use it are updated, and what no service uses any more is removed. Networks are made and
/// not altered: one that differs is told of.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Name of the stack.
    name: String,
    /// Whether it must be there.
    #[arg(default)]
    state: Presence,
    /// Paths of compose files on the host, or their content as mappings, each laid over those
    /// before it.
    #[arg(default)]
    compose: Vec<Source>,
    /// Whether services, networks, secrets and configs that the files no longer name are removed.
    #[arg(default)]
    prune: bool,
    /// Whether to go on without waiting until the services run. Other than Docker's own tool,
    /// rplay waits unless this is true.
    #[arg(default)]
    detach: bool,
    /// How many seconds the services may take to run.
    #[arg(default = 300_u64)]
    wait_timeout: u64,
    /// Whether the task's user's login at an image's registry is passed on to the nodes.
    #[arg(default)]
    with_registry_auth: bool,
    /// Whether the registry is asked which image a name stands for: for all services, only for
    /// those that are new or have another image, or never.
    #[arg(default)]
    resolve_image: ResolveImage,
    /// How many times to look again whether the stack is gone.
    #[arg(default)]
    absent_retries: u64,
    /// How many seconds lie between two of these looks.
    #[arg(default = 1_u64)]
    absent_retries_interval: u64,
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

/// When a registry is asked which image a name stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum ResolveImage {
    /// For all services.
    #[default]
    Always,
    /// For services that are new or have another image.
    Changed,
    /// Never.
    Never,
}

/// A compose file: its path, or what it holds.
#[derive(Debug)]
enum Source {
    Path(String),
    Definition(Definition),
}

impl Argument for Source {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        match node.as_map() {
            Some(_) => Definition::from_node(name, node, reader).map(Self::Definition),
            None => String::from_node(name, node, reader).map(Self::Path),
        }
    }
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.look(host).await
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        match self.state {
            Presence::Present => self.plan_deploying(now),
            Presence::Absent => Ok(self.plan_removing(now)),
        }
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
