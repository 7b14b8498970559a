//! `docker_swarm_service`: see [`Args`], which is also what `rplay doc docker_swarm_service`
//! prints.

mod change;
mod engine_form;
mod options;
mod settings;
mod state;
mod table;
mod told;

use change::Change;
use options::{
    ConfigFile, EndpointMode, Healthcheck, Logging, Mount, Placement, Publish, Resources,
    RestartConfig, SecretFile, UpdateConfig,
};
use state::State;

use crate::sdk::docker::swarm::ServiceMode;
use crate::sdk::docker::{DockerOptions, Texts};
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Presence, Returned, Value};

/// Ensures that a swarm has a service with the given settings, or that it has not.
///
/// Runs on a manager. A setting that is not given stays as it is, whatever else is changed; on a
/// new service it has Docker's default. The task ends when the tasks of the service run and have
/// run for as long as `update_config.monitor` says (5 seconds); when they do not, it fails with
/// what the tasks say.
///
/// Returns `swarm_service`, which is what the task asks for, in the form of the arguments, with
/// null for what it does not say; `changes`, `rebuilt` and `msg`; and `service`: all that the
/// Engine tells of it.
#[derive(Debug, Arguments)]
pub struct Args {
    /// The service's name.
    name: String,
    /// Whether the service must exist.
    #[arg(default)]
    state: Presence,
    /// The image. A digest in the service's own is of no matter unless one is given here.
    image: Option<String>,
    /// Whether to ask the registry for the image's digest, and to pin it.
    #[arg(default)]
    resolve_image: bool,
    /// Whether to give the nodes the login that the task's user has at the image's registry.
    #[arg(default)]
    with_registry_auth: bool,
    /// What is run instead of the image's entry point: a list, or text that is split at blanks
    /// outside of quotes.
    command: Option<Value>,
    /// Whether `command`, too, is an argument of the image's entry point, as it is for
    /// `docker service create`: the entry point stays, and `args` follow.
    #[arg(default, name = "command_as_args")]
    keeps_entry_point: bool,
    /// The arguments of what is run.
    #[arg(name = "args")]
    arguments: Option<Vec<String>>,
    /// How many tasks there are, and where. Another mode than before makes the service anew.
    mode: Option<ServiceMode>,
    /// How many tasks there are; -1 leaves it as it is, which is 1 for a new service.
    #[arg(default = -1)]
    replicas: i64,
    /// Networks, by name, or as `name`, `aliases` and `options`.
    networks: Option<Vec<Value>>,
    /// How clients find the tasks.
    endpoint_mode: Option<EndpointMode>,
    /// Ports that are open on nodes.
    publish: Option<Vec<Publish>>,
    /// Environment variables: a mapping, or a list of `NAME=value`.
    env: Option<Value>,
    /// Files on the host with environment variables, one `NAME=value` a line; `env` goes before
    /// them.
    env_files: Option<Vec<String>>,
    /// Labels of the service, all of them.
    labels: Option<Texts>,
    /// Labels of the containers, all of them.
    container_labels: Option<Texts>,
    /// Where tasks may run.
    placement: Option<Placement>,
    /// What a task may use at most.
    limits: Option<Resources>,
    /// What a node must have to spare for a task.
    reservations: Option<Resources>,
    /// How tasks are replaced by new ones.
    update_config: Option<UpdateConfig>,
    /// How new tasks are replaced by the old ones where they fail.
    rollback_config: Option<UpdateConfig>,
    /// What happens when a task ends.
    restart_config: Option<RestartConfig>,
    /// How a container's health is checked.
    healthcheck: Option<Healthcheck>,
    /// What containers see in their file systems.
    mounts: Option<Vec<Mount>>,
    /// Secrets, as files.
    secrets: Option<Vec<SecretFile>>,
    /// Configs, as files.
    configs: Option<Vec<ConfigFile>>,
    /// The containers' host name.
    hostname: Option<String>,
    /// Names and addresses for `/etc/hosts`.
    hosts: Option<Texts>,
    /// The user that it runs as.
    user: Option<String>,
    /// Further groups of that user.
    groups: Option<Vec<String>>,
    /// The directory that it runs in.
    working_dir: Option<String>,
    /// Name servers.
    dns: Option<Vec<String>>,
    /// Domains in which names are looked for.
    dns_search: Option<Vec<String>>,
    /// Options of the resolver.
    dns_options: Option<Vec<String>>,
    /// Where the output goes.
    logging: Option<Logging>,
    /// How long a container may take to stop, such as `10s`.
    stop_grace_period: Option<String>,
    /// The signal that tells it to.
    stop_signal: Option<String>,
    /// Whether it has a terminal.
    tty: Option<bool>,
    /// Whether its own file system is read-only.
    read_only: Option<bool>,
    /// Whether a small init runs as its first process.
    init: Option<bool>,
    /// Capabilities that it has besides the usual ones.
    cap_add: Option<Vec<String>>,
    /// Usual capabilities that it has not.
    cap_drop: Option<Vec<String>>,
    /// Settings of the kernel for its namespace.
    sysctls: Option<Texts>,
    /// Whether to replace all tasks although nothing differs.
    #[arg(default)]
    force_update: bool,
    /// Whether to wait until the tasks run; for jobs, until they have come to their end.
    #[arg(default = true)]
    wait: bool,
    /// How many seconds to wait.
    #[arg(default = 300_u64)]
    wait_timeout: u64,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

impl Module for Args {
    type State = State;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        self.look(host).await
    }

    fn plan(&self, now: &State) -> Result<Plan<Change>, Failure> {
        self.decide(now)
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
