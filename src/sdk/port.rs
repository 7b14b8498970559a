//! Whether a host reaches a TCP port.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout_at};

use crate::remote::{ConnectionError, Target};
use crate::sdk::{Failure, Observer};

/// What a host finds at a TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// Something takes connections.
    Open,
    /// Nothing does, or nothing answers: why.
    Closed(String),
    /// It cannot be told: the host's sshd opens no connections for its users.
    Unknown,
}

impl Observer<'_> {
    /// Connects from the host to a TCP port, and hangs up.
    pub async fn port(&self, address: &str, port: u16, within: Duration) -> Result<Port, Failure> {
        let target = Target::Tcp(address.to_owned(), port);
        let opened = self.host().connection.open(&target, None);
        match tokio::time::timeout(within, opened).await {
            Ok(Ok(_)) => Ok(Port::Open),
            Ok(Err(ConnectionError::Refused(why))) => {
                let forbidden = why.to_lowercase().contains("prohibited");
                Ok(if forbidden { Port::Unknown } else { Port::Closed(why) })
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Ok(Port::Closed(format!("no answer within {} s", within.as_secs()))),
        }
    }

    /// Connects from the host to a TCP port and reads what it sends, until that is `enough`, the
    /// port hangs up, or the time is over; `None` where it takes no connections.
    ///
    /// Of endless talk only the first MiB is heard.
    pub async fn hear(
        &self,
        address: &str,
        port: u16,
        within: Duration,
        enough: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, Failure> {
        const MOST: usize = 1024 * 1024;
        let target = Target::Tcp(address.to_owned(), port);
        let end = Instant::now() + within;
        let mut stream = match timeout_at(end, self.host().connection.open(&target, None)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(ConnectionError::Refused(_))) | Err(_) => return Ok(None),
            Ok(Err(error)) => return Err(error.into()),
        };
        let (mut heard, mut buffer) = (vec![], [0; 4096]);
        while let Ok(Ok(length @ 1..)) = timeout_at(end, stream.read(&mut buffer)).await {
            heard.extend_from_slice(&buffer[..length]);
            if heard.len() > MOST || enough(&String::from_utf8_lossy(&heard)) {
                break;
            }
        }
        Ok(Some(String::from_utf8_lossy(&heard).into_owned()))
    }
}
