//! How one host is reached.

use std::path::PathBuf;
use std::time::Duration;

use super::config::{Tokens, expand};
use crate::base::Secret;
use crate::remote::ConnectionError;

/// Everything that decides how one host is reached by SSH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshOptions {
    /// The name or address to connect to.
    pub host: String,
    /// The port of its server.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// The login user's password, tried last and once.
    pub password: Option<Secret>,
    /// Private keys to log in with. Where there are any, the usual ones are left alone.
    pub identity_files: Vec<PathBuf>,
    /// Certificates for those keys; one that lies beside its key is found without being named.
    pub certificate_files: Vec<PathBuf>,
    /// What encrypted private keys are opened with.
    pub passphrase: Option<Secret>,
    /// The agent's socket; none where no agent is to be asked.
    pub agent: Option<PathBuf>,
    /// Whether the agent may only use the keys of `identity_files`.
    pub identities_only: bool,
    /// The files of known keys; a key that is accepted is written to the first.
    pub known_hosts: Vec<PathBuf>,
    /// The name under which the host's key is known, where it is not its own.
    pub host_key_alias: Option<String>,
    /// What happens to a host that is not known.
    pub host_key_checking: HostKeyChecking,
    /// How long each step of connecting may take: the name, TCP, the handshake.
    pub connect_timeout: Duration,
    /// How often a silent host is asked whether it is there.
    pub keepalive: Duration,
    /// After how many unanswered questions the connection is given up.
    pub keepalive_count: usize,
    /// How often a connection that did not come about is tried again.
    pub retries: u32,
    /// The hosts on the way, the first one first.
    pub jumps: Vec<SshOptions>,
    /// A command of the controller whose standard input and output lead to the host's port. It
    /// may hold OpenSSH's tokens: `%h`, `%p`, `%r` and so on.
    pub proxy_command: Option<String>,
}

/// What happens to a host that is not known. A changed or revoked key is refused in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HostKeyChecking {
    /// It is refused.
    #[default]
    Strict,
    /// Its key is accepted and written down.
    AcceptNew,
    /// Its key is accepted and forgotten again: whoever answers is trusted.
    Off,
}

impl SshOptions {
    /// A host with OpenSSH's defaults, but for shorter waits.
    pub fn new(host: impl Into<String>) -> Self {
        let home = home();
        Self {
            host: host.into(),
            port: 22,
            user: login_name(),
            password: None,
            identity_files: vec![],
            certificate_files: vec![],
            passphrase: None,
            agent: std::env::var_os("SSH_AUTH_SOCK")
                .filter(|path| !path.is_empty())
                .map(Into::into),
            identities_only: false,
            known_hosts: vec![
                home.join(".ssh/known_hosts"),
                home.join(".ssh/known_hosts2"),
                "/etc/ssh/ssh_known_hosts".into(),
                "/etc/ssh/ssh_known_hosts2".into(),
            ],
            host_key_alias: None,
            host_key_checking: HostKeyChecking::default(),
            connect_timeout: Duration::from_secs(10),
            keepalive: Duration::from_secs(10),
            keepalive_count: 3,
            retries: 0,
            jumps: vec![],
            proxy_command: None,
        }
    }

    /// The host and port, as in a message.
    pub(super) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Refuses names that could mean something else to a program they are given to.
    pub(super) fn validate(&self) -> Result<(), ConnectionError> {
        let invalid = |what: &str, name: &str| ConnectionError::Unreachable {
            reason: format!("invalid {what} name `{}`", name.escape_debug()),
            help: "no spaces, quotes, control signs or shell signs, and no `-` in front".into(),
        };
        if !is_valid(&self.host, ".:%_-") {
            return Err(invalid("host", &self.host));
        }
        if !is_valid(&self.user, ".@_-+\\$") {
            return Err(invalid("user", &self.user));
        }
        self.jumps.iter().try_for_each(Self::validate)
    }

    /// The proxy command with its tokens replaced, for a shell of the controller.
    ///
    /// Names are put into it that a shell reads as nothing but text.
    pub(super) fn proxy_line(&self, command: &str) -> Result<String, String> {
        let alias = self.host_key_alias.as_deref().unwrap_or(&self.host);
        for name in [&self.host, &self.user, alias] {
            if !is_valid(name, ".:%_-@+") {
                return Err(format!("`{}` could mean something to a shell", name.escape_debug()));
            }
        }
        expand(command, &Tokens { original: &self.host, options: self })
    }
}

fn is_valid(name: &str, others: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.chars().all(|sign| sign.is_alphanumeric() || others.contains(sign))
}

/// The login user's home directory.
pub(super) fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"))
}

/// The name of the user that runs this program.
pub(super) fn login_name() -> String {
    ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(|| "root".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(host: &str, user: &str) -> Option<String> {
        let options = SshOptions { user: user.into(), ..SshOptions::new(host) };
        options.validate().err().map(|error| error.to_string())
    }

    #[test]
    fn names_that_could_be_options_or_shell_are_refused() {
        assert_eq!(
            refused("-oProxyCommand=id", "root").unwrap(),
            "invalid host name `-oProxyCommand=id`"
        );
        for host in ["", "a b", "a;id", "$(id)", "a\nb", "a'b", "a/b", "`id`"] {
            assert!(refused(host, "root").is_some(), "{host}");
        }
        for user in ["", "-l", "a b", "a;b", "a\0", "`id`"] {
            assert!(refused("web1", user).is_some(), "{user}");
        }
    }

    #[test]
    fn a_proxy_command_holds_no_name_that_is_shell() {
        let line = |user: &str| {
            let options = SshOptions { user: user.into(), ..SshOptions::new("web1") };
            options.proxy_line("nc -l %r %h %p %%")
        };
        assert_eq!(line("deploy").unwrap(), "nc -l deploy web1 22 %");
        assert_eq!(line("a$IFS").unwrap_err(), "`a$IFS` could mean something to a shell");
        assert!(line("DOMAIN\\user").is_err());
        let options = SshOptions::new("web1");
        assert_eq!(
            options.proxy_line("nc %x").unwrap_err(),
            "expected one of %h %n %k %p %r %u %d %i %%, found `%x`"
        );
    }

    #[test]
    fn usual_names_pass() {
        for host in ["web1", "10.0.0.5", "fe80::1%eth0", "web_1.example.com", "bücher.example"] {
            assert_eq!(refused(host, "root"), None);
        }
        for user in ["deploy", "svc-app", "DOMAIN\\user", "user@example.com", "host$"] {
            assert_eq!(refused("web1", user), None);
        }
    }
}
