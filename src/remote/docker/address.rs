//! Where an Engine listens, as seen from the host.

use std::fmt;

use super::EngineError;

/// Where an Engine listens, as seen from the host: what `docker_host` and `DOCKER_HOST` say.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A Unix socket by its path.
    Unix(String),
    /// A named pipe of a Windows host, such as `//./pipe/docker_engine`.
    NamedPipe(String),
    /// A TCP port without encryption.
    Tcp(String, u16),
}

impl Default for Address {
    fn default() -> Self {
        Self::Unix(Self::SOCKET.to_owned())
    }
}

impl Address {
    /// Where an Engine listens unless told otherwise.
    pub const SOCKET: &'static str = "/var/run/docker.sock";
    /// The port of an Engine that listens without encryption, unless told otherwise.
    const PORT: u16 = 2375;

    /// Reads `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2375`, `npipe:////./pipe/docker_engine`.
    ///
    /// An empty text is the default socket. What rplay cannot reach is refused with the way out.
    pub fn parse(text: &str) -> Result<Self, EngineError> {
        let text = text.trim();
        let refuse = |reason: &str, help: &str| {
            Err(EngineError::Unreachable {
                reason: format!("the Engine's address `{text}` {reason}"),
                help: help.to_owned(),
            })
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            return match text {
                "" => Ok(Self::default()),
                path if path.starts_with('/') => Ok(Self::Unix(path.to_owned())),
                _ => refuse("has no scheme", "write unix:///PATH or tcp://HOST:PORT"),
            };
        };
        match scheme {
            "unix" if rest.is_empty() => Ok(Self::default()),
            "unix" => Ok(Self::Unix(rest.to_owned())),
            "npipe" => Ok(Self::NamedPipe(rest.to_owned())),
            "tcp" | "http" => match host_and_port(rest) {
                Some((host, port)) => Ok(Self::Tcp(host, port)),
                None => refuse("is not HOST:PORT", "write tcp://HOST:PORT"),
            },
            "https" => refuse(
                "asks for TLS, which rplay does not speak",
                "leave `docker_host` out: rplay reaches the Engine's socket through SSH, \
                 which encrypts and authenticates",
            ),
            "ssh" => refuse(
                "leads to another host",
                "leave `docker_host` out and run the task on that host, or use `delegate_to`",
            ),
            _ => refuse(
                "has a scheme that rplay does not know",
                "write unix:///PATH or tcp://HOST:PORT",
            ),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{path}"),
            Self::NamedPipe(path) => write!(f, "npipe://{path}"),
            Self::Tcp(host, port) if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "tcp://{host}:{port}"),
        }
    }
}

/// Reads `host`, `host:port` or `[address]:port`.
fn host_and_port(text: &str) -> Option<(String, u16)> {
    let text = text.trim_end_matches('/');
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        (host, port.strip_prefix(':'))
    } else {
        text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
    };
    let port = port.map_or(Some(Address::PORT), |port| port.parse().ok())?;
    (!host.is_empty() && !host.contains('/')).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_docker_host_says() {
        for (text, shown) in [
            ("", "unix:///var/run/docker.sock"),
            ("unix://", "unix:///var/run/docker.sock"),
            ("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"),
            ("/run/podman.sock", "unix:///run/podman.sock"),
            ("tcp://10.0.0.5:2375", "tcp://10.0.0.5:2375"),
            ("tcp://docker/", "tcp://docker:2375"),
            ("http://docker:80", "tcp://docker:80"),
            ("tcp://[fe80::1]:4000", "tcp://[fe80::1]:4000"),
            ("npipe:////./pipe/docker_engine", "npipe:////./pipe/docker_engine"),
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_reach_and_says_the_way_out() {
        let shown: Vec<String> =
            ["https://h:2376", "ssh://me@h", "fd://", "h:2375", "tcp://h:port", "tcp://:1"]
                .iter()
                .map(|text| {
                    let error = Address::parse(text).unwrap_err();
                    format!("{error}; {}", error.help().unwrap())
                })
                .collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        the Engine's address `https://h:2376` asks for TLS, which rplay does not speak; leave `docker_host` out: rplay reaches the Engine's socket through SSH, which encrypts and authenticates
        the Engine's address `ssh://me@h` leads to another host; leave `docker_host` out and run the task on that host, or use `delegate_to`
        the Engine's address `fd://` has a scheme that rplay does not know; write unix:///PATH or tcp://HOST:PORT
        the Engine's address `h:2375` has no scheme; write unix:///PATH or tcp://HOST:PORT
        the Engine's address `tcp://h:port` is not HOST:PORT; write tcp://HOST:PORT
        the Engine's address `tcp://:1` is not HOST:PORT; write tcp://HOST:PORT
        ");
    }
}
