//! Whether a host reaches a TCP port.

use std::time::Duration;

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
}
