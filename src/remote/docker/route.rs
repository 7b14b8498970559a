//! The ways to an Engine, and why there is none.

use std::time::Duration;

use super::{Address, EngineError};
use crate::remote::{Become, Connection, Exec, Output, Target};

/// A way to an Engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// Straight to its socket or port, as the login user.
    Direct(Target),
    /// Through a program on the host, as the user of the task.
    Program(Target),
}

impl Route {
    /// The ways to try, the best first.
    pub(super) fn candidates(address: &Address, login: Option<&Become>) -> Vec<Self> {
        let program = || {
            // The address is always given: the user's own DOCKER_HOST or context may say otherwise.
            let argv = ["docker", "--host", &address.to_string(), "system", "dial-stdio"];
            Self::Program(Target::Program(argv.map(str::to_owned).to_vec()))
        };
        match address {
            Address::Unix(path) if login.is_none() => {
                vec![Self::Direct(Target::Unix(path.clone())), program()]
            }
            Address::Unix(_) | Address::NamedPipe(_) => vec![program()],
            Address::Tcp(host, port) => vec![Self::Direct(Target::Tcp(host.clone(), *port))],
        }
    }

    /// Whether the program may fail after the stream was opened.
    pub(super) fn is_program(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    /// What to open.
    pub(super) fn target(&self) -> &Target {
        match self {
            Self::Direct(target) | Self::Program(target) => target,
        }
    }

    /// As whom to open it: a socket or port is opened by sshd, as the login user.
    pub(super) fn login<'l>(&self, login: Option<&'l Become>) -> Option<&'l Become> {
        login.filter(|_| self.is_program())
    }
}

/// Looks at a socket as the user of the task sees it, and at what `dial-stdio` has to say.
const LOOK: &str = r#"
if [ -S "$1" ]; then echo socket; fi
if [ -r "$1" ] && [ -w "$1" ]; then echo usable; fi
if command -v docker >/dev/null 2>&1; then
    echo command
    docker --host "unix://$1" system dial-stdio </dev/null >/dev/null
fi
"#;

/// Finds out why no way leads to the Engine; `refused` is what opening one said.
///
/// `None` where the host sees nothing wrong: then the Engine went away and is there again.
pub(super) async fn diagnose(
    connection: &dyn Connection,
    login: Option<&Become>,
    address: &Address,
    refused: &str,
) -> Result<Option<EngineError>, EngineError> {
    let Address::Unix(path) = address else { return Ok(Some(not_there(address, refused))) };
    let look = Exec::script(LOOK).arg(path).timeout(Some(Duration::from_secs(20)));
    let output = connection.exec(&look, login).await?;
    Ok(explain(path, login, &output))
}

/// No Engine at an address other than a Unix socket.
fn not_there(address: &Address, refused: &str) -> EngineError {
    let reason = format!("no Docker Engine answers at {address}");
    let reason = if refused.is_empty() {
        reason
    } else {
        format!("{reason} as seen from the host: {refused}")
    };
    let help = "check that the Engine listens there, or leave `docker_host` out to use the \
                host's own socket";
    EngineError::Unreachable { reason, help: help.to_owned() }
}

/// No Engine on the host at all.
fn absent(path: &str) -> EngineError {
    EngineError::Absent {
        reason: format!(
            "there is no Docker Engine on the host: neither {path} nor the command docker"
        ),
        help: "install the Docker Engine first, or set `docker_host` to where it listens"
            .to_owned(),
    }
}

/// Turns what was seen into a sentence.
fn explain(path: &str, login: Option<&Become>, seen: &Output) -> Option<EngineError> {
    let facts = seen.stdout_text();
    let is = |fact: &str| facts.lines().any(|line| line == fact);
    let said = seen.stderr_text();
    let said = said.trim();
    let denied = said.contains("permission denied") || (is("socket") && !is("usable"));
    if !is("socket") && !is("command") {
        return Some(absent(path));
    }
    let (reason, help) = if !is("socket") {
        (
            format!("the Docker Engine is not running: there is no socket {path}"),
            "start it (service docker start), or set `docker_host` to where it listens".to_owned(),
        )
    } else if denied {
        let user = login.map_or("the login user", |login| &login.user);
        let help = match login {
            Some(_) => format!("add {user} to the group docker, or leave `become_user` out"),
            None => "set `become: true`, or add the login user to the group docker".to_owned(),
        };
        (format!("{user} may not use the Docker Engine: permission denied for {path}"), help)
    } else if !is("command") {
        let help = match login {
            Some(_) => {
                "install it (package docker-cli or docker.io), or leave `become` out for \
                        a login user in the group docker"
            }
            None => {
                "allow it (AllowStreamLocalForwarding yes in sshd_config), or install the \
                     command docker"
            }
        };
        let reason = match login {
            Some(_) => {
                "the Docker Engine cannot be reached with `become`: the command docker is \
                        not installed"
            }
            None => {
                "the Docker Engine cannot be reached: sshd does not forward Unix sockets, and \
                     the command docker, the other way, is not installed"
            }
        };
        (reason.to_owned(), help.to_owned())
    } else if said.contains("connection refused") {
        (
            format!("the Docker Engine is not running: nothing listens on {path}"),
            "start it (service docker start)".to_owned(),
        )
    } else if seen.success() && said.is_empty() {
        return None;
    } else {
        (
            format!("the Docker Engine cannot be reached: {said}"),
            format!("try `docker --host unix://{path} version` on the host"),
        )
    };
    Some(EngineError::Unreachable { reason, help })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::BecomeMethod;

    fn root() -> Become {
        Become::new(BecomeMethod::Sudo, "root")
    }

    #[test]
    fn become_goes_through_a_program() {
        let address = Address::default();
        let plain = Route::candidates(&address, None);
        assert_eq!(plain[0].target(), &Target::Unix("/var/run/docker.sock".to_owned()));
        assert!(plain[1].is_program());
        let root = root();
        let raised = Route::candidates(&address, Some(&root));
        assert_eq!(raised.len(), 1);
        assert_eq!(raised[0].login(Some(&root)), Some(&root));
        assert_eq!(plain[0].login(Some(&root)), None);
    }

    #[test]
    fn says_why_the_engine_is_not_reached_and_what_to_do() {
        let root = root();
        let explain = |login, facts: &str, said: &str| {
            let seen = Output {
                status: i32::from(!said.is_empty()),
                stdout: facts.into(),
                stderr: said.into(),
                left_out: 0,
            };
            match explain(Address::SOCKET, login, &seen) {
                Some(error) => format!("{error}; {}", error.help().unwrap()),
                None => "nothing wrong".to_owned(),
            }
        };
        let denied = "dial unix /var/run/docker.sock: connect: permission denied\n";
        let refused = "dial unix /var/run/docker.sock: connect: connection refused\n";
        let all = [
            explain(None, "", ""),
            explain(None, "command\n", "dial unix: no such file or directory"),
            explain(None, "socket\ncommand\n", denied),
            explain(Some(&root), "socket\nusable\ncommand\n", denied),
            explain(None, "socket\nusable\n", ""),
            explain(Some(&root), "socket\nusable\n", ""),
            explain(None, "socket\nusable\ncommand\n", refused),
            explain(None, "socket\nusable\ncommand\n", "unknown command: docker system"),
            explain(None, "socket\nusable\ncommand\n", ""),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
        there is no Docker Engine on the host: neither /var/run/docker.sock nor the command docker; install the Docker Engine first, or set `docker_host` to where it listens
        the Docker Engine is not running: there is no socket /var/run/docker.sock; start it (service docker start), or set `docker_host` to where it listens
        the login user may not use the Docker Engine: permission denied for /var/run/docker.sock; set `become: true`, or add the login user to the group docker
        root may not use the Docker Engine: permission denied for /var/run/docker.sock; add root to the group docker, or leave `become_user` out
        the Docker Engine cannot be reached: sshd does not forward Unix sockets, and the command docker, the other way, is not installed; allow it (AllowStreamLocalForwarding yes in sshd_config), or install the command docker
        the Docker Engine cannot be reached with `become`: the command docker is not installed; install it (package docker-cli or docker.io), or leave `become` out for a login user in the group docker
        the Docker Engine is not running: nothing listens on /var/run/docker.sock; start it (service docker start)
        the Docker Engine cannot be reached: unknown command: docker system; try `docker --host unix:///var/run/docker.sock version` on the host
        nothing wrong
        ");
    }
}
