//! `docker_registry`: see [`Args`], which is also what `rplay doc docker_registry` prints.

mod apply;
mod change;
mod files;
mod plan;
mod server;
mod state;
mod users;

use change::Change;
use state::State;
use users::User;

use crate::sdk::docker::{DockerOptions, PullPolicy, Texts};
use crate::sdk::{
    Arguments, Choice, Failure, Module, Observer, Operator, Plan, Presence, Returned, Rule,
};

/// Ensures that a private registry serves images, and that Engines trust it.
///
/// One task for all hosts is all it takes: with `server` one of them runs the registry, and all
/// of them trust it. Without `server` each host of the task serves for itself.
///
/// It speaks HTTPS. Unless a certificate is given, rplay makes an authority of the registry's
/// own, keeps it on the server (its key is root's alone and is not in the container), and lets
/// it sign a certificate for `names`; that is renewed when the names change, or a month before
/// it runs out. The authority goes into `/etc/docker/certs.d` of each host, where Engines look
/// at every pull and push: no option of theirs has to be set, and none is restarted.
///
/// With `https: none` Engines refuse the registry unless they are told otherwise: set
/// `insecure_registries` of `docker_daemon`, also for a registry on `localhost`, which newer
/// Engines do not trust unasked when that option is in use.
///
/// With `users` they have to log in. A password that is known already is not hashed anew.
///
/// At its end the server's Engine has been answered by the registry.
///
/// Returns `registry`: its `address`, as names of images begin, and all its `addresses`.
#[derive(Debug, Arguments)]
#[arguments(rules = RULES)]
pub struct Args {
    /// The host that serves, by its name in the inventory, or a group, of which the first serves.
    /// The other hosts of the task only trust it.
    server: Option<String>,
    /// Whether there must be a registry.
    #[arg(default)]
    state: Presence,
    /// Name of the container.
    #[arg(default = "registry")]
    name: String,
    /// Image it runs.
    #[arg(default = "registry:2")]
    image: String,
    /// When the image is pulled.
    #[arg(default)]
    pull: PullPolicy,
    /// Port it is reached at.
    #[arg(default = 5000_u16)]
    port: u16,
    /// Address of the server to listen at; all of them unless given.
    #[arg(default = "0.0.0.0")]
    bind: String,
    /// Names and addresses that Engines reach it by. The first is the one that images are named
    /// after. Else the server's `ansible_host`, else its name in the inventory.
    names: Option<Vec<String>>,
    /// Where the images are kept: a volume, or a folder of the host where it begins with `/`.
    /// Else the volume NAME`-data`.
    storage: Option<String>,
    /// With `state: absent`, whether the images, the users and the certificates stay.
    #[arg(default = true)]
    keep_data: bool,
    /// Whether images can be deleted from it.
    #[arg(default = true)]
    delete: bool,
    /// When its container is started again.
    #[arg(default)]
    restart_policy: Restart,
    /// Further settings: the environment of the container, `REGISTRY_…`.
    #[arg(default)]
    env: Texts,
    /// What it encrypts with; `given` when `certificate` is given.
    https: Option<Https>,
    /// The certificate, with those between it and its authority: a file of the project.
    certificate: Option<String>,
    /// The certificate's key: a file of the project, which may be a vault.
    key: Option<String>,
    /// The authority that Engines are to trust for the certificate given: a file of the project.
    /// Left out where they trust it anyway.
    authority: Option<String>,
    /// How many days a certificate that rplay makes is good for.
    #[arg(default = 365_u64)]
    certificate_days: u64,
    /// Who may use it. Anybody where none are given; users that are not named here are removed.
    #[arg(default)]
    users: Vec<User>,
    /// Folder of the server for certificates and users. Else `/etc/docker/registries/NAME`.
    folder: Option<String>,
    /// How many seconds the registry may take until it answers.
    #[arg(default = 60_u64)]
    wait_timeout: u64,
    /// How the Engine is reached.
    #[arg(flatten)]
    docker: DockerOptions,
}

const RULES: &[Rule] = &[
    Rule::Together(&["certificate", "key"]),
    Rule::By("authority", &["certificate"]),
    Rule::If("https", "given", &["certificate"]),
];

/// What a registry encrypts with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Https {
    /// A certificate that rplay makes.
    #[default]
    Generated,
    /// A certificate that is given.
    Given,
    /// Nothing.
    None,
}

/// When a container is started again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
enum Restart {
    /// Whenever it has ended.
    Always,
    /// Always, unless it was stopped on purpose.
    #[default]
    #[choice("unless-stopped", "unless_stopped")]
    UnlessStopped,
    /// When it has failed.
    #[choice("on-failure", "on_failure")]
    OnFailure,
    /// Never.
    #[choice("no")]
    No,
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

impl Args {
    /// What it encrypts with.
    fn https(&self) -> Https {
        let otherwise = if self.certificate.is_some() { Https::Given } else { Https::Generated };
        self.https.unwrap_or(otherwise)
    }

    /// The address of the registry under a name, as names of images begin.
    fn address(&self, name: &str) -> String {
        let name = if name.contains(':') { format!("[{name}]") } else { name.to_owned() };
        // Engines look for the trust in a registry under the name that images have.
        if self.port == 443 { name } else { format!("{name}:{}", self.port) }
    }

    fn folder(&self) -> String {
        let given = self.folder.as_deref().map(|folder| folder.trim_end_matches('/').to_owned());
        given.unwrap_or_else(|| format!("/etc/docker/registries/{}", self.name))
    }

    fn storage(&self) -> String {
        self.storage.clone().unwrap_or_else(|| format!("{}-data", self.name))
    }
}
