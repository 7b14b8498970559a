//! `docker_context`: see [`Args`], which is also what `rplay doc docker_context` prints.

mod apply;
mod plan;

pub use apply::{Change, TlsFile};

use crate::sdk::docker::Contexts;
use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Presence, Returned};

/// Ensures that the Docker client of the task's user knows a context, or that it does not.
///
/// A context is a name for an Engine: `docker --context NAME ps` asks that one. The files are
/// those of `docker context create`; with `delegate_to: localhost` they are those of your own
/// machine. What is not given stays as it is. Nothing is asked of the Engine.
///
/// Returns `context`, as `docker_context_info` does, and `current_context_name`.
#[derive(Debug, Arguments)]
pub struct Args {
    /// Its name.
    name: String,
    /// Whether the context must exist.
    #[arg(default)]
    state: Presence,
    /// Where its Engine is: `ssh://USER@HOST`, `unix:///PATH` or `tcp://HOST:PORT`. A new context
    /// needs it.
    #[arg(alias = "host", alias = "endpoint")]
    docker_host: Option<String>,
    /// What is said about it.
    description: Option<String>,
    /// File with the certificate of the authority that signed the Engine's, for TLS; it is copied
    /// on the host.
    #[arg(alias = "ca_cert", alias = "tls_ca_cert", alias = "cacert_path")]
    ca_path: Option<String>,
    /// File with the client's certificate.
    #[arg(alias = "tls_client_cert", alias = "cert_path")]
    client_cert: Option<String>,
    /// File with the key of that.
    #[arg(alias = "tls_client_key", alias = "key_path")]
    client_key: Option<String>,
    /// Whether the Engine's certificate is not checked.
    skip_tls_verify: Option<bool>,
    /// Whether the client uses it where no other is named. `false` leaves another one that is in
    /// use, and puts `default` in the place of this one.
    current: Option<bool>,
}

impl Module for Args {
    type State = Contexts;
    type Change = Change;

    async fn observe(&self, host: &Observer<'_>) -> Result<Contexts, Failure> {
        let sources: Vec<&str> = self.sources().into_iter().map(|(_, path)| path).collect();
        host.docker_contexts(&sources).await
    }

    fn plan(&self, now: &Contexts) -> Result<Plan<Change>, Failure> {
        self.decide(now)
    }

    async fn apply(change: Change, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await.map(|()| Returned::new())
    }
}

impl Args {
    /// The files for TLS, by the names that they get, and where they are now.
    fn sources(&self) -> Vec<(&'static str, &str)> {
        [("ca.pem", &self.ca_path), ("cert.pem", &self.client_cert), ("key.pem", &self.client_key)]
            .into_iter()
            .filter_map(|(name, path)| Some((name, path.as_deref()?)))
            .collect()
    }
}
