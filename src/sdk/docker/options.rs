//! What every Docker module takes.

use std::time::Duration;

use crate::remote::docker::{Address, ApiVersion, Request};
use crate::sdk::{Failure, Host};
use crate::value::coerce;

/// How the Docker Engine is reached, and how long it may take.
#[derive(Debug, Clone, Default, PartialEq, Eq, rplay_derive::Arguments)]
pub struct DockerOptions {
    /// How it is reached.
    #[arg(flatten)]
    engine: EngineOptions,
    /// How many seconds the Engine may take for an answer. Else `DOCKER_TIMEOUT`, else 60.
    timeout: Option<u64>,
}

/// How the Docker Engine is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, rplay_derive::Arguments)]
pub struct EngineOptions {
    /// Where the Engine listens, as seen from the host: `unix:///PATH` or `tcp://HOST:PORT`.
    /// Else the variable `DOCKER_HOST` of the task's environment, else
    /// `unix:///var/run/docker.sock`.
    #[arg(alias = "docker_url")]
    docker_host: Option<String>,
    /// The API version to speak, in quotes. Else `DOCKER_API_VERSION`, else the newest that the
    /// Engine and rplay both have (`auto`).
    #[arg(alias = "docker_api_version")]
    api_version: Option<String>,
    /// Refused for a TCP address: rplay does not speak TLS to Engines, and reaches the Engine's
    /// own socket through SSH.
    tls: Option<bool>,
    /// Like `tls`, with the Engine's certificate checked.
    #[arg(alias = "tls_verify")]
    validate_certs: Option<bool>,
    /// For TLS only, see `tls`.
    #[arg(alias = "ca_cert", alias = "tls_ca_cert", alias = "cacert_path")]
    ca_path: Option<String>,
    /// For TLS only, see `tls`.
    #[arg(alias = "tls_client_cert", alias = "cert_path")]
    client_cert: Option<String>,
    /// For TLS only, see `tls`.
    #[arg(alias = "tls_client_key", alias = "key_path")]
    client_key: Option<String>,
    /// For TLS only, see `tls`.
    tls_hostname: Option<String>,
    /// For TLS only, see `tls`.
    ssl_version: Option<String>,
    /// Taken for compatibility: rplay uses its own SSH connection.
    use_ssh_client: Option<bool>,
    /// Taken for compatibility; `-vvv` shows more.
    debug: Option<bool>,
}

/// The options with everything decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) address: Address,
    pub(super) version: Option<ApiVersion>,
    pub(super) timeout: Duration,
}

impl From<EngineOptions> for DockerOptions {
    fn from(engine: EngineOptions) -> Self {
        Self { engine, timeout: None }
    }
}

impl DockerOptions {
    /// Decides every option: the task's own, else its environment's, else the host's variables.
    pub(super) fn access(&self, host: &Host) -> Result<Access, Failure> {
        self.decide(
            |name| {
                host.environment.iter().rev().find(|(key, _)| key == name).map(|(_, v)| v.clone())
            },
            |name| Ok(host.controller.variable(name)?.map(|value| coerce::to_text(&value))),
        )
    }

    fn decide(
        &self,
        environment: impl Fn(&str) -> Option<String>,
        variable: impl Fn(&str) -> Result<Option<String>, Failure>,
    ) -> Result<Access, Failure> {
        let first =
            |own: Option<String>, env: &str, var: &str| match own.or_else(|| environment(env)) {
                Some(value) => Ok(Some(value)),
                None => variable(var),
            };
        let address =
            first(self.engine.docker_host.clone(), "DOCKER_HOST", "ansible_docker_docker_host")?;
        let address = Address::parse(&address.unwrap_or_default())?;
        let version = first(
            self.engine.api_version.clone(),
            "DOCKER_API_VERSION",
            "ansible_docker_api_version",
        )?;
        let version = match version.as_deref().map(str::trim) {
            None | Some("auto" | "") => None,
            Some(version) => Some(version.parse()?),
        };
        let own = self.timeout.map(|seconds| seconds.to_string());
        let timeout = match first(own, "DOCKER_TIMEOUT", "ansible_docker_timeout")? {
            None => Request::TIMEOUT,
            Some(text) => Duration::from_secs(text.trim().parse().map_err(|_| {
                Failure::new(format!("`timeout` must be a whole number of seconds, not `{text}`"))
            })?),
        };
        if let (Address::Tcp(..), true) = (&address, self.engine.wants_tls(&environment)) {
            return Err(Failure::new(format!(
                "TLS is asked for at {address}; rplay does not speak it"
            ))
            .help(
                "leave `docker_host` and the TLS options out: rplay reaches the Engine's socket \
                     through SSH, which encrypts and authenticates",
            ));
        }
        Ok(Access { address, version, timeout })
    }
}

impl EngineOptions {
    fn wants_tls(&self, environment: impl Fn(&str) -> Option<String>) -> bool {
        let set = |name| {
            environment(name).is_some_and(|text| coerce::to_bool(&text.into()).unwrap_or(true))
        };
        let tls = self.tls.unwrap_or_else(|| set("DOCKER_TLS"));
        tls || self.validate_certs.unwrap_or_else(|| set("DOCKER_TLS_VERIFY"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(options: &DockerOptions, environment: &[(&str, &str)]) -> Result<Access, Failure> {
        let find = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned())
        };
        options.decide(find, |name| Ok((name == "ansible_docker_timeout").then(|| "90".to_owned())))
    }

    #[test]
    fn the_task_goes_before_its_environment_and_that_before_variables() {
        let environment = [("DOCKER_HOST", "tcp://a:1"), ("DOCKER_API_VERSION", "1.40")];
        let access = decide(&DockerOptions::default(), &environment).unwrap();
        assert_eq!(access.address, Address::Tcp("a".to_owned(), 1));
        assert_eq!(access.version, Some(ApiVersion::new(1, 40)));
        assert_eq!(access.timeout, Duration::from_secs(90));
        let engine = EngineOptions {
            docker_host: Some("unix:///x".to_owned()),
            api_version: Some("auto".to_owned()),
            ..EngineOptions::default()
        };
        let options = DockerOptions { engine, timeout: Some(5) };
        let access = decide(&options, &environment).unwrap();
        assert_eq!(access.address, Address::Unix("/x".to_owned()));
        assert_eq!((access.version, access.timeout), (None, Duration::from_secs(5)));
    }

    #[test]
    fn tls_is_refused_where_it_would_matter() {
        let verify = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_HOST", "tcp://a:2376")];
        let failure = decide(&DockerOptions::default(), &verify).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "TLS is asked for at tcp://a:2376; rplay does not speak it"
        );
        assert!(decide(&DockerOptions::default(), &verify[..1]).is_ok(), "a socket needs none");
        let engine = EngineOptions { validate_certs: Some(false), ..EngineOptions::default() };
        let options = DockerOptions::from(engine);
        assert!(decide(&options, &verify).is_ok(), "the task says no");
    }
}
